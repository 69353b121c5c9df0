//! `GET /ws`: the socket on which browsers get their news.
//!
//! It only talks: what a client says is read for its pongs and otherwise ignored.

use actix_web::{HttpRequest, HttpResponse, web};

use super::feed::Feed;
use super::subscription::Subscription;
use crate::error::{Error, Problem};
use crate::http::caller::MaybeCaller;
use crate::http::client::ClientAddress;
use crate::http::same_site::check_origin;
use crate::state::AppState;

/// The longest message read from a client; it has nothing to say but pongs, of at most 125 bytes.
const LONGEST_MESSAGE: usize = 4096;

/// News as they happen
///
/// A WebSocket with JSON text messages: `{type:"live",channel,live,started_at}`, `{type:"viewers",channel,viewers}`,
/// for owners and administrators `{type:"ingest",channel,session}`, of each clip that is named `{type:"clip",clip}`, and of
/// each clip and of those of each channel that are named `{type:"clip_deleted",channel,id}`, where `channel` may be null. It
/// begins with how everything stands.
#[utoipa::path(
    get, path = "/ws", tag = "news",
    params(
        ("channel" = Option<Vec<String>>, Query, explode = true,
            description = "Slugs, up to 50; without any, and without clips: all public channels"),
        ("clip" = Option<Vec<String>>, Query, explode = true, description = "Ids of clips, up to 50"),
    ),
    responses(
        (status = 101, description = "The socket is open"),
        (status = 403, description = "forbidden: asked for by another site's page", body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "unavailable", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    from: ClientAddress,
    caller: MaybeCaller,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    check_origin(&request)?;
    state.limits.socket(from)?;
    let place = state
        .bus
        .place()
        .ok_or_else(|| Error::Unavailable("all sockets are taken".into()))?;
    let subscription = Subscription::read(&state, &request, caller.0).await?;
    // Listening begins before the state is read, so that nothing falls in between.
    let notices = state.bus.listen();
    let (response, session, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.max_frame_size(LONGEST_MESSAGE);
    let feed = Feed {
        state: state.get_ref().clone(),
        subscription,
        session,
        notices,
    };
    actix_web::rt::spawn(async move {
        feed.run(messages).await;
        drop(place);
    });
    Ok(response)
}
