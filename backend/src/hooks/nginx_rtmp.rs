//! nginx-rtmp's dialect: a form, answered by a status; the name of an accepted publisher goes into `Location`.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header::{self, HeaderName},
    web,
};

use super::{Verdict, call::Call, done, play, publish, update};
use crate::{error::Error, http::client::Loopback, live::Live, ops::metrics, state::AppState};

/// Set by our own nginx to its worker's process id, as client ids begin anew with each run.
const INSTANCE: HeaderName = HeaderName::from_static("x-media-server");

/// `POST /hooks/{hook}`.
pub async fn post(
    request: HttpRequest,
    body: web::Payload,
    hook: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, actix_web::Error> {
    posted(&request, &mut body.into_inner(), &hook, &state).await
}

/// The answer to a form, from the router or from `crate::door`.
pub(crate) async fn posted(
    request: &HttpRequest,
    body: &mut Payload,
    hook: &str,
    state: &AppState,
) -> Result<HttpResponse, actix_web::Error> {
    Loopback::extract(request).await?;
    let form = web::Bytes::from_request(request, body).await?;
    Ok(answer(hook, &state.live, instance(request), &form).await?)
}

/// `GET /hooks/{hook}`, as with `notify_method get`.
pub async fn get(
    request: HttpRequest,
    _: Loopback,
    hook: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    answer(
        &hook,
        &state.live,
        instance(&request),
        request.query_string().as_bytes(),
    )
    .await
}

async fn answer(hook: &str, live: &Live, instance: &str, form: &[u8]) -> Result<HttpResponse, Error> {
    let timer = metrics::HookTimer::start();
    // What is rare is boxed: every update pays for moving what is not.
    let (hook, verdict) = match hook {
        "publish" => (
            "publish",
            Box::pin(publish::decide(live, Call::from_form(instance, form))).await?,
        ),
        "play" => ("play", play::decide(live, &Call::from_form(instance, form))),
        "update" => ("update", update::decide(live, Call::connection_of(instance, form))),
        "publish_done" | "done" => (
            "publish_done",
            Box::pin(done::take(live, Call::connection_of(instance, form))).await?,
        ),
        "connect" => ("connect", Verdict::Accept),
        "play_done" => ("play_done", Verdict::Accept),
        "record_done" => ("record_done", Verdict::Accept),
        _ => return Ok(HttpResponse::NotFound().finish()),
    };
    timer.stop(hook, verdict.label());
    Ok(match verdict {
        Verdict::Accept => HttpResponse::NoContent().finish(),
        // The bare name: an absolute URL would become the stream's name.
        Verdict::Rename(name) => HttpResponse::Found().insert_header((header::LOCATION, name)).finish(),
        Verdict::Refuse(refusal) => HttpResponse::build(refusal.status()).finish(),
    })
}

fn instance(request: &HttpRequest) -> &str {
    let stated = request.headers().get(INSTANCE).and_then(|value| value.to_str().ok());
    stated.filter(|text| text.len() <= 40).unwrap_or("unnamed")
}
