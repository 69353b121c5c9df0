//! The only reader of the environment: from variables and a `.env` file to one checked [`Config`].
//!
//! Enter by [`Config::load`]; tests enter by [`Config::from_vars`]. Every variable stands in one table
//! ([`variables`]) from which parsing, defaults and `.env.example` follow. A missing or bad value becomes one
//! sentence that names the variable and says what is expected, never what was found: it may be a secret.
//!
//! This crate refuses to know what a setting is for; it opens, binds and creates nothing.

mod database;
mod dirs;
mod environment;
mod error;
mod objects;
mod parse;
mod ports;
pub mod variables;

use std::{net::IpAddr, path::PathBuf};

pub use error::Error;
pub use objects::{ObjectStore, S3, SegmentDelivery, Watermarks};
pub use secrecy::{ExposeSecret, SecretString};
pub use sluice_domain::Role;
pub use url::Url;

use parse::Vars;
use variables as var;

/// Everything Sluice can be told from outside, parsed and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where nginx serves the site.
    pub http_port: u16,
    /// Where encoders publish.
    pub rtmp_port: u16,
    /// Where, on loopback, nginx segments what was published.
    pub segmenter_port: u16,
    /// Where the backend serves; 0 means any free port.
    pub backend_port: u16,
    /// The address the backend serves on.
    pub backend_bind: IpAddr,
    /// Where everything lives that outlasts a restart; absolute.
    pub data_dir: PathBuf,
    /// Where log files go; absolute.
    pub log_dir: PathBuf,
    /// The built site; absolute.
    pub frontend_dir: PathBuf,
    /// The database: `sqlite:`, `postgres:`, `mysql:` or `mariadb:`. May hold a password.
    pub database_url: SecretString,
    /// The site's address as users see it, without path.
    pub public_url: Option<Url>,
    /// Where players fetch playlists, when not from the site's address; without path.
    pub live_base_url: Option<Url>,
    /// Signs logins; at least [`JWT_SECRET_MIN_BYTES`] bytes.
    pub jwt_secret: SecretString,
    /// How long closed segments are kept, in hours.
    pub dvr_window_hours: u32,
    /// Clips cut at the same time.
    pub clipper_parallel: u8,
    /// What programs show that may rewind every channel.
    pub dvr_bypass_token: Option<SecretString>,
    /// Playlists of what was recorded tell the wall clock in segments' titles, too.
    pub extinf_wall_clock: bool,
    /// The grid on which open segments are cut into parts, in milliseconds.
    pub part_target_ms: u32,
    /// How long a clip may be, in seconds.
    pub clip_max_seconds: u32,
    /// Where closed segments are kept for good.
    pub object_store: ObjectStore,
    /// How players come by segments that have left the disk. Only a bucket is delivered otherwise than by proxy, and
    /// directly only one with a public address.
    pub segment_delivery: SegmentDelivery,
    /// How full the disk may become.
    pub watermarks: Watermarks,
    /// The mail server, with its password; without one, mail is written to the outbox.
    pub smtp_url: Option<SecretString>,
    /// The sender of mail: `Name <address>` or a bare address.
    pub mail_from: String,
    /// The e-mail address of the first administrator, made at first start.
    pub admin_email: String,
    /// What an account may do when it has just signed up: viewer or streamer.
    pub signup_role: Role,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// What is logged, in the words of `tracing`'s filters: a level, or directives such as `info,sluice=debug`.
    pub log_level: String,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The signing key of logins is an HMAC-SHA-256 key: RFC 7518 section 3.2 asks for as many bits as the hash has.
pub const JWT_SECRET_MIN_BYTES: usize = 32;

impl Config {
    /// Reads the environment and, for what it does not set, the file `.env` of the working directory.
    pub fn load() -> Result<Self, Error> {
        Self::from_vars(environment::read()?)
    }

    /// Reads given variables instead of the environment's; an empty value counts as none.
    pub fn from_vars<K, V>(vars: impl IntoIterator<Item = (K, V)>) -> Result<Self, Error>
    where
        K: Into<String>,
        V: Into<String>,
    {
        Self::read(&Vars::new(vars))
    }

    fn read(vars: &Vars) -> Result<Self, Error> {
        let ports = ports::read(vars)?;
        let data_dir = dirs::data_dir(vars)?;
        let object_store = objects::store(vars)?;
        Ok(Self {
            http_port: ports.http,
            rtmp_port: ports.rtmp,
            segmenter_port: ports.segmenter,
            backend_port: ports.backend,
            backend_bind: vars.parse(&var::BACKEND_BIND)?,
            database_url: database::url(vars, &data_dir)?,
            data_dir,
            log_dir: dirs::read(vars, &var::LOG_DIR)?,
            frontend_dir: dirs::read(vars, &var::FRONTEND_DIR)?,
            public_url: vars.optional(&var::PUBLIC_URL, parse::site)?,
            live_base_url: vars.optional(&var::LIVE_BASE_URL, parse::site)?,
            jwt_secret: vars.required(&var::JWT_SECRET, parse::signing_key)?,
            dvr_window_hours: vars.required(&var::DVR_WINDOW_HOURS, parse::hours)?,
            clipper_parallel: vars.required(&var::CLIPPER_PARALLEL, parse::clips)?,
            dvr_bypass_token: vars.optional(&var::DVR_BYPASS_TOKEN, parse::long_secret)?,
            extinf_wall_clock: vars.required(&var::EXTINF_WALL_CLOCK, parse::switch)?,
            part_target_ms: vars.required(&var::PART_TARGET_MS, parse::part_target_ms)?,
            clip_max_seconds: vars.required(&var::CLIP_MAX_SECONDS, parse::clip_seconds)?,
            segment_delivery: objects::delivery(vars, &object_store)?,
            object_store,
            watermarks: objects::watermarks(vars)?,
            smtp_url: vars.optional(&var::SMTP_URL, parse::smtp)?,
            mail_from: vars.required(&var::MAIL_FROM, parse::mailbox)?,
            admin_email: vars.required(&var::ADMIN_EMAIL, parse::email)?,
            signup_role: vars.required(&var::SIGNUP_ROLE, parse::signup_role)?,
            log_format: vars.required(&var::LOG_FORMAT, parse::log_format)?,
            log_level: vars.required(&var::LOG_LEVEL, parse::log_level)?,
        })
    }
}
