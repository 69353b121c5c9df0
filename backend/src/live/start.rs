//! Bringing the live side up: what the database and the spool tell of the time before, and the tasks that keep it true.

use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
};

use dashmap::DashMap;
use sluice_config::Config;
use sluice_domain::{EndReason, Millis, SessionState, Slug};
use sluice_hls::timeline::Segment;
use sluice_objects::Archive;
use sluice_store::{Error as StoreError, Store, publish_sessions, segments};
use thiserror::Error;

use super::{
    Inner, Live,
    accept::Desk,
    channel::Channel,
    dvr::{self, Dvr},
    health,
    intake::{Intake, Setup, Watched},
    observe::Observer,
    recorder::Recorder,
    retention, rewinding,
    sessions::{ChannelRef, Connection, Session, Sessions},
    spool_dirs::SpoolDirs,
    timeline::{self, Placed, Recorded, Timeline},
    watch,
};
use crate::{
    clock,
    delivery::Delivery,
    http::time::rfc3339,
    media_server::{MediaServer, control},
    realtime::{Bus, Event},
};

/// Why the live side cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The database did not say what was live.
    #[error("the sessions cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The spool is not usable.
    #[error("the spool under DATA_DIR cannot be used: {0}")]
    Spool(#[from] io::Error),
    /// The archive, or the directory of objects, is not usable.
    #[error("the archive or the objects under DATA_DIR cannot be used: {0}")]
    Archive(#[from] sluice_objects::Error),
    /// The system gives no file events.
    #[error("the spool cannot be watched: {0}")]
    Watch(io::Error),
    /// What the process before has left for nginx to send cannot be taken away.
    #[error("the files under {} cannot be removed: {source}", dir.display())]
    Handover {
        /// The directory.
        dir: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The client for the media server cannot be made.
    #[error(transparent)]
    MediaServer(#[from] control::Error),
}

impl Live {
    /// Restores what was live, takes what was written meanwhile, and starts watching.
    pub async fn start(config: &Config, store: Store, bus: Bus) -> Result<Self, StartError> {
        let spool = SpoolDirs::open(config.spool_dir())?;
        let archive = Archive::open(config.archive_dir())?;
        let delivery = Delivery::open(config)?;
        let dvr = dvr::Settings {
            window_hours: config.dvr_window_hours,
            wall_clock: config.extinf_wall_clock,
            delivery: delivery.clone(),
            handover: config.handover_dir(),
            answered: config.answered_log(),
        };
        dvr::clear(&dvr).map_err(|source| StartError::Handover {
            dir: dvr.handover.clone(),
            source,
        })?;
        let (recorder, _writing) = Recorder::start(store.clone(), spool.clone());
        let sessions = Arc::new(Sessions::default());
        let observer = Observer::new(Arc::clone(&sessions), tokio::runtime::Handle::current());
        let intake = Intake::start(Setup {
            root: spool.root().to_owned(),
            archive: archive.clone(),
            recorder,
            observer: Box::new(observer),
            grid_us: u64::from(config.part_target_ms) * 1000,
        });
        let intake = intake.map_err(StartError::Watch)?;
        let live = Self {
            inner: Arc::new(Inner {
                media_server: MediaServer::new(&config.nginx_socket())?,
                channels: DashMap::new(),
                store,
                desk: Desk::default(),
                bus,
                archive,
                delivery,
                dvr: Arc::new(dvr),
                spool,
                intake,
                sessions,
                window_hours: config.dvr_window_hours,
                rewinds: rewinding::Changes::default(),
                revocations: AtomicU64::new(0),
            }),
        };
        live.restore_sessions().await?;
        live.restore_spools().await?;
        tokio::spawn(watch::reconcile(live.clone()));
        tokio::spawn(watch::close_shows(live.clone()));
        tokio::spawn(watch::count_viewers(live.clone()));
        tokio::spawn(retention::run(live.clone()));
        tokio::spawn(rewinding::run(live.clone()));
        tokio::spawn(dvr::follow(live.clone()));
        tokio::spawn(dvr::count_answered(live.clone()));
        Ok(live)
    }

    /// A channel by its name, read from the index if it is not in memory. Nothing where there is no such channel.
    pub async fn channel(&self, slug: &Slug) -> Result<Option<Arc<Channel>>, StoreError> {
        match self.loaded(slug.as_str()) {
            Some(channel) => Ok(Some(channel)),
            // Boxed, because everybody who comes later pays for moving what the first one needs.
            None => Box::pin(self.load_channel(slug)).await,
        }
    }

    async fn load_channel(&self, slug: &Slug) -> Result<Option<Arc<Channel>>, StoreError> {
        let changes = self.inner.rewinds.made();
        let Some(found) = self.store().channels().by_slug(slug.as_str()).await? else {
            return Ok(None);
        };
        let rows = self.store().segments().latest(&found.id, HELD).await?;
        let awaited = self.on_channel(&found.id).is_some() || self.may_come_back(&rows).await?;
        let dvr = Dvr::new(Arc::clone(&self.inner.dvr), slug.clone());
        let channel = Channel::new(found.id, slug.clone(), dvr, restored(rows), awaited);
        channel.set_rewind(found.rewind);
        channel.forget_before(self.removed_before(&channel));
        for show in self.store().recordings().deleted(&channel.id).await? {
            channel.withdraw(unsigned(show.first_msn)..=unsigned(show.reach()));
        }
        let channel = Arc::new(channel);
        // Whoever loaded it in the meantime wins: there must be one timeline only.
        let channel = Arc::clone(&self.inner.channels.entry(slug.clone()).or_insert(channel));
        if self.inner.rewinds.made() != changes {
            // The policy that was read with it may be older than that.
            self.read_rewinds().await?;
        }
        Ok(Some(channel))
    }

    /// Whether an encoder may still come back to the show of which these are the newest segments.
    async fn may_come_back(&self, rows: &[segments::Segment]) -> Result<bool, StoreError> {
        let Some(newest) = rows.last() else {
            return Ok(false);
        };
        let end = newest.started_at.plus(Millis(newest.duration_us / 1000));
        if clock::now().since(end) > watch::SHOW_GAP {
            return Ok(false);
        }
        let session = self.store().publish_sessions().by_id(&newest.session_id).await?;
        let reason = session.and_then(|session| session.reason);
        Ok(!reason.is_some_and(EndReason::closes_show))
    }

    /// A session is live from now on: in memory, watched, announced.
    pub(super) fn begin(&self, session: Session, channel: Arc<Channel>) {
        self.inner.intake.watch_soon(Watched {
            session: session.id.clone(),
            channel,
            next_seq: 0,
            over: false,
        });
        tracing::info!(session = session.id, channel = %session.channel.slug, "a session began");
        let news = self.inner.bus.is_heard().then(|| news_of(&session));
        self.inner.sessions.add(session);
        news.iter().flatten().for_each(|event| self.inner.bus.publish(event));
    }

    async fn restore_sessions(&self) -> Result<(), StartError> {
        for row in self.store().publish_sessions().live().await? {
            if let Some(session) = live_session(row) {
                self.inner.sessions.add(session);
            }
        }
        Ok(())
    }

    /// Every session's directory is looked at, oldest first: ids begin with the time.
    async fn restore_spools(&self) -> Result<(), StartError> {
        let names =
            fs::read_dir(self.inner.spool.root())?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut sessions: Vec<String> = names.collect();
        sessions.sort_unstable();
        for id in sessions {
            match self.store().publish_sessions().by_id(&id).await? {
                Some(row) => self.restore_spool(row).await?,
                None => tracing::warn!(
                    session = id,
                    "a spool directory belongs to no session; it is left alone"
                ),
            }
        }
        Ok(())
    }

    async fn restore_spool(&self, row: publish_sessions::Session) -> Result<(), StartError> {
        let Ok(slug) = Slug::parse(&row.slug) else {
            return Ok(());
        };
        let Some(channel) = self.channel(&slug).await? else {
            return Ok(());
        };
        if row.state != SessionState::Live && channel.is_past(&row.id) {
            tracing::warn!(
                session = row.id,
                "what is left of a session came too late; it stays in the spool"
            );
            return Ok(());
        }
        let last = self.store().segments().last_seq(&row.id).await?;
        self.inner.intake.watch(Watched {
            next_seq: last.map_or(0, |seq| unsigned(seq) + 1),
            over: row.state != SessionState::Live,
            session: row.id,
            channel,
        });
        Ok(())
    }
}

/// How many of a channel's newest segments are read back.
#[expect(clippy::cast_possible_truncation, reason = "a small constant")]
const HELD: u32 = timeline::HELD as u32;

/// What there is to tell of a session that begins.
fn news_of(session: &Session) -> [Event; 2] {
    let live = Event::Live {
        channel: session.channel.slug.to_string(),
        live: true,
        started_at: Some(rfc3339(session.started_at)),
    };
    let ingest = Event::Ingest {
        channel: session.channel.slug.to_string(),
        owner_id: session.channel.owner_id.clone(),
        session: Box::new(health::view(session)),
    };
    [live, ingest]
}

fn live_session(row: publish_sessions::Session) -> Option<Session> {
    Some(Session {
        ingest: health::restored(&row.health),
        has_media: row.health.media_at.is_some(),
        active_at: clock::now(),
        connection: Connection {
            instance: row.instance,
            client_id: row.client_id.parse().ok()?,
        },
        channel: ChannelRef {
            id: row.channel_id,
            slug: Slug::parse(&row.slug).ok()?,
            owner_id: row.owner_id,
        },
        id: row.id,
        key_id: row.key_id,
        key_label: row.key_label,
        address: row.address,
        encoder: row.encoder,
        started_at: row.started_at,
        on_used_connection: false,
    })
}

fn restored(rows: Vec<segments::Segment>) -> Timeline {
    let session = rows.last().map(|row| row.session_id.clone());
    let segments = rows.into_iter().map(|row| {
        let segment = Segment {
            msn: unsigned(row.msn),
            name: row.name,
            started_at_ms: row.started_at.0,
            duration_us: unsigned(row.duration_us),
            discontinuity: row.discontinuity,
            discontinuity_seq: unsigned(row.discontinuity_seq),
            target_s: u32::try_from(row.target_s).unwrap_or(u32::MAX),
        };
        let placed = Placed {
            segment,
            starts_show: row.starts_show,
        };
        Recorded {
            placed,
            bytes: unsigned(row.bytes),
        }
    });
    Timeline::restore(segments.collect(), session)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
