//! A clip: from closed segments to an MP4 and a poster.
//!
//! Enter by [`cut`]. The segments are taken apart ([`index`]), it is decided which frames are copied and which are
//! encoded anew ([`plan`]), ffmpeg encodes those, if any ([`coding`], [`encode`]), everything gets its time
//! ([`timeline`], [`pictures`]), and the file is written ([`assemble`], [`write`]). What is copied is never decoded, and no media is
//! held in memory but a bounded window of it.

mod assemble;
mod coding;
mod encode;
mod error;
mod index;
mod pictures;
mod plan;
mod request;
mod shelf;
mod sounds;
mod timeline;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::timeout;

use crate::encoder;
use coding::{Batch, Besides, Coding};
use index::Index;
use plan::{Asked, Plan};
use shelf::Shelf;
use timeline::Window;

pub use error::CutError;
pub use request::{Cut, Ffmpeg, Made, Source};

/// Makes a clip. `progress` hears how much of the work is done, from 0 to 1.
///
/// When the time is over or the future is dropped, ffmpeg and all it has started are killed, and nothing is read any
/// more; what was written stays for the caller to remove.
pub async fn cut(cut: Cut, mut progress: impl FnMut(f32)) -> Result<Made, CutError> {
    let limit = cut.time_limit;
    let work = async {
        let stop = Stop::default();
        let cut = Arc::new(cut);
        let looked = look(&cut, &stop).await?;
        progress(0.1);
        match looked.coding.is_only_poster() {
            true => {
                let (batches, rest) = looked.split();
                let (_, made) = tokio::try_join!(encode(&cut, &batches, |_| ()), finish(&cut, rest))?;
                Ok(made)
            }
            false => {
                encode(&cut, &looked.coding.batches, |done| progress(0.1 + 0.8 * done)).await?;
                finish(&cut, looked).await
            }
        }
    };
    let made = timeout(limit, work).await;
    made.unwrap_or(Err(CutError::TimedOut(limit.as_millis())))
}

/// Tells the blocking parts that nobody waits for them any more.
#[derive(Default)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// All that is known before anything is encoded.
struct Looked {
    shelf: Shelf,
    index: Index,
    plan: Plan,
    windows: Vec<Window>,
    coding: Coding,
}

impl Looked {
    /// What ffmpeg does, apart.
    fn split(mut self) -> (Vec<Batch>, Self) {
        (std::mem::take(&mut self.coding.batches), self)
    }
}

async fn look(cut: &Arc<Cut>, stop: &Stop) -> Result<Looked, CutError> {
    let (cut, stopped) = (Arc::clone(cut), Arc::clone(&stop.0));
    blocking(move || {
        let mut shelf = Shelf::new(cut.segments.iter().map(|source| source.path.clone()), stopped);
        let index = Index::read(&mut shelf, &cut.segments)?;
        let asked = Asked {
            start_ms: cut.start.0,
            end_ms: cut.end.0,
            mode: cut.mode,
        };
        // Without pictures it is the sound alone.
        let plan = Plan::make(&index, asked).unwrap_or_default();
        let windows = match plan.pieces.is_empty() {
            true => timeline::windows_of_sound(&index, asked),
            false => pictures::windows(&index, &plan),
        };
        if windows.is_empty() {
            return Err(CutError::Nothing);
        }
        let config = timeline::main_config(&index, &windows);
        let besides = Besides {
            foreign: sounds::foreign(&index, &windows, config),
            config,
            poster: &cut.poster,
            frame_rate_milli: pictures::frame_rate_milli(&index, &windows),
        };
        let coding = Coding::prepare(&index, &plan, besides, &cut.scratch, &mut shelf)?;
        Ok(Looked {
            shelf,
            index,
            plan,
            windows,
            coding,
        })
    })
    .await
}

async fn encode(cut: &Cut, batches: &[Batch], mut progress: impl FnMut(f32)) -> Result<(), CutError> {
    let rate = batches
        .iter()
        .flat_map(|batch| &batch.outputs)
        .find_map(|output| match output {
            encode::Output::Video { like, .. } => Some(like.frame_rate_milli),
            encode::Output::Poster { .. } => None,
        });
    let all: usize = batches.iter().map(|batch| batch.pictures).sum();
    let mut done = 0;
    for batch in batches {
        let arguments = encode::arguments(
            &batch.inputs,
            &batch.outputs,
            &batch.sounds,
            rate.unwrap_or(30_000),
            cut.ffmpeg.threads,
        );
        let frames = |frame: u32| progress((done as f32 + frame as f32).min(all as f32) / all.max(1) as f32);
        encoder::run(&cut.ffmpeg.program, arguments, frames).await?;
        done += batch.pictures;
    }
    Ok(())
}

async fn finish(cut: &Arc<Cut>, looked: Looked) -> Result<Made, CutError> {
    let cut = Arc::clone(cut);
    blocking(move || assemble::assemble(&cut, looked)).await
}

/// Runs what blocks on the disk where that may be.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CutError> + Send + 'static,
) -> Result<T, CutError> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|error| Err(CutError::Internal(error.to_string())))
}
