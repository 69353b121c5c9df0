//! Ports that nobody else uses, for as long as a test needs them.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process,
};

use nix::fcntl::{Flock, FlockArg};

/// Below the range from which the system takes ports for outgoing connections: a port that a server gives up for a
/// moment, because it is killed and started again, cannot become somebody's local end.
const FIRST: u16 = 20_000;
const BLOCKS: u16 = 1_200;
const BLOCK: u16 = 10;

/// Ten ports in a row. Held by a locked file, because a port is free also while its server is down.
#[derive(Debug)]
pub struct Ports {
    first: u16,
    _lock: Flock<File>,
}

impl Ports {
    /// Takes a block that no other test on this machine holds and on which nothing listens.
    ///
    /// # Panics
    /// When there is none.
    pub fn take() -> Self {
        // Tests of one run start at different places, so that they seldom ask for the same block.
        let start = process::id() % u32::from(BLOCKS);
        let blocks = (0..BLOCKS).map(|step| (u16::try_from(start).unwrap() + step) % BLOCKS);
        blocks
            .filter_map(|block| Self::lock(FIRST + block * BLOCK))
            .find(Self::are_free)
            .expect("some ports are free")
    }

    /// The port at `place`, 0 to 9.
    pub fn get(&self, place: u16) -> u16 {
        assert!(place < BLOCK, "a block has ten ports");
        self.first + place
    }

    fn lock(first: u16) -> Option<Self> {
        let dir = lock_dir();
        fs::create_dir_all(&dir).unwrap();
        let file = File::create(dir.join(first.to_string())).unwrap();
        let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()?;
        Some(Self { first, _lock: lock })
    }

    fn are_free(&self) -> bool {
        (0..BLOCK).all(|place| TcpListener::bind(("0.0.0.0", self.get(place))).is_ok())
    }
}

fn lock_dir() -> PathBuf {
    std::env::temp_dir().join(format!("sluice-ports-{}", nix::unistd::getuid()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tests_never_hold_the_same_ports() {
        let (one, other) = (Ports::take(), Ports::take());
        assert_ne!(one.get(0), other.get(0));
    }

    #[test]
    fn ports_on_which_something_listens_are_passed_over() {
        let ports = Ports::take();
        let first = ports.get(0);
        let _server = TcpListener::bind(("127.0.0.1", first + 3)).unwrap();
        drop(ports);
        assert_ne!(Ports::take().get(0), first);
    }
}
