//! `GET /api/v1/site`: what the site's front door needs to know.

use actix_web::{HttpRequest, Responder, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::address::{Addresses, Ingest};
use crate::state::AppState;

/// The site in a few words.
#[derive(Serialize, ToSchema)]
pub struct Site {
    /// What the site calls itself.
    #[schema(value_type = String, example = "Sluice")]
    name: &'static str,
    /// New accounts confirm their e-mail address before they can log in.
    activation_required: bool,
    /// What an account may do when it has just signed up: `viewer` or `streamer`.
    #[schema(value_type = String, example = "streamer")]
    signup_role: &'static str,
    /// How far channels can be rewound that have no window of their own, in hours.
    #[schema(example = 24)]
    dvr_window_hours: u32,
    /// How long a clip may be, in seconds.
    #[schema(example = 180)]
    clip_max_seconds: u32,
    /// The version of the backend.
    #[schema(value_type = String, example = "0.1.0")]
    version: &'static str,
    /// Where encoders publish, on whatever channel: the stream key says which.
    ingest: Ingest,
}

/// What the site is and how one joins it
#[utoipa::path(get, path = "/api/v1/site", tag = "site", responses((status = 200, body = Site)))]
pub async fn read(state: web::Data<AppState>, request: HttpRequest) -> impl Responder {
    web::Json(Site {
        name: "Sluice",
        activation_required: state.activation_required(),
        signup_role: state.config.signup_role.as_str(),
        dvr_window_hours: state.config.dvr_window_hours,
        clip_max_seconds: state.config.clip_max_seconds,
        version: env!("CARGO_PKG_VERSION"),
        ingest: Addresses::of(&request, &state.config).ingest(),
    })
}
