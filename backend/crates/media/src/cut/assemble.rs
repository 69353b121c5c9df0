//! Puts the clip together: what its parts are, when they play, and how the file says so.

use sluice_domain::Millis;

use super::index::Index;
use super::pictures::{self, Picture};
use super::plan::{Piece, Plan};
use super::shelf::Shelf;
use super::timeline::{self, SoundTrack, Timeline, Window};
use super::{Cut, CutError, Looked, Made, write};
use crate::h264::Parameters;
use crate::mp4::{Audio, Chunk, Movie, Sample, Video};

/// Writes the clip, now that all that had to be encoded is.
pub(super) fn assemble(cut: &Cut, looked: Looked) -> Result<Made, CutError> {
    let Looked {
        mut shelf,
        mut index,
        plan,
        windows,
        coding,
    } = looked;
    let coded = coding.collect(&mut index, &mut shelf)?;
    let pictures = pictures::all(&index, &plan, &coded, &mut shelf)?;
    let config = timeline::main_config(&index, &windows);
    let timeline = timeline::lay(&index, &windows, config);
    let times = times(&pictures, &timeline);
    let samples = pictures::samples(&pictures, &times, timeline.length);
    let sounds = timeline.track.as_ref().map(sound_samples).unwrap_or_default();
    let turns = write::turns(&times, timeline.track.as_ref());
    let (video_chunks, audio_chunks, bytes) = write::chunks(&turns, &samples, &sounds);
    let video = match pictures.is_empty() {
        true => None,
        false => {
            let parameters = parameters(&index, &plan, &coded, &mut shelf)?;
            Some(video(&parameters, samples, video_chunks)?)
        }
    };
    let (width, height) = video.as_ref().map_or((0, 0), |video| (video.width, video.height));
    let actual_start = actual_start(&index, &windows);
    let movie = Movie {
        length: timeline.length,
        created_at_ms: actual_start.0,
        title: cut.title.clone(),
        video,
        audio: timeline.track.as_ref().map(|track| audio(track, sounds, audio_chunks)),
    };
    let media = write::Media {
        pictures: &pictures,
        track: timeline.track.as_ref(),
        turns: &turns,
        bytes,
    };
    let bytes = write::write(&cut.out, &movie, &media, &mut shelf)?;
    Ok(Made {
        actual_start,
        duration_ms: timeline.length / 90,
        bytes,
        width,
        height,
        frame_rate_milli: pictures::frame_rate_milli(&index, &windows),
        has_poster: !pictures.is_empty(),
    })
}

/// When each picture is presented in the clip, in ticks.
fn times(pictures: &[Picture], timeline: &Timeline) -> Vec<i64> {
    let shift = |window: usize| timeline.shifts.get(window).copied().unwrap_or(0);
    pictures
        .iter()
        .map(|picture| picture.pts + shift(picture.window))
        .collect()
}

/// The wall clock at the first picture.
fn actual_start(index: &Index, windows: &[Window]) -> Millis {
    let first = windows.first().and_then(|window| {
        let run = index.runs.get(window.run)?;
        let picture = run.frames.iter().find(|frame| frame.pts == window.start);
        let sound = || run.sounds.iter().find(|sound| sound.pts == window.start);
        picture
            .map(|frame| frame.wall_ms)
            .or_else(|| sound().map(|sound| sound.wall_ms))
    });
    Millis(first.unwrap_or(0))
}

fn video(parameters: &Parameters, samples: Vec<Sample>, chunks: Vec<Chunk>) -> Result<Video, CutError> {
    let sps = parameters
        .sps()
        .ok_or_else(|| CutError::Internal("no parameter set can be read".to_owned()))?;
    Ok(Video {
        width: sps.width,
        height: sps.height,
        record: parameters.record(),
        samples,
        chunks,
    })
}

/// The parameter sets of all that is in the clip.
fn parameters(index: &Index, plan: &Plan, coded: &[usize], shelf: &mut Shelf) -> Result<Parameters, CutError> {
    let copies = plan.pieces.iter().any(|piece| matches!(piece, Piece::Copy { .. }));
    let target = index.parameters.get(plan.target).filter(|_| copies);
    let mut all = target.cloned().unwrap_or_default();
    for file in coded {
        let segment = shelf.get(*file)?;
        if !all.join(&Parameters::of(&segment.video.bytes)) {
            return Err(CutError::Internal(
                "the encoder's parameter sets contradict one another".to_owned(),
            ));
        }
    }
    Ok(all)
}

fn sound_samples(track: &SoundTrack) -> Vec<Sample> {
    let silence = track.config.silence().unwrap_or_default().len();
    let bytes = track
        .frames
        .iter()
        .map(|frame| frame.as_ref().map_or(silence, |place| place.bytes.len()));
    let sample = |bytes| Sample {
        bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        duration: 1024,
        offset: 0,
        is_sync: true,
    };
    bytes.map(sample).collect()
}

fn audio(track: &SoundTrack, samples: Vec<Sample>, chunks: Vec<Chunk>) -> Audio {
    Audio {
        rate_hz: track.config.rate_hz(),
        channels: track.config.channels,
        record: track.config.record(),
        skip: u32::try_from(track.skip).unwrap_or(0),
        samples,
        chunks,
    }
}
