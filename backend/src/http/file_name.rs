//! What a downloaded file is called: after what it shows, and when. Pure.

use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use jiff::{Timestamp, tz::TimeZone};
use sluice_domain::Millis;

/// Longer titles are cut: file systems take 255 bytes, and a letter has up to four.
const LONGEST: usize = 50;

/// The header that names the file (RFC 6266): the title as it is for those who read UTF-8, the slug for others.
pub fn header(title: &str, slug: &str, started_at: Millis, extension: &str) -> ContentDisposition {
    let at = Timestamp::from_millisecond(started_at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = TimeZone::UTC.to_datetime(at);
    let moment = at.strftime("%Y-%m-%d %H.%M");
    let plain = format!("{slug} {moment}.{extension}");
    let name = cleaned(title).unwrap_or_else(|| slug.to_owned());
    let full = format!("{name} {moment}.{extension}");
    let full = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: full.into_bytes(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        // The older form first: who knows both takes the newer whatever their order (RFC 6266, section 4.3).
        parameters: vec![DispositionParam::Filename(plain), DispositionParam::FilenameExt(full)],
    }
}

/// A title without what file systems, shells and people trip over; nothing where nothing is left.
fn cleaned(title: &str) -> Option<String> {
    let is_odd = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    let plain: String = title
        .chars()
        .take(LONGEST)
        .map(|c| if is_odd(c) { ' ' } else { c })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let name = words.join(" ");
    let name = name.trim_start_matches(['.', '-', ' ']);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(title: &str) -> String {
        header(title, "main-stage", Millis(1_795_213_253_850), "ts").to_string()
    }

    #[test]
    fn a_file_is_named_after_its_show_in_both_forms() {
        assert_eq!(
            named("Première"),
            "attachment; filename=\"main-stage 2026-11-20 22.20.ts\"; \
             filename*=UTF-8''Premi%C3%A8re%202026%2D11%2D20%2022.20.ts"
        );
    }

    #[test]
    fn no_title_leads_out_of_a_directory_or_into_another_header() {
        for (title, name) in [
            ("../../etc/passwd", "etc%20passwd"),
            ("a\r\nSet-Cookie: b\"c", "a%20Set%2DCookie%20b%20c"),
            (".hidden", "hidden"),
            ("-rf", "rf"),
            ("///", "main%2Dstage"),
            ("", "main%2Dstage"),
        ] {
            let header = named(title);
            assert!(
                header.ends_with(&format!("UTF-8''{name}%202026%2D11%2D20%2022.20.ts")),
                "{header}"
            );
        }
        assert!(named(&"🎬".repeat(120)).len() < 1000);
    }
}
