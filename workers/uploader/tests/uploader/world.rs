//! What cases begin with: a channel whose show has been archived, and an object store for it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Deref;
use std::time::Duration;

use sluice_config::Watermarks;
use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_objects::ObjectStore;
use sluice_store::offload::{Kept, Place};
use sluice_store::segments::Segment;
use sluice_store::storage::Report;
use sluice_testkit::site::{STAGE, Site, name};
use sluice_testkit::wait_for;
use sluice_uploader::{Settings, Uploader};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Long enough for anything here, on a machine that is busy with other tests.
pub(crate) const BOUND: Duration = Duration::from_secs(90);

/// Two seconds of media.
const SEGMENT_S: i64 = 2;

/// The channel `stage`, with an archive, an index and a bucket behind a front.
pub(crate) struct World(Site);

impl Deref for World {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.0
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self(Site::new().await)
    }

    /// Archives and records segments of the stage, the last of which began `age_s` seconds ago.
    pub(crate) async fn segments(&self, numbers: std::ops::Range<i64>, age_s: i64) {
        let last = numbers.end - 1;
        let mut rows = Vec::new();
        for msn in numbers {
            let age = Millis::from_secs(age_s + SEGMENT_S * (last - msn));
            rows.push(self.archived("stage", msn, clock::now().minus(age)));
        }
        self.store.segments().insert_many(&rows).await.unwrap();
    }

    /// Puts one into the archive; its row is to be written.
    pub(crate) fn archived(&self, slug: &str, msn: i64, started_at: Millis) -> Segment {
        let name = name(started_at, msn);
        let spooled = self.dir.path().join(format!("{slug}-{msn}.ts"));
        let bytes = media(msn);
        fs::write(&spooled, &bytes).unwrap();
        self.archive.adopt(&spooled, slug, &name).unwrap();
        fs::remove_file(spooled).unwrap();
        Segment {
            channel_id: format!("id-of-{slug}"),
            msn,
            session_id: format!("s-{slug}"),
            seq: msn,
            name,
            started_at,
            duration_us: SEGMENT_S * 1_000_000,
            bytes: i64::try_from(bytes.len()).unwrap(),
            discontinuity: false,
            discontinuity_seq: 0,
            target_s: SEGMENT_S,
            starts_show: msn == 0,
        }
    }

    /// Quick settings, under which the disk is never too full.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            watermarks: Watermarks {
                high_percent: 101,
                low_percent: 100,
            },
            poll: Duration::from_millis(20),
            retry_first: Duration::from_millis(5),
            retry_longest: Duration::from_millis(200),
            evict_every: Duration::from_millis(50),
            expire_every: Duration::from_millis(50),
            report_every: Duration::from_millis(50),
            grace: Duration::from_secs(5),
            ..Settings::of(&self.config)
        }
    }

    /// Settings under which the disk is always too full.
    pub(crate) fn full(&self) -> Settings {
        let watermarks = Watermarks {
            high_percent: 2,
            low_percent: 1,
        };
        Settings {
            watermarks,
            ..self.settings()
        }
    }

    pub(crate) fn uploader(&self, settings: Settings) -> Running {
        self.uploader_to(self.objects.clone(), settings)
    }

    pub(crate) fn uploader_to(&self, objects: ObjectStore, settings: Settings) -> Running {
        Running::of(Uploader::new(
            self.store.clone(),
            self.archive.clone(),
            objects,
            settings,
        ))
    }

    /// The place of each segment of the stage, by number.
    pub(crate) async fn places(&self) -> BTreeMap<i64, Place> {
        let mut places = BTreeMap::new();
        for segment in self.store.segments().latest(STAGE, 100_000).await.unwrap() {
            // It may be removed at this moment.
            places.extend(self.kept(segment.msn).await.map(|kept| (segment.msn, kept.place)));
        }
        places
    }

    pub(crate) async fn kept(&self, msn: i64) -> Option<Kept> {
        self.store.offload().find(STAGE, msn).await.unwrap()
    }

    /// Waits until nothing waits to be stored.
    pub(crate) async fn drained(&self) {
        wait_for(BOUND, "everything is stored", async || {
            self.store.offload().backlog().await.unwrap().is_none().then_some(())
        })
        .await;
    }

    /// Waits until a machine reports what is looked for.
    pub(crate) async fn reports(&self, what: &str, is_so: impl Fn(&Report) -> bool) -> Report {
        wait_for(BOUND, what, async || {
            let reports = self.store.storage().reports().await.unwrap();
            reports.into_iter().find(&is_so)
        })
        .await
    }

    /// Waits until the bucket holds so many objects.
    pub(crate) async fn bucket_holds(&self, objects: usize) {
        let what = format!("{objects} objects in the bucket");
        wait_for(BOUND, &what, async || {
            (self.server.objects().len() == objects).then_some(())
        })
        .await;
    }

    /// Every segment of the index that should be in the bucket is there, once, as it was made; and nothing else is.
    pub(crate) async fn bucket_has_exactly_the_stage(&self) {
        let mut expected = BTreeMap::new();
        for segment in self.store.segments().latest(STAGE, 100_000).await.unwrap() {
            let key = format!("stage/{}/{}.ts", &segment.name[..8], segment.name);
            expected.insert(key, media(segment.msn));
        }
        let found = self.server.objects();
        let keys = |map: &BTreeMap<String, Vec<u8>>| map.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&found), keys(&expected));
        assert!(found == expected, "an object differs from its segment");
    }
}

/// An uploader at work.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn of(uploader: Uploader) -> Self {
        let (stop, told) = oneshot::channel::<()>();
        let task = tokio::spawn(uploader.run(async { drop(told.await) }));
        Self { stop, task }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// The bytes of a segment: as many as its number makes them, and no two alike.
pub(crate) fn media(msn: i64) -> Vec<u8> {
    let length = 20_000 + usize::try_from(msn % 50).unwrap() * 188;
    msn.to_le_bytes().iter().copied().cycle().take(length).collect()
}
