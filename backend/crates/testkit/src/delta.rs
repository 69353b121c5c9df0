//! What a player does with a delta update (draft-pantos-hls-rfc8216bis-22, 6.3.7), on text: independent of whoever
//! wrote it.

/// The playlist that a delta update stands for, for a player that has `copy`. Or what is wrong: the update skips what the
/// copy has not got, or is none.
pub fn merge(copy: &str, delta: &str) -> Result<String, String> {
    let (head, rest) = delta
        .split_once("#EXT-X-SKIP:SKIPPED-SEGMENTS=")
        .ok_or("nothing is skipped")?;
    let (skipped, rest) = rest.split_once('\n').ok_or("the update is cut off")?;
    let skipped: u64 = skipped.parse().map_err(|_| format!("{skipped} is no number"))?;
    let (first, known) = (sequence(delta)?, sequence(copy)?);
    let gone = first
        .checked_sub(known)
        .ok_or_else(|| format!("{first} has left the copy, which begins with {known}"))?;
    let kept = after(segments(copy), gone).ok_or("the copy is too old")?;
    let rest_of_copy = after(kept, skipped).ok_or("the copy is too short")?;
    let put_in = &kept[..kept.len() - rest_of_copy.len()];
    // Version 9 is what the tag asks for; without it the playlist asks for no more than it did.
    let version = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("#EXT-X-VERSION:"))
            .map(str::to_owned)
    };
    let (declared, before) = (version(delta), version(copy));
    let head = match (declared, before) {
        (Some(declared), Some(before)) => head.replacen(&declared, &before, 1),
        _ => return Err("no version".to_owned()),
    };
    Ok([&head, put_in, rest].concat())
}

fn sequence(playlist: &str) -> Result<u64, String> {
    let tag = playlist
        .split_once("#EXT-X-MEDIA-SEQUENCE:")
        .ok_or("no media sequence")?
        .1;
    let number = tag.split('\n').next().unwrap_or_default();
    number.parse().map_err(|_| format!("{number} is no number"))
}

/// The lines of all segments: what follows the header's last tag.
fn segments(playlist: &str) -> &str {
    let begin = playlist.find("#EXT-X-DISCONTINUITY-SEQUENCE:").unwrap_or(0);
    let end = playlist[begin..].find('\n').map_or(0, |end| begin + end + 1);
    &playlist[end..]
}

/// What follows so many segments; nothing where there are not so many.
fn after(lines: &str, segments: u64) -> Option<&str> {
    let mut rest = lines;
    for _ in 0..segments {
        loop {
            let (line, behind) = rest.split_once('\n')?;
            rest = behind;
            if !line.starts_with('#') {
                break;
            }
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COPY: &str = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n\
        #EXTINF:6.000,\n7.ts\n#EXT-X-GAP\n#EXTINF:6.000,\n8.ts\n#EXTINF:6.000,\n9.ts\n";
    const DELTA: &str = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-MEDIA-SEQUENCE:8\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n\
        #EXT-X-SKIP:SKIPPED-SEGMENTS=1\n#EXTINF:6.000,\n9.ts\n#EXTINF:6.000,\n10.ts\n";

    #[test]
    fn what_is_skipped_is_put_in_from_the_copy() {
        let whole = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:8\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n\
            #EXT-X-GAP\n#EXTINF:6.000,\n8.ts\n#EXTINF:6.000,\n9.ts\n#EXTINF:6.000,\n10.ts\n";
        assert_eq!(merge(COPY, DELTA).as_deref(), Ok(whole));
    }

    #[test]
    fn a_copy_that_lacks_what_is_skipped_is_no_use() {
        for (right, wrong) in [
            ("SEGMENTS=1", "SEGMENTS=3"),
            ("SEQUENCE:8", "SEQUENCE:6"),
            ("SEQUENCE:8", "SEQUENCE:11"),
        ] {
            assert!(merge(COPY, &DELTA.replacen(right, wrong, 1)).is_err(), "{wrong}");
        }
        assert!(merge(COPY, COPY).is_err());
    }
}
