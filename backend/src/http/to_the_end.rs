//! What changes something is done to its end, also when whoever asked for it hangs up halfway.
//!
//! A request whose client is gone is dropped where it stands, so that nobody waits for a part on behalf of nobody. What
//! writes to the database and then tells the live side must not stop in between.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::rt;
use tracing::Instrument;

use crate::error::Error;

/// Wraps what may change something: everything but GET and HEAD.
pub async fn layer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    match *request.method() {
        Method::GET | Method::HEAD => next.call(request).await,
        _ => done(next.call(request)).await?,
    }
}

/// Does something to its end.
pub async fn done<T: 'static>(work: impl Future<Output = T> + 'static) -> Result<T, Error> {
    rt::spawn(work.in_current_span()).await.map_err(Error::internal)
}
