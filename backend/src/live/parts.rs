//! `parts/{name}.ts`: slices of segments that may still be written, for players close behind the live edge.
//!
//! All who ask for a part at the same moment share one reading of it. With the last answer it is gone from memory.

use std::{
    io,
    os::unix::fs::FileExt,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Instant,
};

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, Bytes},
};
use tokio::sync::OnceCell;

use super::{
    channel::Channel,
    hold::{patience, told_no_more},
    shelf::{PartFile, PartLookup},
};
use crate::{
    delivery::dress::{ANY_ORIGIN, EXPOSED, MPEG_TS},
    error::Error,
    ops::metrics,
    state::AppState,
};

/// A part never changes; nobody asks for it again once its segment can be had whole.
const FOR_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=600, immutable");

/// `GET /live/{slug}/parts/{name}.ts`.
pub async fn get(path: web::Path<(String, String)>, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    let (slug, name) = path.into_inner();
    fetched(&slug, &name, &state).await
}

/// The answer, counted.
pub(crate) async fn fetched(slug: &str, name: &str, state: &AppState) -> Result<HttpResponse, Error> {
    let answer = sent(slug, name, state).await;
    let status = answer.as_ref().map_or_else(|error| error.row().1, HttpResponse::status);
    metrics::part(status.as_u16());
    answer
}

async fn sent(slug: &str, name: &str, state: &AppState) -> Result<HttpResponse, Error> {
    // Where no playlist was asked for there are no parts: the database need not be.
    let channel = state.live.loaded(slug).ok_or(Error::NotFound)?;
    let part = match channel.part(name) {
        PartLookup::Here(part) => part,
        PartLookup::Next => Box::pin(complete(&channel, name, state)).await?,
        PartLookup::Unknown => return Err(Error::NotFound),
    };
    let bytes = part.bytes().await.map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, MPEG_TS))
        .insert_header((header::CACHE_CONTROL, FOR_MINUTES))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN))
        .insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED))
        .body(bytes))
}

/// Waits for the part that players were told of until all of it is there: none of it may be sent before
/// (draft-pantos-hls-rfc8216bis-22, 6.2.6). One that is not made after all is like any other that is not.
async fn complete(channel: &Channel, name: &str, state: &AppState) -> Result<Arc<PartFile>, Error> {
    let mut news = channel.listen(&state.shutdown);
    let deadline = Instant::now() + patience(news.borrow().edge.target_s);
    loop {
        match channel.part(name) {
            PartLookup::Here(part) => return Ok(part),
            PartLookup::Next => {}
            PartLookup::Unknown => return Err(Error::NotFound),
        }
        if Instant::now() >= deadline {
            return Err(Error::NotFound);
        }
        news.changed().await.map_err(|_| told_no_more(state))?;
    }
}

/// What is in memory of a part: its bytes while they are sent, nothing else.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<Weak<OnceCell<Vec<u8>>>>>);

/// A share in them.
struct Share(Arc<OnceCell<Vec<u8>>>);

impl AsRef<[u8]> for Share {
    fn as_ref(&self) -> &[u8] {
        self.0.get().map_or(&[], Vec::as_slice)
    }
}

impl InFlight {
    fn share(&self) -> Arc<OnceCell<Vec<u8>>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.upgrade().unwrap_or_else(|| {
            let share = Arc::default();
            *held = Arc::downgrade(&share);
            share
        })
    }
}

impl PartFile {
    /// The part as it is sent. Whoever asks while it is being sent to others shares their bytes.
    pub async fn bytes(&self) -> io::Result<Bytes> {
        let share = self.in_flight.share();
        let read = async || {
            let part = self.clone();
            web::block(move || part.read()).await.map_err(io::Error::other)?
        };
        share.get_or_try_init(read).await?;
        Ok(Bytes::from_owner(Share(share)))
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.len).map_err(io::Error::other)?;
        let begin = self.prefix.len();
        let mut bytes = Vec::with_capacity(begin + len);
        bytes.extend_from_slice(&self.prefix);
        bytes.resize(begin + len, 0);
        let media = bytes.get_mut(begin..).unwrap_or_default();
        self.file.read_exact_at(media, self.offset)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn part(content: &[u8], offset: u64, len: u64) -> PartFile {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        PartFile {
            file: Arc::new(file),
            offset,
            len,
            prefix: Bytes::from_static(b"tables "),
            in_flight: InFlight::default(),
        }
    }

    #[actix_web::test]
    async fn a_part_is_its_tables_and_its_slice_of_the_file() {
        let part = part(b"before part after", 7, 4);
        assert_eq!(part.bytes().await.unwrap(), "tables part");
    }

    #[actix_web::test]
    async fn who_asks_at_the_same_time_shares_the_bytes_and_nobody_keeps_them() {
        let part = part(b"before part after", 7, 4);
        let (one, other) = tokio::join!(part.bytes(), part.bytes());
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.as_ptr(), other.as_ptr(), "read once");
        let held = part.in_flight.0.lock().unwrap().clone();
        drop(one);
        assert!(held.upgrade().is_some(), "the other is still being sent");
        drop(other);
        assert!(held.upgrade().is_none(), "nobody holds the media");
    }

    #[actix_web::test]
    async fn a_file_that_is_shorter_than_it_should_be_is_an_error_and_may_be_tried_again() {
        let part = part(b"short", 0, 100);
        assert!(part.bytes().await.is_err());
        part.file.write_all_at(&[0; 100], 0).unwrap();
        assert_eq!(part.bytes().await.unwrap().len(), 107);
    }
}
