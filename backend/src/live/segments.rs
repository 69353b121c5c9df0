//! `segments/{name}.ts`: a file of the archive, for sites that have no nginx in front of the backend.

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};

use crate::{error::Error, state::AppState};

/// A segment never changes: its name is its moment.
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400, immutable");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const MPEG_TS: HeaderValue = HeaderValue::from_static("video/mp2t");

/// `GET /live/{slug}/segments/{name}.ts`.
pub async fn get(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (slug, name) = path.into_inner();
    let file = state.live.archived(&slug, &name).ok_or(Error::NotFound)?;
    let file = NamedFile::open(file).map_err(|_| Error::NotFound)?;
    let mut answer = file.into_response(&request);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, MPEG_TS);
    headers.insert(header::CACHE_CONTROL, FOR_A_DAY);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    Ok(answer)
}
