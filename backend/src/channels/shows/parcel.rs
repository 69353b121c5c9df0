//! A show as one file: its segments behind one another, from the disk or from the object store.
//!
//! What can be had is found out before the first byte: a segment that is nowhere is left out, so that the length holds.
//! What disappears after that is tried again, and then ends the answer before its length, which every client notices.
//! Nothing of the media is held but the piece that is being sent, nor the list of segments but a page of it: a slow
//! client costs an open file.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Bytes};
use futures_util::{Stream, stream};
use sha2::{Digest, Sha256};
use sluice_domain::Millis;
use sluice_objects::{Key, Object};
use sluice_store::recordings::{Piece, Recording};

use super::shelves;
use crate::error::{Error, chain};
use crate::random;
use crate::state::AppState;

/// Segments read from the index at a time.
const PAGE: u32 = 256;
/// Bytes read from a file at a time.
const CHUNK: u64 = 64 * 1024;
/// How often a segment is opened again that breaks off, and after which rest.
const RETRIES: u32 = 3;
const REST: Duration = Duration::from_millis(500);

/// A show that is ready to be sent.
pub(super) struct Parcel {
    state: AppState,
    slug: String,
    show: Recording,
    from: Millis,
    /// The numbers of segments that are left out.
    missing: BTreeSet<i64>,
    /// Where each page begins.
    pages: Vec<Mark>,
    /// Its length.
    pub(super) bytes: u64,
    /// Its strong entity tag, with the quotes: the same for as long as it is made of the same segments.
    pub(super) tag: String,
}

/// A page of segments: those behind a number, which begin at this byte of the file.
struct Mark {
    after: i64,
    offset: u64,
}

impl Parcel {
    /// Finds out what can be had of a show from the moment `from` on. [`Error::NotFound`] where that is nothing.
    pub(super) async fn pack(state: AppState, slug: String, show: Recording, from: Millis) -> Result<Self, Error> {
        let mut parcel = Self {
            state,
            slug,
            show,
            from,
            missing: BTreeSet::new(),
            pages: Vec::new(),
            bytes: 0,
            tag: String::new(),
        };
        let (mut contents, mut after) = (Sha256::new(), -1);
        loop {
            let page = parcel.page(after).await?;
            let Some(last) = page.last().map(|piece| piece.msn) else {
                break;
            };
            let offset = parcel.bytes;
            parcel.pages.push(Mark { after, offset });
            let there = shelves::there(&parcel.state.live, &parcel.slug, &page).await?;
            for piece in page {
                if !there.contains(&piece.msn) {
                    parcel.missing.insert(piece.msn);
                    continue;
                }
                parcel.bytes += piece.bytes.unsigned_abs();
                contents.update(piece.name.as_bytes());
                contents.update(piece.bytes.to_be_bytes());
            }
            after = last;
        }
        if parcel.bytes == 0 {
            return Err(Error::NotFound);
        }
        let print: String = random::fingerprint(contents.finalize()).chars().take(32).collect();
        parcel.tag = format!("\"{print}\"");
        parcel.tell_missing();
        Ok(parcel)
    }

    /// So many of its bytes, from the one at `first` on.
    pub(super) fn stream(self: Arc<Self>, first: u64, length: u64) -> impl Stream<Item = Result<Bytes, Error>> {
        let page = self.pages.partition_point(|mark| mark.offset <= first).checked_sub(1);
        let page = page.and_then(|page| self.pages.get(page));
        let sending = Sending {
            skip: page.map_or(first, |mark| first - mark.offset),
            after: page.map_or(-1, |mark| mark.after),
            left: length,
            page: VecDeque::new(),
            open: None,
            parcel: self,
        };
        stream::try_unfold(sending, async |mut sending| {
            let bytes = sending.next().await?;
            Ok(bytes.map(|bytes| (bytes, sending)))
        })
    }

    async fn page(&self, after: i64) -> Result<Vec<Piece>, Error> {
        let recordings = self.state.store.recordings();
        Ok(recordings.pieces(&self.show, self.from, after, PAGE).await?)
    }

    fn tell_missing(&self) {
        if !self.missing.is_empty() {
            let (channel, show, missing) = (&self.slug, self.show.first_msn, self.missing.len());
            tracing::info!(
                channel,
                show,
                missing,
                "a show is downloaded without what is lost of it"
            );
        }
    }

    /// Opens a segment, to be read from a byte on.
    async fn open(&self, piece: &Piece, at: u64) -> Result<Source, Error> {
        let size = piece.bytes.unsigned_abs();
        let path = self
            .state
            .live
            .archived(&self.slug, &piece.name)
            .ok_or(Error::NotFound)?;
        let opened = web::block(move || match fs::metadata(&path)?.len() == size {
            true => File::open(&path),
            false => Err(io::ErrorKind::InvalidData.into()),
        });
        if let Ok(Ok(file)) = opened.await {
            return Ok(Source::File(Arc::new(file)));
        }
        let key = Key::segment(&self.slug, &piece.name).map_err(Error::internal)?;
        let object = self.state.live.delivery().objects().get(&key, Some(at..size)).await;
        object
            .map(Source::Object)
            .map_err(|fault| Error::Unavailable(fault.into()))
    }
}

/// A parcel on its way.
struct Sending {
    parcel: Arc<Parcel>,
    /// Bytes that are not wanted of what comes next.
    skip: u64,
    /// The number of the last segment that was read from the index.
    after: i64,
    left: u64,
    page: VecDeque<Piece>,
    open: Option<Segment>,
}

/// A segment on its way.
struct Segment {
    piece: Piece,
    at: u64,
    source: Option<Source>,
    retries: u32,
}

enum Source {
    File(Arc<File>),
    Object(Object),
}

impl Sending {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let next = self.read().await;
        if let Err(error) = &next {
            let (channel, show) = (&self.parcel.slug, self.parcel.show.first_msn);
            tracing::warn!(error = %chain(error), channel, show, "a download broke off");
        }
        next.map(Some)
    }

    async fn read(&mut self) -> Result<Bytes, Error> {
        loop {
            if let Some(segment) = self.open.as_mut().filter(|segment| segment.left() > 0) {
                let mut bytes = segment.next(&self.parcel).await?;
                bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
                self.left -= bytes.len() as u64;
                return Ok(bytes);
            }
            let piece = self.piece().await?;
            let size = piece.bytes.unsigned_abs();
            let at = self.skip.min(size);
            self.skip -= at;
            self.open = Some(Segment {
                piece,
                at,
                source: None,
                retries: 0,
            });
        }
    }

    /// The segment that comes next.
    async fn piece(&mut self) -> Result<Piece, Error> {
        loop {
            if let Some(piece) = self.page.pop_front() {
                if self.parcel.missing.contains(&piece.msn) {
                    continue;
                }
                return Ok(piece);
            }
            self.page = self.parcel.page(self.after).await?.into();
            let last = self.page.back().map(|piece| piece.msn);
            self.after = last.ok_or(Error::NotFound)?;
        }
    }
}

impl Segment {
    fn left(&self) -> u64 {
        self.piece.bytes.unsigned_abs().saturating_sub(self.at)
    }

    async fn next(&mut self, parcel: &Parcel) -> Result<Bytes, Error> {
        loop {
            match self.attempt(parcel).await {
                Ok(bytes) if !bytes.is_empty() => {
                    self.at += bytes.len() as u64;
                    return Ok(bytes);
                }
                Err(error) if self.retries >= RETRIES => return Err(error),
                _ if self.retries >= RETRIES => return Err(Error::internal("a segment is shorter than it should be")),
                _ => {}
            }
            // It may have left the disk at this moment, or the object store may be busy.
            self.source = None;
            tokio::time::sleep(REST * self.retries).await;
            self.retries += 1;
        }
    }

    async fn attempt(&mut self, parcel: &Parcel) -> Result<Bytes, Error> {
        let (at, left) = (self.at, self.left());
        let source = match &mut self.source {
            Some(source) => source,
            empty => empty.insert(parcel.open(&self.piece, at).await?),
        };
        match source {
            Source::File(file) => {
                let file = Arc::clone(file);
                let read = web::block(move || read(&file, at, left.min(CHUNK)));
                read.await.map_err(Error::internal)?.map_err(Error::internal)
            }
            Source::Object(object) => {
                let next = object.next().await.map_err(|fault| Error::Unavailable(fault.into()))?;
                let mut bytes = next.unwrap_or_default();
                bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                Ok(bytes)
            }
        }
    }
}

fn read(file: &File, at: u64, length: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes.into())
}
