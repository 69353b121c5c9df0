//! Every URL and its handler, in one table.

use actix_web::http::{Method, header};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{FromRequest, Handler, HttpResponse, Responder, Route, guard, web};

use crate::error::Error;
use crate::hooks::{nginx_rtmp, srs};
use crate::http::{same_site, to_the_end};
use crate::live::{dvr, parts, playlist, segments};
use crate::{accounts, admin, channels, clips, openapi, ops, realtime, site, thumbnails};

/// Under this prefix lives the JSON API.
pub const API: &str = "/api/v1";

/// One line of the table.
pub struct Line {
    /// What the client does.
    pub method: Method,
    /// Where: actix's pattern, `{name}` for a segment of the path.
    pub path: &'static str,
    route: Route,
}

/// What is asked at every moment of a show comes first: the router tries its lines in order. Most of what players ask
/// never comes here: see `crate::door`.
pub fn table() -> Vec<Line> {
    vec![
        // What the media server asks
        post("/hooks/srs", srs::handle),
        post("/hooks/{hook}", nginx_rtmp::post),
        get("/hooks/{hook}", nginx_rtmp::get),
        // What players ask for
        get("/live/{slug}/live.m3u8", playlist::live),
        get("/live/{slug}/parts/{name}.ts", parts::get),
        get("/live/{slug}/index.m3u8", playlist::index),
        get("/live/{slug}/segments/{name}.ts", segments::get),
        get("/live/{slug}/dvr.m3u8", dvr::playlist::get),
        get("/live/{slug}/timeshift.m3u8", dvr::timeshift::get),
        get("/live/{slug}/shows/{id}.m3u8", dvr::show::get),
        // What it looks like, and looked like
        get("/live/{slug}/thumbnail.jpg", thumbnails::live::get),
        get("/live/{slug}/storyboard.vtt", thumbnails::storyboard::get),
        get("/live/{slug}/storyboards/{name}.jpg", thumbnails::file::sheet),
        get("/live/{slug}/posters/{name}.jpg", thumbnails::file::poster),
        // Clips, to be played and shown
        get("/clips/{id}.mp4", clips::file::film),
        get("/clips/{id}.jpg", clips::file::poster),
        get("/clip/{id}", clips::page::clip),
        get("/embed/{id}", clips::page::embed),
        // Operation
        get("/healthz", ops::health::alive),
        get("/readyz", ops::health::ready),
        get("/metrics", ops::metrics::scrape),
        // News
        get("/ws", realtime::socket::handle),
        // The site and its accounts
        get("/api/v1/site", site::read),
        post("/api/v1/accounts", accounts::sign_up::handle),
        post("/api/v1/accounts/activate", accounts::activate::handle),
        post("/api/v1/accounts/activation", accounts::resend_activation::handle),
        post("/api/v1/login", accounts::log_in::handle),
        post("/api/v1/logout", accounts::log_out::handle),
        get("/api/v1/me", accounts::me::read),
        patch("/api/v1/me", accounts::me::update),
        post("/api/v1/me/password", accounts::change_password::handle),
        post("/api/v1/password-reset", accounts::reset_password::request),
        post("/api/v1/password-reset/confirm", accounts::reset_password::confirm),
        // Channels
        get("/api/v1/channels", channels::list::handle),
        post("/api/v1/channels", channels::create::handle),
        get("/api/v1/channels/{slug}", channels::read::handle),
        patch("/api/v1/channels/{slug}", channels::update::handle),
        delete("/api/v1/channels/{slug}", channels::delete::handle),
        get(
            "/api/v1/channels/{slug}/stream-keys",
            channels::stream_keys::list::handle,
        ),
        post(
            "/api/v1/channels/{slug}/stream-keys",
            channels::stream_keys::create::handle,
        ),
        delete(
            "/api/v1/channels/{slug}/stream-keys/{id}",
            channels::stream_keys::revoke::handle,
        ),
        get("/api/v1/channels/{slug}/sessions", channels::sessions::list::handle),
        post(
            "/api/v1/channels/{slug}/sessions/{id}/end",
            channels::sessions::end::handle,
        ),
        get("/api/v1/channels/{slug}/shows", channels::shows::list::handle),
        patch("/api/v1/channels/{slug}/shows/{id}", channels::shows::update::handle),
        delete("/api/v1/channels/{slug}/shows/{id}", channels::shows::delete::handle),
        get(
            "/api/v1/channels/{slug}/shows/{id}/download",
            channels::shows::download::handle,
        ),
        // Clips
        get("/api/v1/channels/{slug}/clips", clips::list::handle),
        post("/api/v1/channels/{slug}/clips", clips::create::handle),
        get("/api/v1/me/clips", clips::mine::handle),
        get("/api/v1/clips/{id}", clips::read::handle),
        patch("/api/v1/clips/{id}", clips::update::handle),
        delete("/api/v1/clips/{id}", clips::delete::handle),
        post("/api/v1/clips/{id}/retry", clips::retry::handle),
        get("/api/v1/clips/{id}/download", clips::download::handle),
        // Administration
        get("/api/v1/admin/accounts", admin::accounts::handle),
        patch("/api/v1/admin/accounts/{id}", admin::update_account::handle),
        get("/api/v1/admin/channels", admin::channels::handle),
        get("/api/v1/admin/sessions", admin::sessions::handle),
        get("/api/v1/admin/clips", clips::admin::handle),
        get("/api/v1/admin/storage", admin::storage::handle),
    ]
}

/// Puts the table into an application. An address that it has answers 405 to other methods; what changes something
/// below [`API`] must come from the site itself, and is done to its end.
pub fn configure(app: &mut web::ServiceConfig) {
    let mut lines = table();
    while !lines.is_empty() {
        let path = lines.first().map_or("", |line| line.path);
        let (here, rest): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.path == path);
        lines = rest;
        let allowed = allowed(&here);
        let resource = here
            .into_iter()
            .fold(web::resource(path), |resource, line| resource.route(line.route));
        let resource = resource.default_service(web::to(move || method_not_allowed(allowed.clone())));
        if path.starts_with(API) {
            let resource = resource.wrap(from_fn(to_the_end::layer));
            app.service(resource.wrap(from_fn(same_site::layer)).wrap(private()));
        } else {
            app.service(resource);
        }
    }
    openapi::configure(app);
}

/// Answers of the API are their reader's own: no cache keeps them.
fn private() -> DefaultHeaders {
    DefaultHeaders::new().add((header::CACHE_CONTROL, "no-store"))
}

/// The methods of some lines, as the header `Allow` names them.
fn allowed(lines: &[Line]) -> String {
    let head = lines
        .iter()
        .any(|line| line.method == Method::GET)
        .then_some(Method::HEAD);
    let methods: Vec<_> = lines
        .iter()
        .map(|line| line.method.to_string())
        .chain(head.map(|head| head.to_string()))
        .collect();
    methods.join(", ")
}

/// RFC 9110, section 15.5.6: the answer says which methods there are.
async fn method_not_allowed(allowed: String) -> HttpResponse {
    let mut response = HttpResponse::from_error(Error::MethodNotAllowed);
    if let Ok(allowed) = allowed.try_into() {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident $method:ident $guard:expr;)*) => {$(
        $(#[$doc])*
        fn $verb<F, Args>(path: &'static str, handler: F) -> Line
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            Line { method: Method::$method, path, route: Route::new().guard($guard).to(handler) }
        }
    )*};
}

verbs! {
    /// Reads; HEAD is GET without the body.
    get GET guard::Any(guard::Get()).or(guard::Head());
    post POST guard::Post();
    patch PATCH guard::Patch();
    delete DELETE guard::Delete();
}
