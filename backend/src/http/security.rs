//! What browsers are told of every page and answer: the headers of `nginx/headers.conf`, for sites without nginx in
//! front of the backend.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use sluice_config::Config;

use crate::media_server::config;

/// The headers that keep a browser from doing what the site never asks of it.
#[derive(Clone, Debug)]
pub struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecurityHeaders {
    /// Those that nginx sends under the same settings.
    pub fn of(config: &Config) -> Self {
        Self(config::headers(config).lines().filter_map(read).collect())
    }

    /// Puts them on an answer; what a handler has set stays.
    pub fn add(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }

    /// The same for a page that may stand in a frame of any site, and in all else is as others are.
    pub fn add_embeddable(&self, headers: &mut HeaderMap) {
        self.add(headers);
        headers.remove(header::X_FRAME_OPTIONS);
        let policy = headers
            .get(header::CONTENT_SECURITY_POLICY)
            .and_then(|policy| policy.to_str().ok());
        let policy = policy.map(|policy| policy.replace("frame-ancestors 'self'", "frame-ancestors *"));
        if let Some(policy) = policy.and_then(|policy| policy.parse().ok()) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// Said of an answer: a page that may stand in a frame of any site.
#[derive(Clone, Copy, Debug)]
pub struct Embeddable;

/// Puts on an answer to a player the one header that matters where no page is shown.
pub fn add_nosniff(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Lets a player on another site's page read why it was refused; what it asked for says so itself.
pub fn add_any_origin(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

/// One line of nginx's: `add_header NAME VALUE always;`.
fn read(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.strip_prefix("add_header ")?.split_once(' ')?;
    let value = value.strip_suffix(" always;")?.trim_matches('"');
    Some((name.parse().ok()?, value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_nginx_names_a_header_with_or_without_quotes() {
        let read = |line| read(line).map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let header = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(
            read("add_header X-Frame-Options SAMEORIGIN always;"),
            header("x-frame-options", "SAMEORIGIN")
        );
        assert_eq!(
            read(r#"add_header Content-Security-Policy "default-src 'self'; img-src data:" always;"#),
            header("content-security-policy", "default-src 'self'; img-src data:")
        );
        assert_eq!(read("# add_header is dropped"), None);
    }
}
