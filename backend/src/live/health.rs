//! The health of an incoming stream: from the media server's numbers to the record and to the owner's screen.

use sluice_domain::{EndReason, Millis};
use sluice_store::publish_sessions::Health;

use super::sessions::{Ingest, Session};
use crate::{
    channels::session::{self, Key},
    http::time::rfc3339,
    media_server::stat::Stream,
};

/// A round of the reconciler weighs this much against the rounds before: a step in bitrate shows within six seconds
/// while the beat of keyframes does not.
const NEWEST_WEIGHS: f64 = 0.5;

/// Takes over what the media server says of a session's stream; `elapsed` lies between this and the last time.
pub(super) fn observe(session: &mut Session, stream: &Stream, now: Millis, elapsed: Millis) {
    let ingest = &mut session.ingest;
    if stream.bytes_in != ingest.bytes_in {
        session.active_at = now;
    }
    session.has_media |= stream.publisher.is_some_and(|publisher| publisher.active);
    ingest.bitrate_bps = bitrate(ingest, stream.bytes_in, elapsed);
    ingest.bytes_in = stream.bytes_in;
    if let Some(video) = &stream.video {
        ingest.width = Some(video.width).filter(|width| *width > 0);
        ingest.height = Some(video.height).filter(|height| *height > 0);
        ingest.frame_rate_milli = Some(video.frame_rate_milli).filter(|rate| *rate > 0);
        // Sound alone has a picture without size and codec.
        ingest.video_codec = Some(video.codec.clone()).filter(|codec| !codec.is_empty());
    }
    if let Some(codec) = &stream.audio_codec {
        ingest.audio_codec = Some(codec.clone());
    }
}

/// Bits per second, smoothed. Nothing before there are two counts to compare.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a bitrate"
)]
fn bitrate(before: &Ingest, bytes_in: u64, elapsed: Millis) -> Option<u64> {
    let received = bytes_in.checked_sub(before.bytes_in).filter(|_| before.bytes_in > 0)?;
    let seconds = elapsed.0.max(1) as f64 / 1000.0;
    let newest = (received * 8) as f64 / seconds;
    let smooth = before.bitrate_bps.map_or(newest, |old| {
        old as f64 * (1.0 - NEWEST_WEIGHS) + newest * NEWEST_WEIGHS
    });
    Some(smooth as u64)
}

/// The health as the store keeps it.
pub(super) fn row(session: &Session) -> Health {
    let ingest = &session.ingest;
    Health {
        bitrate_bps: ingest.bitrate_bps.and_then(|bps| i64::try_from(bps).ok()),
        width: ingest.width.map(i64::from),
        height: ingest.height.map(i64::from),
        frame_rate_milli: ingest.frame_rate_milli.map(i64::from),
        video_codec: ingest.video_codec.clone(),
        audio_codec: ingest.audio_codec.clone(),
        keyframe_interval_ms: ingest.keyframe_interval_ms.map(i64::from),
        media_at: session.has_media.then_some(session.active_at),
    }
}

/// The health as the store kept it.
pub(super) fn restored(health: &Health) -> Ingest {
    Ingest {
        bytes_in: 0,
        bitrate_bps: health.bitrate_bps.and_then(|bps| u64::try_from(bps).ok()),
        width: health.width.and_then(|width| u32::try_from(width).ok()),
        height: health.height.and_then(|height| u32::try_from(height).ok()),
        frame_rate_milli: health.frame_rate_milli.and_then(|rate| u32::try_from(rate).ok()),
        video_codec: health.video_codec.clone(),
        audio_codec: health.audio_codec.clone(),
        keyframe_interval_ms: health.keyframe_interval_ms.and_then(|ms| u32::try_from(ms).ok()),
    }
}

/// A live session as its owner sees it.
pub(super) fn view(session: &Session) -> session::Session {
    let ingest = &session.ingest;
    session::Session {
        id: session.id.clone(),
        state: "live",
        reason: None,
        reason_text: None,
        started_at: rfc3339(session.started_at),
        ended_at: None,
        encoder: session.encoder.clone(),
        address: session.address.clone(),
        key: Some(Key {
            id: session.key_id.clone(),
            label: session.key_label.clone(),
        }),
        bitrate_bps: ingest.bitrate_bps,
        width: ingest.width,
        height: ingest.height,
        frame_rate: ingest
            .frame_rate_milli
            .and_then(|milli| i32::try_from(milli).ok())
            .map(session::per_second),
        video_codec: ingest.video_codec.clone(),
        audio_codec: ingest.audio_codec.clone(),
        keyframe_interval_ms: ingest.keyframe_interval_ms,
    }
}

/// A session that is over, or never began, as its owner sees it.
pub(super) fn over(session: &Session, state: &'static str, reason: EndReason, now: Millis) -> session::Session {
    session::Session {
        state,
        reason: Some(reason.as_str()),
        reason_text: Some(reason.sentence()),
        ended_at: Some(rfc3339(now)),
        ..view(session)
    }
}
