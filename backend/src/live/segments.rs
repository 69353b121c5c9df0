//! `segments/{name}.ts`: a file of the archive, for sites that have no nginx in front of the backend; and what has left
//! the disk, for nginx as well.

use actix_files::NamedFile;
use actix_web::{HttpRequest, HttpResponse, http::header::HeaderValue, web};
use serde::Deserialize;
use sluice_objects::Key;

use super::stored::{self, Dress};
use crate::{error::Error, state::AppState};

/// A segment never changes: its name is its moment.
pub(crate) const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400, immutable");
pub(super) const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
/// What a player on another site may read of an answer, as `nginx/cors.conf` has it. `Age` and `Date` tell it how far
/// behind live a cache is.
pub(super) const EXPOSED: HeaderValue = HeaderValue::from_static("Age, Content-Length, Content-Range, Date, ETag");
pub(crate) const MPEG_TS: HeaderValue = HeaderValue::from_static("video/mp2t");

/// What the path says.
#[derive(Debug, Deserialize)]
pub struct Asked {
    slug: String,
    name: String,
}

/// `GET /live/{slug}/segments/{name}.ts`.
pub async fn get(
    request: HttpRequest,
    asked: web::Path<Asked>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let key = Key::segment(&asked.slug, &asked.name).map_err(|_| Error::NotFound)?;
    let file = state.live.archived(&asked.slug, &asked.name).ok_or(Error::NotFound)?;
    match NamedFile::open(file) {
        Ok(file) => Ok(stored::of_file(file, &request, &Dress::SEGMENT)),
        Err(_) => stored::answer(&request, &key, &state.live, &Dress::SEGMENT).await,
    }
}
