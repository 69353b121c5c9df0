//! One core for the server, another for the client.

use std::process::{Command, Stdio};

const SERVER: &str = "0";
const CLIENT: &str = "1";

/// The words before a server's own command line.
pub(crate) const SERVER_PREFIX: [&str; 3] = ["taskset", "-c", SERVER];

/// Moves this process, and what it starts from now on, to the client's core.
pub(crate) fn pin_client() {
    let id = std::process::id().to_string();
    let moved = Command::new("taskset")
        .args(["-a", "-c", "-p", CLIENT, &id])
        .stdout(Stdio::null())
        .status();
    assert!(
        moved.is_ok_and(|status| status.success()),
        "the benchmark needs two cores"
    );
}
