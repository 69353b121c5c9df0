//! A show as the API shows it.

use serde::Serialize;
use sluice_domain::retention;
use sluice_store::recordings::{Extent, Recording, Span};
use utoipa::ToSchema;

use super::catalogue::Catalogue;
use super::gaps;
use crate::http::time::rfc3339;

/// A show: what a channel sent from going on air to going off air, an encoder's short absences included.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Show {
    /// Its id within the channel: the media sequence number that it began with.
    #[schema(example = "43200")]
    id: String,
    /// What its owner calls it; null where they have not said.
    #[schema(example = "Opening night")]
    title: Option<String>,
    /// When what there is of it begins. Later than it began where the rewind window has passed over its beginning.
    #[schema(format = DateTime, example = "2026-11-20T20:00:00.000Z")]
    started_at: String,
    /// When it ended; null while it is on air.
    #[schema(format = DateTime, example = "2026-11-20T22:10:30.500Z")]
    ended_at: Option<String>,
    /// On air now.
    live: bool,
    /// How much of it can be played, in milliseconds.
    #[schema(example = 7_800_000)]
    duration_ms: i64,
    /// How large that is.
    #[schema(example = 1_950_000_000)]
    bytes: i64,
    /// What of it is on disk.
    disk_bytes: i64,
    /// What of it is in the object store. What is in both places is counted in both.
    stored_bytes: i64,
    /// It stays beyond the rewind window.
    kept: bool,
    /// When the last of it is removed; null while it is on air or kept.
    #[schema(format = DateTime, example = "2026-11-21T22:12:30.500Z")]
    expires_at: Option<String>,
    /// Where it has nothing to be seen for a second or longer.
    gaps: Vec<Gap>,
    /// How many publish sessions it is made of.
    #[schema(example = 1)]
    sessions: i64,
    /// Where to play it; null while it is on air.
    playback: Option<Playback>,
    /// What it looks like; null where no picture was made, or not yet.
    #[schema(example = "https://live.example.org/live/main-stage/posters/20261120-200010-5f3a9c01.jpg")]
    poster: Option<String>,
    /// Where on this server it is to be had as one file; null while it is on air.
    #[schema(example = "/api/v1/channels/main-stage/shows/43200/download")]
    download: Option<String>,
    /// The reader may name, keep and delete it.
    can_manage: bool,
}

/// A stretch of a show without media.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = show::Gap)]
pub struct Gap {
    /// Its beginning.
    #[schema(format = DateTime, example = "2026-11-20T20:30:00.000Z")]
    from: String,
    /// Its end.
    #[schema(format = DateTime, example = "2026-11-20T20:30:12.400Z")]
    to: String,
}

/// The reader's own address of a show.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = show::Playback)]
pub struct Playback {
    /// A closed media playlist of the whole show. Where not everyone may rewind, the address is for this reader and holds
    /// for a day.
    #[schema(example = "https://live.example.org/live/main-stage/shows/43200.m3u8")]
    hls: String,
}

/// A show with what there is of it.
pub(super) struct Found {
    pub(super) recording: Recording,
    pub(super) extent: Extent,
    pub(super) breaks: Vec<Span>,
    pub(super) is_live: bool,
    /// The name of its picture.
    pub(super) poster: Option<String>,
}

impl Show {
    pub(super) fn of(found: Found, catalogue: &Catalogue<'_>) -> Self {
        let Found {
            recording,
            extent,
            breaks,
            is_live,
            poster: poster_name,
        } = found;
        let slug = &catalogue.channel.slug;
        let id = recording.first_msn;
        let kept = recording.kept_at.is_some();
        let expires_at = retention::expires_at(extent.ended_at, catalogue.window_hours());
        let hls = catalogue.reader.addresses.show(slug, catalogue.token(), id);
        let poster = |name: String| catalogue.reader.addresses.poster(slug, catalogue.token(), &name);
        Self {
            poster: poster_name.map(poster),
            id: id.to_string(),
            title: recording.title,
            started_at: rfc3339(extent.started_at),
            ended_at: (!is_live).then(|| rfc3339(extent.ended_at)),
            live: is_live,
            duration_ms: extent.duration_us / 1000,
            bytes: extent.bytes,
            disk_bytes: extent.disk_bytes,
            stored_bytes: extent.stored_bytes,
            kept,
            expires_at: (!is_live && !kept).then(|| rfc3339(expires_at)),
            gaps: gaps::of(breaks).into_iter().map(Gap::of).collect(),
            sessions: extent.sessions,
            playback: (!is_live).then_some(Playback { hls }),
            download: (!is_live).then(|| format!("/api/v1/channels/{slug}/shows/{id}/download")),
            can_manage: catalogue.reader.manages(catalogue.channel),
        }
    }
}

impl Gap {
    fn of(span: Span) -> Self {
        Self {
            from: rfc3339(span.from),
            to: rfc3339(span.to),
        }
    }
}
