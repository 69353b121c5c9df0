//! Addresses of objects, and what a directory does with files of the same disk.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, UNIX_EPOCH};

use sluice_domain::Millis;
use sluice_objects::{Key, Method, ObjectStore, Permit, s3};

use crate::world::Kind::{Local, S3};
use crate::world::{World, settings};

const SEGMENT: &str = "stage/20261120/20261120-222053-00000042.ts";

/// From now on, for a minute.
fn permit(method: Method) -> Permit {
    let since = UNIX_EPOCH.elapsed().unwrap();
    Permit {
        method,
        now: Millis(since.as_millis().try_into().unwrap()),
        holds: Duration::from_secs(60),
    }
}

/// Fetches an address as anybody would: the status and the body.
async fn fetched(address: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rest = address.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut server = tokio::net::TcpStream::connect(host).await.unwrap();
    let ask = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    server.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[tokio::test]
async fn a_signed_address_opens_its_object_to_whoever_has_it_and_no_other() {
    let world = World::empty(S3).await;
    let key = world.put(SEGMENT, b"one segment").await;
    let signed = world.store.presigned(&key, permit(Method::Get)).await.unwrap().unwrap();
    let (status, body) = fetched(signed.as_str()).await;
    assert!(status == 200 && body.contains("one segment"), "{status} {body}");
    let other = signed.as_str().replace("00000042", "00000043");
    assert_eq!(fetched(&other).await.0, 403);
    let bare = signed.as_str().split('?').next().unwrap();
    assert_eq!(fetched(bare).await.0, 403);
}

#[tokio::test]
async fn whoever_asks_within_minutes_gets_the_same_address_and_each_is_good_for_one_method() {
    let world = World::empty(S3).await;
    let key = world.put(SEGMENT, b"one segment").await;
    let signed = async |method| {
        let address = world.store.presigned(&key, permit(method)).await;
        address.unwrap().unwrap()
    };
    let (first, second) = (signed(Method::Get).await, signed(Method::Get).await);
    let moment = |address: &url::Url| {
        address
            .query_pairs()
            .find(|(name, _)| name == "X-Amz-Date")
            .unwrap()
            .1
            .into_owned()
    };
    // The two may stand on either side of a step.
    assert_eq!(first == second, moment(&first) == moment(&second));
    assert!(moment(&first).ends_with("00Z"), "{}", moment(&first));
    let head = signed(Method::Head).await;
    assert_eq!(fetched(head.as_str()).await.0, 403, "a GET by an address for HEAD");
}

#[tokio::test]
async fn signed_addresses_begin_with_the_origin_that_the_settings_tell() {
    let own = settings("http://127.0.0.1:9000");
    let aws = |region: &str, bucket: &str| s3::Settings {
        endpoint: None,
        region: region.to_owned(),
        bucket: bucket.to_owned(),
        ..own.clone()
    };
    for settings in [
        own.clone(),
        settings("https://s3.example.org"),
        settings("https://s3.example.org:9443"),
        aws("us-east-1", "media"),
        aws("eu-central-1", "media"),
        aws("cn-north-1", "media"),
        aws("eu-central-1", "media.example.org"),
    ] {
        let key = Key::parse(SEGMENT).unwrap();
        let store = ObjectStore::s3(&settings);
        let signed = store.presigned(&key, permit(Method::Get)).await;
        assert_eq!(
            signed.unwrap().unwrap().origin().ascii_serialization(),
            settings.origin()
        );
    }
}

#[tokio::test]
async fn public_addresses_are_the_public_base_and_the_key() {
    let mut settings = settings("http://127.0.0.1:9000");
    let key = Key::parse(SEGMENT).unwrap();
    assert_eq!(ObjectStore::s3(&settings).public_url(&key), None);
    for base in ["https://cdn.example.org/media", "https://cdn.example.org/media/"] {
        settings.public_url = Some(base.parse().unwrap());
        let url = ObjectStore::s3(&settings).public_url(&key).unwrap();
        assert_eq!(url, format!("https://cdn.example.org/media/{SEGMENT}"));
    }
}

#[tokio::test]
async fn a_directory_has_files_but_no_addresses() {
    let world = World::empty(Local).await;
    let key = world.put(SEGMENT, b"one segment").await;
    assert_eq!(world.store.presigned(&key, permit(Method::Get)).await.unwrap(), None);
    assert_eq!(world.store.public_url(&key), None);
    assert_eq!(fs::read(world.store.file(&key).unwrap()).unwrap(), b"one segment");
}

#[tokio::test]
async fn a_file_of_the_same_disk_is_put_without_copying_and_outlives_its_first_name() {
    let world = World::empty(Local).await;
    let (key, file) = (Key::parse(SEGMENT).unwrap(), world.file("a.ts", b"one segment"));
    for _ in 0..2 {
        world.store.put(&key, &file).await.unwrap();
    }
    let inode = |path| fs::metadata(path).unwrap().ino();
    assert_eq!(inode(world.kept(&key)), inode(file.clone()));
    fs::remove_file(file).unwrap();
    assert_eq!(fs::read(world.kept(&key)).unwrap(), b"one segment");
    assert_eq!(
        fs::read_dir(world.kept(&key).parent().unwrap()).unwrap().count(),
        1,
        "nothing partial is left"
    );
}

#[tokio::test]
async fn what_a_killed_process_left_half_done_is_in_nobodys_way() {
    let world = World::empty(Local).await;
    let key = world.put(SEGMENT, b"one segment").await;
    let left = world.kept(&key).with_file_name(".20261120-222053-00000042.ts.partial");
    fs::write(&left, b"half").unwrap();
    assert_eq!(world.store.list("", None).await.unwrap().objects.len(), 1);
    world.put(SEGMENT, b"another").await;
    assert!(!left.exists());
}

#[tokio::test]
async fn stores_are_told_apart_without_naming_a_secret() {
    let s3 = ObjectStore::s3(&settings("http://127.0.0.1:9000"));
    assert_eq!(s3.identity(), "s3://media@http://127.0.0.1:9000");
    let printed = format!("{s3:?}");
    assert!(!printed.contains(sluice_testkit::s3::SECRET_KEY), "{printed}");
    let world = World::empty(Local).await;
    assert!(world.store.identity().starts_with("file:///"));
}
