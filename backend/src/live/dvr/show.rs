//! `shows/{id}.m3u8`: a whole show that is over, as a closed playlist. It may be kept for longer than the window that is
//! held in memory, so it is read from the database.

use actix_web::{HttpRequest, HttpResponse, web};
use sluice_domain::{Millis, retention::listed_from};
use sluice_hls::{
    dvr::Index,
    recorded::{Kind, Recorded},
};
use sluice_store::recordings::{Piece, Recording};

use super::{Scribe, playlist::shared_or_not, timeshift::PAST};
use crate::{
    channels::shows::number,
    clock,
    error::Error,
    live::{
        Live,
        bodies::Encoded,
        channel::Channel,
        dvr_access,
        playlist::{accepts_gzip, counted, find, sent},
        start::unsigned,
    },
    ops::metrics::Playlist,
    state::AppState,
};

/// Segments read at a time: a megabyte on the way.
const PAGE: u32 = 5000;

/// `GET /live/{slug}/shows/{id}.m3u8`.
pub async fn get(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (slug, id) = path.into_inner();
    let channel = find(&state, &slug).await?;
    dvr_access::allowed(&request, &channel)?;
    let zipped = accepts_gzip(&request);
    let answer = async {
        let show = state.live.whole_show(&channel, &id).await?;
        let index = state.live.index_of(&channel, &show).await?;
        let encoded = written(index, channel.dvr.scribe.one_down(), zipped).await?;
        Ok(sent(&request, &encoded, zipped, shared_or_not(&channel, PAST)))
    };
    counted(Playlist::Show, answer.await)
}

impl Live {
    /// A show that is over: [`Error::NotWholeYet`] for one that is not.
    async fn whole_show(&self, channel: &Channel, id: &str) -> Result<Recording, Error> {
        let first_msn = number(id).ok_or(Error::NotFound)?;
        let found = self.store().recordings().find(&channel.id, first_msn).await?;
        let show = found.ok_or(Error::NotFound)?;
        if channel.is_showing() && show.last_msn.is_none() {
            return Err(Error::NotWholeYet);
        }
        Ok(show)
    }

    /// The segments that are listed of a show.
    async fn index_of(&self, channel: &Channel, show: &Recording) -> Result<Index, Error> {
        let from = match show.kept_at {
            Some(_) => Millis(0),
            None => listed_from(self.window_hours(channel), clock::now()),
        };
        let (mut index, mut after) = (Index::default(), -1);
        loop {
            let page = self.store().recordings().pieces(show, from, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(index) };
            after = last.msn;
            for piece in &page {
                index.push(recorded(piece, &channel.dvr.scribe), 0);
            }
        }
    }
}

/// The playlist of all of it. [`Error::NotFound`] where nothing can be played.
async fn written(mut index: Index, scribe: Scribe, zipped: bool) -> Result<Encoded, Error> {
    index.slide(i64::MIN);
    let head = index.head(Kind::Closed, index.range()).ok_or(Error::NotFound)?;
    let write = move || scribe.encoded(&index, &head, index.range(), zipped);
    web::block(write).await.map_err(Error::internal)
}

fn recorded(piece: &Piece, scribe: &Scribe) -> Recorded {
    Recorded {
        msn: unsigned(piece.msn),
        started_at_ms: piece.started_at.0,
        duration_us: unsigned(piece.duration_us),
        discontinuity: piece.discontinuity,
        discontinuity_seq: unsigned(piece.discontinuity_seq),
        place: scribe.place(piece.place),
    }
}
