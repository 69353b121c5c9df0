//! The only mapping from error to HTTP: problem details (RFC 9457) with stable codes.
//!
//! A handler returns an [`Error`]; what its client may know is in the code, the detail and the fields. What only the
//! operator may know is the source of an [`Error::Internal`] or [`Error::Unavailable`]: it is logged once, by
//! `http::answer`, next to the request's id, and never sent.

use std::borrow::Cow;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

/// What an operator should find in the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Everything that can go wrong for a client, by the code it is told.
#[derive(Debug, Error)]
pub enum Error {
    /// The request cannot be read: not JSON, a wrong type, a bad query.
    #[error("{0}")]
    InvalidRequest(Cow<'static, str>),
    /// The request was read, but what it asks for breaks a rule; each field says which.
    #[error("{}", summary(.0))]
    ValidationFailed(Vec<Field>),
    /// Nobody is logged in, and somebody must be.
    #[error("Log in first.")]
    AuthenticationRequired,
    /// The e-mail address or the password is wrong; which of them is not said.
    #[error("The e-mail address or the password is wrong.")]
    InvalidCredentials,
    /// The account's e-mail address was not confirmed yet.
    #[error("Confirm your e-mail address first: follow the link in the mail we sent.")]
    ActivationRequired,
    /// The account is suspended.
    #[error("This account is suspended.")]
    AccountSuspended,
    /// Logged in, but not allowed.
    #[error("{0}")]
    Forbidden(Cow<'static, str>),
    /// Only streamers may do this.
    #[error("Only streamers may do this. An administrator can make you one.")]
    StreamerRoleRequired,
    /// The channel's past is for others.
    #[error("This channel cannot be rewound by you. Log in and load the page again, if you have not.")]
    DvrNotAllowed,
    /// The show goes on, and this is done with whole shows.
    #[error("This show is still on air. Wait until it is over.")]
    ShowOnAir,
    /// The show goes on, and there is a closed playlist of whole shows only.
    #[error("This show is still on air. It can be watched from its beginning in the channel's own playlists.")]
    NotWholeYet,
    /// No such thing, or none that the caller may know of.
    #[error("There is nothing at this address.")]
    NotFound,
    /// Of this channel nothing is there to be rewound to.
    #[error("Nothing of this channel is there to be rewound to.")]
    NothingRecorded,
    /// Nothing was recorded in the time that was asked for.
    #[error("Nothing that can be played was recorded in that time.")]
    NoSegmentsInRange,
    /// Of this channel there is no picture to be shown.
    #[error("There is no picture of this channel at the moment.")]
    NoThumbnail,
    /// Clips of this channel are for others to cut.
    #[error("You may not cut clips from this channel.")]
    ClipsNotAllowed,
    /// The end of a clip is further ahead than one waits for.
    #[error("The clip ends too far ahead. It may end at most 30 seconds from now.")]
    ClipInFuture,
    /// As many clips are being made as may be at a time.
    #[error("Too many clips are being made at the moment. Wait until one is ready, then try again.")]
    TooManyClips,
    /// The clip did not come to nothing.
    #[error("This clip has not failed.")]
    ClipNotFailed,
    /// The address exists, with other methods.
    #[error("This address does not take that method.")]
    MethodNotAllowed,
    /// Another account has the e-mail address.
    #[error("An account with this e-mail address exists already.")]
    EmailTaken,
    /// Another channel has the slug.
    #[error("Another channel has this address.")]
    SlugTaken,
    /// The session is over.
    #[error("This session is not live.")]
    SessionNotLive,
    /// The channel has as many unrevoked stream keys as it may have.
    #[error("The channel has as many stream keys as it may have. Revoke one first.")]
    TooManyKeys,
    /// Administrators do not change their own role or suspend themselves.
    #[error("You cannot change your own role or suspend yourself. Ask another administrator.")]
    CannotChangeSelf,
    /// An activation or reset token that is unknown, used or out of date.
    #[error("This link was used already or is out of date. Ask for a new one.")]
    InvalidToken,
    /// A delivery directive of a playlist request (`_HLS_msn`, `_HLS_part`, `_HLS_skip`) that means nothing.
    #[error("{0}")]
    InvalidDirective(Cow<'static, str>),
    /// A playlist request for media of which nobody can know yet.
    #[error("{0}")]
    TooFarAhead(Cow<'static, str>),
    /// What a playlist request waits for does not come in time.
    #[error("What you wait for has not come yet. Ask again in {retry_after_s} s.")]
    NotYet {
        /// After this many seconds it is worth asking again.
        retry_after_s: u64,
    },
    /// The body is larger than is taken.
    #[error("The request is too large.")]
    PayloadTooLarge,
    /// The caller asks too often.
    #[error("Too many requests. Try again in {retry_after_s} s.")]
    TooManyRequests {
        /// After this many seconds a request will be taken.
        retry_after_s: u64,
    },
    /// A fault of ours.
    #[error("Something went wrong on our side.")]
    Internal(#[source] Source),
    /// Something we depend on is away for the moment.
    #[error("The service is not available at the moment. Try again soon.")]
    Unavailable(#[source] Source),
}

impl Error {
    /// The one table: code, status, title.
    pub const fn row(&self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::InvalidRequest(_) => ("invalid_request", StatusCode::BAD_REQUEST, "Invalid request"),
            Self::ValidationFailed(_) => (
                "validation_failed",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Validation failed",
            ),
            Self::AuthenticationRequired => (
                "authentication_required",
                StatusCode::UNAUTHORIZED,
                "Authentication required",
            ),
            Self::InvalidCredentials => ("invalid_credentials", StatusCode::UNAUTHORIZED, "Invalid credentials"),
            Self::ActivationRequired => ("activation_required", StatusCode::FORBIDDEN, "Activation required"),
            Self::AccountSuspended => ("account_suspended", StatusCode::FORBIDDEN, "Account suspended"),
            Self::Forbidden(_) => ("forbidden", StatusCode::FORBIDDEN, "Forbidden"),
            Self::StreamerRoleRequired => (
                "streamer_role_required",
                StatusCode::FORBIDDEN,
                "Streamer role required",
            ),
            Self::DvrNotAllowed => ("dvr_not_allowed", StatusCode::FORBIDDEN, "Rewinding not allowed"),
            Self::ShowOnAir => ("show_on_air", StatusCode::CONFLICT, "Show on air"),
            Self::NotWholeYet => ("show_on_air", StatusCode::NOT_FOUND, "Show on air"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "Not found"),
            Self::NothingRecorded => ("nothing_recorded", StatusCode::NOT_FOUND, "Nothing recorded"),
            Self::NoSegmentsInRange => ("no_segments_in_range", StatusCode::NOT_FOUND, "No segments in range"),
            Self::NoThumbnail => ("no_thumbnail", StatusCode::NOT_FOUND, "No thumbnail"),
            Self::ClipsNotAllowed => ("clips_not_allowed", StatusCode::FORBIDDEN, "Clips not allowed"),
            Self::ClipInFuture => ("clip_in_future", StatusCode::UNPROCESSABLE_ENTITY, "Clip in the future"),
            Self::TooManyClips => ("too_many_clips", StatusCode::CONFLICT, "Too many clips"),
            Self::ClipNotFailed => ("clip_not_failed", StatusCode::CONFLICT, "Clip not failed"),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
            ),
            Self::EmailTaken => ("email_taken", StatusCode::CONFLICT, "E-mail address taken"),
            Self::SlugTaken => ("slug_taken", StatusCode::CONFLICT, "Channel address taken"),
            Self::SessionNotLive => ("session_not_live", StatusCode::CONFLICT, "Session not live"),
            Self::TooManyKeys => ("too_many_keys", StatusCode::CONFLICT, "Too many stream keys"),
            Self::CannotChangeSelf => ("cannot_change_self", StatusCode::CONFLICT, "Cannot change oneself"),
            Self::InvalidToken => ("invalid_token", StatusCode::BAD_REQUEST, "Invalid token"),
            Self::InvalidDirective(_) => (
                "invalid_directive",
                StatusCode::BAD_REQUEST,
                "Invalid delivery directive",
            ),
            Self::TooFarAhead(_) => ("too_far_ahead", StatusCode::BAD_REQUEST, "Too far ahead"),
            Self::NotYet { .. } => ("not_yet", StatusCode::SERVICE_UNAVAILABLE, "Not yet"),
            Self::PayloadTooLarge => ("payload_too_large", StatusCode::PAYLOAD_TOO_LARGE, "Payload too large"),
            Self::TooManyRequests { .. } => ("too_many_requests", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal(_) => ("internal_error", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
            Self::Unavailable(_) => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Unavailable"),
        }
    }

    /// The stable word for this error.
    pub const fn code(&self) -> &'static str {
        self.row().0
    }

    /// A fault of ours; `source` goes to the log only.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// A single field breaks a rule.
    pub fn field(field: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::ValidationFailed(vec![Field::new(field, detail)])
    }

    /// Tells the operator what only they may know; everything else is of interest only when looked for.
    pub fn log(&self) {
        match self {
            Self::Internal(source) => tracing::error!(error = %chain(source.as_ref()), "a request failed"),
            Self::Unavailable(source) => tracing::warn!(error = %chain(source.as_ref()), "a request was not served"),
            other => tracing::debug!(code = other.code(), "a request was refused"),
        }
    }

    /// What the client is told, in a response of its own.
    pub fn to_response(&self, request_id: Option<&str>) -> HttpResponse {
        let (code, status, title) = self.row();
        let body = Problem {
            r#type: format!("urn:sluice:error:{code}"),
            title,
            status: status.as_u16(),
            code,
            detail: self.to_string(),
            fields: match self {
                Self::ValidationFailed(fields) => fields.clone(),
                _ => Vec::new(),
            },
            request_id: request_id.unwrap_or_default().to_owned(),
        };
        let mut response = HttpResponse::build(status);
        response.content_type("application/problem+json");
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Self::TooManyRequests { retry_after_s } | Self::NotYet { retry_after_s } = self {
            response.insert_header((header::RETRY_AFTER, retry_after_s.to_string()));
        }
        response.body(serde_json::to_string(&body).unwrap_or_default())
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.row().1
    }

    fn error_response(&self) -> HttpResponse {
        self.to_response(None)
    }
}

impl From<sluice_store::Error> for Error {
    /// Conflicts and missing parents that a handler expects are its own to name; here they are faults of ours.
    fn from(error: sluice_store::Error) -> Self {
        match error {
            sluice_store::Error::Unavailable(_) => Self::Unavailable(error.into()),
            other => Self::Internal(other.into()),
        }
    }
}

/// A field of the request and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Field {
    /// The field's name in the request.
    #[schema(example = "password")]
    pub field: &'static str,
    /// A sentence for the person who filled it in.
    #[schema(value_type = String, example = "The password must have 10 to 200 characters.")]
    pub detail: Cow<'static, str>,
}

impl Field {
    /// Says what is wrong with `field`.
    pub fn new(field: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self { field, detail }
    }
}

/// The body of every error: problem details of RFC 9457 with a stable `code`.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// A name for the kind of problem.
    #[schema(example = "urn:sluice:error:not_found")]
    r#type: String,
    /// The kind of problem in words.
    #[schema(value_type = String, example = "Not found")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// The stable word for the kind of problem.
    #[schema(value_type = String, example = "not_found")]
    code: &'static str,
    /// What happened this time, for a person.
    #[schema(example = "There is nothing at this address.")]
    detail: String,
    /// The fields that break a rule; only with `validation_failed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
    /// The request's id, by which an operator finds it in the log.
    request_id: String,
}

/// An error and its causes on one line, for the log: the error alone says what clients may know.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn summary(fields: &[Field]) -> String {
    let details: Vec<&str> = fields.iter().map(|field| field.detail.as_ref()).collect();
    details.join(" ")
}
