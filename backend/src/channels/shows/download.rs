//! `GET /api/v1/channels/{slug}/shows/{id}/download`: a whole show as one file.

use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{self, ContentDisposition, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;

use super::catalogue::Catalogue;
use super::parcel::Parcel;
use crate::channels::access::visible;
use crate::channels::reader::Reader;
use crate::delivery::dress::MPEG_TS;
use crate::error::{Error, Problem};
use crate::http::caller::MaybeCaller;
use crate::http::{file_name, range};
use crate::state::AppState;

const BYTES: HeaderValue = HeaderValue::from_static("bytes");

/// Which bytes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    /// From the first to the last of these.
    Some(u64, u64),
    /// None that there are.
    Nothing,
}

/// A show as one file
///
/// Its segments behind one another, from disk or from the object store. Segments that are lost are left out, which is
/// known before the first byte: the length holds. Pieces may be asked for by `Range`, and go together for as long as the
/// `ETag` is the same.
#[utoipa::path(
    get, path = "/api/v1/channels/{slug}/shows/{id}/download", tag = "shows",
    params(
        ("slug" = String, Path, description = "The channel's slug", example = "main-stage"),
        ("id" = String, Path, description = "The show's id", example = "43200"),
    ),
    responses(
        (status = 200, description = "An MPEG transport stream", content_type = "video/mp2t"),
        (status = 206, description = "A piece of it", content_type = "video/mp2t"),
        (status = 403, description = "dvr_not_allowed", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "show_on_air", body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "No such piece"),
        (status = 503, description = "unavailable", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: MaybeCaller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (slug, id) = path.into_inner();
    let channel = visible(&state, &slug).await?;
    let reader = Reader::of(&state, &request, caller.0.as_ref());
    let catalogue = Catalogue::open(&reader, &channel).await?;
    let show = catalogue.find(&id).await?;
    if catalogue.is_live(&show) {
        return Err(Error::ShowOnAir);
    }
    let extent = catalogue.extent(&show).await?.ok_or(Error::NotFound)?;
    let title = show.title.clone().unwrap_or_else(|| channel.title.clone());
    let name = file_name::header(&title, &channel.slug, extent.started_at, "ts");
    let from = catalogue.listed_from(&show);
    let parcel = Parcel::pack(state.get_ref().clone(), channel.slug.clone(), show, from).await?;
    Ok(answer(&request, parcel, name))
}

fn answer(request: &HttpRequest, parcel: Parcel, name: ContentDisposition) -> HttpResponse {
    let total = parcel.bytes;
    let wanted = wanted(request, total, &parcel.tag);
    let (mut answer, first, last) = match wanted {
        Wanted::All => (HttpResponse::Ok(), 0, total.saturating_sub(1)),
        Wanted::Some(first, last) => {
            let mut answer = HttpResponse::PartialContent();
            answer.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{total}")));
            (answer, first, last)
        }
        Wanted::Nothing => {
            let mut answer = HttpResponse::RangeNotSatisfiable();
            return answer
                .insert_header((header::CONTENT_RANGE, format!("bytes */{total}")))
                .finish();
        }
    };
    answer
        .insert_header((header::CONTENT_TYPE, MPEG_TS))
        .insert_header((header::ACCEPT_RANGES, BYTES))
        .insert_header((header::ETAG, parcel.tag.clone()))
        .insert_header(name);
    let length = last - first + 1;
    if request.method() == Method::HEAD {
        let nothing = stream::empty::<Result<web::Bytes, Error>>();
        return answer.body(SizedStream::new(length, nothing));
    }
    answer.body(SizedStream::new(length, Arc::new(parcel).stream(first, length)))
}

/// Which bytes of so many a request asks for.
fn wanted(request: &HttpRequest, total: u64, tag: &str) -> Wanted {
    let Some(range) = range::asked(request, Some(tag)) else {
        return Wanted::All;
    };
    let found = range.to_satisfiable_range(total);
    found.map_or(Wanted::Nothing, |(first, last)| Wanted::Some(first, last))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(headers: &[(&'static str, &'static str)]) -> Wanted {
        let request = headers
            .iter()
            .fold(TestRequest::default(), |request, header| request.insert_header(*header));
        wanted(&request.to_http_request(), 1000, "\"tag\"")
    }

    #[test]
    fn one_piece_is_sent_as_it_is_asked_for_and_anything_else_whole() {
        for (range, expected) in [
            ("bytes=0-99", Wanted::Some(0, 99)),
            ("bytes=900-", Wanted::Some(900, 999)),
            ("bytes=-1", Wanted::Some(999, 999)),
            ("bytes=0-99999", Wanted::Some(0, 999)),
            ("bytes=1000-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=0-1,5-6", Wanted::All),
            ("seconds=0-1", Wanted::All),
            ("bytes=x", Wanted::All),
        ] {
            assert_eq!(asked(&[("range", range)]), expected, "{range}");
        }
        assert_eq!(asked(&[]), Wanted::All);
        assert_eq!(
            asked(&[("range", "bytes=1-2"), ("if-range", "\"tag\"")]),
            Wanted::Some(1, 2)
        );
        assert_eq!(asked(&[("range", "bytes=1-2"), ("if-range", "\"other\"")]), Wanted::All);
    }
}
