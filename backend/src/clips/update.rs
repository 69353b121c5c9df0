//! `PATCH /api/v1/clips/{id}`: a clip is called something else.

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use sluice_domain::clip;
use utoipa::ToSchema;

use super::clip::Clip;
use super::desk::{find, managed};
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::address::Addresses;
use crate::http::caller::Caller;
use crate::http::fields::{Fields, present};
use crate::state::AppState;

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = clip::Patch)]
pub struct Patch {
    /// What it is called, up to 120 characters; null for no name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "The drop", max_length = 120)]
    title: Option<Option<String>>,
}

/// Renames a clip
#[utoipa::path(
    patch, path = "/api/v1/clips/{id}", tag = "clips", request_body = Patch,
    params(("id" = String, Path, description = "The clip's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")),
    responses(
        (status = 200, body = Clip),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
    body: web::Json<Patch>,
    request: HttpRequest,
) -> Result<web::Json<Clip>, Error> {
    let title = body.into_inner().read()?;
    let clip = managed(&state, &caller, &id).await?;
    if let Some(title) = title {
        state
            .store
            .clips()
            .rename(&clip.id, title.as_deref(), clock::now())
            .await?;
    }
    let clip = find(&state, &id).await?;
    state.bus.publish_clip(&clip);
    let addresses = Addresses::of(&request, &state.config);
    Ok(web::Json(Clip::of(clip, &addresses, Some(&caller))))
}

impl Patch {
    fn read(self) -> Result<Option<Option<String>>, Error> {
        let mut fields = Fields::default();
        let title = self
            .title
            .map(|title| clip::title(title.as_deref().unwrap_or_default()));
        fields.check_optional("title", title).ok_or_else(|| fields.refusal())
    }
}
