//! What our own nginx is known by when it asks the backend for a segment.
//!
//! Where it fetches a segment is a secret for everybody else, and whoever is allowed to ask the backend directly could
//! say that they are nginx.

use sha2::{Digest, Sha256};
use sluice_config::{ExposeSecret, SecretString};

/// The header that nginx shows it in.
pub const HEADER: &str = "x-sluice-nginx";

/// The word, which both sides make of the signing key; nobody finds the key by it.
#[derive(Clone)]
pub struct Pass(String);

impl Pass {
    /// The word of a site.
    pub fn of(jwt_secret: &SecretString) -> Self {
        let digest = Sha256::new()
            .chain_update("the nginx of ")
            .chain_update(jwt_secret.expose_secret())
            .finalize();
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// As it stands in nginx's configuration.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether somebody knows it; tells nothing by how long it takes.
    pub fn is(&self, word: &[u8]) -> bool {
        let same = |word: &[u8]| Sha256::digest(word);
        same(word) == same(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pass")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_knows_its_own_nginx_and_no_other() {
        let pass = |secret: &str| Pass::of(&SecretString::from(secret));
        let (ours, theirs) = (pass("0123456789abcdef"), pass("0123456789abcdeg"));
        assert!(ours.is(ours.expose().as_bytes()) && !ours.is(theirs.expose().as_bytes()) && !ours.is(b""));
        assert!(ours.expose().len() == 64 && !format!("{ours:?}").contains(ours.expose()));
    }
}
