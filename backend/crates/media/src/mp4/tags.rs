//! What a clip is called and when it happened, where players look for it (Apple's item list).

use jiff::Timestamp;

use super::{Movie, full, nested, put};

/// The title, and the wall clock at the first frame to the millisecond.
pub(super) fn user_data(out: &mut Vec<u8>, movie: &Movie) {
    let happened = Timestamp::from_millisecond(movie.created_at_ms).map(|time| format!("{time:.3}"));
    let texts = [(b"\xa9nam", movie.title.clone()), (b"\xa9day", happened.ok())];
    nested(out, b"udta", |out| {
        full(out, b"meta", 0, 0, |out| {
            full(out, b"hdlr", 0, 0, |out| {
                put(out, &[0]);
                out.extend_from_slice(b"mdirappl");
                put(out, &[0, 0]);
                out.push(0);
            });
            nested(out, b"ilst", |out| {
                for (kind, text) in texts {
                    text.iter().for_each(|text| item(out, kind, text));
                }
            });
        });
    });
}

fn item(out: &mut Vec<u8>, kind: &[u8; 4], text: &str) {
    nested(out, kind, |out| {
        nested(out, b"data", |out| {
            // UTF-8, in no particular language.
            put(out, &[1, 0]);
            out.extend_from_slice(text.as_bytes());
        });
    });
}
