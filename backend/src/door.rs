//! The way to what players and the media server ask several times a second, past the router and its layers.
//!
//! The router tries one regular expression after the other, and makes a box for each layer of a request: together as dear
//! as the answer itself. Here an address is taken apart by hand, to the same handlers as in the table of `routes`, which
//! stays the truth about addresses: whatever is not quite plain goes the ordinary way, and a test holds that nobody can
//! tell the two ways apart.

use std::{
    future::{Future, Ready, ready},
    pin::Pin,
    time::Instant,
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::Method,
    web,
};

use crate::{
    error::Error,
    hooks::nginx_rtmp,
    http::{answer, path_token},
    live::{dvr, parts, playlist},
    ops::access,
    state::AppState,
};

/// To be wrapped around everything else: what comes in has no token in its path any more. What `http::answer` does
/// for those who ask often is done here as well, by its own function.
#[derive(Clone)]
pub struct Door(pub web::Data<AppState>);

/// An application with a door.
pub struct House<S> {
    state: web::Data<AppState>,
    inside: S,
}

type Answer = Result<ServiceResponse<BoxBody>, actix_web::Error>;

impl<S> Transform<S, ServiceRequest> for Door
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = actix_web::Error;
    type Transform = House<S>;
    type InitError = ();
    type Future = Ready<Result<House<S>, ()>>;

    fn new_transform(&self, inside: S) -> Self::Future {
        let state = self.0.clone();
        ready(Ok(House { state, inside }))
    }
}

impl<S> Service<ServiceRequest> for House<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Answer>>>;

    forward_ready!(inside);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        path_token::take(&mut request);
        let state = self.state.clone();
        match *request.method() {
            Method::GET if Asked::read(request.path()).is_some() => {
                let (request, _) = request.into_parts();
                Box::pin(fetched(request, state))
            }
            Method::POST if hook(request.path()).is_some() => {
                let (request, form) = request.into_parts();
                Box::pin(told(request, form, state))
            }
            _ => Box::pin(self.inside.call(request)),
        }
    }
}

/// What players fetch.
async fn fetched(request: HttpRequest, state: web::Data<AppState>) -> Answer {
    let begun = access::tells_frequent().then(Instant::now);
    let answer = match Asked::read(request.path()) {
        Some(Asked::Playlist { slug }) => playlist::fetched(&request, slug, &state).await,
        Some(Asked::Rewound { slug }) => dvr::playlist::fetched(&request, slug, &state).await,
        Some(Asked::Part { slug, name }) => parts::fetched(slug, name, &state).await,
        None => Err(Error::NotFound),
    };
    Ok(finished(request, answer.map_err(Into::into), begun))
}

/// What the media server tells.
async fn told(request: HttpRequest, mut form: Payload, state: web::Data<AppState>) -> Answer {
    let begun = access::tells_frequent().then(Instant::now);
    let hook = hook(request.path()).unwrap_or_default();
    let answer = nginx_rtmp::posted(&request, &mut form, hook, &state).await;
    Ok(finished(request, answer, begun))
}

fn finished(
    request: HttpRequest,
    answer: Result<HttpResponse, actix_web::Error>,
    begun: Option<Instant>,
) -> ServiceResponse<BoxBody> {
    let answer = answer.unwrap_or_else(HttpResponse::from_error);
    let mut response = ServiceResponse::new(request, answer);
    answer::finish_counted(&mut response, begun);
    response
}

/// The hook of `/hooks/{hook}`. The other dialect's is none of these.
fn hook(path: &str) -> Option<&str> {
    let hook = path.strip_prefix("/hooks/")?;
    let is_plain = !hook.is_empty() && hook.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    (is_plain && hook != "srs").then_some(hook)
}

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked<'a> {
    /// `/live/{slug}/live.m3u8`
    Playlist { slug: &'a str },
    /// `/live/{slug}/dvr.m3u8`
    Rewound { slug: &'a str },
    /// `/live/{slug}/parts/{name}.ts`
    Part { slug: &'a str, name: &'a str },
}

impl<'a> Asked<'a> {
    fn read(path: &'a str) -> Option<Self> {
        let (slug, file) = path.strip_prefix("/live/")?.split_once('/')?;
        // Neither names of channels nor of parts have anything that must be decoded.
        if slug.is_empty() || path.contains('%') {
            return None;
        }
        match file {
            "live.m3u8" => Some(Self::Playlist { slug }),
            "dvr.m3u8" => Some(Self::Rewound { slug }),
            _ => {
                let name = file.strip_prefix("parts/")?.strip_suffix(".ts")?;
                let is_plain = !name.is_empty() && !name.contains('/');
                is_plain.then_some(Self::Part { slug, name })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a future may come to hold is made room for, and moved, with every answer: what is rare belongs into a box.
    #[test]
    fn nobody_pays_for_what_only_others_need() {
        const fn told_bytes<F>(_: fn(HttpRequest, Payload, web::Data<AppState>) -> F) -> usize {
            size_of::<F>()
        }
        const fn fetched_bytes<F>(_: fn(HttpRequest, web::Data<AppState>) -> F) -> usize {
            size_of::<F>()
        }
        assert!(told_bytes(told) <= 512);
        assert!(fetched_bytes(fetched) <= 512);
    }

    #[test]
    fn plain_addresses_pass_and_all_others_are_left_to_the_router() {
        let slug = "stage";
        for (path, asked) in [
            ("/live/stage/live.m3u8", Some(Asked::Playlist { slug })),
            ("/live/stage/dvr.m3u8", Some(Asked::Rewound { slug })),
            ("/live/stage/parts/1-2.ts", Some(Asked::Part { slug, name: "1-2" })),
            ("/live/stage/index.m3u8", None),
            ("/live/stage/segments/1.ts", None),
            ("/live/st%61ge/live.m3u8", None),
            ("/live//live.m3u8", None),
            ("/live/stage/parts/.ts", None),
            ("/live/stage/parts/1/2.ts", None),
            ("/live/~token/stage/live.m3u8", None),
            ("/live/stage/live.m3u8/", None),
            ("/lives/stage/live.m3u8", None),
        ] {
            assert_eq!(Asked::read(path), asked, "{path}");
        }
        for (path, name) in [
            ("/hooks/update", Some("update")),
            ("/hooks/publish_done", Some("publish_done")),
            ("/hooks/srs", None),
            ("/hooks/up%64ate", None),
            ("/hooks/update/", None),
            ("/hooks/", None),
        ] {
            assert_eq!(hook(path), name, "{path}");
        }
    }
}
