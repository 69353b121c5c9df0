//! Every variable Sluice reads, in the order of `.env.example`.

use std::fmt::Write as _;

/// A variable of the environment.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds where it is not set.
    pub fallback: Fallback,
    /// What a value must be, as the end of "NAME must be ...".
    pub expected: &'static str,
    /// What it is for, in whole sentences.
    pub about: &'static str,
}

/// What holds where a variable is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing: the start is refused.
    Required,
    /// The feature it turns on stays off.
    Off,
    /// This value.
    Value(&'static str),
    /// A value that follows from other variables, in words.
    Follows(&'static str),
}

use Fallback::{Follows, Off, Required, Value};

const fn variable(name: &'static str, fallback: Fallback, expected: &'static str, about: &'static str) -> Variable {
    Variable {
        name,
        fallback,
        expected,
        about,
    }
}

const PORT: &str = "a port number from 1 to 65535";
const PERCENT: &str = "a number of percent from 1 to 99";
const SITE: &str = "an http:// or https:// address without a path, such as https://live.example.org";

pub(crate) const HTTP_PORT: Variable = variable("HTTP_PORT", Value("8080"), PORT, "Where nginx serves the site.");
pub(crate) const RTMP_PORT: Variable = variable("RTMP_PORT", Value("1935"), PORT, "Where encoders publish by RTMP.");
pub(crate) const SEGMENTER_PORT: Variable = variable(
    "SEGMENTER_PORT",
    Follows("RTMP_PORT + 10000, or - 10000 where that is past 65535"),
    PORT,
    "Where, on loopback only, nginx hands a stream to its own segmenter.",
);
pub(crate) const BACKEND_PORT: Variable = variable(
    "BACKEND_PORT",
    Value("8081"),
    "a port number from 0 to 65535 (0: any free one)",
    "Where the backend serves; nginx stands in front of it.",
);
pub(crate) const BACKEND_BIND: Variable = variable(
    "BACKEND_BIND",
    Value("127.0.0.1"),
    "an IP address",
    "The address the backend serves on. Open it only where players fetch playlists from it directly (LIVE_BASE_URL).",
);
pub(crate) const DATA_DIR: Variable = variable(
    "DATA_DIR",
    Value("./data"),
    "a directory, in letters that nginx takes as they stand: no quotes, backslash, ; : $ { }",
    "Where everything lives that outlasts a restart. Relative to the working directory, as all directories here.",
);
pub(crate) const LOG_DIR: Variable = variable(
    "LOG_DIR",
    Value("./logs"),
    DATA_DIR.expected,
    "Where log files go: a file a day, two weeks of them.",
);
pub(crate) const FRONTEND_DIR: Variable = variable(
    "FRONTEND_DIR",
    Value("./frontend/dist"),
    DATA_DIR.expected,
    "The built site.",
);
pub(crate) const DATABASE_URL: Variable = variable(
    "DATABASE_URL",
    Follows("sqlite://DATA_DIR/sluice.db"),
    "an address that begins with sqlite:, postgres:, postgresql:, mysql: or mariadb:",
    "The database: SQLite for one node; PostgreSQL or MariaDB, such as postgres://user:password@host/sluice.",
);
pub(crate) const PUBLIC_URL: Variable = variable(
    "PUBLIC_URL",
    Off,
    SITE,
    "The site's address as users see it, for links in mail and in answers. Without it, answers take the address of each\nrequest, and links in mail lead to localhost.",
);
pub(crate) const LIVE_BASE_URL: Variable = variable(
    "LIVE_BASE_URL",
    Off,
    SITE,
    "Where players fetch playlists, when not from the site's own address: the backend's port, or a CDN.",
);
pub(crate) const JWT_SECRET: Variable = variable(
    "JWT_SECRET",
    Required,
    "at least 32 random characters, such as `openssl rand -hex 32` prints",
    "Signs logins: at least 32 random characters, such as `openssl rand -hex 32` prints. A new one logs everybody out.",
);
pub(crate) const DVR_WINDOW_HOURS: Variable = variable(
    "DVR_WINDOW_HOURS",
    Value("24"),
    "a number of hours from 1 to 8760",
    "How long a show's segments are kept, and so how far it can be rewound; a channel may have a window of its own.",
);
pub(crate) const CLIPPER_PARALLEL: Variable = variable(
    "CLIPPER_PARALLEL",
    Value("2"),
    "a number from 1 to 32",
    "Clips cut at the same time; each takes up to two cores while it is. A quarter of all cores, one at least where there\nare several, is left to whatever answers viewers.",
);
pub(crate) const DVR_BYPASS_TOKEN: Variable = variable(
    "DVR_BYPASS_TOKEN",
    Off,
    "at least 16 printable characters without spaces, such as `openssl rand -hex 32` prints",
    "Programs that send this as `Authorization: Bearer ...` may rewind every channel, whatever its policy. At least 16\nprintable characters, such as `openssl rand -hex 32` prints.",
);
pub(crate) const EXTINF_WALL_CLOCK: Variable = variable(
    "EXTINF_WALL_CLOCK",
    Value("off"),
    "`on` or `off`",
    "Whether playlists of what was recorded tell the wall clock also in the title of each segment, for players that read it\nthere: on or off.",
);
pub(crate) const PART_TARGET_MS: Variable = variable(
    "PART_TARGET_MS",
    Value("333"),
    "a number of milliseconds from 200 to 1000",
    "How much of a segment is listed at a time while it is still being written: shorter parts bring viewers closer to\nlive, for more requests a second. From 200 to 1000.",
);
pub(crate) const CLIP_MAX_SECONDS: Variable = variable(
    "CLIP_MAX_SECONDS",
    Value("180"),
    "a number of seconds from 5 to 3600",
    "How long a clip may be.",
);
pub(crate) const OBJECT_STORE: Variable = variable(
    "OBJECT_STORE",
    Value("local"),
    "`local` or `s3`",
    "Where closed segments are kept for good: local (the directory DATA_DIR/objects) or s3 (a bucket: AWS, Huawei OBS, R2,\nGarage, MinIO). With a bucket the disk stays bounded: what the bucket has may leave the disk.",
);
pub(crate) const S3_ENDPOINT: Variable = variable(
    "S3_ENDPOINT",
    Off,
    SITE,
    "The bucket's server, such as https://s3.example.org, with the bucket in the path. Without it, AWS.",
);
pub(crate) const S3_REGION: Variable = variable(
    "S3_REGION",
    Value("us-east-1"),
    "a region's name, such as eu-west-1",
    "The bucket's region. Garage wants `garage`, R2 `auto`, MinIO takes any.",
);
pub(crate) const S3_BUCKET: Variable = variable(
    "S3_BUCKET",
    Off,
    "a bucket's name, where OBJECT_STORE is s3",
    "The bucket. It must exist.",
);
pub(crate) const S3_ACCESS_KEY: Variable = variable(
    "S3_ACCESS_KEY",
    Off,
    "an access key's id, where OBJECT_STORE is s3",
    "Who we are there. It must be allowed to put, get, list and delete objects.",
);
pub(crate) const S3_SECRET_KEY: Variable = variable(
    "S3_SECRET_KEY",
    Off,
    "the access key's secret, where OBJECT_STORE is s3",
    "The access key's secret.",
);
pub(crate) const S3_PUBLIC_URL: Variable = variable(
    "S3_PUBLIC_URL",
    Off,
    "an http:// or https:// address without a query, such as https://cdn.example.org/media, where SEGMENT_DELIVERY is direct",
    "Where everybody finds the bucket's objects, such as a CDN in front of it; their keys stand behind it.",
);
pub(crate) const SEGMENT_DELIVERY: Variable = variable(
    "SEGMENT_DELIVERY",
    Value("proxy"),
    "`direct`, `redirect` or `proxy`",
    "How players come by segments that have left the disk. proxy: nginx fetches them, and the bucket stays private.\nredirect: players are sent to an address of the bucket that is good for minutes. direct: playlists list the address\nbelow S3_PUBLIC_URL of whatever the bucket has. With the last two the bucket must allow any origin to GET (CORS).",
);
pub(crate) const DISK_HIGH_PERCENT: Variable = variable(
    "DISK_HIGH_PERCENT",
    Value("85"),
    PERCENT,
    "When the disk of DATA_DIR is as full as this, the oldest segments that the bucket has leave it.",
);
pub(crate) const DISK_LOW_PERCENT: Variable = variable(
    "DISK_LOW_PERCENT",
    Value("75"),
    PERCENT,
    "They leave until the disk is no fuller than this.",
);
pub(crate) const SMTP_URL: Variable = variable(
    "SMTP_URL",
    Off,
    "an address that begins with smtp:// or smtps://",
    "The mail server, such as smtps://user:password@host. With it, accounts are activated by e-mail; without it,\nmail is written to DATA_DIR/outbox and accounts are active at once.",
);
pub(crate) const MAIL_FROM: Variable = variable(
    "MAIL_FROM",
    Value("Sluice <sluice@localhost>"),
    "an e-mail address, bare or as `Name <address>`",
    "The sender of mail.",
);
pub(crate) const ADMIN_EMAIL: Variable = variable(
    "ADMIN_EMAIL",
    Value("admin@localhost"),
    "an e-mail address",
    "The first administrator's login, made at the first start; its password is printed once.",
);
pub(crate) const SIGNUP_ROLE: Variable = variable(
    "SIGNUP_ROLE",
    Value("streamer"),
    "`streamer` or `viewer`",
    "What an account may do when it has just signed up: streamer or viewer.",
);
pub(crate) const LOG_FORMAT: Variable = variable(
    "LOG_FORMAT",
    Value("text"),
    "`text` or `json`",
    "How log lines are written: text or json.",
);
pub(crate) const LOG_LEVEL: Variable = variable(
    "LOG_LEVEL",
    Value("info"),
    "a level (error, warn, info, debug, trace) or a list such as info,sluice_backend::hooks=debug",
    "What is logged: error, warn, info, debug, trace, or a list such as info,sluice_backend::hooks=debug.",
);

/// Every variable, in the order of `.env.example`.
pub const ALL: [&Variable; 34] = [
    &HTTP_PORT,
    &RTMP_PORT,
    &SEGMENTER_PORT,
    &BACKEND_PORT,
    &BACKEND_BIND,
    &DATA_DIR,
    &LOG_DIR,
    &FRONTEND_DIR,
    &DATABASE_URL,
    &PUBLIC_URL,
    &LIVE_BASE_URL,
    &JWT_SECRET,
    &DVR_WINDOW_HOURS,
    &CLIPPER_PARALLEL,
    &DVR_BYPASS_TOKEN,
    &EXTINF_WALL_CLOCK,
    &PART_TARGET_MS,
    &CLIP_MAX_SECONDS,
    &OBJECT_STORE,
    &S3_ENDPOINT,
    &S3_REGION,
    &S3_BUCKET,
    &S3_ACCESS_KEY,
    &S3_SECRET_KEY,
    &S3_PUBLIC_URL,
    &SEGMENT_DELIVERY,
    &DISK_HIGH_PERCENT,
    &DISK_LOW_PERCENT,
    &SMTP_URL,
    &MAIL_FROM,
    &ADMIN_EMAIL,
    &SIGNUP_ROLE,
    &LOG_FORMAT,
    &LOG_LEVEL,
];

/// The text of `.env.example`: each variable with what it is for and its default, or the word "required".
pub fn example() -> String {
    let mut text = String::from(
        "# Settings of Sluice. Copy to `.env`; the environment of the process wins over the file.\n\
         # An empty value counts as none. Quote values that have spaces, # or $ in them.\n",
    );
    for variable in ALL {
        let about = variable.about.replace('\n', "\n# ");
        let (note, value) = match variable.fallback {
            Required => ("Required.".to_owned(), ""),
            Off => ("Default: none.".to_owned(), ""),
            Value(value) => (format!("Default: {value}."), value),
            Follows(words) => (format!("Default: {words}."), ""),
        };
        let quote = if value.contains(' ') { "\"" } else { "" };
        let name = variable.name;
        // Writing to a string cannot fail.
        let _ = write!(text, "\n# {about}\n# {note}\n{name}={quote}{value}{quote}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Config, parse::Vars};

    #[test]
    fn the_table_holds_exactly_the_variables_that_are_read() {
        let vars = Vars::new([("JWT_SECRET", "0123456789abcdef0123456789abcdef")]);
        Config::read(&vars).unwrap();
        let table: BTreeSet<_> = ALL.iter().map(|variable| variable.name).collect();
        assert_eq!(*vars.asked.borrow(), table);
        assert_eq!(table.len(), ALL.len(), "a name stands twice");
    }

    #[test]
    fn the_example_file_is_what_the_table_says() {
        let file = include_str!("../../../../.env.example");
        assert_eq!(
            file,
            example(),
            "write it anew: cargo run -p sluice-config --example env > .env.example"
        );
    }

    #[test]
    fn the_example_file_starts_a_stack_once_its_required_values_are_filled_in() {
        let filled = example().replace("JWT_SECRET=", "JWT_SECRET=0123456789abcdef0123456789abcdef");
        let lines: Vec<_> = dotenvy::from_read_iter(filled.as_bytes())
            .collect::<Result<_, _>>()
            .unwrap();
        let config = Config::from_vars(lines).unwrap();
        let bare = Config::from_vars([("JWT_SECRET", "0123456789abcdef0123456789abcdef")]).unwrap();
        assert_eq!(format!("{config:?}"), format!("{bare:?}"));
    }
}
