//! `POST /api/v1/channels/{slug}/clips`: somebody wants a moment of a channel as a film.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use sluice_domain::clip::{self, Footage, IN_FLIGHT_OF_ACCOUNT, IN_FLIGHT_OF_CHANNEL, Mode, Range, When};
use sluice_domain::{Millis, retention};
use sluice_store::channels::Channel;
use sluice_store::clips::{New, Room};
use utoipa::ToSchema;
use uuid::Uuid;

use super::clip::Clip;
use super::find;
use crate::channels::access::visible;
use crate::channels::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::MaybeCaller;
use crate::http::client::ClientAddress;
use crate::http::fields::Fields;
use crate::http::time::parsed;
use crate::state::AppState;

/// How many clips are made at a time.
pub(super) const ROOM: Room = Room {
    of_account: IN_FLIGHT_OF_ACCOUNT,
    of_channel: IN_FLIGHT_OF_CHANNEL,
};

/// The clip that is wanted.
#[derive(Deserialize, ToSchema)]
#[schema(as = clip::Request)]
pub struct Request {
    /// The moment of its first frame, by the channel's wall clock (`EXT-X-PROGRAM-DATE-TIME`), with its offset.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    start: String,
    /// The moment behind its last frame; at most `clip_max_seconds` (of `/site`) after `start`, and 30 s from now.
    #[schema(format = DateTime, example = "2026-11-20T23:09:30.123Z")]
    end: String,
    /// What it is called, up to 120 characters.
    #[schema(example = "The drop", max_length = 120)]
    title: Option<String>,
    /// `accurate` (the default): from the very frame. `fast`: from the keyframe before it, without encoding anything anew.
    #[schema(example = "fast")]
    mode: Option<String>,
}

/// The same, read.
struct Wanted {
    range: Range,
    title: Option<String>,
    mode: Mode,
}

/// Asks for a clip
///
/// It is cut in the background: follow it by `/ws?clip=ID` or by asking again. One that ends ahead of what is recorded waits
/// for the live edge.
#[utoipa::path(
    post, path = "/api/v1/channels/{slug}/clips", tag = "clips", request_body = Request,
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage")),
    responses(
        (status = 202, body = Clip),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "clips_not_allowed; dvr_not_allowed: the range is older than what is live, and the \
            channel cannot be rewound by the caller", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found; no_segments_in_range: nothing was recorded then, or is left of it",
            body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "too_many_clips: 3 of a person or 10 of a channel are being made", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "validation_failed; clip_in_future", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: MaybeCaller,
    slug: web::Path<String>,
    body: web::Json<Request>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let wanted = body.into_inner().read(state.config.clip_max_seconds)?;
    let channel = visible(&state, &slug).await?;
    let reader = Reader::of(&state, &request, caller.0.as_ref());
    if !reader.clips(&channel) {
        return Err(match caller.0 {
            Some(_) => Error::ClipsNotAllowed,
            None => Error::AuthenticationRequired,
        });
    }
    let account = caller.0.as_ref().map(|caller| caller.account.id.clone());
    let run_at = run_at(&reader, &channel, wanted.range).await?;
    state.limits.clip(account.as_deref(), ClientAddress::of(&request))?;
    let new = New {
        id: Uuid::now_v7().simple().to_string(),
        job_id: Uuid::now_v7().simple().to_string(),
        channel_id: channel.id,
        slug: channel.slug,
        account_id: account,
        title: wanted.title,
        mode: wanted.mode,
        range: wanted.range,
        run_at,
        created_at: reader.now,
    };
    if !state.store.clips().create(&new, ROOM).await? {
        return Err(Error::TooManyClips);
    }
    tracing::info!(
        channel = new.slug,
        clip = new.id,
        account = new.account_id,
        "a clip is asked for"
    );
    let clip = find(&state, &new.id).await?;
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1/clips/{}", new.id)))
        .json(Clip::of(clip, &reader.addresses, caller.0.as_ref())))
}

/// When a range can be cut; an error where it cannot, or is not for this reader.
async fn run_at(reader: &Reader<'_>, channel: &Channel, range: Range) -> Result<Millis, Error> {
    let listed_from = match reader.pass(channel) {
        Some(_) => retention::listed_from(channel.rewind.hours(reader.state.config.dvr_window_hours), reader.now),
        None if range.start() < reader.now.minus(clip::LIVE_REACH) => return Err(Error::DvrNotAllowed),
        None => reader.now.minus(clip::LIVE_REACH),
    };
    let store = &reader.state.store;
    let newest = store.segments().latest(&channel.id, 1).await?;
    let footage = Footage {
        is_there: store.clips().is_recorded(&channel.id, range, listed_from).await?,
        recorded_until: newest
            .last()
            .map(|newest| newest.started_at.plus(Millis(newest.duration_us / 1000))),
        is_live: reader.state.live.on_air(&channel.id).is_some(),
    };
    match clip::when(range, footage, reader.now) {
        When::Now => Ok(reader.now),
        When::At(moment) => Ok(moment),
        When::TooFarAhead => Err(Error::ClipInFuture),
        When::Never => Err(Error::NoSegmentsInRange),
    }
}

impl Request {
    fn read(self, max_s: u32) -> Result<Wanted, Error> {
        let mut fields = Fields::default();
        let start = fields.check("start", moment(&self.start));
        let end = fields.check("end", moment(&self.end));
        let range = start.zip(end).map(|(start, end)| Range::new(start, end, max_s));
        let range = range.and_then(|range| fields.check("end", range));
        let title = fields.check("title", clip::title(self.title.as_deref().unwrap_or_default()));
        let mode = fields.check("mode", self.mode.as_deref().map_or(Ok(Mode::default()), mode));
        let (Some(range), Some(title), Some(mode)) = (range, title, mode) else {
            return Err(fields.refusal());
        };
        Ok(Wanted { range, title, mode })
    }
}

fn moment(text: &str) -> Result<Millis, &'static str> {
    parsed(text).ok_or("Give a time with its offset (RFC 3339), such as 2026-11-21T20:00:00.000Z.")
}

fn mode(word: &str) -> Result<Mode, &'static str> {
    Mode::parse(word).ok_or("The mode must be fast or accurate.")
}
