//! Every mode of delivery, played in a real browser by the same program.

use std::{net::TcpListener, path::PathBuf, time::Duration};

use actix_files::Files;
use actix_web::{App, HttpServer, middleware::DefaultHeaders};
use sluice_config::ExposeSecret;
use sluice_domain::Millis;
use sluice_objects::{Archive, Key};
use sluice_store::{Store, offload::Place};
use sluice_testkit::{browser::Program, wait_for};

use crate::world::{World, objects};

/// How long the show is.
const SHOW: Duration = Duration::from_secs(12);
const BOUND: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_browser_plays_a_show_that_left_the_disk_whichever_way_it_is_delivered() {
    let public = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = format!("http://{}", public.local_addr().unwrap());
    let mut public = Some(public);
    for mode in ["proxy", "redirect", "direct"] {
        let world = World::built(|builder| {
            builder
                .env("SEGMENT_DELIVERY", mode)
                .env("S3_PUBLIC_URL", format!("{open}/media"))
        })
        .await;
        let store = match mode {
            "direct" => {
                serve(public.take().unwrap(), world.server.file(""));
                open.clone()
            }
            _ => world.front.endpoint(),
        };
        world.front.allow_any_origin();
        let slug = format!("show-{mode}");
        goes_off_the_disk(&world, &slug).await;
        plays(&world, &slug, mode, &store).await;
    }
}

/// A bucket that anybody may read, as a CDN shows it.
fn serve(listener: TcpListener, bucket: PathBuf) {
    let server = HttpServer::new(move || {
        App::new()
            .wrap(DefaultHeaders::new().add(("Access-Control-Allow-Origin", "*")))
            .service(Files::new("/media", &bucket))
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap();
    tokio::spawn(server.run());
}

/// A show, from its beginning until the bucket alone has it.
async fn goes_off_the_disk(world: &World, slug: &str) {
    let stack = &world.stack;
    let ada = stack.api().signed_up("ada").await;
    ada.channel(slug).await;
    let mut encoder = stack.publish(&ada.key(slug).await.key);
    encoder.connected().await;
    wait_for(SHOW + BOUND, "the show", async || {
        (encoder.sent() >= SHOW).then_some(())
    })
    .await;
    encoder.stop();
    let store = Store::connect(stack.config().database_url.expose_secret())
        .await
        .unwrap();
    let id = store.channels().by_slug(slug).await.unwrap().unwrap().id;
    wait_for(BOUND, "the end of the show", async || {
        let is_over = ada
            .get(&format!("/live/{slug}/live.m3u8"))
            .await
            .text
            .contains("ENDLIST");
        let is_recorded = store.segments().latest(&id, 100).await.unwrap().len() >= 5;
        (is_over && is_recorded).then_some(())
    })
    .await;
    let archive = Archive::open(stack.config().archive_dir()).unwrap();
    let objects = objects(&world.server);
    for segment in store.segments().latest(&id, 100).await.unwrap() {
        let (key, file) = (
            Key::segment(slug, &segment.name).unwrap(),
            archive.path(slug, &segment.name).unwrap(),
        );
        let digest = objects.put(&key, &file).await.unwrap();
        let checksum = digest.checksum.to_string();
        assert!(
            store
                .offload()
                .stored(&id, segment.msn, &checksum, Millis(1))
                .await
                .unwrap()
        );
        archive.remove(slug, &segment.name).unwrap();
        store.offload().evicted(&[(&id, segment.msn)], Millis(1)).await.unwrap();
    }
    let amounts = store.offload().amounts().await.unwrap();
    assert!(amounts.iter().all(|amount| amount.place == Place::Store), "{amounts:?}");
}

async fn plays(world: &World, slug: &str, mode: &str, store: &str) {
    Program::new("delivered")
        .arg(&format!("/live/{slug}/dvr.m3u8"))
        .arg(mode)
        .arg(store)
        .passes(&world.stack)
        .await;
}
