//! From a plan to what ffmpeg is given, and back.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::CutError;
use super::encode::{Effort, Input, Like, Output, Sounds};
use super::index::{Frame, Index};
use super::pictures;
use super::plan::{Code, Piece, Plan};
use super::shelf::Shelf;
use super::sounds::{self, Foreign};
use crate::aac::Config;
use crate::h264::{Parameters, Sps};

/// What one ffmpeg does at a time, in pieces: each takes a decoder and an encoder's memory.
const TOGETHER: usize = 4;

/// What one ffmpeg does.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// What it decodes.
    pub(crate) inputs: Vec<Input>,
    /// What it makes of that.
    pub(crate) outputs: Vec<Output>,
    /// Sound that it converts.
    pub(crate) sounds: Vec<Sounds>,
    /// Pictures that it encodes.
    pub(crate) pictures: usize,
}

/// All that is encoded for a clip.
#[derive(Debug, Default)]
pub(crate) struct Coding {
    /// One after the other.
    pub(crate) batches: Vec<Batch>,
    /// What each of the plan's pieces is encoded to, in their order.
    videos: Vec<PathBuf>,
    /// What sound is converted to.
    audios: Vec<(Foreign, PathBuf)>,
}

/// What of the plan, besides the pieces, must be encoded.
pub(crate) struct Besides<'a> {
    /// Sound that is not like the rest.
    pub(crate) foreign: Vec<Foreign>,
    /// What the rest is like.
    pub(crate) config: Option<Config>,
    /// Where the poster goes.
    pub(crate) poster: &'a Path,
    /// Frames in a thousand seconds.
    pub(crate) frame_rate_milli: u32,
}

impl Coding {
    /// Puts what is to be decoded into files in `scratch`, and says what is to be made of it.
    pub(crate) fn prepare(
        index: &Index,
        plan: &Plan,
        besides: Besides<'_>,
        scratch: &Path,
        shelf: &mut Shelf,
    ) -> Result<Self, CutError> {
        let likes = likes(index, plan, besides.frame_rate_milli)?;
        let mut desk = Desk {
            index,
            scratch,
            shelf,
            poster: Some(besides.poster.to_owned()),
            beside: None,
            batch: Batch::default(),
            coding: Self::default(),
        };
        if let Some(Piece::Copy { run, frames }) = plan.pieces.first() {
            desk.keyframe(*run, frames.start)?;
        }
        for (code, like) in plan.coded().zip(likes) {
            desk.piece(code, like)?;
        }
        if let Some(like) = besides.config {
            desk.convert(besides.foreign, like)?;
        }
        desk.next_batch();
        Ok(desk.coding)
    }

    /// There is nothing to encode but the poster.
    pub(crate) fn is_only_poster(&self) -> bool {
        self.videos.is_empty() && self.audios.is_empty()
    }

    /// Puts what was encoded on the shelf, and its sound into the index. Returns the numbers of the videos.
    pub(crate) fn collect(self, index: &mut Index, shelf: &mut Shelf) -> Result<Vec<usize>, CutError> {
        let mut add = |(foreign, path)| (foreign, shelf.add_audio(path));
        let converted: Vec<_> = self.audios.into_iter().map(&mut add).collect();
        sounds::replace(index, &converted, shelf)?;
        Ok(self.videos.into_iter().map(|path| shelf.add_video(path)).collect())
    }
}

/// Where the files are laid out.
struct Desk<'a> {
    index: &'a Index,
    scratch: &'a Path,
    shelf: &'a mut Shelf,
    /// Where the poster goes, until it is known what it is taken from.
    poster: Option<PathBuf>,
    /// What is made beside the pieces: behind them, as progress is told by the first output.
    beside: Option<Output>,
    batch: Batch,
    coding: Coding,
}

impl Desk<'_> {
    /// Decodes a picture that is copied, for the poster.
    fn keyframe(&mut self, run: usize, frame: usize) -> Result<(), CutError> {
        let fed = pictures::frames(self.index, run, &(frame..frame + 1));
        let input = self.input("poster.h264", fed, &(0..1))?;
        self.take_poster(input);
        Ok(())
    }

    /// The first who decodes anything decodes the clip's first picture.
    fn take_poster(&mut self, input: usize) {
        if let Some(path) = self.poster.take() {
            self.beside = Some(Output::Poster { input, path });
        }
    }

    fn piece(&mut self, code: &Code, like: Like) -> Result<(), CutError> {
        if self.batch.inputs.len() >= TOGETHER {
            self.next_batch();
        }
        let number = self.coding.videos.len();
        let fed = pictures::frames(self.index, code.run, &code.feed);
        let input = self.input(&format!("source-{number}.h264"), fed, &code.keep)?;
        let path = self.scratch.join(format!("piece-{number}.h264"));
        self.coding.videos.push(path.clone());
        self.batch.pictures += code.keep.len();
        self.batch.outputs.push(Output::Video { input, path, like });
        self.take_poster(input);
        Ok(())
    }

    fn convert(&mut self, foreign: Vec<Foreign>, like: Config) -> Result<(), CutError> {
        for (number, foreign) in foreign.into_iter().enumerate() {
            let input = self.scratch.join(format!("source-{number}.aac"));
            let output = self.scratch.join(format!("sound-{number}.aac"));
            sounds::extract(self.index, &foreign, &input, self.shelf)?;
            self.coding.audios.push((foreign, output.clone()));
            self.batch.sounds.push(Sounds { input, output, like });
        }
        Ok(())
    }

    /// Writes what is needed of a group to a file that is decoded in this batch; returns its place there.
    fn input(&mut self, name: &str, group: &[Frame], keep: &Range<usize>) -> Result<usize, CutError> {
        let path = self.scratch.join(name);
        let (frames, keep) = pictures::needed(group, keep);
        extract(self.index, &frames, &path, self.shelf)?;
        self.batch.inputs.push(Input {
            path,
            first: keep.start,
            last: keep.end.saturating_sub(1),
        });
        Ok(self.batch.inputs.len() - 1)
    }

    fn next_batch(&mut self) {
        let mut batch = std::mem::take(&mut self.batch);
        batch.outputs.extend(self.beside.take());
        if !batch.outputs.is_empty() || !batch.sounds.is_empty() {
            self.coding.batches.push(batch);
        }
    }
}

/// Writes frames to a file, as a byte stream that begins with its parameter sets.
fn extract(index: &Index, frames: &[&Frame], path: &Path, shelf: &mut Shelf) -> Result<(), CutError> {
    let file = File::create(path).map_err(CutError::io("writing", path))?;
    let mut out = BufWriter::with_capacity(1 << 18, file);
    let sets = frames.first().and_then(|first| index.parameters.get(first.parameters));
    let sets = sets.map(Parameters::annex_b).unwrap_or_default();
    out.write_all(&sets).map_err(CutError::io("writing", path))?;
    for frame in frames {
        let segment = shelf.get(frame.place.file)?;
        let bytes = segment.video.slice(&frame.place.bytes);
        out.write_all(bytes).map_err(CutError::io("writing", path))?;
    }
    out.flush().map_err(CutError::io("writing", path))
}

/// What each encoded piece must be like. Pieces of one source share an id, and will share their parameter sets.
fn likes(index: &Index, plan: &Plan, frame_rate_milli: u32) -> Result<Vec<Like>, CutError> {
    if plan.coded().next().is_none() {
        return Ok(Vec::new());
    }
    let target = index.parameters.get(plan.target);
    let sps = target.and_then(|sets| sets.sps().map(|sps| (sets, sps)));
    let (target, sps) = sps.ok_or_else(|| CutError::Internal("the parameter sets cannot be read".to_owned()))?;
    let pictures = plan.coded().map(|code| code.keep.len()).sum();
    let effort = Effort::of(pictures, frame_rate_milli);
    let mut free = (0..32).filter(|id| target.leaves_free(*id));
    let mut ids = BTreeMap::new();
    let mut likes = Vec::new();
    for code in plan.coded() {
        let id = match ids.get(&code.parameters) {
            Some(id) => *id,
            None => free
                .next()
                .ok_or_else(|| CutError::Internal("the parameters change too often".to_owned()))?,
        };
        ids.insert(code.parameters, id);
        likes.push(Like {
            sps: matched(sps),
            id,
            frame_rate_milli,
            effort,
        });
    }
    Ok(likes)
}

/// The nearest that every player plays.
fn matched(sps: Sps) -> Sps {
    Sps {
        profile: if sps.is_plain { sps.profile } else { 100 },
        width: sps.width & !1,
        height: sps.height & !1,
        ..sps
    }
}
