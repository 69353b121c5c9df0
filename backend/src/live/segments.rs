//! `segments/{name}.ts`: a file of the archive, for sites that have no nginx in front of the backend; and what has left
//! the disk, for nginx as well.

use actix_files::NamedFile;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use sluice_objects::Key;

use crate::{
    delivery::{dress::Dress, stored},
    error::Error,
    state::AppState,
};

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
