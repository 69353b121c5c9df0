//! What workers work on: the channel `stage`, an index in SQLite, an archive, and a bucket behind a front.

use std::{collections::BTreeMap, ops::Range};

use sluice_config::Config;
use sluice_domain::{Access, Millis, Role};
use sluice_media::Source;
use sluice_objects::{Archive, Key, ObjectStore, s3};
use sluice_store::{Store, accounts, channels, segments::Segment};
use tempfile::TempDir;

use crate::s3::{ACCESS_KEY, BUCKET, Front, SECRET_KEY, Server};

/// The id of the channel.
pub const STAGE: &str = "id-of-stage";
/// The publish session that its segments came with.
pub const SESSION: &str = "session";

/// All of it. Ends, and forgets all, when dropped.
pub struct Site {
    /// The index.
    pub store: Store,
    /// The segments on disk.
    pub archive: Archive,
    /// The bucket, through the front.
    pub objects: ObjectStore,
    /// The bucket itself.
    pub server: Server,
    /// What makes trouble before it.
    pub front: Front,
    /// The settings of a worker on this site.
    pub config: Config,
    /// The same, for a worker's process.
    pub env: BTreeMap<String, String>,
    /// Where all of it is.
    pub dir: TempDir,
}

impl Site {
    /// A site whose channel nothing was sent to yet.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let server = Server::start().await;
        let front = Front::start(server.address()).await;
        let below = |name: &str| dir.path().join(name).display().to_string();
        let env = BTreeMap::from(
            [
                ("JWT_SECRET", "0123456789abcdef0123456789abcdef".to_owned()),
                ("DATA_DIR", below("data")),
                ("LOG_DIR", below("logs")),
                ("OBJECT_STORE", "s3".to_owned()),
                ("S3_ENDPOINT", front.endpoint()),
                ("S3_BUCKET", BUCKET.to_owned()),
                ("S3_ACCESS_KEY", ACCESS_KEY.to_owned()),
                ("S3_SECRET_KEY", SECRET_KEY.to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let config = Config::from_vars(env.clone()).expect("settings that hold");
        let archive = Archive::open(config.archive_dir()).expect("an archive");
        let url = format!("sqlite://{}/sluice.db", config.data_dir.display());
        let store = Store::connect(&url).await.expect("a database");
        store.accounts().create(&account()).await.expect("an account");
        let site = Self {
            objects: bucket(&front.endpoint(), SECRET_KEY),
            store,
            archive,
            server,
            front,
            config,
            env,
            dir,
        };
        site.channel("stage").await;
        site
    }

    /// Makes another channel, whose id is `id-of-` and its name.
    ///
    /// # Panics
    /// When there is one already.
    pub async fn channel(&self, slug: &str) {
        let new = channels::New {
            id: format!("id-of-{slug}"),
            slug: slug.to_owned(),
            owner_id: "ann".to_owned(),
            title: slug.to_owned(),
            description: String::new(),
            access: Access::Public,
            takeover: false,
            created_at: Millis(0),
        };
        self.store.channels().create(&new).await.expect("a channel");
    }

    /// Archives and records those of a show's segments that have these numbers, as the intake does. One whose timestamps
    /// do not go on begins a show.
    ///
    /// # Panics
    /// When one cannot be.
    pub async fn record(&self, segments: &[Source], numbers: Range<usize>) {
        let row = |(number, source): (usize, &Source)| {
            let msn = i64::try_from(number).expect("no show is that long");
            let name = name(source.started_at, msn);
            let bytes = self
                .archive
                .adopt(&source.path, "stage", &name)
                .expect("it is archived");
            Segment {
                channel_id: STAGE.to_owned(),
                msn,
                session_id: SESSION.to_owned(),
                seq: msn,
                name,
                started_at: source.started_at,
                duration_us: source.duration_us,
                bytes: i64::try_from(bytes).expect("no segment is that long"),
                discontinuity: source.discontinuity,
                discontinuity_seq: 0,
                target_s: 2,
                starts_show: source.discontinuity,
            }
        };
        let wanted = segments
            .iter()
            .enumerate()
            .filter(|(number, _)| numbers.contains(number));
        let rows: Vec<Segment> = wanted.map(row).collect();
        let recorded = self.store.segments().insert_many(&rows).await;
        recorded.expect("they are recorded");
    }

    /// Takes all segments into the bucket, and off the disk.
    ///
    /// # Panics
    /// When one cannot be.
    pub async fn offload(&self) {
        let offload = self.store.offload();
        for segment in self.store.segments().latest(STAGE, u32::MAX).await.expect("segments") {
            let path = self.archive.path("stage", &segment.name).expect("a name");
            let key = Key::segment("stage", &segment.name).expect("a key");
            self.objects.put(&key, &path).await.expect("it is put");
            let stored = offload.stored(STAGE, segment.msn, "checksum", Millis(0)).await;
            assert!(stored.expect("the database answers"));
            let evicted = offload.evicted(&[(STAGE, segment.msn)], Millis(0)).await;
            evicted.expect("the database answers");
            self.archive.remove("stage", &segment.name).expect("it is removed");
        }
    }
}

/// What a segment is called.
///
/// # Panics
/// At moments that no calendar has.
pub fn name(started_at: Millis, msn: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(started_at.0).expect("a moment");
    format!("{}-{msn:08}", time.strftime("%Y%m%d-%H%M%S"))
}

/// The bucket at an address, to one who knows this secret.
///
/// # Panics
/// When that is no address.
pub fn bucket(endpoint: &str, secret: &str) -> ObjectStore {
    ObjectStore::s3(&s3::Settings {
        endpoint: Some(endpoint.parse().expect("an address")),
        region: "us-east-1".to_owned(),
        bucket: BUCKET.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: secret.into(),
        public_url: None,
    })
}

fn account() -> accounts::New {
    accounts::New {
        id: "ann".to_owned(),
        email: "ann@example.org".to_owned(),
        display_name: "ann".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: Role::Streamer,
        activated_at: None,
        created_at: Millis(0),
    }
}
