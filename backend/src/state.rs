//! What handlers share.

use std::sync::Arc;

use sluice_config::{Config, Url};
use sluice_store::Store;

use crate::accounts::hasher::Hasher;
use crate::accounts::ticket::Signer;
use crate::admin::Sums;
use crate::channels::Absent;
use crate::clips::watch::Watch;
use crate::http::limits::Limits;
use crate::http::security::SecurityHeaders;
use crate::live::Live;
use crate::live::dvr_access::Gate;
use crate::mail::Postbox;
use crate::ops::health::Newest;
use crate::realtime::{Bus, Visibility};
use crate::shutdown::Shutdown;

/// Everything a handler may need; cheap to clone, taken as `web::Data<AppState>`.
#[derive(Clone)]
pub struct AppState {
    /// The settings of this process.
    pub config: Arc<Config>,
    /// What is remembered.
    pub store: Store,
    /// What is live on this node.
    pub live: Live,
    /// Where news for browsers goes.
    pub bus: Bus,
    /// Which clips pages listen to.
    pub clip_watch: Watch,
    /// Which channels' news is for everyone.
    pub visibility: Visibility,
    /// Which names no channel has.
    pub absent: Absent,
    /// How often strangers may ask.
    pub limits: Arc<Limits>,
    /// What channels take of disks and the object store.
    pub sums: Sums,
    /// Knows who may rewind.
    pub gate: Gate,
    /// Hashes and checks passwords.
    pub hasher: Hasher,
    /// Whether all is well, as it was last seen.
    pub readiness: Newest,
    /// What a browser is told of every page and answer.
    pub security: Arc<SecurityHeaders>,
    /// Signs and reads login tokens.
    pub signer: Signer,
    /// Takes mail.
    pub postbox: Postbox,
    /// Says when the process is about to stop.
    pub shutdown: Shutdown,
}

impl AppState {
    /// New accounts confirm their e-mail address first: so wherever mail is really sent.
    pub fn activation_required(&self) -> bool {
        self.config.smtp_url.is_some()
    }

    /// The site's address in mails.
    ///
    /// Never what a request says of it: whoever asks for somebody else's mail would choose where its secret link leads.
    pub fn mail_site(&self) -> Option<Url> {
        let local = || Url::parse(&format!("http://localhost:{}", self.config.http_port)).ok();
        self.config.public_url.clone().or_else(local)
    }
}
