//! A clip as the API and the realtime socket show it.

use serde::Serialize;
use sluice_domain::clip::{Reason, State};
use sluice_store::clips;
use utoipa::ToSchema;

use super::desk::manages;
use crate::channels::session::per_second;
use crate::http::address::Addresses;
use crate::http::caller::Caller;
use crate::http::time::rfc3339;

/// A clip, as its reader may see it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Clip {
    /// Its id.
    #[schema(example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    id: String,
    /// The channel that it shows.
    channel: Channel,
    /// What it is called; null where nobody has said.
    #[schema(example = "The drop")]
    title: Option<String>,
    /// `queued`, `running`, `ready` or `failed`.
    #[schema(value_type = String, example = "running")]
    state: &'static str,
    /// How much of it is made, 0 to 1.
    #[schema(minimum = 0, maximum = 1, example = 0.42)]
    progress: f64,
    /// `fast` or `accurate`.
    #[schema(value_type = String, example = "accurate")]
    mode: &'static str,
    /// The moment that it was to begin with.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    start: String,
    /// The moment that it was to end at.
    #[schema(format = DateTime, example = "2026-11-20T23:09:30.123Z")]
    end: String,
    /// The moment that it begins with; with `fast`, a keyframe at or before `start`. Null until it is ready, as all below
    /// that is made.
    #[schema(format = DateTime, example = "2026-11-20T23:08:59.456Z")]
    actual_start: Option<String>,
    /// Its length.
    #[schema(example = 30_000)]
    duration_ms: Option<i64>,
    /// Its size.
    #[schema(example = 15_000_000)]
    bytes: Option<i64>,
    /// Pixels.
    #[schema(example = 1920)]
    width: Option<i64>,
    /// Pixels.
    #[schema(example = 1080)]
    height: Option<i64>,
    /// Frames per second.
    #[schema(example = 29.97)]
    frame_rate: Option<f64>,
    /// The film, an MP4. Pieces may be asked for by `Range`.
    #[schema(example = "https://live.example.org/clips/0193a5f0c1d27b3e8f4a5b6c7d8e9f00.mp4")]
    url: Option<String>,
    /// Its first picture, a JPEG; null also for a clip that is sound alone.
    #[schema(example = "https://live.example.org/clips/0193a5f0c1d27b3e8f4a5b6c7d8e9f00.jpg")]
    poster: Option<String>,
    /// Its page, to be shared.
    #[schema(example = "https://live.example.org/clip/0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    page: String,
    /// Its player, to stand in a frame of any site.
    #[schema(example = "https://live.example.org/embed/0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    embed: String,
    /// Where on this server the film is to be had under a proper file name.
    #[schema(example = "/api/v1/clips/0193a5f0c1d27b3e8f4a5b6c7d8e9f00/download")]
    download: Option<String>,
    /// Who asked for it; null where that is not known.
    creator: Option<Creator>,
    /// When it was asked for.
    #[schema(format = DateTime, example = "2026-11-20T23:09:32.000Z")]
    created_at: String,
    /// When it was ready.
    #[schema(format = DateTime, example = "2026-11-20T23:09:33.000Z")]
    ready_at: Option<String>,
    /// Why it came to nothing; null unless it did.
    #[schema(value_type = Option<String>, example = "timed_out")]
    reason: Option<&'static str>,
    /// The same as a sentence.
    #[schema(value_type = Option<String>)]
    reason_text: Option<&'static str>,
    /// The reader may rename, retry and delete it.
    can_manage: bool,
}

/// The channel of a clip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = clip::Channel)]
pub struct Channel {
    /// Its name in URLs.
    #[schema(example = "main-stage")]
    slug: String,
    /// What it is called.
    #[schema(example = "Main stage")]
    title: String,
}

/// Who asked for a clip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = clip::Creator)]
pub struct Creator {
    /// The account's id.
    #[schema(example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    id: String,
    /// The name others see.
    #[schema(example = "Ada")]
    display_name: String,
}

impl Clip {
    /// Shows a stored clip to a reader.
    pub fn of(clip: clips::Clip, addresses: &Addresses, caller: Option<&Caller>) -> Self {
        let places = Places::of(&clip.id, addresses);
        let is_ready = clip.state == State::Ready;
        let made = clip.made.as_ref();
        Self {
            state: clip.state.as_str(),
            progress: thousandths(clip.progress),
            mode: clip.mode.as_str(),
            start: rfc3339(clip.start_at),
            end: rfc3339(clip.end_at),
            actual_start: made.map(|made| rfc3339(made.actual_start_at)),
            duration_ms: made.map(|made| made.duration_ms),
            bytes: made.map(|made| made.bytes),
            width: made.and_then(|made| made.width),
            height: made.and_then(|made| made.height),
            frame_rate: made
                .and_then(|made| i32::try_from(made.frame_rate_milli?).ok())
                .map(per_second),
            url: is_ready.then_some(places.film),
            poster: made.filter(|made| made.has_picture()).map(|_| places.poster),
            page: places.page,
            embed: places.embed,
            download: is_ready.then(|| format!("/api/v1/clips/{}/download", clip.id)),
            can_manage: caller.is_some_and(|caller| manages(caller, &clip)),
            created_at: rfc3339(clip.created_at),
            ready_at: clip.ready_at.map(rfc3339),
            reason: clip.reason.map(Reason::as_str),
            reason_text: clip.reason.map(Reason::sentence),
            creator: clip
                .account_id
                .zip(clip.account_name)
                .map(|(id, display_name)| Creator { id, display_name }),
            channel: Channel {
                slug: clip.slug,
                title: clip.channel_title,
            },
            title: clip.title,
            id: clip.id,
        }
    }
}

/// The addresses of a clip.
pub(super) struct Places {
    pub(super) film: String,
    pub(super) poster: String,
    pub(super) page: String,
    pub(super) embed: String,
}

impl Places {
    pub(super) fn of(id: &str, addresses: &Addresses) -> Self {
        Self {
            film: addresses.site(&format!("/clips/{id}.mp4")),
            poster: addresses.site(&format!("/clips/{id}.jpg")),
            page: addresses.site(&format!("/clip/{id}")),
            embed: addresses.site(&format!("/embed/{id}")),
        }
    }
}

fn thousandths(thousandths: i64) -> f64 {
    f64::from(i32::try_from(thousandths).unwrap_or_default()) / 1000.0
}
