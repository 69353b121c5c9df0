//! One suite for both.

use std::fs;

use rstest::rstest;
use sluice_domain::{Millis, Slug};
use sluice_objects::{Digest, Kind as Trouble, Page};

use crate::world::Kind::{self, Local, S3};
use crate::world::World;

const SEGMENT: &str = "stage/20261120/20261120-222053-00000042.ts";

fn keys(page: &Page) -> Vec<&str> {
    page.objects.iter().map(|object| object.key.as_str()).collect()
}

#[rstest]
#[tokio::test]
async fn what_was_put_is_there_with_its_length_and_checksum(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let bytes: Vec<u8> = (0..700_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let key = world.put(SEGMENT, &bytes).await;
    let head = world.store.head(&key).await.unwrap().unwrap();
    let digest = Digest::of(&world.file("again", &bytes)).unwrap();
    assert_eq!((head.bytes, head.checksum), (700_000, Some(digest.checksum)));
    world.store.verify(&key, digest).await.unwrap();
    let object = world.store.get(&key, None).await.unwrap();
    assert_eq!((object.bytes, object.total_bytes), (700_000, 700_000));
    assert!(object.read().await.unwrap() == bytes);
}

#[rstest]
#[tokio::test]
async fn an_empty_file_is_an_object_too(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let key = world.put("stage/empty.ts", b"").await;
    assert_eq!(world.store.head(&key).await.unwrap().unwrap().bytes, 0);
    assert!(
        world
            .store
            .get(&key, None)
            .await
            .unwrap()
            .read()
            .await
            .unwrap()
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn a_range_gives_those_bytes_alone(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let key = world.put(SEGMENT, b"0123456789").await;
    for (range, expected) in [(0..4, "0123"), (4..5, "4"), (8..10, "89"), (8..99, "89")] {
        let object = world.store.get(&key, Some(range)).await.unwrap();
        assert_eq!((object.bytes, object.total_bytes), (expected.len() as u64, 10));
        assert_eq!(object.read().await.unwrap(), expected.as_bytes());
    }
    for range in [10..12, 3..3] {
        let refused = world.store.get(&key, Some(range)).await.unwrap_err();
        assert_eq!(refused.kind, Trouble::Refused, "{refused}");
    }
}

#[rstest]
#[tokio::test]
async fn putting_again_replaces_and_the_file_itself_stays(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let key = world.put(SEGMENT, b"first").await;
    let file = world.file("second.ts", b"second");
    for _ in 0..2 {
        world.store.put(&key, &file).await.unwrap();
    }
    assert_eq!(
        world.store.get(&key, None).await.unwrap().read().await.unwrap(),
        b"second"
    );
    assert_eq!(fs::read(&file).unwrap(), b"second");
    assert_eq!(keys(&world.store.list("", None).await.unwrap()), [SEGMENT]);
}

#[rstest]
#[tokio::test]
async fn what_is_not_there_is_told_as_such(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let key = sluice_objects::Key::parse(SEGMENT).unwrap();
    assert_eq!(world.store.head(&key).await.unwrap(), None);
    assert_eq!(world.store.get(&key, None).await.unwrap_err().kind, Trouble::Missing);
    world.store.delete(std::slice::from_ref(&key)).await.unwrap();
    let refused = world
        .store
        .put(&key, &world.dir.path().join("none.ts"))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, Trouble::Source, "{refused}");
    assert_eq!(world.store.list("", None).await.unwrap(), Page::default());
}

#[rstest]
#[tokio::test]
async fn an_object_that_was_cut_short_is_not_believed(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let key = world.put(SEGMENT, b"one whole segment").await;
    let digest = Digest::of(&world.file("whole.ts", b"one whole segment")).unwrap();
    fs::write(world.kept(&key), b"one whole").unwrap();
    let refused = world.store.verify(&key, digest).await.unwrap_err();
    assert_eq!(
        (refused.kind, refused.kind.is_transient()),
        (Trouble::Mismatch, true),
        "{refused}"
    );
    assert!(refused.to_string().contains("9 bytes instead of 17"), "{refused}");
}

#[rstest]
#[tokio::test]
async fn many_are_removed_at_once_and_the_others_stay(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let mut all = Vec::new();
    for number in 0..12 {
        all.push(world.put(&format!("stage/20261120/{number:02}.ts"), b"x").await);
    }
    let stays = world.put("stage/20261121/00.ts", b"x").await;
    world.store.delete(&all).await.unwrap();
    world.store.delete(&all).await.unwrap();
    world.store.delete(&[]).await.unwrap();
    assert_eq!(keys(&world.store.list("", None).await.unwrap()), [stays.as_str()]);
}

#[rstest]
#[tokio::test]
async fn a_deleted_channel_leaves_nothing_and_its_namesake_keeps_all(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    for key in [SEGMENT, "stage/20261120/20261120-222055-00000043.ts"] {
        world.put(key, b"x").await;
    }
    let newer = world.put("stage/20270101/20270101-000000-00000000.ts", b"x").await;
    let other = world
        .put("stage-north/20261120/20261120-222053-00000000.ts", b"x")
        .await;
    // 2026-11-20T22:20:55Z
    let (slug, deleted_at) = (Slug::parse("stage").unwrap(), Millis(1_795_213_255_000));
    assert_eq!(world.store.remove_channel(&slug, deleted_at).await.unwrap(), 2);
    assert_eq!(world.store.remove_channel(&slug, deleted_at).await.unwrap(), 0);
    let left = world.store.list("", None).await.unwrap();
    assert_eq!(keys(&left), [other.as_str(), newer.as_str()]);
}

#[rstest]
#[tokio::test]
async fn a_channels_clips_and_thumbnails_go_with_it_and_no_channel_of_that_name_takes_others(
    #[values(Local, S3)] kind: Kind,
    #[values(
        "_clips/stage/20261120/0193a5f0c1d27b3e8f4a5b6c7d8e9f00.mp4",
        "_thumbnails/stage/storyboards/20261120/20261120-222053-0000beef.jpg"
    )]
    own: &str,
) {
    let world = World::empty(kind).await;
    let other = own.replace("/stage/", "/stage-north/");
    for key in [own, &other] {
        world.put(key, b"x").await;
    }
    // What is put is of the moment; `clips` and `thumbnails` are names that a channel may have.
    let now = Millis(4_000_000_000_000);
    for (slug, removed) in [("clips", 0), ("thumbnails", 0), ("stage", 1)] {
        let slug = Slug::parse(slug).unwrap();
        assert_eq!(world.store.remove_channel(&slug, now).await.unwrap(), removed);
    }
    assert_eq!(keys(&world.store.list("", None).await.unwrap()), [other]);
}

#[rstest]
#[tokio::test]
async fn a_list_is_in_the_order_of_keys_and_of_one_prefix(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    // `-` sorts before `/`, which sorts before `0`.
    let names = [
        "stage-north/a.ts",
        "stage/a.ts",
        "stage/b/c.ts",
        "stage/b0.ts",
        "stage0/a.ts",
    ];
    for name in names.iter().rev() {
        world.put(name, name.as_bytes()).await;
    }
    let listed = world.store.list("", None).await.unwrap();
    assert_eq!((keys(&listed), listed.next.as_deref()), (names.to_vec(), None));
    assert_eq!(listed.objects[0].bytes, names[0].len() as u64);
    assert!(listed.objects[0].modified_at.0 > 1_700_000_000_000);
    for (prefix, expected) in [("stage/", &names[1..4]), ("stage/b", &names[2..4]), ("x", &[])] {
        assert_eq!(
            keys(&world.store.list(prefix, None).await.unwrap()),
            expected,
            "{prefix}"
        );
    }
    let behind = world.store.list("stage/", Some("stage/b/c.ts")).await.unwrap();
    assert_eq!(keys(&behind), ["stage/b0.ts"]);
}

#[rstest]
#[tokio::test]
async fn a_long_list_comes_in_pages_that_miss_nothing(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let first = world.put("stage/0000.ts", b"x").await;
    for number in 1..1_203 {
        let kept = world.kept(&first).with_file_name(format!("{number:04}.ts"));
        fs::write(kept, b"y").unwrap();
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.list("stage/", after.as_deref()).await.unwrap();
        all.extend(page.objects.into_iter().map(|object| object.key.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..1_203).map(|number| format!("stage/{number:04}.ts")).collect();
    assert_eq!(all, expected);
}

#[rstest]
#[tokio::test]
async fn puts_at_once_do_not_disturb_each_other(#[values(Local, S3)] kind: Kind) {
    let world = World::empty(kind).await;
    let tasks = (0..32).map(|number| {
        let (store, file) = (
            world.store.clone(),
            world.file(&format!("{number}.ts"), &[number; 9000]),
        );
        let key = sluice_objects::Key::parse(&format!("stage/{number:02}.ts")).unwrap();
        tokio::spawn(async move {
            store.put(&key, &file).await.unwrap();
            store.delete(&[key]).await.unwrap();
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert!(world.store.list("", None).await.unwrap().objects.is_empty());
}
