//! Requests that another site makes in a visitor's name are turned away.
//!
//! The login cookie is `SameSite=Lax`, so browsers send it with no foreign POST; this is the second lock. A bearer
//! token needs none: no foreign page can make a browser send one.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, web};
use url::{Origin, Url};

use crate::error::Error;
use crate::http::caller;
use crate::state::AppState;

/// Wraps the API: whatever changes something must come from the site itself, as JSON.
pub async fn layer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match check(request.request()) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => Ok(request.error_response(error)),
    }
}

fn check(request: &HttpRequest) -> Result<(), Error> {
    if changes_something(request.method()) && caller::bearer(request).is_none() {
        check_origin(request)?;
        check_body(request)?;
    }
    Ok(())
}

/// Refuses a request that says it comes from a page of another site.
pub fn check_origin(request: &HttpRequest) -> Result<(), Error> {
    let Some(origin) = request.headers().get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
    let ours = origin.is_some_and(|origin| is_ours(request, &origin));
    if ours {
        Ok(())
    } else {
        Err(Error::Forbidden("This came from a page of another site.".into()))
    }
}

/// A form that a foreign page submits cannot have this type.
fn check_body(request: &HttpRequest) -> Result<(), Error> {
    let headers = request.headers();
    let length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    let has_body = length || headers.contains_key(header::TRANSFER_ENCODING);
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if has_body && !kind.eq_ignore_ascii_case("application/json") {
        return Err(Error::InvalidRequest("Send a body of type application/json.".into()));
    }
    Ok(())
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The site is where the visitor asked for it, whatever a proxy did to the scheme; or where `PUBLIC_URL` says.
fn is_ours(request: &HttpRequest, origin: &Url) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let asked = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    let state = request.app_data::<web::Data<AppState>>();
    let public = state.and_then(|state| state.config.public_url.as_ref());
    let Origin::Tuple(..) = origin.origin() else {
        return false;
    };
    [asked.as_ref(), public]
        .into_iter()
        .flatten()
        .any(|site| site.origin() == origin.origin())
}
