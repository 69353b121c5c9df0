//! A publish session as the API and the realtime socket show it.

use serde::Serialize;
use sluice_domain::EndReason;
use sluice_store::publish_sessions;
use utoipa::ToSchema;

use crate::http::time::rfc3339;

/// A publish session: one encoder's time on a channel, or its refusal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// `live`, `ended` or `refused`.
    #[schema(value_type = String, example = "live")]
    pub state: &'static str,
    /// Why it ended or was refused; null while it is live.
    #[schema(value_type = Option<String>, example = "ended_by_encoder")]
    pub reason: Option<&'static str>,
    /// The reason as a sentence for the performer.
    #[schema(value_type = Option<String>, example = "Ended by the encoder.")]
    pub reason_text: Option<&'static str>,
    /// When the encoder asked to publish.
    pub started_at: String,
    /// When it ended; null while it is live.
    pub ended_at: Option<String>,
    /// What the encoder calls itself.
    #[schema(example = "FMLE/3.0 (compatible; Lavf59.27)")]
    pub encoder: String,
    /// The encoder's address.
    #[schema(example = "192.0.2.7")]
    pub address: String,
    /// The stream key it came with; null when that is not known any more.
    pub key: Option<Key>,
    /// Bits per second over the last seconds.
    #[schema(example = 4_500_000)]
    pub bitrate_bps: Option<u64>,
    /// Pixels.
    #[schema(example = 1920)]
    pub width: Option<u32>,
    /// Pixels.
    #[schema(example = 1080)]
    pub height: Option<u32>,
    /// Frames per second.
    #[schema(example = 30.0)]
    pub frame_rate: Option<f64>,
    /// The picture's codec.
    #[schema(example = "H264")]
    pub video_codec: Option<String>,
    /// The sound's codec.
    #[schema(example = "AAC")]
    pub audio_codec: Option<String>,
    /// Milliseconds between keyframes.
    #[schema(example = 2000)]
    pub keyframe_interval_ms: Option<u32>,
}

/// The stream key of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    #[schema(example = "OBS at home")]
    pub label: String,
}

impl From<publish_sessions::Session> for Session {
    fn from(session: publish_sessions::Session) -> Self {
        let health = session.health;
        Self {
            id: session.id,
            state: session.state.as_str(),
            reason: session.reason.map(EndReason::as_str),
            reason_text: session.reason.map(EndReason::sentence),
            started_at: rfc3339(session.started_at),
            ended_at: session.ended_at.map(rfc3339),
            encoder: session.encoder,
            address: session.address,
            key: Some(Key {
                id: session.key_id,
                label: session.key_label,
            }),
            bitrate_bps: health.bitrate_bps.and_then(|bps| u64::try_from(bps).ok()),
            width: health.width.and_then(|pixels| u32::try_from(pixels).ok()),
            height: health.height.and_then(|pixels| u32::try_from(pixels).ok()),
            frame_rate: health
                .frame_rate_milli
                .and_then(|milli| i32::try_from(milli).ok())
                .map(per_second),
            video_codec: health.video_codec,
            audio_codec: health.audio_codec,
            keyframe_interval_ms: health.keyframe_interval_ms.and_then(|ms| u32::try_from(ms).ok()),
        }
    }
}

/// Frames a second, from frames in a thousand seconds.
pub fn per_second(frames_milli: i32) -> f64 {
    f64::from(frames_milli) / 1000.0
}
