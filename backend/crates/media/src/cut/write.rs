//! Writes the clip: its head first, then the samples, pictures and sound by turns.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use super::CutError;
use super::pictures::Picture;
use super::shelf::{Place, Shelf};
use super::timeline::SoundTrack;
use crate::aac::FRAME_SAMPLES;
use crate::h264;
use crate::mp4::{self, Chunk, Movie, Sample};
use crate::ts::TICKS;

/// How much plays between two turns, in ticks: a player that reads one after the other holds so much.
const TURN: i64 = TICKS / 2;

/// Samples of one kind that are written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// These pictures.
    Pictures(Range<usize>),
    /// These frames of sound.
    Sounds(Range<usize>),
}

/// Which samples are written when: half a second of pictures, then the sound that goes with them.
pub(crate) fn turns(picture_times: &[i64], track: Option<&SoundTrack>) -> Vec<Turn> {
    let sounds = track.map_or(0, |track| track.frames.len());
    let sounds_until = |time: i64| {
        let due = track.map_or(0, |track| {
            (time * i64::from(track.config.rate_hz()) / TICKS + track.skip) / FRAME_SAMPLES
        });
        usize::try_from(due).unwrap_or(0).min(sounds)
    };
    let mut turns = Vec::new();
    let (mut picture, mut sound) = (0, 0);
    let mut until = TURN;
    while picture < picture_times.len() {
        let rest = picture_times.get(picture..).unwrap_or_default();
        let count = rest.iter().take_while(|time| **time < until).count();
        let sounds_end = sounds_until(until).max(sound);
        turns.push(Turn::Pictures(picture..picture + count));
        turns.push(Turn::Sounds(sound..sounds_end));
        (picture, sound) = (picture + count, sounds_end);
        until += TURN;
    }
    turns.push(Turn::Sounds(sound..sounds));
    turns.retain(|turn| match turn {
        Turn::Pictures(range) | Turn::Sounds(range) => !range.is_empty(),
    });
    turns
}

/// Where the turns' samples lie, pictures' and sounds', and how many bytes they have in all.
pub(crate) fn chunks(turns: &[Turn], pictures: &[Sample], sounds: &[Sample]) -> (Vec<Chunk>, Vec<Chunk>, u64) {
    let (mut of_pictures, mut of_sounds) = (Vec::new(), Vec::new());
    let mut place = 0;
    for turn in turns {
        let (samples, range, chunks) = match turn {
            Turn::Pictures(range) => (pictures, range, &mut of_pictures),
            Turn::Sounds(range) => (sounds, range, &mut of_sounds),
        };
        chunks.push(Chunk {
            samples: u32::try_from(range.len()).unwrap_or(u32::MAX),
            place,
        });
        let samples = samples.get(range.clone()).unwrap_or_default();
        place += samples.iter().map(|sample| u64::from(sample.bytes)).sum::<u64>();
    }
    (of_pictures, of_sounds, place)
}

/// What is written, besides the head.
pub(crate) struct Media<'a> {
    /// All pictures.
    pub(crate) pictures: &'a [Picture],
    /// The sound.
    pub(crate) track: Option<&'a SoundTrack>,
    /// In which order.
    pub(crate) turns: &'a [Turn],
    /// How many bytes the samples have in all.
    pub(crate) bytes: u64,
}

/// Writes the file; returns its length.
pub(crate) fn write(path: &Path, movie: &Movie, media: &Media<'_>, shelf: &mut Shelf) -> Result<u64, CutError> {
    let failed = || CutError::io("writing", path);
    let file = File::create(path).map_err(failed())?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let head = mp4::head(movie, media.bytes);
    out.write_all(&head).map_err(failed())?;
    for turn in media.turns {
        match turn {
            Turn::Pictures(range) => {
                for picture in media.pictures.get(range.clone()).unwrap_or_default() {
                    let segment = shelf.get(picture.place.file)?;
                    write_picture(&mut out, segment.video.slice(&picture.place.bytes)).map_err(failed())?;
                }
            }
            Turn::Sounds(range) => {
                let frames = media.track.and_then(|track| track.frames.get(range.clone()));
                for frame in frames.unwrap_or_default() {
                    write_sound(&mut out, frame.as_ref(), media.track, shelf, failed)?;
                }
            }
        }
    }
    out.into_inner().map_err(|error| failed()(error.into_error()))?;
    Ok(head.len() as u64 + media.bytes)
}

fn write_picture(out: &mut impl Write, annex_b: &[u8]) -> io::Result<()> {
    for nal in h264::samples_nals(annex_b) {
        out.write_all(&u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        out.write_all(nal)?;
    }
    Ok(())
}

fn write_sound<F: FnOnce(io::Error) -> CutError>(
    out: &mut impl Write,
    place: Option<&Place>,
    track: Option<&SoundTrack>,
    shelf: &mut Shelf,
    failed: impl Fn() -> F,
) -> Result<(), CutError> {
    match place {
        Some(place) => {
            let segment = shelf.get(place.file)?;
            out.write_all(segment.audio.slice(&place.bytes)).map_err(failed())
        }
        None => {
            let silence = track.and_then(|track| track.config.silence()).unwrap_or_default();
            out.write_all(silence).map_err(failed())
        }
    }
}
