//! Fair weather.

use std::fs;

use sluice_domain::Millis;
use sluice_domain::clip::{Mode, State};
use sluice_kit::clock;
use sluice_testkit::wait_for;

use crate::judge::Seen;
use crate::picture::Size;
use crate::show::{NOON, Show, Take};
use crate::world::{BOUND, World};

const RANGE: (i64, i64) = (NOON + 2_733, NOON + 7_367);

fn show() -> Show {
    Show::record(&[Take {
        b_frames: 2,
        ..Take::default()
    }])
}

fn numbers(show: &Show, (start, end): (i64, i64)) -> Vec<usize> {
    show.between(start, end).iter().map(|frame| frame.number).collect()
}

#[tokio::test]
async fn a_clip_becomes_ready_with_its_film_its_poster_and_its_figures() {
    let (world, show) = (World::new().await, show());
    world.record(&show.segments, 0..9).await;
    let clipper = world.clipper(world.settings());
    let id = world.ask(RANGE, Mode::Accurate).await;
    let clip = world.over(&id).await;
    assert_eq!((clip.state, clip.progress, clip.reason), (State::Ready, 1000, None));
    let made = clip.made.unwrap();
    let film = world.film(&id);
    assert_eq!(Seen::of(&film, Size(160, 96)).numbers, numbers(&show, RANGE));
    assert_eq!(made.actual_start_at, Millis(NOON + 2_733));
    assert_eq!(made.bytes as u64, fs::metadata(&film).unwrap().len());
    assert_eq!(
        (made.width, made.height, made.frame_rate_milli),
        (Some(160), Some(96), Some(30_000))
    );
    assert_eq!(world.clip_objects().len(), 2, "a film and a poster");
    clipper.stop().await;
    assert!(world.scratch().is_empty(), "{:?}", world.scratch());
}

#[tokio::test]
async fn a_clip_of_segments_in_the_object_store_equals_one_of_local_files() {
    let (world, show) = (World::new().await, show());
    world.record(&show.segments, 0..9).await;
    let _clipper = world.clipper(world.settings());
    let both = async || {
        let mut films = Vec::new();
        for mode in [Mode::Fast, Mode::Accurate] {
            let id = world.ask(RANGE, mode).await;
            assert_eq!(world.over(&id).await.state, State::Ready, "{mode:?}");
            films.push(fs::read(world.film(&id)).unwrap());
        }
        films
    };
    let local = both().await;
    world.offload().await;
    assert!((0..6).all(|msn| !world.archived(&show, msn).exists()));
    let stored = both().await;
    assert!(local[0] == stored[0], "the fast ones");
    assert!(local[1] == stored[1], "the accurate ones");
    assert!(local[0] != local[1], "one is not the other");
}

#[tokio::test]
async fn a_clip_waits_for_the_segment_that_it_ends_in() {
    let (world, show) = (World::new().await, show());
    world.record(&show.segments, 0..2).await;
    let mut settings = world.settings();
    settings.tail = std::time::Duration::from_secs(60);
    let _clipper = world.clipper(settings);
    let id = world.ask(RANGE, Mode::Accurate).await;
    world.running(&id).await;
    world.record(&show.segments, 2..9).await;
    assert_eq!(world.over(&id).await.state, State::Ready);
    assert_eq!(Seen::of(&world.film(&id), Size(160, 96)).numbers, numbers(&show, RANGE));
}

#[tokio::test]
async fn a_show_that_is_over_is_not_waited_for() {
    let (world, show) = (World::new().await, show());
    world.record(&show.segments, 0..9).await;
    let _clipper = world.clipper(world.settings());
    let id = world.ask((NOON + 11_000, NOON + 20_000), Mode::Accurate).await;
    let clip = world.over(&id).await;
    assert_eq!((clip.state, clip.made.unwrap().duration_ms), (State::Ready, 1_000));
}

#[tokio::test]
async fn eight_clips_at_once_are_all_made() {
    let (world, show) = (World::new().await, show());
    world.record(&show.segments, 0..9).await;
    let _clipper = world.clipper(world.settings());
    let mut ids = Vec::new();
    for at in 0..8 {
        ids.push(
            world
                .ask((NOON + at * 700, NOON + at * 700 + 3_100), Mode::Accurate)
                .await,
        );
    }
    for id in &ids {
        assert_eq!(world.over(id).await.state, State::Ready);
    }
    for (at, id) in (0..8).zip(&ids) {
        let range = (NOON + at * 700, NOON + at * 700 + 3_100);
        assert_eq!(Seen::of(&world.film(id), Size(160, 96)).numbers, numbers(&show, range));
    }
}

#[tokio::test]
async fn a_deleted_clips_objects_are_removed() {
    let (world, show) = (World::new().await, show());
    world.record(&show.segments, 0..9).await;
    let _clipper = world.clipper(world.settings());
    let id = world.ask(RANGE, Mode::Fast).await;
    let clip = world.over(&id).await;
    assert_eq!(world.clip_objects().len(), 2);
    assert!(world.store.clips().delete(&clip, "a-job", clock::now()).await.unwrap());
    wait_for(BOUND, "the objects are gone", async || {
        world.clip_objects().is_empty().then_some(())
    })
    .await;
}
