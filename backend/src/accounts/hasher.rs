//! Passwords at rest: argon2id, off the threads that answer requests, a few at a time.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use sluice_domain::Password;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::error::Error;

/// Hashes at a time. Each takes 19 MiB and some 20 ms of one core: two keep half of a small machine free for a show,
/// and a flood of logins from growing the process.
const AT_A_TIME: usize = 2;
/// Longest wait for a turn. At two at a time a hundred callers wait two seconds; who would wait longer than this is
/// better told to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// The hash of a password nobody has, to check against where there is no account: it takes as long as a real one.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2x1aWNlZGVjb3lzYWx0MQ$2MA3vDTIL+1TYUOxFyLy7mTbB0uDPpfHqlQpIuCvwyI";

/// Hashes and checks passwords; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        Self { turns }
    }
}

impl Hasher {
    /// The hash of a password, in PHC string format, with a salt of its own.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        let hashed = self.in_turn(move || {
            let hash = Argon2::default().hash_password(password.expose().as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
        });
        hashed.await?.map_err(Error::internal)
    }

    /// Whether `password` is the one behind `hash`. Without a hash it is not, and takes as long to say so.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.in_turn(move || {
            let stored = hash.as_deref().unwrap_or(DECOY);
            let parsed = PasswordHash::new(stored).map_err(|error| error.to_string())?;
            let fits = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(fits && hash.is_some())
        })
        .await?
        .map_err(|error: String| Error::internal(error))
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn
            .map_err(|error| Error::Unavailable(error.into()))?
            .map_err(Error::internal)?;
        let done = spawn_blocking(move || {
            // The turn lasts as long as the work does, also when the caller has gone.
            let _turn = turn;
            work()
        });
        done.await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn only_the_password_itself_fits_its_hash() {
        let hasher = Hasher::default();
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(hasher.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("correct horsf".into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn no_password_fits_where_there_is_no_account() {
        let hasher = Hasher::default();
        assert!(!hasher.verify("a password nobody has".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn the_decoy_takes_the_same_work_as_a_real_hash() {
        let real = Hasher::default().hash(password("correct horse")).await.unwrap();
        let decoy = PasswordHash::new(DECOY).unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(
            (decoy.algorithm, decoy.version, &decoy.params),
            (real.algorithm, real.version, &real.params)
        );
    }
}
