//! Login tokens: what a client shows to be known.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sluice_config::{ExposeSecret, SecretString};
use sluice_domain::Millis;

use crate::error::Error;

/// Signs and reads login tokens (JWT, HS256).
///
/// A token only names a login; whether that login still stands is the store's to say, so that logging out, a new
/// password and a suspension work at once.
#[derive(Clone)]
pub struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// What a token says (RFC 7519, section 4.1).
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// The login's id.
    jti: String,
    /// The account's id.
    sub: String,
    /// Seconds since the epoch.
    exp: i64,
}

/// A login that a genuine token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The login's id.
    pub login_id: String,
    /// The account's id.
    pub account_id: String,
}

impl Signer {
    /// Signs with the site's secret.
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        // The time is compared in `read`, with the clock that everything else goes by.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "sub", "jti"]);
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// A token for a login, good until `expires_at`.
    pub fn sign(&self, login: &Named, expires_at: Millis) -> Result<String, Error> {
        let claims = Claims {
            jti: login.login_id.clone(),
            sub: login.account_id.clone(),
            exp: expires_at.0.div_euclid(1000),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(Error::internal)
    }

    /// The login that a token names, if we signed it and its time is not over.
    pub fn read(&self, token: &str, now: Millis) -> Option<Named> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        let good = Millis::from_secs(claims.exp) > now;
        good.then_some(Named {
            login_id: claims.jti,
            account_id: claims.sub,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_000_000_000);

    fn signer(secret: &str) -> Signer {
        Signer::new(&SecretString::from(secret))
    }

    fn login() -> Named {
        Named {
            login_id: "l1".to_owned(),
            account_id: "a1".to_owned(),
        }
    }

    #[test]
    fn a_token_names_its_login_until_its_time_is_over() {
        let signer = signer("0123456789abcdef0123456789abcdef");
        let token = signer.sign(&login(), NOW.plus(Millis(5000))).unwrap();
        assert_eq!(signer.read(&token, NOW), Some(login()));
        assert_eq!(signer.read(&token, NOW.plus(Millis(5000))), None);
    }

    #[test]
    fn a_token_that_another_secret_signed_is_worth_nothing() {
        let token = signer("another secret of thirty-two bytes")
            .sign(&login(), NOW.plus(Millis(5000)))
            .unwrap();
        assert_eq!(signer("0123456789abcdef0123456789abcdef").read(&token, NOW), None);
    }

    #[test]
    fn a_token_without_signature_or_of_another_algorithm_is_worth_nothing() {
        let signer = signer("0123456789abcdef0123456789abcdef");
        let token = signer.sign(&login(), NOW.plus(Millis(5000))).unwrap();
        let payload = token.split('.').nth(1).unwrap();
        // {"alg":"none","typ":"JWT"} and {"alg":"HS512","typ":"JWT"}
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
        let signature = token.split('.').nth(2).unwrap();
        let other = format!("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.{payload}.{signature}");
        for bad in [none.as_str(), other.as_str(), "", "..", "a.b.c"] {
            assert_eq!(signer.read(bad, NOW), None, "{bad}");
        }
    }
}
