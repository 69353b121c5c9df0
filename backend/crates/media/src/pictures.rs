//! Pictures of keyframes. One ffmpeg makes many: it takes longer to start than to make one.
//!
//! It is given keyframes only, so nothing else can be decoded, and as bare H.264, so that nothing has to be looked for.
//! What blurs the edges of blocks is left out: at these sizes nobody sees them.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sluice_domain::storyboard::{TILE_HEIGHT, TILE_WIDTH};
use tokio::fs;

use crate::process;
use crate::{Error, Ffmpeg, Keyframe};

/// How wide a picture is at the most, in pixels.
const WIDTH: u32 = 640;
/// The largest picture that is decoded, in pixels: 8K. What a stream says of itself is no bound on memory.
const MAX_PIXELS: u32 = 7680 * 4320;
/// What a JPEG ends with. One without it was cut short.
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

/// What is made of keyframes.
#[derive(Clone, Debug)]
pub enum Want {
    /// A JPEG of one, 640 pixels wide at the most, in a file; and a small picture, as it is decoded anyway.
    Picture(Keyframe, PathBuf),
    /// A small picture of each.
    Tiles(Vec<Keyframe>),
}

/// What was made of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pictures {
    /// The small picture, if there are pictures.
    Picture(Option<Tile>),
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
            // What the stream is like is seen when it is decoded; to find out before, the first would be decoded twice.
            arguments.extend(words("-nofind_stream_info -threads 1 -skip_loop_filter all"));
            arguments.extend(words(&format!("-max_pixels {MAX_PIXELS} -framerate 25 -f h264 -i")));
            arguments.push(file(&input));
        }
        for (number, want) in wants.iter().enumerate() {
            let small = self.tiles(number);
            self.cleared(&small).await?;
            arguments.extend(tiles(number));
            arguments.push(file(&small));
            if let Want::Picture(_, path) = want {
                self.cleared(path).await?;
                arguments.extend(picture(number));
                arguments.push(file(path));
            }
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
            return Ok(alone.unwrap_or(Pictures::Picture(None)));
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

    fn tiles(&self, number: usize) -> PathBuf {
        self.scratch.join(format!("tiles-{number}.rgb"))
    }

    /// What ffmpeg has left there.
    async fn taken(&self, number: usize, want: &Want) -> Option<Pictures> {
        let output = self.tiles(number);
        let bytes = fs::read(&output).await.unwrap_or_default();
        let _ = fs::remove_file(&output).await;
        let mut tiles = bytes.chunks_exact(Tile::BYTES).map(|tile| Some(Tile(tile.to_vec())));
        match want {
            Want::Picture(_, path) => {
                let jpeg = fs::read(path).await.unwrap_or_default();
                let tile = tiles.next().flatten().filter(|_| jpeg.ends_with(&END_OF_IMAGE));
                tile.map(|tile| Pictures::Picture(Some(tile)))
            }
            Want::Tiles(keyframes) => {
                (bytes.len() == keyframes.len() * Tile::BYTES).then(|| Pictures::Tiles(tiles.collect()))
            }
        }
    }

    /// What is of an earlier batch would be taken for this one's.
    async fn cleared(&self, output: &Path) -> Result<(), Error> {
        match fs::remove_file(output).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(error)),
            _ => Ok(()),
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
}

/// How a picture of an input is made. Pixels need not be square; pictures are.
fn picture(input: usize) -> Vec<OsString> {
    let scale = format!("scale=w=min({WIDTH}\\,round(iw*sar/2)*2):h=round(ow/dar/2)*2:flags=area,setsar=1");
    filtered(input, scale, "-frames:v 1 -c:v mjpeg -q:v 4 -f image2 -update 1")
}

/// How small pictures of all in an input are made.
fn tiles(input: usize) -> Vec<OsString> {
    let scale = format!(
        "scale=w=min({TILE_WIDTH}\\,round({TILE_HEIGHT}*dar/2)*2):h=min({TILE_HEIGHT}\\,round({TILE_WIDTH}/dar/2)*2):\
         flags=area,pad={TILE_WIDTH}:{TILE_HEIGHT}:-1:-1,setsar=1"
    );
    filtered(input, scale, "-pix_fmt rgb24 -f rawvideo")
}

fn filtered(input: usize, filter: String, format: &str) -> Vec<OsString> {
    let mut arguments = words(&format!("-map {input}:v -an -fps_mode passthrough -threads 1 -vf"));
    arguments.push(filter.into());
    arguments.extend(words(format));
    arguments
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

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    /// A keyframe of so many pixels.
    fn keyframe(dir: &Path, size: &str) -> Keyframe {
        let stream = dir.join("stream.h264");
        let made = Command::new("ffmpeg")
            .args(["-y", "-v", "error", "-f", "lavfi", "-i", &format!("color=size={size}")])
            .args(["-frames:v", "1", "-c:v", "libx264", "-preset", "ultrafast"])
            .arg(&stream)
            .status();
        assert!(made.unwrap().success());
        Keyframe {
            annex_b: fs::read(stream).unwrap(),
            offset_us: 0,
        }
    }

    /// A program in the place of ffmpeg.
    fn program(dir: &Path, lines: &str) -> Ffmpeg {
        let program = dir.join("program");
        fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Ffmpeg {
            program,
            ..Ffmpeg::default()
        }
    }

    async fn is_made(keyframe: Keyframe, ffmpeg: &Ffmpeg, dir: &Path) -> bool {
        let want = Want::Picture(keyframe, dir.join("picture.jpg"));
        let made = pictures(&[want], ffmpeg, dir, LIMIT).await.unwrap();
        matches!(made.as_slice(), [Pictures::Picture(Some(_))])
    }

    #[tokio::test]
    async fn what_is_there_of_before_is_not_taken_for_what_cannot_be_made() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let good = keyframe(dir, "320x180");
        assert!(is_made(good.clone(), &Ffmpeg::default(), dir).await);
        let damaged = Keyframe {
            annex_b: good.annex_b[..40].to_vec(),
            ..good
        };
        assert!(!is_made(damaged, &Ffmpeg::default(), dir).await);
    }

    #[tokio::test]
    async fn half_a_picture_of_a_program_that_was_killed_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let good = keyframe(dir.path(), "320x180");
        let lines = format!(
            "head -c {} /dev/zero > {}\nfor last; do :; done; printf '\\377\\330half' > \"${{last#file:}}\"; kill -9 $$",
            Tile::BYTES,
            dir.path().join("tiles-0.rgb").display()
        );
        let killed = program(dir.path(), &lines);
        assert!(!is_made(good, &killed, dir.path()).await);
        assert!(dir.path().join("picture.jpg").exists());
    }

    #[tokio::test]
    async fn a_picture_larger_than_8k_is_not_decoded() {
        let dir = tempfile::tempdir().unwrap();
        let ffmpeg = Ffmpeg::default();
        assert!(is_made(keyframe(dir.path(), "7680x4320"), &ffmpeg, dir.path()).await);
        assert!(!is_made(keyframe(dir.path(), "8192x4320"), &ffmpeg, dir.path()).await);
    }
}
