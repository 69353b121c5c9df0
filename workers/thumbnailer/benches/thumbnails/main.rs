//! What the thumbnailer takes of a core for a channel that sends 1080p30, beside what ffmpeg takes to decode the same.
//! `scripts/bench thumbnails` runs it.
//!
//! Shows with a keyframe every 2 s are recorded as they are sent, a segment every two seconds, while the program works with
//! the settings it has in production; what it and all that it starts have used is read out of /proc.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)] // a benchmark that cannot go on says so and stops, as a test does

mod raw;
mod stage;

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use sluice_domain::Millis;
use sluice_testkit::site::Site;

use stage::Stage;

/// How long it is looked at: a sheet is made once in it, a live picture half a dozen times.
const LENGTH: Duration = Duration::from_secs(66);
/// What one channel may take, in percent of a core.
const AIM: f64 = 2.0;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let show = raw::Show::make();
    println!("\n1080p30, 6 Mb/s, GOP 2 s; of one core:");
    let decode = show.decode_percent();
    println!("ffmpeg, decoding all of it        {decode:>8.2} %");
    for channels in [1, 8] {
        let all = runtime.block_on(measure(&show, channels));
        let each = all / f64::from(channels);
        let verdict = if each <= AIM { "met" } else { "MISSED" };
        println!(
            "thumbnails of {channels} channel(s), each   {each:>8.2} %  {:>6.3} of it (aim {AIM} %): {verdict}",
            each / decode
        );
    }
}

/// What a thumbnailer takes for so many channels, in percent of a core.
async fn measure(show: &raw::Show, channels: u32) -> f64 {
    let site = Site::new().await;
    let mut env = site.env.clone();
    env.insert("OBJECT_STORE".to_owned(), "local".to_owned());
    let mut stages = Vec::new();
    for number in 0..channels {
        stages.push(Stage::live(&site, number).await);
    }
    let thumbnailer = Command::new(env!("CARGO_BIN_EXE_sluice-thumbnailer"))
        .env_clear()
        .envs(&env)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LOG_LEVEL", "warn")
        .current_dir(site.dir.path())
        .spawn();
    let thumbnailer = Running(thumbnailer.expect("the thumbnailer starts"));
    let began = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_secs(2));
    while began.elapsed() < LENGTH {
        tick.tick().await;
        for stage in &mut stages {
            stage.send(&site, show).await;
        }
    }
    let percent = thumbnailer.used().as_secs_f64() / began.elapsed().as_secs_f64() * 100.0;
    for stage in &stages {
        let thumbnails = site.store.thumbnails();
        let live = thumbnails.live(&[stage.id()]).await.unwrap();
        let sheets = thumbnails
            .sheets(stage.id(), Millis(0), Millis(i64::MAX))
            .await
            .unwrap();
        assert!(live.len() == 1 && !sheets.is_empty(), "what was measured did its work");
    }
    percent
}

struct Running(Child);

impl Running {
    /// Processor time of the program and of all that it has waited for.
    fn used(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("it runs");
        // Behind the name, which may have anything in it, come the state and the numbers.
        let numbers: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: u64 = numbers[11..15].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        // A tick is a hundredth of a second on every Linux that there is.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
