//! How often strangers may ask for what costs something or can be guessed at.
//!
//! Token buckets in memory, one for each caller of each kind: a caller may burst, and wins back one try a period. The
//! counts are this process's own and begin anew with it.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sluice_domain::Email;

use crate::error::Error;
use crate::http::client::ClientAddress;

/// Callers remembered for each kind of request, about 10 MB at the most. Beyond it, strangers share one bucket.
const MOST_CALLERS: usize = 100_000;

/// A burst and how it is won back.
struct Rate {
    burst: u32,
    one_per: Duration,
}

/// Logins from one address. A household or an office mistypes now and then; a machine that guesses gets 600 tries an
/// hour, each of which costs us 20 ms.
const LOGIN_ADDRESS: Rate = Rate {
    burst: 20,
    one_per: Duration::from_secs(6),
};
/// Logins to one account from one address, slower than what the address may try in all: whoever uses these up keeps out
/// nobody but their own network.
const LOGIN_PAIR: Rate = Rate {
    burst: 10,
    one_per: Duration::from_secs(10),
};
/// Logins to one account, from wherever. 3,600 guesses an hour find no password of ten characters. To use this up and
/// lock its owner out, more than ten networks must keep guessing at the pace of [`LOGIN_PAIR`].
const LOGIN_EMAIL: Rate = Rate {
    burst: 300,
    one_per: Duration::from_secs(1),
};
/// Tries of one's own password with a login, which may be a stolen one. Counted apart from logins, which no thief of one
/// shall lock.
const OWN_PASSWORD: Rate = LOGIN_PAIR;
/// Sign-ups from one address: a class behind one router can join, a machine makes thirty accounts an hour.
const SIGNUP_ADDRESS: Rate = Rate {
    burst: 20,
    one_per: Duration::from_secs(120),
};
/// Mails asked for from one address.
const MAIL_ADDRESS: Rate = Rate {
    burst: 10,
    one_per: Duration::from_secs(60),
};
/// Mails to one address: some are lost in a spam folder, none should fill a letter box.
const MAIL_EMAIL: Rate = Rate {
    burst: 3,
    one_per: Duration::from_secs(600),
};
/// Sockets opened from one address: a page opens one and opens it again when the network has changed.
const SOCKET_ADDRESS: Rate = Rate {
    burst: 60,
    one_per: Duration::from_secs(1),
};

/// Clips asked for by one account, or from one address where nobody is logged in, and tried again: each costs seconds of
/// a processor. Thirty an hour.
const CLIP: Rate = Rate {
    burst: 30,
    one_per: Duration::from_secs(120),
};

/// Every limit of the site.
pub struct Limits {
    hashing: RandomState,
    login_address: Buckets,
    login_pair: Buckets,
    login_email: Buckets,
    own_password: Buckets,
    signup_address: Buckets,
    mail_address: Buckets,
    mail_email: Buckets,
    socket_address: Buckets,
    clip_account: Buckets,
    clip_address: Buckets,
}

type Buckets = DefaultKeyedRateLimiter<u64>;

impl Default for Limits {
    fn default() -> Self {
        Self {
            hashing: RandomState::new(),
            login_address: buckets(&LOGIN_ADDRESS),
            login_pair: buckets(&LOGIN_PAIR),
            login_email: buckets(&LOGIN_EMAIL),
            own_password: buckets(&OWN_PASSWORD),
            signup_address: buckets(&SIGNUP_ADDRESS),
            mail_address: buckets(&MAIL_ADDRESS),
            mail_email: buckets(&MAIL_EMAIL),
            socket_address: buckets(&SOCKET_ADDRESS),
            clip_account: buckets(&CLIP),
            clip_address: buckets(&CLIP),
        }
    }
}

impl Limits {
    /// Somebody tries a password for an account. The account need not exist: that would tell.
    pub fn login(&self, from: ClientAddress, email: &Email) -> Result<(), Error> {
        let network = network(from.0);
        self.check(&self.login_address, network)?;
        self.check(&self.login_pair, (network, email))?;
        self.check(&self.login_email, email)
    }

    /// Somebody who is logged in tries their own password.
    pub fn password(&self, email: &Email) -> Result<(), Error> {
        self.check(&self.own_password, email)
    }

    /// Somebody makes an account.
    pub fn signup(&self, from: ClientAddress) -> Result<(), Error> {
        self.check(&self.signup_address, network(from.0))
    }

    /// Somebody asks us to send a mail.
    pub fn mail(&self, from: ClientAddress, to: &Email) -> Result<(), Error> {
        self.check(&self.mail_address, network(from.0))?;
        self.check(&self.mail_email, to)
    }

    /// Somebody opens a socket.
    pub fn socket(&self, from: ClientAddress) -> Result<(), Error> {
        self.check(&self.socket_address, network(from.0))
    }

    /// Somebody asks for a clip; `account` is their id, where they are logged in.
    pub fn clip(&self, account: Option<&str>, from: ClientAddress) -> Result<(), Error> {
        match account {
            Some(account) => self.check(&self.clip_account, account),
            None => self.check(&self.clip_address, network(from.0)),
        }
    }

    /// Forgets who has not been seen for long enough to have their whole burst again. To be called every minute or so.
    pub fn sweep(&self) {
        for buckets in [
            &self.login_address,
            &self.login_pair,
            &self.login_email,
            &self.own_password,
            &self.signup_address,
            &self.mail_address,
            &self.mail_email,
            &self.socket_address,
            &self.clip_account,
            &self.clip_address,
        ] {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }

    fn check(&self, buckets: &Buckets, caller: impl std::hash::Hash) -> Result<(), Error> {
        let crowded = buckets.len() >= MOST_CALLERS;
        let caller = if crowded { 0 } else { self.hashing.hash_one(caller) };
        buckets.check_key(&caller).map_err(|refusal| {
            let wait = refusal.wait_time_from(DefaultClock::default().now());
            Error::TooManyRequests {
                retry_after_s: wait.as_secs() + 1,
            }
        })
    }
}

fn buckets(rate: &Rate) -> Buckets {
    let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(rate.one_per).map(|quota| quota.allow_burst(burst));
    RateLimiter::keyed(quota.unwrap_or(Quota::per_minute(burst)))
}

/// An IPv6 customer has a whole /64 (RFC 6177 and common practice): that is one caller.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> ClientAddress {
        ClientAddress(address.parse().unwrap())
    }

    fn tries(limits: &Limits, address: impl Fn(u32) -> String) -> u32 {
        let allowed = |n: &u32| limits.signup(from(&address(*n))).is_ok();
        u32::try_from((0..100).take_while(allowed).count()).unwrap()
    }

    #[test]
    fn a_caller_may_burst_and_is_then_told_when_to_come_back() {
        let limits = Limits::default();
        assert_eq!(tries(&limits, |_| "192.0.2.1".to_owned()), SIGNUP_ADDRESS.burst);
        let refusal = limits.signup(from("192.0.2.1"));
        let bound = SIGNUP_ADDRESS.one_per.as_secs() + 1;
        assert!(
            matches!(refusal, Err(Error::TooManyRequests { retry_after_s }) if (1..=bound).contains(&retry_after_s))
        );
        assert!(limits.signup(from("192.0.2.2")).is_ok());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_caller() {
        let limits = Limits::default();
        assert_eq!(tries(&limits, |n| format!("2001:db8:0:1::{n:x}")), SIGNUP_ADDRESS.burst);
        assert!(limits.signup(from("2001:db8:0:2::1")).is_ok());
    }

    #[test]
    fn who_guesses_at_an_account_locks_out_their_own_network_only() {
        let limits = Limits::default();
        let email = Email::parse("ada@example.org").unwrap();
        let allowed = |_: &u32| limits.login(from("192.0.2.66"), &email).is_ok();
        assert_eq!(
            u32::try_from((0..100).take_while(allowed).count()),
            Ok(LOGIN_PAIR.burst)
        );
        assert!(limits.login(from("192.0.2.7"), &email).is_ok());
        let other = Email::parse("bob@example.org").unwrap();
        assert!(limits.login(from("192.0.2.66"), &other).is_ok());
    }

    #[test]
    fn guesses_at_one_account_are_counted_wherever_they_come_from() {
        let limits = Limits::default();
        let email = Email::parse("ada@example.org").unwrap();
        let allowed = |n: &u32| limits.login(ClientAddress(IpAddr::V4((*n).into())), &email).is_ok();
        let let_through = (0..1000).take_while(allowed).count();
        // One more is won back each second, and this may take some.
        assert!((300..400).contains(&let_through), "{let_through}");
    }

    #[test]
    fn a_flood_of_addresses_does_not_grow_the_memory_without_end() {
        let limits = Limits::default();
        for n in 0..u32::try_from(MOST_CALLERS).unwrap() + 1000 {
            let _ = limits.signup(ClientAddress(IpAddr::V4(n.into())));
        }
        assert!(limits.signup_address.len() <= MOST_CALLERS + 1);
    }
}
