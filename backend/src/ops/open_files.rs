//! How many files and connections this process may have open.
//!
//! A login shell grants 1,024 and allows far more, for the sake of programs that cannot count farther. Ours holds a
//! connection for each player that waits for a part.

use std::io;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Takes as many as are allowed; tells how many.
pub fn allow_most() -> io::Result<u64> {
    let (granted, allowed) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if granted < allowed {
        setrlimit(Resource::RLIMIT_NOFILE, allowed, allowed)?;
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_is_granted() {
        let allowed = allow_most().unwrap();
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap(), (allowed, allowed));
    }
}
