//! Pieces of what is sent: the one range that a request asks for (RFC 9110, section 14.2).

use actix_web::HttpRequest;
use actix_web::http::header::{self, ByteRangeSpec, Header, Range};

/// The range that is asked for, of what has this entity tag, in its quotes; nothing where all of it is to be sent. That
/// is so for what cannot be read, for a list of ranges, and for a range of another version.
pub fn asked(request: &HttpRequest, tag: Option<&str>) -> Option<ByteRangeSpec> {
    let headers = request.headers();
    let held = headers.get(header::IF_RANGE).map(header::HeaderValue::as_bytes);
    if held.is_some_and(|held| Some(held) != tag.map(str::as_bytes)) {
        return None;
    }
    if !headers.contains_key(header::RANGE) {
        return None;
    }
    match Range::parse(request).ok()? {
        Range::Bytes(ranges) => <[_; 1]>::try_from(ranges).ok().map(|[range]| range),
        Range::Unregistered(..) => None,
    }
}
