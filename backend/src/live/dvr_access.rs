//! Who may rewind: the tokens that open a channel's past to their holders, and the guard that handlers ask.
//!
//! A token stands in the path (`/live/~TOKEN/CHANNEL/dvr.m3u8`), because players keep a path for all that a playlist
//! lists and lose everything else. It names nobody: it says for which channel, until when, and whether it was given to
//! somebody who manages the channel, so that a policy that becomes stricter holds for the tokens that are out already.
//! The policy is held with the channel; nothing here asks the database.

use std::fmt;

use actix_web::{HttpRequest, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac, digest::common::Key};
use sha2::{Digest, Sha256};
use sluice_config::{Config, ExposeSecret, SecretString};
use sluice_domain::{
    Millis, Rewind,
    access::{self, Viewer},
};

use super::channel::Channel;
use crate::{
    clock,
    error::Error,
    http::{caller::bearer, path_token::PathToken},
    state::AppState,
};

/// How long a token holds at most: a page that stays open for longer asks for the channel again.
const HOLDS: Millis = Millis::from_secs(24 * 3600);
/// Tokens made within this time are the same, so that a page that asks twice goes on with the address it has.
const STEP_MS: i64 = 10 * 60 * 1000;
/// The length of a token before its signature: whom it was given to, and until when.
const CLAIMS: usize = 9;

type Seal = Hmac<Sha256>;

/// Makes tokens and knows them again; cheap to clone, and says nothing of its secrets.
#[derive(Clone)]
pub struct Gate {
    tokens: Seal,
    /// Programs show the operator's secret: both are compared by what this makes of them.
    programs: Seal,
    bypass: Option<Vec<u8>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

/// Whether whoever sent a request may rewind a channel: [`Error::DvrNotAllowed`] unless the channel's policy is for
/// everyone, or the request shows a token in its path or the operator's secret.
pub fn allowed(request: &HttpRequest, channel: &Channel) -> Result<(), Error> {
    let policy = channel.rewind().dvr;
    if access::dvr(policy, Viewer::Anybody) {
        return Ok(());
    }
    let state = request.app_data::<web::Data<AppState>>();
    let gate = &state
        .ok_or_else(|| Error::internal("the application has no state"))?
        .gate;
    let viewer = if gate.is_program(request) {
        Viewer::Program
    } else {
        gate.holder(request, &channel.id, clock::now())
    };
    access::dvr(policy, viewer).then_some(()).ok_or(Error::DvrNotAllowed)
}

impl Gate {
    /// A gate by the site's secrets.
    pub fn new(config: &Config) -> Self {
        let programs = seal(&config.jwt_secret, "sluice: programs that rewind");
        let bypass = config.dvr_bypass_token.as_ref();
        Self {
            tokens: seal(&config.jwt_secret, "sluice: tokens that rewind"),
            bypass: bypass.map(|secret| sealed(&programs, &[secret.expose_secret().as_bytes()])),
            programs,
        }
    }

    /// What `viewer` needs in the path to rewind a channel: nothing, or a token. None where they may not.
    pub fn pass(&self, channel_id: &str, rewind: Rewind, viewer: Viewer, now: Millis) -> Option<Option<String>> {
        let is_open = access::dvr(rewind.dvr, Viewer::Anybody);
        match viewer {
            _ if !access::dvr(rewind.dvr, viewer) => None,
            Viewer::SignedIn | Viewer::Manager if !is_open => Some(Some(self.token(channel_id, viewer, now))),
            // Programs show their secret with each request.
            _ => Some(None),
        }
    }

    /// Whether a request shows the operator's secret.
    pub fn is_program(&self, request: &HttpRequest) -> bool {
        let (Some(bypass), Some(shown)) = (&self.bypass, bearer(request)) else {
            return false;
        };
        let given = self.programs.clone().chain_update(shown.as_bytes());
        given.verify_slice(bypass).is_ok()
    }

    fn token(&self, channel_id: &str, viewer: Viewer, now: Millis) -> String {
        let until = Millis(now.0 - now.0.rem_euclid(STEP_MS)).plus(HOLDS);
        let mut token = Vec::with_capacity(CLAIMS + 32);
        token.push(u8::from(viewer == Viewer::Manager));
        token.extend_from_slice(&until.0.to_be_bytes());
        let signature = sealed(&self.tokens, &[&token, channel_id.as_bytes()]);
        token.extend_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Whom the token in a request's path was given to; anybody, where there is none for this channel and this time.
    fn holder(&self, request: &HttpRequest, channel_id: &str, now: Millis) -> Viewer {
        let shown = PathToken::of(request);
        let read = shown.and_then(|token| self.read(token.expose(), channel_id, now));
        read.unwrap_or(Viewer::Anybody)
    }

    fn read(&self, token: &str, channel_id: &str, now: Millis) -> Option<Viewer> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (claims, signature) = bytes.split_at_checked(CLAIMS)?;
        let seal = self.tokens.clone().chain_update(claims).chain_update(channel_id);
        seal.verify_slice(signature).ok()?;
        let (viewer, until) = claims.split_first()?;
        let until = Millis(i64::from_be_bytes(until.try_into().ok()?));
        let viewer = if *viewer == 1 {
            Viewer::Manager
        } else {
            Viewer::SignedIn
        };
        (now < until).then_some(viewer)
    }
}

/// A key of its own for each purpose, out of the site's secret.
fn seal(secret: &SecretString, purpose: &str) -> Seal {
    let secret = keyed(secret.expose_secret().as_bytes());
    keyed(&sealed(&secret, &[purpose.as_bytes()]))
}

fn keyed(secret: &[u8]) -> Seal {
    let mut key = Key::<Seal>::default();
    key.iter_mut()
        .zip(Sha256::digest(secret))
        .for_each(|(to, from)| *to = from);
    Seal::new(&key)
}

fn sealed(seal: &Seal, pieces: &[&[u8]]) -> Vec<u8> {
    let mut seal = seal.clone();
    pieces.iter().for_each(|piece| seal.update(piece));
    seal.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use sluice_domain::Dvr;

    use super::*;

    const NOW: Millis = Millis(1_795_000_000_000);

    fn gate(vars: &[(&str, &str)]) -> Gate {
        let secret = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        let vars = [secret].into_iter().chain(vars.iter().copied());
        Gate::new(&Config::from_vars(vars).unwrap())
    }

    #[test]
    fn a_token_is_known_again_for_its_channel_until_its_time_is_over() {
        let gate = gate(&[]);
        for viewer in [Viewer::SignedIn, Viewer::Manager] {
            let token = gate.token("stage", viewer, NOW);
            assert_eq!(gate.read(&token, "stage", NOW), Some(viewer));
            let hours = |hours: i64| NOW.plus(Millis::from_secs(hours * 3600));
            assert_eq!(gate.read(&token, "stage", hours(23)), Some(viewer));
            assert_eq!(gate.read(&token, "stage", hours(24)), None);
            assert_eq!(gate.read(&token, "stage2", NOW), None);
            assert_eq!(gate.read(&token, "", NOW), None);
        }
    }

    #[test]
    fn a_token_of_which_one_letter_differs_is_none() {
        let gate = gate(&[]);
        let token = gate.token("stage", Viewer::SignedIn, NOW);
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.~";
        for at in 0..token.len() {
            for letter in letters.chars().filter(|letter| !token[at..].starts_with(*letter)) {
                let altered = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
                assert_eq!(gate.read(&altered, "stage", NOW), None, "{altered}");
            }
            assert_eq!(gate.read(&token[..at], "stage", NOW), None);
        }
        assert_eq!(gate.read(&format!("{token}A"), "stage", NOW), None);
        let another = Config::from_vars([("JWT_SECRET", "another secret of thirty-two bytes")]).unwrap();
        assert_eq!(Gate::new(&another).read(&token, "stage", NOW), None);
    }

    #[test]
    fn tokens_are_for_those_who_need_one_and_do_not_change_with_each_look() {
        let gate = gate(&[]);
        let pass = |dvr, viewer, now| {
            let rewind = Rewind {
                dvr,
                window_hours: None,
            };
            gate.pass("stage", rewind, viewer, now)
        };
        for viewer in [Viewer::Anybody, Viewer::SignedIn, Viewer::Manager, Viewer::Program] {
            assert_eq!(pass(Dvr::Everyone, viewer, NOW), Some(None), "{viewer:?}");
        }
        for dvr in [Dvr::SignedIn, Dvr::Nobody] {
            assert_eq!(pass(dvr, Viewer::Anybody, NOW), None);
            assert_eq!(pass(dvr, Viewer::Program, NOW), Some(None));
            let token = pass(dvr, Viewer::Manager, NOW).unwrap().unwrap();
            assert_eq!(gate.read(&token, "stage", NOW), Some(Viewer::Manager));
            assert!(token.len() < 60 && !token.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)));
        }
        let begin = Millis(NOW.0 - NOW.0.rem_euclid(STEP_MS));
        let later = begin.plus(Millis(STEP_MS - 1));
        let token = pass(Dvr::SignedIn, Viewer::SignedIn, begin);
        assert_eq!(pass(Dvr::SignedIn, Viewer::SignedIn, later), token);
        assert_ne!(pass(Dvr::SignedIn, Viewer::SignedIn, later.plus(Millis(1))), token);
        assert_eq!(pass(Dvr::Nobody, Viewer::SignedIn, NOW), None);
    }

    #[test]
    fn a_program_shows_the_operators_secret_and_nothing_like_it() {
        let shown = |gate: &Gate, value: &str| {
            let request = TestRequest::default().insert_header(("authorization", value.to_owned()));
            gate.is_program(&request.to_http_request())
        };
        let secret = "a secret for programs".replace(' ', "-");
        let open = gate(&[("DVR_BYPASS_TOKEN", &secret)]);
        assert!(shown(&open, &format!("Bearer {secret}")));
        assert!(shown(&open, &format!("bearer {secret}")));
        for other in ["", "x", &secret[1..], &format!("{secret}x"), &secret.to_uppercase()] {
            assert!(!shown(&open, &format!("Bearer {other}")), "{other}");
        }
        assert!(!shown(&open, &format!("Basic {secret}")) && !shown(&open, &secret));
        let closed = gate(&[]);
        assert!(!shown(&closed, &format!("Bearer {secret}")) && !shown(&closed, "Bearer "));
    }

    #[test]
    fn a_gate_says_nothing_of_its_secrets() {
        let gate = gate(&[("DVR_BYPASS_TOKEN", "a-secret-for-programs")]);
        assert_eq!(format!("{gate:?}"), "Gate { .. }");
    }
}
