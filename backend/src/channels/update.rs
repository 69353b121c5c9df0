//! `PATCH /api/v1/channels/{slug}`: a channel's texts and policies change.

use std::slice;

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use sluice_domain::channel::{DESCRIPTION, TITLE, WINDOW_HOURS};
use sluice_domain::{ClipPolicy, Dvr};
use sluice_store::channels;
use utoipa::ToSchema;

use super::access::managed;
use super::channel::Channel;
use super::create::access;
use super::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::fields::{Fields, present};
use crate::state::AppState;

/// What to change; what is left out stays. The slug never changes.
#[derive(Deserialize, ToSchema)]
#[schema(as = channel::Patch)]
pub struct Patch {
    /// What it is called, 1 to 120 characters.
    #[schema(example = "Main stage", min_length = 1, max_length = 120)]
    title: Option<String>,
    /// What it is about, up to 2000 characters.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// `public` or `unlisted`.
    #[schema(example = "unlisted")]
    access: Option<String>,
    /// Whether a new encoder replaces a working one.
    takeover: Option<bool>,
    /// Who may rewind it: `everyone`, `signed_in` or `nobody`. Holds at once.
    #[schema(example = "signed_in")]
    dvr: Option<String>,
    /// How far it can be rewound, in hours, 1 to 168; null for as far as the site has it. A shorter window removes what
    /// is older and not kept, for good.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 168, example = 48)]
    dvr_window_hours: Option<Option<i64>>,
    /// Who may cut clips from it: `everyone`, `signed_in` or `owner`. Holds at once.
    #[schema(example = "everyone")]
    clips: Option<String>,
}

/// Changes a channel
#[utoipa::path(
    patch, path = "/api/v1/channels/{slug}", tag = "channels", request_body = Patch,
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage")),
    responses(
        (status = 200, body = Channel),
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
    slug: web::Path<String>,
    body: web::Json<Patch>,
    request: HttpRequest,
) -> Result<web::Json<Channel>, Error> {
    let channel = managed(&state, &caller, &slug).await?;
    let patch = body.into_inner().read()?;
    state.store.channels().update(&channel.id, &patch).await?;
    state.visibility.forget(&channel.slug);
    let channel = state
        .store
        .channels()
        .by_id(&channel.id)
        .await?
        .ok_or(Error::NotFound)?;
    state.live.set_rewind(&channel.slug, channel.rewind);
    let mut reader = Reader::of(&state, &request, Some(&caller));
    reader.look_at(slice::from_ref(&channel)).await?;
    Ok(web::Json(Channel::of(channel, &reader)))
}

impl Patch {
    fn read(self) -> Result<channels::Patch, Error> {
        let mut fields = Fields::default();
        let title = fields.check_optional("title", self.title.map(|title| TITLE.line(&title)));
        let description = self.description.map(|text| DESCRIPTION.lines(&text));
        let description = fields.check_optional("description", description);
        let access = fields.check_optional("access", self.access.as_deref().map(access));
        let dvr = fields.check_optional("dvr", self.dvr.as_deref().map(dvr));
        let hours = fields.check_optional("dvr_window_hours", self.dvr_window_hours.map(window_hours));
        let clips = fields.check_optional("clips", self.clips.as_deref().map(clips));
        let (Some(title), Some(description), Some(access), Some(dvr), Some(dvr_window_hours), Some(clips)) =
            (title, description, access, dvr, hours, clips)
        else {
            return Err(fields.refusal());
        };
        Ok(channels::Patch {
            title,
            description,
            access,
            takeover: self.takeover,
            dvr,
            dvr_window_hours,
            clips,
        })
    }
}

fn dvr(word: &str) -> Result<Dvr, &'static str> {
    Dvr::parse(word).ok_or("Who may rewind must be everyone, signed_in or nobody.")
}

fn clips(word: &str) -> Result<ClipPolicy, &'static str> {
    ClipPolicy::parse(word).ok_or("Who may cut clips must be everyone, signed_in or owner.")
}

fn window_hours(hours: Option<i64>) -> Result<Option<u32>, &'static str> {
    let in_bounds = |hours: i64| u32::try_from(hours).ok().filter(|hours| WINDOW_HOURS.contains(hours));
    let checked = hours.map(|hours| in_bounds(hours).ok_or("The window must have 1 to 168 hours."));
    checked.transpose()
}
