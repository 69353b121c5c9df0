//! nginx-rtmp's dialect: a form, answered by a status; the name of an accepted publisher goes into `Location`.

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::{Verdict, call::Call, play, publish, update};
use crate::{http::client::Loopback, live::Live, ops::metrics, state::AppState};

/// Set by our own nginx to its worker's process id, as client ids begin anew with each run.
const INSTANCE: &str = "X-Media-Server";

/// `POST /hooks/{hook}`.
pub async fn post(
    request: HttpRequest,
    _: Loopback,
    hook: web::Path<String>,
    state: web::Data<AppState>,
    body: web::Bytes,
) -> HttpResponse {
    answer(&hook, &state.live, &Call::from_form(instance(&request), &body)).await
}

/// `GET /hooks/{hook}`, as with `notify_method get`.
pub async fn get(
    request: HttpRequest,
    _: Loopback,
    hook: web::Path<String>,
    state: web::Data<AppState>,
) -> HttpResponse {
    let call = Call::from_form(instance(&request), request.query_string().as_bytes());
    answer(&hook, &state.live, &call).await
}

async fn answer(hook: &str, live: &Live, call: &Call) -> HttpResponse {
    let timer = metrics::HookTimer::start();
    let (hook, verdict) = match hook {
        "publish" => ("publish", publish::decide(live, call).await),
        "play" => ("play", play::decide(live, call)),
        "update" => ("update", update::decide(live, call)),
        "publish_done" | "done" => {
            live.connection_ended(call.connection()).await;
            ("publish_done", Verdict::Accept)
        }
        "connect" => ("connect", Verdict::Accept),
        "play_done" => ("play_done", Verdict::Accept),
        "record_done" => ("record_done", Verdict::Accept),
        _ => return HttpResponse::NotFound().finish(),
    };
    timer.stop(hook, verdict.label());
    match verdict {
        Verdict::Accept => HttpResponse::NoContent().finish(),
        // The bare name: an absolute URL would become the stream's name.
        Verdict::Rename(name) => HttpResponse::Found().insert_header((header::LOCATION, name)).finish(),
        Verdict::Refuse(refusal) => HttpResponse::build(refusal.status()).finish(),
    }
}

fn instance(request: &HttpRequest) -> &str {
    let stated = request.headers().get(INSTANCE).and_then(|value| value.to_str().ok());
    stated.filter(|text| text.len() <= 40).unwrap_or("unnamed")
}
