//! What handlers share.

use std::sync::Arc;

use sluice_config::Config;

use crate::live::Live;
use crate::realtime::Bus;
use crate::shutdown::Shutdown;

/// Everything a handler may need; cheap to clone, taken as `web::Data<AppState>`.
#[derive(Clone)]
pub struct AppState {
    /// The settings of this process.
    pub config: Arc<Config>,
    /// What is live on this node.
    pub live: Live,
    /// Where news for browsers goes.
    pub bus: Bus,
    /// Says when the process is about to stop.
    pub shutdown: Shutdown,
}

impl AppState {
    /// New accounts confirm their e-mail address first: so wherever mail is really sent.
    pub fn activation_required(&self) -> bool {
        self.config.smtp_url.is_some()
    }
}
