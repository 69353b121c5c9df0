//! A channel that is live.

use sluice_domain::{Access, Millis};
use sluice_kit::clock;
use sluice_store::segments::Segment;
use sluice_store::{channels, publish_sessions, stream_keys};
use sluice_testkit::site::{Site, name};

use crate::raw::Show;

pub(crate) struct Stage {
    slug: String,
    next: i64,
}

impl Stage {
    /// Makes one and has it go live.
    pub(crate) async fn live(site: &Site, number: u32) -> Self {
        let slug = format!("stage-{number}");
        let channel = channels::New {
            id: slug.clone(),
            slug: slug.clone(),
            owner_id: "ann".to_owned(),
            title: slug.clone(),
            description: String::new(),
            access: Access::Public,
            takeover: false,
            created_at: Millis(0),
        };
        site.store.channels().create(&channel).await.unwrap();
        let key = stream_keys::New {
            id: slug.clone(),
            channel_id: slug.clone(),
            label: slug.clone(),
            key_hash: slug.clone(),
            hint: "wxyz".to_owned(),
            created_at: Millis(0),
        };
        site.store.stream_keys().create(&key).await.unwrap();
        let session = publish_sessions::New {
            id: slug.clone(),
            channel_id: slug.clone(),
            stream_key_id: slug.clone(),
            instance: "nginx-1".to_owned(),
            client_id: slug.clone(),
            address: "192.0.2.7".to_owned(),
            encoder: "OBS".to_owned(),
            started_at: clock::now(),
        };
        site.store.publish_sessions().create(&session).await.unwrap();
        Self { slug, next: 0 }
    }

    pub(crate) fn id(&self) -> &str {
        &self.slug
    }

    /// Two more seconds of it are recorded.
    pub(crate) async fn send(&mut self, site: &Site, show: &Show) {
        let msn = self.next;
        self.next += 1;
        let started_at = clock::now().minus(Millis(2000));
        let name = name(started_at, msn);
        let bytes = site.archive.adopt(&show.segment(msn), &self.slug, &name).unwrap();
        let segment = Segment {
            channel_id: self.slug.clone(),
            msn,
            session_id: self.slug.clone(),
            seq: msn,
            name,
            started_at,
            duration_us: 2_000_000,
            bytes: i64::try_from(bytes).unwrap(),
            discontinuity: msn == 0,
            discontinuity_seq: 0,
            target_s: 2,
            starts_show: msn == 0,
        };
        site.store.segments().insert_many(&[segment]).await.unwrap();
    }
}
