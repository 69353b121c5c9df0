//! The outermost layer: every request gets an id, every error leaves as a problem document that carries it, and every
//! answer tells browsers what the site never does.
//!
//! Errors of actix itself (a body that is not JSON, a query of the wrong type, a payload too large) are turned into
//! ours here, so that clients meet one shape only.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, error as actix, web};
use tracing::Instrument;
use uuid::Uuid;

use crate::error::Error;
use crate::http::security::{self, Embeddable};
use crate::ops::access;
use crate::state::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer names from a proxy are replaced by our own, so that a header cannot flood the log.
const LONGEST_ID: usize = 64;

/// Below this, players ask.
const PLAYERS: &str = "/live/";

/// The id under which a request is found in the log; a proxy in front may have given it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps a request: id, span, problem document.
pub async fn layer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if is_hot(request.path()) {
        counted(request, next).await
    } else {
        // Boxed, because every request pays for moving the larger of the two futures.
        Box::pin(logged(request, next)).await
    }
}

async fn counted<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = access::tells_frequent().then(Instant::now);
    let mut response = next.call(request).await?.map_into_boxed_body();
    finish_counted(&mut response, begun);
    Ok(response)
}

/// What is left to do with an answer that is counted by the metrics and not logged, unless lines of what is asked so often
/// are: then `begun` is when it was asked for.
pub fn finish_counted(response: &mut ServiceResponse<BoxBody>, begun: Option<Instant>) {
    let is_for_players = response.request().path().starts_with(PLAYERS);
    if response.response().error().is_some() {
        let id = fresh_id();
        tracing::info_span!("request", id).in_scope(|| explain(response, &id));
        if is_for_players {
            security::add_any_origin(response.headers_mut());
        }
    }
    if is_for_players {
        security::add_nosniff(response.headers_mut());
    }
    if let Some(begun) = begun {
        let request = response.request();
        access::log(request.method(), request.path(), response.status(), begun.elapsed());
    }
}

async fn logged<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    let id = id_of(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id);
    let response = next.call(request).instrument(span.clone()).await?;
    let mut response = response.map_into_boxed_body();
    span.in_scope(|| {
        explain(&mut response, &id);
        let request = response.request();
        access::log(request.method(), request.path(), response.status(), begun.elapsed());
    });
    name(&mut response, &id);
    secure(&mut response);
    Ok(response)
}

/// What players and the media server ask many times a second is counted by the metrics, not logged one by one.
fn is_hot(path: &str) -> bool {
    path.starts_with(PLAYERS) || path.starts_with("/hooks/")
}

fn id_of(request: &ServiceRequest) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let sane =
        |id: &&str| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    given.filter(sane).map_or_else(fresh_id, ToOwned::to_owned)
}

fn fresh_id() -> String {
    Uuid::now_v7().simple().to_string()
}

/// Replaces the body of a failed response by a problem document, and logs what only the operator may know.
fn explain(response: &mut ServiceResponse<BoxBody>, id: &str) {
    let Some(error) = response.response().error() else {
        return;
    };
    let translated;
    let ours = match error.as_error::<Error>() {
        Some(ours) => ours,
        None => {
            translated = translate(error, response.status());
            &translated
        }
    };
    ours.log();
    let mut problem = ours.to_response(Some(id));
    // What an inner layer has set, a cookie or a cache's instructions, still holds.
    for (name, value) in response.headers() {
        if !problem.headers().contains_key(name) {
            problem.headers_mut().append(name.clone(), value.clone());
        }
    }
    *response.response_mut() = problem;
    name(response, id);
}

/// Tells the client under which id its request is to be found.
fn name(response: &mut ServiceResponse<BoxBody>, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}

/// Tells the browser what the site never does.
fn secure(response: &mut ServiceResponse<BoxBody>) {
    let state = response.request().app_data::<web::Data<AppState>>().cloned();
    let Some(state) = state else { return };
    if response.response().extensions().contains::<Embeddable>() {
        state.security.add_embeddable(response.headers_mut());
    } else {
        state.security.add(response.headers_mut());
    }
}

/// Our word for an error of the framework.
fn translate(error: &actix_web::Error, status: StatusCode) -> Error {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Error::PayloadTooLarge
    } else if let Some(error) = error.as_error::<actix::JsonPayloadError>() {
        Error::InvalidRequest(json_sentence(error).into())
    } else if let Some(error) = error.as_error::<actix::QueryPayloadError>() {
        Error::InvalidRequest(format!("The query cannot be read: {error}.").into())
    } else if error.as_error::<actix::PathError>().is_some() {
        Error::NotFound
    } else if status.is_client_error() {
        Error::InvalidRequest("The request cannot be read.".into())
    } else {
        Error::Internal(error.to_string().into())
    }
}

fn json_sentence(error: &actix::JsonPayloadError) -> String {
    match error {
        actix::JsonPayloadError::ContentType => "Send a body of type application/json.".to_owned(),
        actix::JsonPayloadError::Deserialize(error) => format!("The body is not what was expected: {error}."),
        _ => "The body cannot be read.".to_owned(),
    }
}
