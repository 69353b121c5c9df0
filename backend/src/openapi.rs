//! The API's description: `/api/openapi.json`, and Swagger UI at `/api/docs`.
//!
//! Every operation is described where it is handled; a test holds this list against the table of routes.

use std::sync::OnceLock;

use actix_web::{
    HttpResponse,
    http::header::ContentType,
    web::{self, Bytes},
};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::error::Error;
use crate::http::caller::LOGIN_COOKIE;
use crate::{accounts, admin, channels, clips, ops, realtime, site};

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(title = "Sluice", description = "Live streaming: accounts, channels, stream keys, shows.\n\n\
        Errors are problem details (RFC 9457) with a stable `code`. Times are RFC 3339 in UTC. \
        Lists come in pages: pass `next_cursor` as `cursor` to get the next one."),
    modifiers(&Security),
    tags(
        (name = "site"), (name = "accounts"), (name = "channels"), (name = "stream keys"), (name = "sessions"), (name = "shows"),
        (name = "clips"),
        (name = "administration"), (name = "news"), (name = "operation"),
    ),
    paths(
        site::read,
        accounts::sign_up::handle,
        accounts::activate::handle,
        accounts::resend_activation::handle,
        accounts::log_in::handle,
        accounts::log_out::handle,
        accounts::me::read,
        accounts::me::update,
        accounts::change_password::handle,
        accounts::reset_password::request,
        accounts::reset_password::confirm,
        channels::list::handle,
        channels::create::handle,
        channels::read::handle,
        channels::update::handle,
        channels::delete::handle,
        channels::stream_keys::list::handle,
        channels::stream_keys::create::handle,
        channels::stream_keys::revoke::handle,
        channels::sessions::list::handle,
        channels::sessions::end::handle,
        channels::shows::list::handle,
        channels::shows::update::handle,
        channels::shows::delete::handle,
        channels::shows::download::handle,
        clips::list::handle,
        clips::create::handle,
        clips::mine::handle,
        clips::read::handle,
        clips::update::handle,
        clips::delete::handle,
        clips::retry::handle,
        clips::download::handle,
        admin::accounts::handle,
        admin::update_account::handle,
        admin::channels::handle,
        admin::sessions::handle,
        clips::admin::handle,
        admin::storage::handle,
        realtime::socket::handle,
        ops::health::alive,
        ops::health::ready,
        ops::metrics::scrape,
    )
)]
pub struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(LOGIN_COOKIE)));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        components.add_security_scheme("cookie", cookie);
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// Where the description is.
const DESCRIPTION: &str = "/api/openapi.json";

/// The description, and Swagger UI that shows it.
pub fn configure(app: &mut web::ServiceConfig) {
    app.route(DESCRIPTION, web::get().to(read));
    app.service(web::redirect("/api/docs", "/api/docs/"));
    app.service(SwaggerUi::new("/api/docs/{_:.*}").config(Config::from(DESCRIPTION)));
}

/// Written down once, by the first who asks: as a value it takes more memory than the rest of a worker.
async fn read() -> Result<HttpResponse, Error> {
    static JSON: OnceLock<Bytes> = OnceLock::new();
    let json = match JSON.get() {
        Some(json) => json.clone(),
        None => {
            let json = Description::openapi().to_json().map_err(Error::internal)?;
            JSON.get_or_init(|| json.into()).clone()
        }
    };
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}
