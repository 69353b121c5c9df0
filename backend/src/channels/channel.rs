//! A channel as the API shows it.

use serde::Serialize;
use sluice_store::channels;
use utoipa::ToSchema;

use super::reader::Reader;
use crate::http::time::rfc3339;

/// A channel, as its reader may see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Channel {
    /// Its name in URLs; never changes.
    #[schema(example = "main-stage")]
    slug: String,
    /// What it is called.
    #[schema(example = "Main stage")]
    title: String,
    /// What it is about; may be empty and have several lines.
    description: String,
    /// Who runs it.
    owner: Owner,
    /// On air now.
    live: bool,
    /// When the show began; null when off air.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    started_at: Option<String>,
    /// Players watching now.
    #[schema(example = 42)]
    viewers: u32,
    /// `public`, or `unlisted`: open to whoever knows the slug, but in no list.
    #[schema(value_type = String, example = "public")]
    access: &'static str,
    /// A new encoder replaces a working one.
    takeover: bool,
    /// Who may rewind it, beside its owner and administrators: `everyone`, `signed_in` or `nobody`.
    #[schema(value_type = String, example = "everyone")]
    dvr: &'static str,
    /// How far it can be rewound, in hours; null for as far as the site has it (`dvr_window_hours` of `/site`).
    #[schema(minimum = 1, maximum = 168)]
    dvr_window_hours: Option<u32>,
    /// Who may cut clips from it, beside its owner and administrators: `everyone`, `signed_in` or `owner`.
    #[schema(value_type = String, example = "signed_in")]
    clips: &'static str,
    /// The reader may.
    can_clip: bool,
    /// What it looks like just now; null where it is off air, or no picture was made yet. Ask again for the next.
    #[schema(example = "https://live.example.org/live/main-stage/thumbnail.jpg")]
    thumbnail: Option<String>,
    /// Where to play it.
    playback: Option<Playback>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    created_at: String,
    /// The reader may change it.
    can_manage: bool,
}

/// Who runs a channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Owner {
    /// The account's id.
    #[schema(example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    id: String,
    /// The name others see.
    #[schema(example = "Ada")]
    display_name: String,
}

/// The reader's own playback URLs, absolute.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Playback {
    /// The multivariant playlist at the live edge.
    #[schema(example = "https://live.example.org/live/main-stage/index.m3u8")]
    hls: String,
    /// The playlist of everything that can be rewound to; null for a reader who may not. Where not everyone may, the
    /// address is for this reader and holds for a day.
    #[schema(example = "https://live.example.org/live/main-stage/dvr.m3u8")]
    dvr: Option<String>,
    /// A WebVTT map of what it looked like, by stretches as `timeshift.m3u8` has them (`from` or `offset_sec`, and
    /// `duration`); null for a reader who may not rewind.
    #[schema(example = "https://live.example.org/live/main-stage/storyboard.vtt")]
    storyboard: Option<String>,
}

impl Channel {
    /// Shows a stored channel to a reader, with what is live on it.
    pub fn of(channel: channels::Channel, reader: &Reader<'_>) -> Self {
        let on_air = reader.state.live.on_air(&channel.id);
        let hls = reader.addresses.playlist(&channel.slug);
        let pass = reader.pass(&channel);
        let token = pass.as_ref().map(Option::as_deref);
        let dvr = token.map(|token| reader.addresses.dvr(&channel.slug, token));
        let storyboard = token.map(|token| reader.addresses.storyboard(&channel.slug, token));
        let thumbnail = reader
            .is_pictured(&channel)
            .then(|| reader.addresses.thumbnail(&channel.slug));
        let (can_manage, can_clip) = (reader.manages(&channel), reader.clips(&channel));
        Self {
            owner: Owner {
                id: channel.owner_id,
                display_name: channel.owner_name,
            },
            live: on_air.is_some(),
            started_at: on_air.as_ref().map(|show| rfc3339(show.started_at)),
            viewers: on_air.map_or(0, |show| show.viewers),
            access: channel.access.as_str(),
            takeover: channel.takeover,
            dvr: channel.rewind.dvr.as_str(),
            dvr_window_hours: channel.rewind.window_hours,
            clips: channel.clips.as_str(),
            can_clip,
            thumbnail,
            playback: Some(Playback { hls, dvr, storyboard }),
            created_at: rfc3339(channel.created_at),
            slug: channel.slug,
            title: channel.title,
            description: channel.description,
            can_manage,
        }
    }
}
