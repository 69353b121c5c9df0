//! Writes `index.m3u8`, the multivariant playlist: what the one rendition of a channel is made of.

use std::fmt::Write;

/// The rendition, as a player must know it before it opens the media playlist (4.3.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition<'a> {
    /// The peak segment bit rate, in bits a second.
    pub bandwidth_bps: u64,
    /// The average segment bit rate, in bits a second.
    pub average_bandwidth_bps: Option<u64>,
    /// RFC 6381 names of all codecs, comma between them; see [`crate::codecs`].
    pub codecs: Option<String>,
    /// Width and height in pixels.
    pub resolution: Option<(u32, u32)>,
    /// Frames in a thousand seconds: 29970 for 29.97 a second.
    pub frame_rate_milli: Option<u32>,
    /// The media playlist, relative to this one.
    pub uri: &'a str,
}

/// The playlist's text. It names no version, as nothing in it asks for more than 1 (7).
pub fn render(rendition: &Rendition<'_>) -> String {
    let mut text = format!("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH={}", rendition.bandwidth_bps);
    // Writing to a String cannot fail.
    if let Some(average) = rendition.average_bandwidth_bps {
        let _ = write!(text, ",AVERAGE-BANDWIDTH={average}");
    }
    if let Some(codecs) = rendition.codecs.as_deref().filter(|codecs| is_codec_list(codecs)) {
        let _ = write!(text, ",CODECS=\"{codecs}\"");
    }
    if let Some((width, height)) = rendition.resolution {
        let _ = write!(text, ",RESOLUTION={width}x{height}");
    }
    if let Some(rate) = rendition.frame_rate_milli {
        let _ = write!(text, ",FRAME-RATE={}.{:03}", rate / 1000, rate % 1000);
    }
    let _ = writeln!(text, "\n{}", rendition.uri);
    text
}

/// What may stand between the quotes; anything else would end the attribute, or the line.
fn is_codec_list(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".,-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_the_rendition_is_told_and_the_rest_left_out() {
        let mut rendition = Rendition {
            bandwidth_bps: 4_500_000,
            average_bandwidth_bps: Some(4_000_000),
            codecs: Some("avc1.64001f,mp4a.40.2".to_owned()),
            resolution: Some((1280, 720)),
            frame_rate_milli: Some(29_970),
            uri: "live.m3u8",
        };
        let told = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=4500000,AVERAGE-BANDWIDTH=4000000,\
            CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=29.970\nlive.m3u8\n";
        assert_eq!(render(&rendition), told);
        rendition = Rendition {
            average_bandwidth_bps: None,
            codecs: Some("x\"\n".to_owned()),
            resolution: None,
            frame_rate_milli: None,
            ..rendition
        };
        assert_eq!(
            render(&rendition),
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=4500000\nlive.m3u8\n"
        );
    }
}
