//! Whom nginx has answered by itself: it says so in a log, and they count as viewers as those do who asked the backend.
//!
//! A line for each answer, `ADDRESS STATUS PATH USER-AGENT` (`nginx/rewound.conf`). The log is read every few seconds and
//! emptied, so that what it says of viewers is nowhere for longer; what is written in between, as a rule nothing, is lost.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    net::IpAddr,
    path::Path,
    time::Duration,
};

use tokio::{task::spawn_blocking, time};

use crate::{
    clock,
    live::Live,
    ops::metrics::{self, Playlist},
};

/// How often the log is read: well within the time after which a viewer counts as gone.
const EVERY: Duration = Duration::from_secs(2);

/// Counts whom nginx has answered, for ever.
pub(in crate::live) async fn run(live: Live) {
    let mut ticks = time::interval(EVERY);
    loop {
        ticks.tick().await;
        let live = live.clone();
        let read = spawn_blocking(move || live.count_answered(&live.inner.dvr.answered)).await;
        if let Ok(Err(error)) = read {
            tracing::debug!(%error, "it is not known whom nginx has answered");
        }
    }
}

/// Somebody who was answered.
#[derive(Debug, PartialEq, Eq)]
struct Answered<'a> {
    address: IpAddr,
    status: u16,
    slug: &'a str,
    user_agent: &'a [u8],
}

impl Live {
    fn count_answered(&self, log: &Path) -> io::Result<()> {
        let file = match File::options().read(true).write(true).open(log) {
            // nginx makes it; where there is none, nobody is answered past the backend.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        if file.metadata()?.len() == 0 {
            return Ok(());
        }
        for line in BufReader::new(&file).split(b'\n') {
            if let Some(answered) = Answered::read(&line?) {
                self.count(&answered);
            }
        }
        file.set_len(0)
    }

    fn count(&self, answered: &Answered<'_>) {
        metrics::playlist(Playlist::Dvr, answered.status);
        if let Some(channel) = self.loaded(answered.slug) {
            let now = clock::now();
            channel.dvr.asked(now);
            channel.viewers.seen(Some(answered.address), answered.user_agent, now);
        }
    }
}

impl<'a> Answered<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let mut words = line.splitn(4, |byte| *byte == b' ');
        let mut text = || str::from_utf8(words.next()?).ok();
        let (address, status) = (text()?.parse().ok()?, text()?.parse().ok()?);
        let slug = text()?.strip_prefix("/live/")?.split('/').next()?;
        let user_agent = words.next().unwrap_or_default();
        Some(Self {
            address,
            status,
            slug,
            user_agent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_nonsense_is_not() {
        let line = b"203.0.113.7 200 /live/stage/dvr.m3u8 VLC/3.0 \xff LibVLC".as_slice();
        let answered = Answered::read(line).unwrap();
        assert_eq!((answered.slug, answered.status), ("stage", 200));
        assert_eq!(answered.address, IpAddr::from([203, 0, 113, 7]));
        assert_eq!(answered.user_agent, b"VLC/3.0 \xff LibVLC");
        let nameless = Answered::read(b"::1 304 /live/stage/dvr.m3u8 ").unwrap();
        assert_eq!(nameless.user_agent, b"");
        for nonsense in ["", "203.0.113.7", "x 200 /live/stage/dvr.m3u8 ", "::1 200 /stage "] {
            assert_eq!(Answered::read(nonsense.as_bytes()), None, "{nonsense}");
        }
    }
}
