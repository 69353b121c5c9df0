//! `DELETE /api/v1/channels/{slug}/shows/{id}`: a show is gone for good.

use actix_web::{HttpRequest, HttpResponse, web};
use sluice_domain::{Millis, Slug};
use sluice_objects::Thumbnail;

use super::catalogue::Catalogue;
use crate::channels::access::managed;
use crate::channels::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::state::AppState;

/// How long earlier pictures of the channel stay: as long as one that is made at this moment may take to be shown.
const PUT: Millis = Millis::from_secs(60);

/// Deletes a show
///
/// It leaves lists and playlists at once; its files and objects are removed soon after.
#[utoipa::path(
    delete, path = "/api/v1/channels/{slug}/shows/{id}", tag = "shows",
    params(
        ("slug" = String, Path, description = "The channel's slug", example = "main-stage"),
        ("id" = String, Path, description = "The show's id", example = "43200"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "show_on_air", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (slug, id) = path.into_inner();
    let channel = managed(&state, &caller, &slug).await?;
    let reader = Reader::of(&state, &request, Some(&caller));
    let catalogue = Catalogue::open(&reader, &channel).await?;
    let show = catalogue.find(&id).await?;
    if catalogue.is_live(&show) {
        return Err(Error::ShowOnAir);
    }
    let last_msn = catalogue.last_msn(&show);
    if !state.store.recordings().delete(&show, last_msn, reader.now).await? {
        return Err(Error::NotFound);
    }
    let live = state.live.loaded(&channel.slug);
    if let (Some(live), Ok(first), Ok(last)) = (live, show.first_msn.try_into(), last_msn.try_into()) {
        live.withdraw(first..=last);
    }
    hasten(&state, &channel.slug, reader.now).await;
    tracing::info!(
        channel = slug,
        show = id,
        account = caller.account.id,
        "a show was deleted"
    );
    Ok(HttpResponse::NoContent().finish())
}

/// Has pictures that were shown before, of this show and others, be removed sooner than they would be.
async fn hasten(state: &AppState, slug: &str, now: Millis) {
    if let Ok(slug) = Slug::parse(slug) {
        let thumbnails = state.store.thumbnails();
        if let Err(error) = thumbnails.hasten(&Thumbnail::of_channel(&slug), now.plus(PUT)).await {
            tracing::warn!(%error, channel = %slug, "earlier pictures of a deleted show stay for some minutes");
        }
    }
}
