//! Thousands of players that wait for the next part of one show, and as many that ask for its playlist now and then.
//!
//! A part is ready when its last frame is about to be written, or, where it is the last of its segment and is listed
//! with the segment, when nginx is about to commit that. The answer is there when the player has read it. So the
//! figure has everything in it: finding the part, listing it, waking and answering all who wait, and their own work on
//! the other core: that they read what has come before they ask again keeps their own work small in it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sluice_backend::ops::open_files;
use sluice_testkit::wait::wait_here;

use crate::audience::{Answer, Audience, Manner};
use crate::backend::Backend;
use crate::client::{self, Connection};
use crate::growing::{self, FRAMES, Growing, Written};
use crate::meter;
use crate::reach::Reach;
use crate::table::Row;

const PLAYERS: usize = 5_000;
const LASTS: Duration = Duration::from_secs(20);
/// Time for all of them to come, and to get their first part.
const WARM_UP: Duration = Duration::from_secs(6);
/// A part is there, and has been sent to everyone.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// A player that knows no parts asks once in a target duration (RFC 8216, 6.3.4).
const TARGET_DURATION: Duration = Duration::from_secs(2);
/// Of two seconds each: enough for all of it, and for coming and going.
const SEGMENTS: usize = 60;
const AIM_MS: f64 = 60.0;

pub(crate) async fn measure() -> Vec<Row> {
    open_files::allow_most().expect("what is allowed is granted");
    let backend = Backend::start(1).await;
    let path = format!("/live/{}/live.m3u8", backend.channels[0].slug);
    let spool = backend.config.spool_dir().join(backend.publish(0, 1));
    let show = Growing::start(spool, growing::segments(SEGMENTS));
    wait_here(Duration::from_secs(20), "the show is listed", || {
        let answer = Connection::open(backend.port()).ask(&client::get(&path, ""));
        (answer.status == 200).then_some(())
    });
    let mut audience = Audience::come(backend.port(), PLAYERS, path);
    audience.watch(Manner::Wait, WARM_UP);
    audience.count();
    let (waiting, players) = cpu(&backend, || audience.watch(Manner::Wait, LASTS));
    let unanswered = audience.leave(LAST_ANSWERS);
    let (asked, answered) = (audience.asked, audience.answers.len());
    let waves = Waves::of(&audience, &show.written.lock().unwrap());
    audience.watch(Manner::Poll(TARGET_DURATION), TARGET_DURATION);
    audience.count();
    let (polling, _) = cpu(&backend, || audience.watch(Manner::Poll(TARGET_DURATION), LASTS));
    let per_answer = answered as f64 / audience.answers.len() as f64;
    let percent = |spent: Duration| spent.as_secs_f64() / LASTS.as_secs_f64() * 100.0;
    let an_answer_us = |spent: Duration| spent.as_secs_f64() * 1e6 / answered as f64;
    vec![
        Row {
            what: format!(
                "{PLAYERS} players wait for each part, from ready to answered, {} parts",
                waves.parts
            ),
            result: format!(
                "p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms; p99 {:.1} ms behind the first; {answered} of {asked} \
                 answered, {} late ones with a newer part; CPU {:.1} µs an answer, of the players {:.1} µs",
                at(&waves.lags_ms, 50),
                at(&waves.lags_ms, 99),
                at(&waves.lags_ms, 100),
                at(&waves.spreads_ms, 99),
                waves.parts * PLAYERS - waves.lags_ms.len(),
                an_answer_us(waiting),
                an_answer_us(players),
            ),
            aim: format!("≤ {AIM_MS} ms, all"),
            met: at(&waves.lags_ms, 99) <= AIM_MS && answered == asked && unanswered == 0,
        },
        Row {
            what: format!("{PLAYERS} players, the backend's CPU: each part waited for / a playlist every 2 s"),
            result: format!(
                "{:.1}% of a core against {:.1}% = {:.1}, for {per_answer:.1} times the answers",
                percent(waiting),
                percent(polling),
                waiting.as_secs_f64() / polling.as_secs_f64()
            ),
            aim: "≤ answers".to_owned(),
            met: waiting.as_secs_f64() / polling.as_secs_f64() <= per_answer,
        },
    ]
}

/// CPU time meanwhile, of the backend and of the players.
fn cpu(backend: &Backend, meanwhile: impl FnOnce()) -> (Duration, Duration) {
    let both = || [backend.child.id(), std::process::id()].map(meter::cpu);
    let before = both();
    meanwhile();
    let after = both();
    (after[0].saturating_sub(before[0]), after[1].saturating_sub(before[1]))
}

/// The answers with each part; the first and the last are left out, as some had asked for them at another time.
struct Waves {
    parts: usize,
    /// From ready to answered, ascending.
    lags_ms: Vec<f64>,
    /// From the first player's answer with the same part, ascending.
    spreads_ms: Vec<f64>,
}

impl Waves {
    fn of(audience: &Audience, written: &Written) -> Self {
        let mut waves: BTreeMap<(usize, usize), Vec<Answer>> = BTreeMap::new();
        for answer in &audience.answers {
            let reach = audience.reaches[answer.reach];
            waves.entry((reach.next_msn, reach.parts)).or_default().push(*answer);
        }
        waves.pop_first();
        waves.pop_last();
        let (mut lags_ms, mut spreads_ms) = (Vec::new(), Vec::new());
        for wave in waves.values() {
            // Answers are in the order in which they came.
            let first = wave[0];
            let ready = ready_at(audience.reaches[first.reach], written);
            let mut told: Vec<_> = wave.iter().map(|answer| answer.player).collect();
            told.sort_unstable();
            told.dedup();
            assert_eq!(told.len(), wave.len(), "nobody is told twice");
            lags_ms.extend(wave.iter().map(|answer| ms(answer.at, ready)));
            spreads_ms.extend(wave.iter().map(|answer| ms(answer.at, first.at)));
        }
        lags_ms.sort_by(f64::total_cmp);
        spreads_ms.sort_by(f64::total_cmp);
        Self {
            parts: waves.len(),
            lags_ms,
            spreads_ms,
        }
    }
}

fn ready_at(reach: Reach, written: &Written) -> Instant {
    // Segments are counted from 1.
    let closed = reach.next_msn - 1;
    match reach.parts {
        0 => written.commits[closed - 1],
        _ => {
            let frames = (reach.parts_long.as_millis() * 3 + 50) / 100;
            let frames = usize::try_from(frames).expect("a few");
            written.frames[closed * FRAMES + frames - 1]
        }
    }
}

pub(crate) fn ms(later: Instant, earlier: Instant) -> f64 {
    later.saturating_duration_since(earlier).as_secs_f64() * 1e3
}

/// The value at this percentage of sorted ones.
pub(crate) fn at(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}
