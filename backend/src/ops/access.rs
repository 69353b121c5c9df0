//! One line a request: what was asked, how it was answered, how long it took. Never a query, never a token.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};

/// Asked so often, by players and machines, that their lines are for debugging only.
const FREQUENT: [&str; 5] = ["/live/", "/hooks/", "/healthz", "/readyz", "/metrics"];

/// Longer paths are cut: a line stays a line.
const LONGEST_PATH: usize = 256;

/// Whether the lines of what is asked so often are written at all.
pub fn tells_frequent() -> bool {
    tracing::enabled!(tracing::Level::DEBUG)
}

/// Writes the line of an answered request, within the request's span.
pub fn log(method: &Method, path: &str, status: StatusCode, took: Duration) {
    let status = status.as_u16();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if FREQUENT.iter().any(|prefix| path.starts_with(prefix)) {
        tracing::debug!(%method, path = %masked(path), status, micros, "answered");
    } else {
        tracing::info!(%method, path = %masked(path), status, micros, "answered");
    }
}

/// The path as it may be logged: an element that begins with `~` is a viewer's token.
fn masked(path: &str) -> Cow<'_, str> {
    let cut = path.floor_char_boundary(LONGEST_PATH);
    let path = path.get(..cut).unwrap_or_default();
    if !path.contains('~') && !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mask = |element| if is_token(element) { "~" } else { element };
    Cow::Owned(path.split('/').map(mask).collect::<Vec<_>>().join("/"))
}

/// `~` may come as `%7E`, and `%` itself as `%25`.
fn is_token(element: &str) -> bool {
    let Some(escaped) = element.strip_prefix('%') else {
        return element.starts_with('~');
    };
    let code = escaped.trim_start_matches("25");
    code.starts_with("7e") || code.starts_with("7E")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewers_token_never_reaches_the_log() {
        for (path, logged) in [
            ("/live/~abc.def/stage/live.m3u8", "/live/~/stage/live.m3u8"),
            ("/live/%7Eabc/stage/live.m3u8", "/live/~/stage/live.m3u8"),
            ("/live/%257eabc/stage/live.m3u8", "/live/~/stage/live.m3u8"),
            ("/watch/a~b", "/watch/a~b"),
            ("/watch/%c3%bc", "/watch/%c3%bc"),
            ("/api/v1/site", "/api/v1/site"),
        ] {
            assert_eq!(masked(path), logged);
        }
    }

    #[test]
    fn an_endless_path_is_cut_on_a_character() {
        let path = format!("/{}", "ü".repeat(500));
        assert_eq!(masked(&path).len(), 255);
    }
}
