//! Fair weather.

use std::fs;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_testkit::wait_for;

use crate::seen::{Tile, number};
use crate::show::{NOON, Show, Take};
use crate::world::{BOUND, SIZE, World};

#[tokio::test]
async fn pictures_of_the_past_match_the_frames_of_their_times() {
    let (world, show) = World::recorded().await;
    let thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    let sheets = world.sheets().await;
    let starts: Vec<i64> = sheets.iter().map(|sheet| sheet.started_at.0 - NOON).collect();
    assert_eq!(starts, [0, 300_000]);
    let expected = Tile::expected(&show);
    assert_eq!(expected.len(), 5 + 3);
    assert_eq!(world.storyboard().await, expected);
    thumbnailer.stop().await;
}

#[tokio::test]
async fn pictures_of_segments_in_the_object_store_equal_those_of_local_files() {
    let (world, show) = World::recorded().await;
    world.offload().await;
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    assert_eq!(world.storyboard().await, Tile::expected(&show));
    assert_eq!(world.posters().await.len(), 2);
}

#[tokio::test]
async fn a_shows_poster_is_of_ten_seconds_into_it() {
    let (world, show) = World::recorded().await;
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    let posters = world.posters().await;
    let moments: Vec<i64> = posters.iter().map(|poster| poster.taken_at.0 - NOON).collect();
    // The second one's groups have four seconds.
    let second = show.segments.iter().rposition(|segment| segment.discontinuity).unwrap();
    let began = show.segments[second].started_at.0 - NOON;
    assert_eq!(moments, [10_000, began + 12_000]);
    for poster in posters {
        let frame = show
            .frames
            .iter()
            .find(|frame| frame.wall_ms == poster.taken_at.0)
            .unwrap();
        assert_eq!(number(&world.picture(&poster.name), SIZE), frame.number);
    }
}

#[tokio::test]
async fn the_poster_of_a_short_show_is_of_its_end() {
    let world = World::new().await;
    let show = Show::record(&[Take {
        length: 6,
        ..Take::default()
    }]);
    world.record(&show.segments, 0..3).await;
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    assert_eq!(world.posters().await[0].taken_at, Millis(NOON + 4000));
}

#[tokio::test]
async fn a_live_channel_is_shown_by_each_ten_seconds_as_soon_as_one_of_their_segments_is_closed() {
    let (world, show) = (World::new().await, crate::world::shows());
    world.record(&show.segments, 0..3).await;
    world.goes_live().await;
    let _thumbnailer = world.thumbnailer(world.settings());
    for newest in [2, 5, 12] {
        world.record(&show.segments, 0..newest + 1).await;
        let moment = show.segments[newest].started_at;
        let live = wait_for(BOUND, "the newest picture is shown", async || {
            world.live().await.filter(|live| live.taken_at == moment)
        })
        .await;
        let frame = show.frames.iter().find(|frame| frame.wall_ms == moment.0).unwrap();
        assert_eq!(number(&world.picture(&live.name), SIZE), frame.number);
    }
    world.nothing_else_is_kept().await;
}

#[tokio::test]
async fn what_a_live_channel_is_shown_by_is_not_decoded_again_for_its_sheet() {
    let (world, mut show) = (World::new().await, crate::world::shows());
    show.segments[0].started_at = clock::now();
    world.record(&show.segments, 0..1).await;
    world.goes_live().await;
    let starts = world.dir.path().join("starts");
    let lines = format!("echo >> {}\nexec /usr/bin/ffmpeg \"$@\"", starts.display());
    let mut settings = world.settings();
    settings.ffmpeg.program = world.ffmpeg(&lines);
    let _thumbnailer = world.thumbnailer(settings);
    let tiles = wait_for(BOUND, "there is a sheet", async || {
        Some(world.storyboard().await).filter(|tiles| !tiles.is_empty())
    })
    .await;
    let numbers: Vec<usize> = tiles.iter().map(|tile| tile.number).collect();
    assert_eq!(numbers, [show.frames[0].number]);
    let live = world.live().await.unwrap();
    assert_eq!(number(&world.picture(&live.name), SIZE), show.frames[0].number);
    assert_eq!(fs::read_to_string(starts).unwrap().lines().count(), 1);
}

#[tokio::test]
async fn a_sheet_grows_with_its_show() {
    let (world, show) = (World::new().await, crate::world::shows());
    world.record(&show.segments, 0..8).await;
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    assert_eq!(world.storyboard().await.len(), 2);
    // One more segment that begins no slot changes nothing to be seen.
    let before = world.sheets().await;
    world.record(&show.segments, 0..9).await;
    world.complete().await;
    assert_eq!(world.sheets().await, before);
    world.record(&show.segments, 0..show.segments.len()).await;
    world.complete().await;
    assert_eq!(world.storyboard().await, Tile::expected(&show));
    world.nothing_else_is_kept().await;
}

#[tokio::test]
async fn two_thumbnailers_do_each_other_no_harm() {
    let (world, show) = World::recorded().await;
    world.goes_live().await;
    let both = [world.thumbnailer(world.settings()), world.thumbnailer(world.settings())];
    world.complete().await;
    assert_eq!(world.storyboard().await, Tile::expected(&show));
    for thumbnailer in both {
        thumbnailer.stop().await;
    }
}
