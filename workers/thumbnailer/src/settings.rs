//! How the thumbnailer goes about its work.

use std::path::PathBuf;
use std::time::Duration;

use sluice_config::Config;
use sluice_domain::Millis;
use sluice_media::Ffmpeg;

/// What tests make shorter. An operator has nothing to set: the budget bounds it on any machine.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where pictures are before they are put into the object store.
    pub scratch: PathBuf,
    /// How much of one core all of it may take, in the long run, from 0 to 1.
    pub budget: f64,
    /// How often the index is asked what is missing.
    pub poll: Duration,
    /// How old a live channel's picture must be at least before there is another: where another thumbnailer makes them.
    pub live_rest: Millis,
    /// Channels whose pictures one ffmpeg makes. It takes longer to start than to make one.
    pub live_together: usize,
    /// How old a sheet becomes before it is made again with what has come since.
    pub sheet_every: Millis,
    /// How often it is looked whether older sheets are missing, once all are there.
    pub look_back_every: Duration,
    /// How far into a show its poster is taken.
    pub poster_at: Millis,
    /// How long what was replaced stays, for those who were told of it.
    pub grace: Millis,
    /// How often what is over is removed.
    pub clean_every: Duration,
    /// What one ffmpeg may take. It needs a second or two for the largest pictures.
    pub time_limit: Duration,
    /// What the object store may take for one segment's beginning or one picture.
    pub storage_limit: Duration,
    /// The wait after trouble; it doubles with each further one.
    pub retry_first: Duration,
    /// No wait is longer.
    pub retry_longest: Duration,
    /// What could not be made is tried again after `retry_first`, then after twice as long and so on, but after this at the
    /// latest.
    pub aside_longest: Duration,
    /// The decoder.
    pub ffmpeg: Ffmpeg,
}

impl Settings {
    /// As the operator has it.
    pub fn of(config: &Config) -> Self {
        Self {
            scratch: config.thumbnailer_dir(),
            budget: 0.25,
            poll: Duration::from_secs(1),
            live_rest: Millis::from_secs(5),
            live_together: 8,
            sheet_every: Millis::from_secs(60),
            look_back_every: Duration::from_secs(600),
            poster_at: Millis::from_secs(10),
            grace: Millis::from_secs(900),
            clean_every: Duration::from_secs(20),
            time_limit: Duration::from_secs(20),
            storage_limit: Duration::from_secs(30),
            retry_first: Duration::from_secs(1),
            retry_longest: Duration::from_secs(60),
            aside_longest: Duration::from_secs(600),
            ffmpeg: Ffmpeg::default(),
        }
    }
}
