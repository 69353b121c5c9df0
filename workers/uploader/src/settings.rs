//! How the uploader goes about its work.

use std::fs;
use std::time::Duration;

use sluice_config::{Config, Watermarks};
use sluice_domain::{Millis, retention};

/// What an operator may set, and what tests make shorter.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The machine's name, under which it reports.
    pub node: String,
    /// Segments put at the same time. Enough to hide a distant bucket's answers: a put takes two of them.
    pub parallel: usize,
    /// How often the index is asked for new segments: a fifth of what a segment may take until it is safe.
    pub poll: Duration,
    /// The wait after a failure; it doubles with each further one.
    pub retry_first: Duration,
    /// No wait between attempts is longer: an outage's end is noticed within this.
    pub retry_longest: Duration,
    /// What is underway may go on so long after the word to stop.
    pub grace: Duration,
    /// Segments younger than this stay on disk, where live playlists, thumbnails and fresh clips read them: longer than a
    /// live playlist is, be its segments as long as nginx lets them become.
    pub safe_age: Millis,
    /// Segments older than this are removed everywhere, on channels that have no window of their own.
    pub kept_for: Millis,
    /// How full the disk may become.
    pub watermarks: Watermarks,
    /// How often the disk is looked at. A machine that takes in 100 Mbit/s writes 60 MB in between.
    pub evict_every: Duration,
    /// How often segments are looked for whose time is over, or whose show was deleted.
    pub expire_every: Duration,
    /// How often it is reported how things are.
    pub report_every: Duration,
}

impl Settings {
    /// As the operator has it.
    pub fn of(config: &Config) -> Self {
        Self {
            node: node(),
            parallel: 16,
            poll: Duration::from_millis(200),
            retry_first: Duration::from_millis(250),
            retry_longest: Duration::from_secs(30),
            grace: Duration::from_secs(8),
            safe_age: Millis::from_secs(300),
            kept_for: retention::kept_for(config.dvr_window_hours),
            watermarks: config.watermarks,
            evict_every: Duration::from_secs(5),
            expire_every: Duration::from_secs(20),
            report_every: Duration::from_secs(2),
        }
    }
}

/// What the machine calls itself.
fn node() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "localhost".to_owned(),
        name => name.to_owned(),
    }
}
