//! The keyframe that a segment begins with, wherever the segment is. No more is read than it takes.

use std::io::{self, ErrorKind};
use std::ops::ControlFlow;

use sluice_media::{Keyframe, Search};
use sluice_objects::{Fault, Key, Kind};
use sluice_store::recordings::Piece;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::site::Site;
use crate::trouble::Trouble;

/// What is read at a time: a keyframe of 1080p has about as much.
const CHUNK: usize = 256 << 10;

/// What there is of a segment.
#[derive(Debug)]
pub(crate) enum Found {
    /// Its first keyframe.
    Keyframe(Keyframe),
    /// Nothing to be seen: it is sound only, damaged, or gone.
    Nothing,
    /// It is not here, but may be on another machine's disk, and comes into the object store.
    Elsewhere,
}

/// Looks in the archive, then in the object store.
pub(crate) async fn keyframe(site: &Site, slug: &str, piece: &Piece) -> Result<Found, Trouble> {
    let path = site.archive.path(slug, &piece.name)?;
    match File::open(&path).await {
        Ok(file) => of_file(file, piece).await.map_err(Trouble::Archive),
        Err(error) if error.kind() == ErrorKind::NotFound => stored(site, slug, piece).await,
        Err(error) => Err(Trouble::Archive(error)),
    }
}

async fn of_file(mut file: File, piece: &Piece) -> io::Result<Found> {
    let mut reading = Reading::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk).await?;
        match chunk.get(..read) {
            None | Some([]) => return Ok(reading.end(piece)),
            Some(bytes) => {
                if let ControlFlow::Break(keyframe) = reading.push(bytes) {
                    return Ok(Found::Keyframe(keyframe));
                }
            }
        }
    }
}

async fn stored(site: &Site, slug: &str, piece: &Piece) -> Result<Found, Trouble> {
    let key = Key::segment(slug, &piece.name)?;
    let fetched = async {
        let mut object = site.objects.get(&key, None).await?;
        let mut reading = Reading::default();
        while let Some(bytes) = object.next().await? {
            if let ControlFlow::Break(keyframe) = reading.push(&bytes) {
                return Ok(Found::Keyframe(keyframe));
            }
        }
        Ok::<_, Fault>(reading.end(piece))
    };
    match timeout(site.settings.storage_limit, fetched).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(fault)) if fault.kind != Kind::Missing => Err(fault.into()),
        Ok(Err(_)) if piece.place.is_stored() => Ok(Found::Nothing),
        Ok(Err(_)) => Ok(Found::Elsewhere),
        Err(_) => Err(Trouble::Silence),
    }
}

/// A segment that is being read.
#[derive(Default)]
struct Reading {
    search: Search,
    bytes: usize,
}

impl Reading {
    fn push(&mut self, bytes: &[u8]) -> ControlFlow<Keyframe> {
        self.bytes += bytes.len();
        self.search.push(bytes)
    }

    /// The last picture of a segment may be the one, but not of one that ends too soon: it would be half of one.
    fn end(self, piece: &Piece) -> Found {
        let is_whole = i64::try_from(self.bytes).is_ok_and(|bytes| bytes >= piece.bytes);
        let last = self.search.end().filter(|_| is_whole);
        last.map_or(Found::Nothing, Found::Keyframe)
    }
}
