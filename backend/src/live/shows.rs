//! `shows/{id}.m3u8`: a whole show that is over, as a closed playlist.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use sluice_domain::{Dvr, Millis, retention::listed_from};
use sluice_hls::{
    media::{self, Playlist},
    target,
    timeline::Segment,
};
use sluice_store::{
    offload::Place,
    recordings::{Piece, Recording},
};

use super::{
    Live,
    bodies::Body,
    channel::Channel,
    dvr_access,
    playlist::{MPEGURL, find},
    segments::ANY_ORIGIN,
};
use crate::{channels::shows::number, clock, error::Error, state::AppState};

/// Of a show that is over only what slides out of the window can change.
const OVER: HeaderValue = HeaderValue::from_static("public, max-age=60");
/// Where not everyone may rewind, an answer is for whoever asked.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=60");
/// Segments read at a time: a megabyte on the way.
const PAGE: u32 = 5000;

/// `GET /live/{slug}/shows/{id}.m3u8`. Compressed by nginx, if at all: it is asked for once a viewer.
pub async fn get(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (slug, id) = path.into_inner();
    let channel = find(&state, &slug).await?;
    dvr_access::allowed(&request, &channel)?;
    let show = state.live.whole_show(&channel, &id).await?;
    let body = Body::of(state.live.closed(&channel, &show).await?);
    let encoded = body.plain();
    let caching = if channel.rewind().dvr == Dvr::Everyone {
        OVER
    } else {
        PRIVATE
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, MPEGURL))
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ETAG, encoded.etag.clone()))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN))
        .body(encoded.bytes.clone()))
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

    /// The closed playlist of what can be played of a show. [`Error::NotFound`] where that is nothing.
    async fn closed(&self, channel: &Channel, show: &Recording) -> Result<String, Error> {
        let from = match show.kept_at {
            Some(_) => Millis(0),
            None => listed_from(self.window_hours(channel), clock::now()),
        };
        let (mut pieces, mut after) = (Vec::new(), -1);
        loop {
            let page = self.store().recordings().pieces(show, from, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.msn;
            pieces.extend(page);
        }
        rendered(&pieces).ok_or(Error::NotFound)
    }
}

/// The text for these segments; nothing where none of them can be played. What is lost is left out: the list is closed,
/// so that no number means anything to a later one, and what follows does not continue what was before.
fn rendered(pieces: &[Piece]) -> Option<String> {
    let (mut segments, mut is_broken) = (Vec::with_capacity(pieces.len()), false);
    for piece in pieces {
        if piece.place == Place::Lost {
            is_broken = true;
            continue;
        }
        let segment = segment(piece);
        segments.push(Segment {
            discontinuity: segment.discontinuity || is_broken,
            ..segment
        });
        is_broken = false;
    }
    let target_s = target::of(segments.iter().map(|segment| segment.duration_us));
    let text = media::render(&Playlist {
        segments: &segments,
        target_s,
        ended: true,
        edge: None,
    });
    // It never changes (RFC 8216, 4.3.3.5); and segments are listed in a directory beside its own.
    let typed = text.full.replacen(
        "#EXT-X-TARGETDURATION",
        "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION",
        1,
    );
    (!segments.is_empty()).then(|| typed.replace("\nsegments/", "\n../segments/"))
}

fn segment(piece: &Piece) -> Segment {
    Segment {
        msn: piece.msn.unsigned_abs(),
        name: piece.name.clone(),
        started_at_ms: piece.started_at.0,
        duration_us: piece.duration_us.unsigned_abs(),
        discontinuity: piece.discontinuity,
        discontinuity_seq: piece.discontinuity_seq.unsigned_abs(),
        target_s: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(msn: i64, place: Place) -> Piece {
        Piece {
            msn,
            name: format!("20261120-222053-{msn:08}"),
            started_at: Millis(1_795_213_253_850 + 2_000 * msn),
            duration_us: 2_000_000 + msn * 1_000_000,
            bytes: 1,
            discontinuity: false,
            discontinuity_seq: 7,
            place,
        }
    }

    #[test]
    fn a_show_is_a_closed_list_of_what_can_be_played() {
        let text = rendered(&[piece(1, Place::Store), piece(2, Place::Lost), piece(3, Place::Both)]).unwrap();
        let expected = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:5\n\
            #EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:7\n\
            #EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:55.850Z\n#EXTINF:3.000,\n../segments/20261120-222053-00000001.ts\n\
            #EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:59.850Z\n#EXTINF:5.000,\n\
            ../segments/20261120-222053-00000003.ts\n#EXT-X-ENDLIST\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn of_a_show_that_is_lost_there_is_no_list() {
        assert_eq!(rendered(&[]), None);
        assert_eq!(rendered(&[piece(1, Place::Lost)]), None);
    }
}
