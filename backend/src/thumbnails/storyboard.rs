//! `storyboard.vtt`: which piece of which sheet shows a moment, as a WebVTT map. Its time 0 is the stretch's beginning.

use std::fmt::Write as _;

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderValue, web};
use sluice_domain::{Millis, storyboard};
use sluice_store::thumbnails::Sheet;

use crate::clock;
use crate::error::Error;
use crate::live::bodies::Body;
use crate::live::dvr::Stretch;
use crate::live::dvr::playlist::shared_or_not;
use crate::live::dvr_access;
use crate::live::playlist::{accepts_gzip, find, sent_as};
use crate::state::AppState;

const VTT: HeaderValue = HeaderValue::from_static("text/vtt; charset=utf-8");
/// Sheets are made while a show goes on, and made up when nobody was there to make them.
const GROWING: HeaderValue = HeaderValue::from_static("public, max-age=5");
const SETTLED: HeaderValue = HeaderValue::from_static("public, max-age=60");
/// By then, all of a moment is made that is made at once.
const SETTLES: Millis = Millis::from_secs(600);
/// The longest segment has 20 s, and begins anywhere in its slot: whatever is further apart has a hole in between.
const FURTHEST: Millis = Millis::from_secs(30);

/// `GET /live/{slug}/storyboard.vtt`.
pub async fn get(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let channel = find(&state, &slug).await?;
    dvr_access::allowed(&request, &channel)?;
    let now = clock::now();
    let stretch = Stretch::read(request.query_string(), now)?;
    // The picture before the stretch may be of its beginning, and the one after it says how long the last one is.
    let (from, until) = (stretch.from.minus(FURTHEST), stretch.until.plus(FURTHEST));
    let sheets = state.store.thumbnails().sheets(&channel.id, from, until).await?;
    let zipped = accepts_gzip(&request);
    // Six hours of it are 2,160 cues.
    let encode = move || {
        let body = Body::of(map(&sheets, stretch));
        if zipped {
            body.gzip().clone()
        } else {
            body.plain().clone()
        }
    };
    let encoded = web::block(encode).await.map_err(Error::internal)?;
    let caching = if stretch.until < now.minus(SETTLES) {
        SETTLED
    } else {
        GROWING
    };
    let caching = shared_or_not(&channel, caching);
    Ok(sent_as(VTT, &request, &encoded, zipped, caching))
}

/// A picture, and where it lies.
struct Tile<'a> {
    at: Millis,
    sheet: &'a str,
    number: usize,
}

/// The map of a stretch; one without cues where nothing was made.
fn map(sheets: &[Sheet], stretch: Stretch) -> String {
    let tiles: Vec<_> = sheets.iter().flat_map(tiles).collect();
    let mut text = String::from("WEBVTT\n");
    for (index, tile) in tiles.iter().enumerate() {
        let next = tiles.get(index + 1).map(|next| next.at);
        let next = next.filter(|next| *next <= tile.at.plus(FURTHEST));
        let end = next.unwrap_or(tile.at.plus(storyboard::SLOT)).min(stretch.until);
        let begin = tile.at.max(stretch.from);
        if begin < end {
            cue(&mut text, tile, (begin.since(stretch.from), end.since(stretch.from)));
        }
    }
    text
}

fn tiles(sheet: &Sheet) -> impl Iterator<Item = Tile<'_>> {
    let tile = |(number, at): (usize, &Millis)| Tile {
        at: *at,
        sheet: &sheet.name,
        number,
    };
    sheet.tiles.iter().enumerate().map(tile)
}

fn cue(text: &mut String, tile: &Tile<'_>, (begin, end): (Millis, Millis)) {
    let (x, y) = storyboard::corner(tile.number);
    let (begin, end) = (timestamp(begin), timestamp(end));
    let (sheet, width, height) = (tile.sheet, storyboard::TILE_WIDTH, storyboard::TILE_HEIGHT);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n{begin} --> {end}\nstoryboards/{sheet}.jpg#xywh={x},{y},{width},{height}\n"
    );
}

/// A WebVTT time stamp: `01:02:03.456`.
fn timestamp(at: Millis) -> String {
    let (seconds, ms) = (at.0 / 1000, at.0 % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{ms:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Millis = Millis(1_795_298_400_000);

    fn sheet(name: &str, moments_s: &[i64]) -> Sheet {
        let tiles: Vec<_> = moments_s.iter().map(|s| BEGIN.plus(Millis::from_secs(*s))).collect();
        Sheet {
            started_at: storyboard::sheet(tiles[0]),
            name: name.to_owned(),
            tiles,
        }
    }

    /// The cues of so many seconds from one second on, as begin, end, and what they show.
    fn cues(sheets: &[Sheet], from_s: i64, duration_s: i64) -> Vec<(String, String)> {
        let from = BEGIN.plus(Millis::from_secs(from_s));
        let until = from.plus(Millis::from_secs(duration_s));
        let text = map(sheets, Stretch { from, until });
        let blocks = text.trim_end().split("\n\n").skip(1);
        blocks
            .map(|block| {
                let (times, piece) = block.split_once('\n').unwrap();
                (times.replace("00:", ""), piece.replace("storyboards/", ""))
            })
            .collect()
    }

    #[test]
    fn a_cue_lasts_until_the_next_and_one_before_a_hole_for_a_slot() {
        let sheets = [sheet("a", &[0, 10, 28]), sheet("b", &[300])];
        let shown = cues(&sheets, 0, 310);
        let times: Vec<_> = shown.iter().map(|cue| cue.0.as_str()).collect();
        assert_eq!(
            times,
            [
                "00.000 --> 10.000",
                "10.000 --> 28.000",
                "28.000 --> 38.000",
                "05:00.000 --> 05:10.000"
            ]
        );
        assert_eq!(shown[1].1, "a.jpg#xywh=160,0,160,90");
        assert_eq!(shown[3].1, "b.jpg#xywh=0,0,160,90");
    }

    #[test]
    fn a_map_shows_what_lies_in_its_stretch_and_no_more() {
        let sheets = [sheet("a", &[0, 10, 20, 30])];
        let times = |from_s, duration_s| -> Vec<_> {
            let cues = cues(&sheets, from_s, duration_s);
            cues.into_iter().map(|cue| cue.0).collect()
        };
        assert_eq!(times(15, 10), ["00.000 --> 05.000", "05.000 --> 10.000"]);
        assert_eq!(times(35, 60), ["00.000 --> 05.000"]);
        assert!(times(40, 60).is_empty() && times(-60, 60).is_empty());
        assert_eq!(
            map(
                &[],
                Stretch {
                    from: BEGIN,
                    until: BEGIN
                }
            ),
            "WEBVTT\n"
        );
    }

    #[test]
    fn a_time_stamp_has_hours() {
        assert_eq!(timestamp(Millis(3_723_004)), "01:02:03.004");
    }
}
