//! The way to what players ask for several times a second, past the router and its layers.
//!
//! The router tries one regular expression after the other, and makes a box for each layer of a request: together as dear
//! as the answer itself. Here an address is taken apart by hand, to the same handlers as in the table of `routes`, which
//! stays the truth about addresses: whatever is not quite a plain GET of one goes the ordinary way, and a test holds that
//! nobody can tell the two ways apart.

use std::{
    future::{Future, Ready, ready},
    pin::Pin,
    time::Instant,
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::Method,
    web,
};

use super::{dvr, parts, playlist};
use crate::{
    error::Error,
    http::{answer, path_token},
    ops::access,
    state::AppState,
};

/// To be wrapped around everything else: what comes in has no token in its path any more. What `http::answer` does for
/// players is done here as well, by its own function.
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
        if request.method() == Method::GET && Asked::read(request.path()).is_some() {
            let (request, _) = request.into_parts();
            Box::pin(answered(request, self.state.clone()))
        } else {
            Box::pin(self.inside.call(request))
        }
    }
}

async fn answered(request: HttpRequest, state: web::Data<AppState>) -> Answer {
    let begun = access::tells_frequent().then(Instant::now);
    let answer = match Asked::read(request.path()) {
        Some(Asked::Playlist { slug }) => playlist::fetched(&request, slug, &state).await,
        Some(Asked::Rewound { slug }) => dvr::playlist::fetched(&request, slug, &state).await,
        Some(Asked::Part { slug, name }) => parts::fetched(slug, name, &state).await,
        None => Err(Error::NotFound),
    };
    let answer = answer.unwrap_or_else(HttpResponse::from_error);
    let mut response = ServiceResponse::new(request, answer);
    answer::finish_counted(&mut response, begun);
    Ok(response)
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
    }
}
