//! `PATCH /api/v1/channels/{slug}/shows/{id}`: a show is named, or kept.

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use sluice_domain::channel::SHOW_TITLE;
use utoipa::ToSchema;

use super::catalogue::Catalogue;
use super::show::Show;
use crate::channels::access::managed;
use crate::channels::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::fields::{Fields, present};
use crate::state::AppState;

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = show::Patch)]
pub struct Patch {
    /// Whether it stays beyond the rewind window. One that is older than the window goes soon after it is kept no more.
    kept: Option<bool>,
    /// What it is called, 1 to 120 characters; null for no name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "Opening night", min_length = 1, max_length = 120)]
    title: Option<Option<String>>,
}

/// Names or keeps a show
///
/// Also while it is on air: then all of it is kept.
#[utoipa::path(
    patch, path = "/api/v1/channels/{slug}/shows/{id}", tag = "shows", request_body = Patch,
    params(
        ("slug" = String, Path, description = "The channel's slug", example = "main-stage"),
        ("id" = String, Path, description = "The show's id", example = "43200"),
    ),
    responses(
        (status = 200, body = Show),
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
    path: web::Path<(String, String)>,
    body: web::Json<Patch>,
    request: HttpRequest,
) -> Result<web::Json<Show>, Error> {
    let (slug, id) = path.into_inner();
    let channel = managed(&state, &caller, &slug).await?;
    let title = body.title()?;
    let reader = Reader::of(&state, &request, Some(&caller));
    let catalogue = Catalogue::open(&reader, &channel).await?;
    let show = catalogue.find(&id).await?;
    // One that the window has passed over is gone, although its files may still be there.
    let extent = catalogue.extent(&show).await?.ok_or(Error::NotFound)?;
    let recordings = state.store.recordings();
    if let Some(kept) = body.kept.filter(|kept| *kept != show.kept_at.is_some()) {
        let kept_at = kept.then_some(reader.now);
        recordings.set_kept(&show, kept_at).await?;
        tracing::info!(
            channel = slug,
            show = id,
            kept,
            account = caller.account.id,
            "a show is kept or not"
        );
    }
    if let Some(title) = title {
        recordings.set_title(&show, title.as_deref()).await?;
    }
    let show = catalogue.find(&id).await?;
    // One that is kept no more may be past the window, and is shown a last time.
    let extent = catalogue.extent(&show).await?.unwrap_or(extent);
    Ok(web::Json(catalogue.show(show, extent).await?))
}

impl Patch {
    fn title(&self) -> Result<Option<Option<String>>, Error> {
        let mut fields = Fields::default();
        let checked = self.title.as_ref().map(|title| match title {
            Some(title) => SHOW_TITLE.line(title).map(Some),
            None => Ok(None),
        });
        fields.check_optional("title", checked).ok_or_else(|| fields.refusal())
    }
}
