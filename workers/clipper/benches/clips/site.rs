//! From the request to the ready clip: a clipper with the settings it has in production, an index in SQLite, objects in a
//! directory.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sluice_clipper::{Clipper, Settings};
use sluice_config::Config;
use sluice_domain::clip::{Mode, Range, State};
use sluice_domain::{Access, Millis, Role};
use sluice_kit::clock;
use sluice_kit::opened::Opened;
use sluice_objects::Archive;
use sluice_store::clips::{New, Room};
use sluice_store::segments::Segment;
use sluice_store::{Store, accounts, channels};
use sluice_testkit::wait_for;
use tokio::sync::oneshot;

use crate::recording::Recording;

/// The median of so many clips.
pub(crate) async fn ready_after(recording: &Recording, mode: Mode, rounds: usize) -> Duration {
    let dir = tempfile::tempdir().unwrap();
    let env = BTreeMap::from([
        ("JWT_SECRET".to_owned(), "0123456789abcdef0123456789abcdef".to_owned()),
        ("DATA_DIR".to_owned(), dir.path().join("data").display().to_string()),
    ]);
    let config = Config::from_vars(env).unwrap();
    let Opened {
        store,
        archive,
        objects,
    } = Opened::open(&config).await.unwrap();
    record(&store, &archive, recording).await;
    let (stop, told) = oneshot::channel::<()>();
    let clipper = Clipper::new(store.clone(), archive, objects, Settings::of(&config));
    let clipper = tokio::spawn(clipper.run(async { drop(told.await) }));
    let mut took = Vec::new();
    for _ in 0..rounds {
        took.push(once(&store, recording, mode).await);
    }
    stop.send(()).unwrap();
    clipper.await.unwrap();
    took.sort();
    took[rounds / 2]
}

/// Asks for a clip and waits for it.
pub(crate) async fn once(store: &Store, recording: &Recording, mode: Mode) -> Duration {
    let (start, end) = recording.range();
    let id = uuid::Uuid::now_v7().simple().to_string();
    let new = New {
        id: id.clone(),
        job_id: uuid::Uuid::now_v7().simple().to_string(),
        channel_id: "stage".to_owned(),
        slug: "stage".to_owned(),
        account_id: None,
        title: None,
        mode,
        range: Range::new(start, end, 180).unwrap(),
        run_at: clock::now(),
        created_at: clock::now(),
    };
    let room = Room {
        of_account: 10,
        of_channel: 10,
    };
    let began = Instant::now();
    assert!(store.clips().create(&new, room).await.unwrap());
    let over = wait_for(Duration::from_secs(60), "the clip is ready", async || {
        let clip = store.clips().by_id(&id).await.unwrap().unwrap();
        Some(clip.state).filter(|state| !state.is_in_flight())
    });
    assert_eq!(over.await, State::Ready);
    began.elapsed()
}

/// The channel `stage`, with the recording in its archive.
pub(crate) async fn record(store: &Store, archive: &Archive, recording: &Recording) {
    let account = accounts::New {
        id: "ann".to_owned(),
        email: "ann@example.org".to_owned(),
        display_name: "ann".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: Role::Streamer,
        activated_at: None,
        created_at: Millis(0),
    };
    store.accounts().create(&account).await.unwrap();
    let channel = channels::New {
        id: "stage".to_owned(),
        slug: "stage".to_owned(),
        owner_id: "ann".to_owned(),
        title: "Stage".to_owned(),
        description: String::new(),
        access: Access::Public,
        takeover: false,
        created_at: Millis(0),
    };
    store.channels().create(&channel).await.unwrap();
    let mut rows = Vec::new();
    for (msn, source) in (0..).zip(&recording.segments) {
        let time = jiff::Timestamp::from_millisecond(source.started_at.0).unwrap();
        let name = format!("{}-{msn:08}", time.strftime("%Y%m%d-%H%M%S"));
        let bytes = archive.adopt(&source.path, "stage", &name).unwrap();
        rows.push(Segment {
            channel_id: "stage".to_owned(),
            msn,
            session_id: "session".to_owned(),
            seq: msn,
            name,
            started_at: source.started_at,
            duration_us: source.duration_us,
            bytes: i64::try_from(bytes).unwrap(),
            discontinuity: source.discontinuity,
            discontinuity_seq: 0,
            target_s: 2,
            starts_show: msn == 0,
        });
    }
    store.segments().insert_many(&rows).await.unwrap();
}
