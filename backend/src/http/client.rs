//! Who is at the other end of the connection.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpRequest};

use crate::error::Error;

/// Where proxies write the address they were called from.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What browsers say of themselves, and no media server does.
const OF_BROWSERS: [HeaderName; 3] = [
    header::ORIGIN,
    header::REFERER,
    HeaderName::from_static("sec-fetch-site"),
];

/// The address a request really came from.
///
/// That is the peer, unless the peer is this machine and names somebody else: then the last address it names, the
/// only one that our own nginx wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Reads the address of a request. A peer without an address (a unix socket) counts as this machine.
    pub fn of(request: &HttpRequest) -> Self {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.ip());
        let forwarded = request
            .headers()
            .get_all(FORWARDED_FOR)
            .last()
            .and_then(|value| value.to_str().ok());
        Self::from_parts(peer, forwarded)
    }

    /// This machine itself: the media server, an operator's shell, a scraper next door.
    pub fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }

    fn from_parts(peer: IpAddr, forwarded: Option<&str>) -> Self {
        let peer = peer.to_canonical();
        let named = forwarded
            .filter(|_| peer.is_loopback())
            .and_then(|list| list.rsplit(',').next());
        match named {
            // A proxy that writes something unreadable is no reason to take a stranger for this machine.
            Some(text) => Self(
                text.trim()
                    .parse()
                    .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ip: IpAddr| ip.to_canonical()),
            ),
            None => Self(peer),
        }
    }
}

impl FromRequest for ClientAddress {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// Lets only this machine's programs in, and of them no browser: a page from anywhere, open on this machine, could ask
/// as well, but its browser says so.
#[derive(Clone, Copy, Debug)]
pub struct Loopback;

impl FromRequest for Loopback {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let browser = OF_BROWSERS.iter().any(|name| headers.contains_key(name));
        let local = !browser && ClientAddress::of(request).is_loopback();
        let refusal = || Error::Forbidden("Only this machine itself may ask here.".into());
        ready(local.then_some(Self).ok_or_else(refusal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: Option<&str>) -> String {
        ClientAddress::from_parts(peer.parse().unwrap(), forwarded)
            .0
            .to_string()
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed_about_addresses() {
        assert_eq!(address("127.0.0.1", Some("192.0.2.1")), "192.0.2.1");
        assert_eq!(address("::1", Some("2001:db8::1")), "2001:db8::1");
        assert_eq!(address("198.51.100.9", Some("127.0.0.1")), "198.51.100.9");
        assert_eq!(address("127.0.0.1", None), "127.0.0.1");
    }

    #[test]
    fn the_last_address_named_counts_because_the_others_are_hearsay() {
        assert_eq!(address("127.0.0.1", Some("127.0.0.1, 192.0.2.1")), "192.0.2.1");
        assert_eq!(address("::ffff:127.0.0.1", Some("10.0.0.1,192.0.2.1 ")), "192.0.2.1");
    }

    #[test]
    fn an_unreadable_address_never_counts_as_this_machine() {
        for junk in ["", "localhost", "127.0.0.1;", "[::1]:80"] {
            assert_eq!(address("127.0.0.1", Some(junk)), "0.0.0.0", "{junk}");
        }
    }
}
