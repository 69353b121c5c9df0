//! Pictures of keyframes. One ffmpeg makes many: it takes longer to start than to make one.
//!
//! It is given keyframes only, so nothing else can be decoded, and as bare H.264, so that nothing has to be looked for.
//! What blurs the edges of blocks is left out: at these sizes nobody sees them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sluice_domain::storyboard::{TILE_HEIGHT, TILE_WIDTH};
use tokio::fs;

use crate::{Error, Ffmpeg, Keyframe, process};

/// How wide a picture is at the most, in pixels.
const WIDTH: u32 = 640;

/// What is made of keyframes.
#[derive(Clone, Debug)]
pub enum Want {
    /// A JPEG of one, 640 pixels wide at the most, in a file.
    Picture(Keyframe, PathBuf),
    /// A small picture of each.
    Tiles(Vec<Keyframe>),
}

/// What was made of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pictures {
    /// Whether there is a picture.
    Picture(bool),
    /// One for each keyframe, in their order; none where it cannot be decoded.
    Tiles(Vec<Option<Tile>>),
}

/// A small picture, of the size that [`sluice_domain::storyboard`] says.
#[derive(Clone, PartialEq, Eq)]
pub struct Tile(Vec<u8>);

impl Tile {
    /// Red, green and blue of each of its pixels, in a byte each.
    const BYTES: usize = TILE_WIDTH * TILE_HEIGHT * 3;

    /// Its rows from the top.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.0.chunks_exact(TILE_WIDTH * 3)
    }
}

impl std::fmt::Debug for Tile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tile")
    }
}

/// Makes pictures of keyframes, in a directory of one's own for what is needed on the way.
///
/// What cannot be decoded has no picture, which is no error. [`Error`] where ffmpeg is missing, or does not end within
/// `time_limit`, of which each keyframe that spoils it for others takes another.
pub async fn pictures(
    wants: &[Want],
    ffmpeg: &Ffmpeg,
    scratch: &Path,
    time_limit: Duration,
) -> Result<Vec<Pictures>, Error> {
    let work = Work {
        ffmpeg,
        scratch,
        time_limit,
    };
    let made = work.make(wants).await?;
    let mut all = Vec::new();
    for (want, made) in wants.iter().zip(made) {
        all.push(match made {
            Some(made) => made,
            None => work.one_by_one(want).await?,
        });
    }
    Ok(all)
}

struct Work<'a> {
    ffmpeg: &'a Ffmpeg,
    scratch: &'a Path,
    time_limit: Duration,
}

impl Work<'_> {
    /// Makes all of it at once; nothing where it is not certain which picture is of which keyframe, or there is none.
    async fn make(&self, wants: &[Want]) -> Result<Vec<Option<Pictures>>, Error> {
        let mut arguments = words("-nostdin -hide_banner -y -v error -protocol_whitelist file -filter_threads 1");
        for (number, want) in wants.iter().enumerate() {
            let input = self.scratch.join(format!("keyframes-{number}.h264"));
            fs::write(&input, want.annex_b())
                .await
                .map_err(|error| self.failed(error))?;
            // Probed no further than it must be, or it would be decoded twice.
            arguments.extend(words(
                "-threads 1 -skip_loop_filter all -probesize 32 -analyzeduration 0",
            ));
            arguments.extend(words("-framerate 25 -f h264 -i"));
            arguments.push(file(&input));
        }
        for (number, want) in wants.iter().enumerate() {
            arguments.extend(words(&format!(
                "-map {number}:v -an -fps_mode passthrough -threads 1 -vf"
            )));
            arguments.extend(want.output());
            arguments.push(file(&self.output(number, want)));
        }
        match process::answer(&self.ffmpeg.program, arguments, self.time_limit).await {
            // What is there, is there.
            Ok(_) | Err(Error::Refused { .. }) => (),
            Err(error) => return Err(error),
        }
        let mut made = Vec::new();
        for (number, want) in wants.iter().enumerate() {
            made.push(self.taken(number, want).await);
        }
        Ok(made)
    }

    /// Each keyframe alone: none spoils it for another.
    async fn one_by_one(&self, want: &Want) -> Result<Pictures, Error> {
        let Want::Tiles(keyframes) = want else {
            let alone = self.make(std::slice::from_ref(want)).await?.pop().flatten();
            return Ok(alone.unwrap_or(Pictures::Picture(false)));
        };
        let mut tiles = Vec::new();
        for keyframe in keyframes {
            let alone = self.make(&[Want::Tiles(vec![keyframe.clone()])]).await?.pop().flatten();
            tiles.push(match alone {
                Some(Pictures::Tiles(mut alone)) => alone.pop().flatten(),
                _ => None,
            });
        }
        Ok(Pictures::Tiles(tiles))
    }

    fn output(&self, number: usize, want: &Want) -> PathBuf {
        match want {
            Want::Picture(_, path) => path.clone(),
            Want::Tiles(_) => self.scratch.join(format!("tiles-{number}.rgb")),
        }
    }

    /// What ffmpeg has left there.
    async fn taken(&self, number: usize, want: &Want) -> Option<Pictures> {
        let output = self.output(number, want);
        match want {
            Want::Picture(..) => {
                let there = fs::metadata(&output).await.is_ok_and(|found| found.len() > 0);
                there.then_some(Pictures::Picture(true))
            }
            Want::Tiles(keyframes) => {
                let bytes = fs::read(&output).await.unwrap_or_default();
                // What is of an earlier batch would be taken for this one's.
                let _ = fs::remove_file(&output).await;
                let tiles = bytes.chunks_exact(Tile::BYTES).map(|tile| Some(Tile(tile.to_vec())));
                (bytes.len() == keyframes.len() * Tile::BYTES).then(|| Pictures::Tiles(tiles.collect()))
            }
        }
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Process {
            program: self.ffmpeg.program.clone(),
            source,
        }
    }
}

impl Want {
    fn annex_b(&self) -> Vec<u8> {
        match self {
            Self::Picture(keyframe, _) => keyframe.annex_b.clone(),
            Self::Tiles(keyframes) => keyframes
                .iter()
                .flat_map(|keyframe| keyframe.annex_b.iter().copied())
                .collect(),
        }
    }

    /// How it is made. Pixels need not be square; pictures are.
    fn output(&self) -> Vec<OsString> {
        match self {
            Self::Picture(..) => {
                let scale = format!("scale=w=min({WIDTH}\\,round(iw*sar/2)*2):h=round(ow/dar/2)*2:flags=area,setsar=1");
                let jpeg = words("-frames:v 1 -c:v mjpeg -q:v 4 -f image2 -update 1");
                [vec![scale.into()], jpeg].concat()
            }
            Self::Tiles(_) => {
                let scale = format!(
                    "scale=w=min({TILE_WIDTH}\\,round({TILE_HEIGHT}*dar/2)*2):h=min({TILE_HEIGHT}\\,round({TILE_WIDTH}/dar/2)*2):\
                     flags=area,pad={TILE_WIDTH}:{TILE_HEIGHT}:-1:-1,setsar=1"
                );
                [vec![scale.into()], words("-pix_fmt rgb24 -f rawvideo")].concat()
            }
        }
    }
}

fn words(words: &str) -> Vec<OsString> {
    words.split_ascii_whitespace().map(OsString::from).collect()
}

/// A file's name is never an option or a protocol.
fn file(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}
