//! `POST /api/v1/channels`: a streamer opens a channel.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use sluice_domain::channel::{DESCRIPTION, TITLE};
use sluice_domain::{Access, Role, Slug};
use sluice_store::{Error as StoreError, channels};
use utoipa::ToSchema;
use uuid::Uuid;

use super::channel::Channel;
use super::reader::Reader;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::state::AppState;

/// The channel that is wanted.
#[derive(Deserialize, ToSchema)]
#[schema(as = channel::Request)]
pub struct Request {
    /// Its name in URLs, for ever: 2 to 40 lower-case letters, digits and hyphens between them.
    #[schema(example = "main-stage", min_length = 2, max_length = 40)]
    slug: String,
    /// What it is called, 1 to 120 characters.
    #[schema(example = "Main stage", min_length = 1, max_length = 120)]
    title: String,
    /// What it is about, up to 2000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    description: String,
    /// `public` (the default) or `unlisted`.
    #[schema(value_type = Option<String>, example = "public")]
    access: Option<String>,
    /// Whether a new encoder replaces a working one; false unless said.
    #[serde(default)]
    takeover: bool,
}

/// Opens a channel
#[utoipa::path(
    post, path = "/api/v1/channels", tag = "channels", request_body = Request,
    responses(
        (status = 201, body = Channel),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "streamer_role_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "slug_taken", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    body: web::Json<Request>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    if caller.account.role < Role::Streamer {
        return Err(Error::StreamerRoleRequired);
    }
    let new = body.into_inner().read(&caller)?;
    match state.store.channels().create(&new).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(Error::SlugTaken),
        Err(error) => return Err(error.into()),
    }
    state.visibility.forget(&new.slug);
    state.absent.forget(&new.slug);
    tracing::info!(channel = new.slug, account = caller.account.id, "a channel was made");
    let channel = state.store.channels().by_id(&new.id).await?.ok_or(Error::NotFound)?;
    let reader = Reader::of(&state, &request, Some(&caller));
    Ok(HttpResponse::Created().json(Channel::of(channel, &reader)))
}

impl Request {
    fn read(self, caller: &Caller) -> Result<channels::New, Error> {
        let mut fields = Fields::default();
        let slug = fields.check("slug", Slug::parse(self.slug.trim()));
        let title = fields.check("title", TITLE.line(&self.title));
        let description = fields.check("description", DESCRIPTION.lines(&self.description));
        let access = fields.check_optional("access", self.access.as_deref().map(access));
        let (Some(slug), Some(title), Some(description), Some(access)) = (slug, title, description, access) else {
            return Err(fields.refusal());
        };
        Ok(channels::New {
            id: Uuid::now_v7().simple().to_string(),
            slug: slug.to_string(),
            owner_id: caller.account.id.clone(),
            title,
            description,
            access: access.unwrap_or_default(),
            takeover: self.takeover,
            created_at: clock::now(),
        })
    }
}

/// The policy that a word of a request stands for.
pub fn access(word: &str) -> Result<Access, &'static str> {
    Access::parse(word).ok_or("The access must be public or unlisted.")
}
