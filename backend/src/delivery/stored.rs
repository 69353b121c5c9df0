//! What the object store has, from wherever that is: segments that are not on disk any more, clips and thumbnails.

use std::time::Duration;

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::{
        Method as Verb, StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
    web::{self, Bytes},
};
use futures_util::stream;
use sluice_objects::{Fault, Key, Kind, Method, Object};
use tokio::time::timeout;
use url::Url;

use super::{
    Asked, Way,
    dress::{ANY_ORIGIN, Dress},
};
use crate::{error::Error, http::range, live::Live, media_server::pass, ops::health::DISK_FREE_MIN_BYTES};

/// How long the object store may take to begin its answer: a player's own patience ends at ten seconds.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long it may pause in the middle.
const PAUSE: Duration = Duration::from_secs(10);
/// Where nginx fetches (`nginx/stored.conf`): by way of its cache on disk, and past it.
const STORED: &str = "/-/stored";
const PASSED: &str = "/-/passed";

/// Where nginx finds the objects of a directory (`nginx/objects.conf`).
const OBJECTS: &str = "/-/objects";

/// The answer to a player, or to our nginx in its place.
pub(crate) async fn answer(
    request: &HttpRequest,
    key: &Key,
    live: &Live,
    dress: &Dress,
) -> Result<HttpResponse, Error> {
    let delivery = live.delivery();
    let shown = request.headers().get(pass::HEADER).map(HeaderValue::as_bytes);
    let is_nginx = delivery.is_nginx(shown);
    let method = match *request.method() {
        Verb::HEAD => Method::Head,
        _ => Method::Get,
    };
    let asked = Asked {
        method,
        is_nginx: is_nginx && dress.is_segment,
        is_named: dress.name.is_some(),
    };
    match delivery.way(key, asked).await.map_err(unserved)? {
        Way::File(file) if is_nginx && !dress.is_segment => {
            // What nginx would say of one that is not there is none of our words.
            let is_there = web::block(move || file.is_file()).await.map_err(Error::internal)?;
            is_there.then(|| handed_over(key, dress)).ok_or(Error::NotFound)
        }
        Way::File(file) => {
            let file = NamedFile::open(file).map_err(|_| Error::NotFound)?;
            Ok(of_file(file, request, dress))
        }
        Way::Elsewhere(address) => Ok(redirect(&address, dress)),
        Way::Nginx(address) => Ok(accelerated(&address, has_room(live))),
        Way::Backend if method == Method::Head => described(key, live, dress).await,
        Way::Backend => fetched(request, key, live, dress).await,
    }
}

/// A file as what it is.
pub(crate) fn of_file(file: NamedFile, request: &HttpRequest, dress: &Dress) -> HttpResponse {
    let file = file.disable_content_disposition().use_etag(dress.tag.is_none());
    let mut answer = file.into_response(request);
    dress.put_on(answer.headers_mut());
    answer
}

/// Has nginx send the file of an object that lies in a directory.
fn handed_over(key: &Key, dress: &Dress) -> HttpResponse {
    let mut answer = HttpResponse::Ok()
        .insert_header(("X-Accel-Redirect", format!("{OBJECTS}/{key}")))
        .finish();
    dress.put_on(answer.headers_mut());
    answer
}

fn redirect(address: &str, dress: &Dress) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, address))
        .insert_header((header::CACHE_CONTROL, dress.pointing()))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN))
        .finish()
}

/// Sends nginx to fetch it. Of this answer the player sees nothing.
fn accelerated(address: &Url, may_keep: bool) -> HttpResponse {
    let location = if may_keep { STORED } else { PASSED };
    let (path, query) = (address.path(), address.query().unwrap_or_default());
    HttpResponse::Ok()
        .insert_header(("X-Accel-Redirect", format!("{location}{path}?{query}")))
        .finish()
}

/// What nginx keeps must not take the room of what is being written.
fn has_room(live: &Live) -> bool {
    let space = live.archive().space();
    space.is_ok_and(|space| space.free_bytes >= DISK_FREE_MIN_BYTES)
}

async fn described(key: &Key, live: &Live, dress: &Dress) -> Result<HttpResponse, Error> {
    let bytes = length(key, live).await?;
    // The length of what is not sent.
    Ok(media(StatusCode::OK, dress).body(SizedStream::new(bytes, stream::empty::<Result<Bytes, Fault>>())))
}

async fn fetched(request: &HttpRequest, key: &Key, live: &Live, dress: &Dress) -> Result<HttpResponse, Error> {
    let objects = live.delivery().objects();
    // One of a certain version is sent whole: what the store has keeps no tag of ours.
    let Some(asked) = range::asked(request, None) else {
        let object = in_time(objects.get(key, None), key).await?;
        return Ok(sent(media(StatusCode::OK, dress), object));
    };
    let total = length(key, live).await?;
    let Some((first, last)) = asked.to_satisfiable_range(total) else {
        return Ok(HttpResponse::RangeNotSatisfiable()
            .insert_header((header::CONTENT_RANGE, format!("bytes */{total}")))
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN))
            .finish());
    };
    let object = in_time(objects.get(key, Some(first..last + 1)), key).await?;
    let mut answer = media(StatusCode::PARTIAL_CONTENT, dress);
    answer.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{total}")));
    Ok(sent(answer, object))
}

fn media(status: StatusCode, dress: &Dress) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    let mut headers = HeaderMap::new();
    dress.put_on(&mut headers);
    headers.into_iter().for_each(|header| {
        answer.insert_header(header);
    });
    answer.insert_header((header::ACCEPT_RANGES, "bytes"));
    answer
}

/// Passes an object on as it comes. Where it breaks off, so does the answer, short of its length.
fn sent(mut answer: HttpResponseBuilder, object: Object) -> HttpResponse {
    let bytes = object.bytes;
    let rest = stream::unfold(Some(object), async |object| {
        let mut object = object?;
        let next = match timeout(PAUSE, object.next()).await {
            Ok(Ok(next)) => next.map(Ok),
            Ok(Err(fault)) => Some(Err(fault.to_string())),
            Err(_) => Some(Err("the object store has paused for too long".to_owned())),
        };
        let next = next?;
        let object = next.is_ok().then_some(object);
        Some((next.map_err(std::io::Error::other), object))
    });
    answer.body(SizedStream::new(bytes, rest))
}

async fn length(key: &Key, live: &Live) -> Result<u64, Error> {
    let head = in_time(live.delivery().objects().head(key), key).await?;
    Ok(head.ok_or(Error::NotFound)?.bytes)
}

async fn in_time<T>(ask: impl Future<Output = Result<T, Fault>>, key: &Key) -> Result<T, Error> {
    match timeout(PATIENCE, ask).await {
        Ok(answer) => answer.map_err(unserved),
        Err(_) => Err(Error::Unavailable(
            format!("fetching {key}: the object store does not answer in time").into(),
        )),
    }
}

/// What a player is told of the object store's trouble; the rest is the operator's.
fn unserved(fault: Fault) -> Error {
    match fault.kind {
        Kind::Missing => Error::NotFound,
        _ => Error::Unavailable(fault.into()),
    }
}
