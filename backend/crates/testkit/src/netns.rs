//! An encoder's own network, joined to the machine's by a cable that can be pulled out.

use std::{net::Ipv4Addr, process::Command};

/// A network namespace and a veth pair: one end in it, the other on this machine. Removed when dropped. Needs root.
#[derive(Debug)]
pub struct Cable {
    name: String,
    block: u8,
}

impl Cable {
    /// Whether this machine lets us lay one.
    pub fn is_possible() -> bool {
        nix::unistd::geteuid().is_root() && ip("netns list").is_ok()
    }

    /// Lays a cable. `number` tells it from others on this machine, such as a port of the test's stack.
    ///
    /// # Panics
    /// When `ip` of iproute2 is missing or refuses.
    pub fn lay(number: u16) -> Self {
        let block = u8::try_from(number % 254).expect("less than 254") + 1;
        let cable = Self {
            // Fifteen characters are all that an interface's name may have.
            name: format!("slc{number}"),
            block,
        };
        let name = &cable.name;
        let _ = ip(&format!("netns del {name}"));
        let ours = cable.address();
        let theirs = Ipv4Addr::new(10, 213, block, 2);
        for command in [
            format!("netns add {name}"),
            format!("link add {name}h type veth peer name {name}e netns {name}"),
            format!("addr add {ours}/24 dev {name}h"),
            format!("link set {name}h up"),
            format!("-n {name} addr add {theirs}/24 dev {name}e"),
            format!("-n {name} link set {name}e up"),
            format!("-n {name} link set lo up"),
        ] {
            ip(&command).unwrap_or_else(|said| panic!("ip {command}: {said}"));
        }
        cable
    }

    /// The namespace, for [`crate::Encoder::netns`].
    pub fn namespace(&self) -> String {
        self.name.clone()
    }

    /// This machine's address at its end of the cable.
    pub const fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.block, 1)
    }

    /// Pulls it out at the encoder's end: packets vanish both ways, and nobody is told.
    ///
    /// # Panics
    /// When `ip` refuses.
    pub fn pull(&self) {
        let name = &self.name;
        ip(&format!("-n {name} link set {name}e down")).expect("the link goes down");
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // Its end of the cable goes with the namespace, and ours with its.
        let _ = ip(&format!("netns del {}", self.name));
    }
}

fn ip(command: &str) -> Result<(), String> {
    let done = Command::new("ip")
        .args(command.split(' '))
        .output()
        .map_err(|error| error.to_string())?;
    match done.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
    }
}
