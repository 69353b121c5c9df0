//! Under which addresses the site is to be found, as told to a client.

use actix_web::HttpRequest;
use actix_web::http::header;
use serde::Serialize;
use sluice_config::{Config, Url};
use utoipa::ToSchema;

use crate::http::client::ClientAddress;

/// Where an answer's reader finds things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    site: String,
    live: String,
    host: String,
    rtmp_port: u16,
}

impl Addresses {
    /// The addresses for whoever sent a request: as configured, or as they asked for the site themselves.
    pub fn of(request: &HttpRequest, config: &Config) -> Self {
        let asked = asked(request).unwrap_or_else(|| format!("http://localhost:{}", config.http_port));
        let site = config.public_url.as_ref().map_or(asked, without_slash);
        let live = config
            .live_base_url
            .as_ref()
            .map_or_else(|| site.clone(), without_slash);
        let host = Url::parse(&site)
            .ok()
            .and_then(|url| url.host_str().map(ToOwned::to_owned));
        Self {
            site,
            live,
            host: host.unwrap_or_else(|| "localhost".to_owned()),
            rtmp_port: config.rtmp_port,
        }
    }

    /// A channel's multivariant playlist.
    pub fn playlist(&self, slug: &str) -> String {
        format!("{}/live/{slug}/index.m3u8", self.live)
    }

    /// The playlist of all that a channel can be rewound to, with the token that its reader needs.
    pub fn dvr(&self, slug: &str, token: Option<&str>) -> String {
        self.below(slug, token, "dvr.m3u8")
    }

    /// The playlist of a show, with the token that its reader needs.
    pub fn show(&self, slug: &str, token: Option<&str>, show: i64) -> String {
        self.below(slug, token, &format!("shows/{show}.m3u8"))
    }

    /// The picture of a channel that is on air.
    pub fn thumbnail(&self, slug: &str) -> String {
        self.below(slug, None, "thumbnail.jpg")
    }

    /// The map of what a channel looked like, with the token that its reader needs.
    pub fn storyboard(&self, slug: &str, token: Option<&str>) -> String {
        self.below(slug, token, "storyboard.vtt")
    }

    /// The picture of a show, with the token that its reader needs.
    pub fn poster(&self, slug: &str, token: Option<&str>, name: &str) -> String {
        self.below(slug, token, &format!("posters/{name}.jpg"))
    }

    /// A path of the site itself, which begins with `/`.
    pub fn site(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// Where encoders publish; the stream key is the stream's name.
    pub fn ingest(&self) -> Ingest {
        Ingest {
            rtmp: format!("rtmp://{}:{}/live", self.host, self.rtmp_port),
            srt: None,
        }
    }

    fn below(&self, slug: &str, token: Option<&str>, rest: &str) -> String {
        let token = token.map_or_else(String::new, |token| format!("~{token}/"));
        format!("{}/live/{token}{slug}/{rest}", self.live)
    }
}

/// Where encoders publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ingest {
    /// The server field of OBS.
    #[schema(example = "rtmp://live.example.org:1935/live")]
    pub rtmp: String,
    /// The SRT address; null where SRT is not offered.
    pub srt: Option<String>,
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// What the client put into its address bar, with the scheme as our own proxy says it.
fn asked(request: &HttpRequest) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let forwarded = request
        .headers()
        .get("x-forwarded-proto")
        .and_then(|scheme| scheme.to_str().ok());
    let believed = request
        .peer_addr()
        .is_none_or(|peer| ClientAddress(peer.ip().to_canonical()).is_loopback());
    let scheme = if believed && forwarded == Some("https") {
        "https"
    } else {
        "http"
    };
    let url = Url::parse(&format!("{scheme}://{host}")).ok()?;
    // A host that brings a path or a user along is none.
    let plain = url.path() == "/" && url.username().is_empty() && url.password().is_none() && url.query().is_none();
    plain.then(|| without_slash(&url))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn config(vars: &[(&str, &str)]) -> Config {
        let secret = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        Config::from_vars(vars.iter().copied().chain([secret])).unwrap()
    }

    fn addresses(host: &str, vars: &[(&str, &str)]) -> Addresses {
        let request = TestRequest::default().insert_header(("host", host)).to_http_request();
        Addresses::of(&request, &config(vars))
    }

    #[test]
    fn a_client_is_told_the_address_it_asked_for() {
        let told = addresses("stage.example.org:8080", &[]);
        assert_eq!(
            told.playlist("main"),
            "http://stage.example.org:8080/live/main/index.m3u8"
        );
        assert_eq!(told.ingest().rtmp, "rtmp://stage.example.org:1935/live");
        assert_eq!(addresses("[::1]:8080", &[]).ingest().rtmp, "rtmp://[::1]:1935/live");
    }

    #[test]
    fn configured_addresses_win_over_what_a_client_asks_for() {
        let vars = [
            ("PUBLIC_URL", "https://live.example.org"),
            ("LIVE_BASE_URL", "https://edge.example.org:8443"),
        ];
        let told = addresses("evil.example", &vars);
        assert_eq!(
            told.playlist("main"),
            "https://edge.example.org:8443/live/main/index.m3u8"
        );
        assert_eq!(told.ingest().rtmp, "rtmp://live.example.org:1935/live");
    }

    #[test]
    fn a_host_that_is_none_is_not_repeated() {
        for junk in ["a/b", "user@host", "a b", "<script>", ""] {
            let playlist = addresses(junk, &[]).playlist("main");
            assert_eq!(playlist, "http://localhost:8080/live/main/index.m3u8", "{junk}");
        }
    }

    #[test]
    fn https_is_believed_of_our_own_proxy() {
        let request = TestRequest::default()
            .insert_header(("host", "h"))
            .insert_header(("x-forwarded-proto", "https"));
        let near = request.peer_addr("127.0.0.1:1".parse().unwrap()).to_http_request();
        assert_eq!(
            Addresses::of(&near, &config(&[])).playlist("m"),
            "https://h/live/m/index.m3u8"
        );
        let request = TestRequest::default()
            .insert_header(("host", "h"))
            .insert_header(("x-forwarded-proto", "https"));
        let far = request.peer_addr("192.0.2.1:1".parse().unwrap()).to_http_request();
        assert_eq!(
            Addresses::of(&far, &config(&[])).playlist("m"),
            "http://h/live/m/index.m3u8"
        );
    }
}
