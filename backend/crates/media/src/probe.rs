//! What a media file is made of, out of ffprobe's JSON.

use serde::Deserialize;

/// The first video and the first audio stream of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// The video, if there is any.
    pub video: Option<Video>,
    /// The audio, if there is any.
    pub audio: Option<Audio>,
    /// The file's length in milliseconds.
    pub duration_ms: Option<u64>,
    /// The file's average bit rate, in bits a second.
    pub bit_rate_bps: Option<u64>,
}

/// A video stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// ffmpeg's name of the codec: `h264`, `hevc`.
    pub codec: String,
    /// ffmpeg's name of the profile: `High`, `Constrained Baseline`.
    pub profile: Option<String>,
    /// The level's number: for H.264 ten times the level, 31 for 3.1.
    pub level: Option<u8>,
    /// In pixels; 0 where ffprobe could not tell.
    pub width: u32,
    /// In pixels; 0 where ffprobe could not tell.
    pub height: u32,
    /// Frames in a thousand seconds: 29970 for 29.97 a second.
    pub frame_rate_milli: Option<u32>,
}

/// An audio stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// ffmpeg's name of the codec: `aac`, `mp3`.
    pub codec: String,
    /// ffmpeg's name of the profile: `LC`, `HE-AAC`.
    pub profile: Option<String>,
    /// Samples a second.
    pub sample_rate_hz: Option<u32>,
    /// 1 for mono, 2 for stereo.
    pub channels: Option<u32>,
}

impl Probe {
    /// Reads what `ffprobe -of json` says of streams and format.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        let answer: Answer = serde_json::from_slice(json)?;
        let first = |kind: &str| answer.streams.iter().find(|s| s.codec_type == kind);
        Ok(Self {
            video: first("video").map(Stream::video),
            audio: first("audio").map(Stream::audio),
            duration_ms: answer.format.duration.as_deref().and_then(milliseconds),
            bit_rate_bps: answer.format.bit_rate.as_deref().and_then(|text| text.parse().ok()),
        })
    }
}

/// ffprobe's answer. Its numbers are partly texts, and what it does not know is left out, or 0.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Default, Deserialize)]
struct Format {
    duration: Option<String>,
    bit_rate: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    codec_name: String,
    profile: Option<String>,
    level: Option<i64>,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    sample_rate: Option<String>,
    channels: Option<u32>,
}

impl Stream {
    fn video(&self) -> Video {
        let rates = [&self.avg_frame_rate, &self.r_frame_rate];
        Video {
            codec: self.codec_name.clone(),
            profile: self.profile.clone(),
            // -99 where it is not known.
            level: self
                .level
                .and_then(|level| u8::try_from(level).ok())
                .filter(|level| *level > 0),
            width: self.width,
            height: self.height,
            frame_rate_milli: rates.into_iter().flatten().find_map(|rate| per_thousand_seconds(rate)),
        }
    }

    fn audio(&self) -> Audio {
        Audio {
            codec: self.codec_name.clone(),
            profile: self.profile.clone(),
            sample_rate_hz: self.sample_rate.as_deref().and_then(|rate| rate.parse().ok()),
            channels: self.channels,
        }
    }
}

/// `30000/1001` in frames a thousand seconds; nothing for `0/0`.
fn per_thousand_seconds(rate: &str) -> Option<u32> {
    let (frames, seconds) = rate.split_once('/')?;
    let (frames, seconds): (u64, u64) = (frames.parse().ok()?, seconds.parse().ok()?);
    let doubled = frames.checked_mul(2000)?.checked_div(seconds)?;
    u32::try_from(doubled.div_ceil(2)).ok().filter(|rate| *rate > 0)
}

/// `2.072866` seconds in whole milliseconds.
fn milliseconds(seconds: &str) -> Option<u64> {
    let (whole, decimals) = seconds.split_once('.').unwrap_or((seconds, ""));
    let thousandths = decimals.bytes().chain(*b"000").take(3).try_fold(0, |sum: u64, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0'))
    })?;
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_about_a_real_segment_is_read() {
        let probe = Probe::from_json(include_bytes!("../tests/fixtures/segment.json")).unwrap();
        let video = probe.video.unwrap();
        assert_eq!(
            (video.codec.as_str(), video.profile.as_deref(), video.level),
            ("h264", Some("Main"), Some(13))
        );
        assert_eq!(
            (video.width, video.height, video.frame_rate_milli),
            (320, 180, Some(30_000))
        );
        let audio = probe.audio.unwrap();
        assert_eq!((audio.codec.as_str(), audio.profile.as_deref()), ("aac", Some("LC")));
        assert_eq!((audio.sample_rate_hz, audio.channels), (Some(44_100), Some(1)));
        assert_eq!((probe.duration_ms, probe.bit_rate_bps), (Some(2072), Some(790_140)));
    }

    #[test]
    fn what_ffprobe_does_not_know_is_nothing() {
        let unknown = br#"{"streams":[{"codec_type":"video","codec_name":"h264","level":-99,"avg_frame_rate":"0/0"},
            {"codec_type":"data"}]}"#;
        let video = Probe::from_json(unknown).unwrap().video.unwrap();
        assert_eq!((video.level, video.frame_rate_milli, video.width), (None, None, 0));
        assert_eq!(Probe::from_json(b"{}").unwrap(), Probe::default());
        for broken in [&b""[..], b"[", b"{\"streams\":7}", b"ffprobe version 5.1"] {
            assert!(Probe::from_json(broken).is_err());
        }
    }

    #[test]
    fn frame_rates_are_rounded_to_a_thousandth() {
        for (text, rate) in [
            ("30000/1001", 29_970),
            ("30/1", 30_000),
            ("24000/1001", 23_976),
            ("60000/1001", 59_940),
        ] {
            assert_eq!(per_thousand_seconds(text), Some(rate), "{text}");
        }
        for text in ["0/0", "0/1", "30", "a/b", "18446744073709551615/1"] {
            assert_eq!(per_thousand_seconds(text), None, "{text}");
        }
        assert_eq!(
            [milliseconds("2.072866"), milliseconds("4"), milliseconds("N/A")],
            [Some(2072), Some(4000), None]
        );
    }
}
