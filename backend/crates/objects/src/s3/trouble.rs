//! What the SDK's errors mean.

use std::error::Error as StdError;
use std::fmt::Display;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ConnectorError, ProvideErrorMetadata, SdkError};

use crate::fault::{Fault, Kind};

/// The fault that an error of the SDK is. Of a server's answer only status and code are kept: the rest may quote what
/// was signed.
pub(super) fn trouble<E>(error: &SdkError<E, HttpResponse>, doing: &'static str, subject: impl Display) -> Fault
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let (kind, detail) = match error {
        SdkError::TimeoutError(_) => (Kind::Unavailable, "no answer in time".to_owned()),
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .map_or((Kind::Unavailable, String::new()), unsent),
        SdkError::ResponseError(answer) => (Kind::Garbled, format!("status {}", answer.raw().status().as_u16())),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code();
            (
                Kind::told(status, code),
                format!("{status} {}", code.unwrap_or("without a code")),
            )
        }
        // What could not even be sent: a setting that makes no address, a file that shrinks.
        other => (Kind::Refused, deepest(other).to_string()),
    };
    Fault::new(kind, doing, subject, detail)
}

fn unsent(error: &ConnectorError) -> (Kind, String) {
    let reason = deepest(error).to_string();
    // Until it is connected, nothing was there to interrupt.
    let kind = match reason {
        _ if error.is_user() => Kind::Refused,
        _ if error.is_timeout() => Kind::Unavailable,
        ref reason if reason.contains("reset") || reason.contains("closed") || reason.contains("broken pipe") => {
            Kind::Interrupted
        }
        _ => Kind::Unavailable,
    };
    (kind, reason)
}

/// The cause that has no cause: what the system said.
fn deepest<'e>(error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}
