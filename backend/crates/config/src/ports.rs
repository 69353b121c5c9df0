//! The ports of one stack, each its own.

use crate::{
    Error,
    parse::Vars,
    variables::{BACKEND_PORT, HTTP_PORT, RTMP_PORT, SEGMENTER_PORT, Variable},
};

pub(crate) struct Ports {
    pub(crate) http: u16,
    pub(crate) rtmp: u16,
    pub(crate) segmenter: u16,
    pub(crate) backend: u16,
}

/// How far from the RTMP port its segmenter listens: far enough that the ports of several stacks, counted up
/// from 1935, do not meet.
const SEGMENTER_OFFSET: u16 = 10_000;

pub(crate) fn read(vars: &Vars) -> Result<Ports, Error> {
    let rtmp = vars.required(&RTMP_PORT, fixed)?;
    let ports = Ports {
        http: vars.required(&HTTP_PORT, fixed)?,
        rtmp,
        segmenter: vars.optional(&SEGMENTER_PORT, fixed)?.unwrap_or(beside(rtmp)),
        backend: vars.parse(&BACKEND_PORT)?,
    };
    all_differ(&[
        (&HTTP_PORT, ports.http),
        (&RTMP_PORT, ports.rtmp),
        (&SEGMENTER_PORT, ports.segmenter),
        (&BACKEND_PORT, ports.backend),
    ])?;
    Ok(ports)
}

fn fixed(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

const fn beside(rtmp: u16) -> u16 {
    match rtmp.checked_add(SEGMENTER_OFFSET) {
        Some(port) => port,
        None => rtmp - SEGMENTER_OFFSET,
    }
}

fn all_differ(ports: &[(&Variable, u16)]) -> Result<(), Error> {
    for (at, (first, port)) in ports.iter().enumerate() {
        let same = ports.iter().skip(at + 1).find(|(_, other)| other == port);
        if let Some((second, port)) = same {
            return Err(Error::SamePort {
                first: first.name,
                second: second.name,
                port: *port,
            });
        }
    }
    Ok(())
}
