//! Every URL and its handler, in one table.

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::{FromRequest, Responder, Route, guard, web};

use crate::error::Error;
use crate::site;

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

/// What is served at every moment of a show comes first: the router asks its lines in order.
pub fn table() -> Vec<Line> {
    vec![
        // The site
        get("/api/v1/site", site::read),
    ]
}

/// Puts the table into an application; what it does not have answers 404, and 405 for another method.
pub fn configure(app: &mut web::ServiceConfig) {
    let mut lines = table();
    while !lines.is_empty() {
        let path = lines.first().map_or("", |line| line.path);
        let (here, rest): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.path == path);
        lines = rest;
        let resource = here
            .into_iter()
            .fold(web::resource(path), |resource, line| resource.route(line.route));
        app.service(resource.default_service(web::to(method_not_allowed)));
    }
}

/// What is at no address of the table.
pub async fn not_found() -> Result<&'static str, Error> {
    Err(Error::NotFound)
}

async fn method_not_allowed() -> Result<&'static str, Error> {
    Err(Error::MethodNotAllowed)
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
