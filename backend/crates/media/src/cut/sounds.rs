//! Sound that must be converted before it can stand beside other sound: another rate or another number of channels,
//! after a reconnect.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use super::CutError;
use super::index::{Index, Sound};
use super::shelf::{Place, Shelf};
use super::timeline::{Window, heard};
use crate::aac::{self, Config, FRAME_SAMPLES};
use crate::ts::TICKS;

/// Frames of a run that are not decoded as most of the clip's are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    run: usize,
    sounds: Range<usize>,
}

/// All of them that are heard in the windows, each stretch of one kind by itself.
pub(crate) fn foreign(index: &Index, windows: &[Window], main: Option<Config>) -> Vec<Foreign> {
    let mut found: Vec<Foreign> = Vec::new();
    for window in windows {
        let sounds = index.runs.get(window.run).map_or(&[][..], |run| &run.sounds);
        let heard = heard(index, *window);
        let range = heard.first().map_or(0..0, |first| {
            let start = sounds.partition_point(|sound| sound.pts < first.pts);
            start..start + heard.len()
        });
        for at in range {
            let config = sounds.get(at).map(|sound| sound.config);
            if config == main {
                continue;
            }
            let before = at
                .checked_sub(1)
                .and_then(|before| sounds.get(before))
                .map(|sound| sound.config);
            match found.last_mut() {
                Some(last) if last.run == window.run && last.sounds.end == at && before == config => {
                    last.sounds.end += 1
                }
                _ => found.push(Foreign {
                    run: window.run,
                    sounds: at..at + 1,
                }),
            }
        }
    }
    found
}

/// Writes these frames to a file, as an ADTS stream.
pub(crate) fn extract(index: &Index, foreign: &Foreign, path: &Path, shelf: &mut Shelf) -> Result<(), CutError> {
    let file = File::create(path).map_err(CutError::io("writing", path))?;
    let mut out = BufWriter::new(file);
    for sound in sounds(index, foreign) {
        let segment = shelf.get(sound.place.file)?;
        let bytes = segment.audio.slice(&sound.place.bytes);
        out.write_all(&sound.config.adts(bytes.len()))
            .and_then(|()| out.write_all(bytes))
            .map_err(CutError::io("writing", path))?;
    }
    out.flush().map_err(CutError::io("writing", path))
}

/// Puts what the files say in the place of each. They are as long, but begin with a frame more: the encoder's delay.
pub(crate) fn replace(index: &mut Index, converted: &[(Foreign, usize)], shelf: &mut Shelf) -> Result<(), CutError> {
    // From the last on: so the places of those before stay what they are.
    for (foreign, file) in converted.iter().rev() {
        let segment = shelf.get(*file)?;
        let began = sounds(index, foreign).first().map(|first| (first.pts, first.wall_ms));
        let frames = aac::frames(&segment.audio.bytes).unwrap_or_default();
        let Some((pts, wall_ms)) = began else { continue };
        let new = frames.into_iter().skip(1).zip(0..).map(|(frame, number)| {
            let later = number * FRAME_SAMPLES * TICKS / i64::from(frame.config.rate_hz());
            Sound {
                pts: pts + later,
                wall_ms: wall_ms + later / 90,
                config: frame.config,
                place: Place {
                    file: *file,
                    bytes: frame.bytes,
                },
            }
        });
        let new: Vec<Sound> = new.collect();
        if let Some(run) = index.runs.get_mut(foreign.run) {
            drop(run.sounds.splice(foreign.sounds.clone(), new));
        }
    }
    Ok(())
}

fn sounds<'a>(index: &'a Index, foreign: &Foreign) -> &'a [Sound] {
    let run = index.runs.get(foreign.run).map_or(&[][..], |run| &run.sounds);
    run.get(foreign.sounds.clone()).unwrap_or_default()
}
