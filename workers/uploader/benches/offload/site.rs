//! A channel whose segments are closed one after the other, and a bucket for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use sluice_config::{Config, ExposeSecret};
use sluice_domain::{Access, Millis, Role};
use sluice_objects::Archive;
use sluice_store::segments::Segment;
use sluice_store::{Store, accounts, channels};
use sluice_testkit::process::{Child, Launch};
use sluice_testkit::s3::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};
use tempfile::TempDir;

use crate::SEGMENT;

/// More than any run has.
const MANY: u32 = 10_000;

/// The number of a segment that is closed before the others, to see that the uploader is up.
pub(crate) const FIRST: i64 = 10_000_000;

pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) dir: TempDir,
    store: Store,
    archive: Archive,
    env: BTreeMap<String, String>,
}

impl Site {
    pub(crate) async fn new() -> Self {
        let (dir, server) = (tempfile::tempdir().expect("a directory"), Server::start().await);
        let below = |name: &str| dir.path().join(name).display().to_string();
        let env = BTreeMap::from(
            [
                ("JWT_SECRET", "0123456789abcdef0123456789abcdef".to_owned()),
                ("DATA_DIR", below("data")),
                ("LOG_DIR", below("logs")),
                ("LOG_LEVEL", "warn".to_owned()),
                ("OBJECT_STORE", "s3".to_owned()),
                ("S3_ENDPOINT", server.endpoint()),
                ("S3_BUCKET", BUCKET.to_owned()),
                ("S3_ACCESS_KEY", ACCESS_KEY.to_owned()),
                ("S3_SECRET_KEY", SECRET_KEY.to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let config = Config::from_vars(env.clone()).expect("usable settings");
        let archive = Archive::open(config.archive_dir()).expect("an archive");
        let store = Store::connect(config.database_url.expose_secret())
            .await
            .expect("a database");
        let site = Self {
            server,
            dir,
            store,
            archive,
            env,
        };
        site.channel().await;
        site
    }

    /// The uploader's program.
    pub(crate) fn uploader(&self) -> Child {
        let launch = Launch::new(env!("CARGO_BIN_EXE_sluice-uploader"), self.dir.path().join("log"));
        launch.env(&self.env).start()
    }

    /// Closes a segment: it is in the archive, and in the index.
    pub(crate) async fn closed(&self, msn: i64) {
        let row = self.archived(msn);
        self.store.segments().insert_many(&[row]).await.expect("a row");
    }

    /// Puts one into the archive; its row is to be written.
    pub(crate) fn archived(&self, msn: i64) -> Segment {
        let (started_at, spooled) = (now(), self.file(msn));
        let time = jiff::Timestamp::from_millisecond(started_at.0).expect("a time");
        let name = format!("{}-{msn:08}", time.strftime("%Y%m%d-%H%M%S"));
        let bytes = self.archive.adopt(&spooled, "stage", &name).expect("an archive");
        // What the archive has is not to be written again.
        fs::remove_file(spooled).expect("the spooled file");
        Segment {
            channel_id: "stage".to_owned(),
            msn,
            session_id: "session".to_owned(),
            seq: msn,
            name,
            started_at,
            duration_us: 2_000_000,
            bytes: i64::try_from(bytes).expect("a length"),
            discontinuity: false,
            discontinuity_seq: 0,
            target_s: 2,
            starts_show: msn == 0,
        }
    }

    /// Writes rows all at once.
    pub(crate) async fn recorded(&self, rows: &[Segment]) {
        self.store.segments().insert_many(rows).await.expect("rows");
    }

    /// The bytes of a segment in a file.
    pub(crate) fn file(&self, msn: i64) -> PathBuf {
        let path = self.dir.path().join(format!("segment-{msn}"));
        let bytes: Vec<u8> = msn.to_le_bytes().iter().copied().cycle().take(SEGMENT).collect();
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// The numbers of the segments that are not safe yet.
    pub(crate) async fn waiting(&self) -> BTreeSet<i64> {
        let waiting = self.store.offload().waiting(MANY).await.expect("the index");
        waiting.into_iter().map(|kept| kept.msn).collect()
    }

    /// Whether all segments are safe. Cheap, as it is asked while both cores are at work.
    pub(crate) async fn is_drained(&self) -> bool {
        let waiting = self.store.offload().waiting(1).await.expect("the index");
        waiting.is_empty()
    }

    async fn channel(&self) {
        let account = accounts::New {
            id: "owner".to_owned(),
            email: "owner@example.org".to_owned(),
            display_name: "owner".to_owned(),
            password_hash: "none".to_owned(),
            role: Role::Streamer,
            activated_at: None,
            created_at: Millis(0),
        };
        self.store.accounts().create(&account).await.expect("an account");
        let channel = channels::New {
            id: "stage".to_owned(),
            slug: "stage".to_owned(),
            owner_id: "owner".to_owned(),
            title: "Bench".to_owned(),
            description: String::new(),
            access: Access::Public,
            takeover: false,
            created_at: Millis(0),
        };
        self.store.channels().create(&channel).await.expect("a channel");
    }
}

fn now() -> Millis {
    let since = UNIX_EPOCH.elapsed().expect("a clock");
    Millis(i64::try_from(since.as_millis()).expect("a time"))
}
