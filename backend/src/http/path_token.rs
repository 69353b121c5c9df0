//! Viewers' tokens in the path: `/live/~TOKEN/CHANNEL/...` is `/live/CHANNEL/...`, asked for with a token.
//!
//! The token is taken out before the request is routed, so that every address below `/live/` takes one, and whatever
//! speaks of the request's path later, a log above all, speaks of one without it.

use std::fmt;

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::{HttpMessage, HttpRequest};

/// What stands before a token. Some clients write `~` as an escape.
const BEFORE: [&str; 3] = ["/live/~", "/live/%7E", "/live/%7e"];
/// Longer ones are none of ours.
const LONGEST: usize = 256;

/// The token that a request came with. It is a secret.
#[derive(Clone)]
pub struct PathToken(String);

impl fmt::Debug for PathToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PathToken(..)")
    }
}

impl PathToken {
    /// The token of a request, if it came with one. Whether it is worth anything is not said.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// The token's text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Takes the token out of a request's path, if there is one.
pub fn take(request: &mut ServiceRequest) {
    let Some((token, uri)) = split(request.uri()) else {
        return;
    };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
    request.extensions_mut().insert(PathToken(token));
}

fn split(uri: &Uri) -> Option<(String, Uri)> {
    let whole = uri.path_and_query()?.as_str();
    let rest = BEFORE.iter().find_map(|before| whole.strip_prefix(before))?;
    let end = rest.find('/')?;
    let (token, below) = rest.split_at_checked(end)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if token.len() > LONGEST || !token.chars().all(is_plain) {
        return None;
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("/live{below}").try_into().ok()?);
    Some((token.to_owned(), Uri::from_parts(parts).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(String, String)> {
        let (token, uri) = split(&path.parse().unwrap())?;
        Some((token, uri.to_string()))
    }

    #[test]
    fn a_token_is_taken_out_and_the_rest_stays_as_it_is() {
        for (path, token, rest) in [
            (
                "/live/~aB-_.9/stage/dvr.m3u8?a=b&c=%20",
                "aB-_.9",
                "/live/stage/dvr.m3u8?a=b&c=%20",
            ),
            ("/live/%7Eabc/stage/live.m3u8", "abc", "/live/stage/live.m3u8"),
            ("/live/%7eabc/a%2Fb", "abc", "/live/a%2Fb"),
            ("/live/~a/~b/stage", "a", "/live/~b/stage"),
        ] {
            assert_eq!(of(path), Some((token.to_owned(), rest.to_owned())), "{path}");
        }
    }

    #[test]
    fn what_is_no_token_stays_in_the_path() {
        let long = format!("/live/~{}/stage/live.m3u8", "a".repeat(LONGEST + 1));
        for path in [
            "/live/stage/live.m3u8",
            "/live/~abc",
            "/live/~a%20b/stage/live.m3u8",
            "/api/~a/b",
            &long,
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        assert_eq!(format!("{:?}", PathToken("secret".to_owned())), "PathToken(..)");
    }
}
