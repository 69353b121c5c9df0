//! The configuration of Sluice's own nginx: the templates of the room `nginx/`, filled in from [`Config`].
//!
//! Enter by [`write`], which also makes the directories nginx needs; [`render`] is the pure part. Paths go into
//! the templates inside quotes; [`Config`] only holds such as nginx takes as they stand.

use std::{
    fs,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, PermissionsExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use sluice_config::{Config, ObjectStore, SegmentDelivery, Url};
use sluice_process::objects;
use thiserror::Error;

use super::Pass;

/// The templates, by the name they are written to; the first is the one nginx is started with.
const TEMPLATES: [(&str, &str); 17] = [
    ("nginx.conf", include_str!("../../../nginx/nginx.conf")),
    ("rtmp.conf", include_str!("../../../nginx/rtmp.conf")),
    ("api.conf", include_str!("../../../nginx/api.conf")),
    ("stream.conf", include_str!("../../../nginx/stream.conf")),
    ("objects.conf", include_str!("../../../nginx/objects.conf")),
    ("handed.conf", include_str!("../../../nginx/handed.conf")),
    ("rewound.conf", include_str!("../../../nginx/rewound.conf")),
    ("clips.conf", include_str!("../../../nginx/clips.conf")),
    ("live.conf", include_str!("../../../nginx/live.conf")),
    ("players.conf", include_str!("../../../nginx/players.conf")),
    (STORE, include_str!("../../../nginx/store.conf")),
    (STORED, include_str!("../../../nginx/stored.conf")),
    ("fetched.conf", include_str!("../../../nginx/fetched.conf")),
    ("frontend.conf", include_str!("../../../nginx/frontend.conf")),
    ("headers.conf", HEADERS),
    ("cors.conf", include_str!("../../../nginx/cors.conf")),
    ("origins.conf", include_str!("../../../nginx/origins.conf")),
];

/// The two that nginx only has where it fetches from a bucket.
const STORE: &str = "store.conf";
const STORED: &str = "stored.conf";

/// The headers of every page and answer.
const HEADERS: &str = include_str!("../../../nginx/headers.conf");

/// Where Debian's libnginx-mod-rtmp puts the module.
const RTMP_MODULE: &str = "/usr/lib/nginx/modules/ngx_rtmp_module.so";
/// Where Debian's nginx-common puts the list of media types.
const MIME_TYPES: &str = "/etc/nginx/mime.types";

/// Where Debian's ca-certificates puts those whom everybody believes.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Open files asked for: a viewer costs one or two connections and an open segment. The hard limit wins.
const OPEN_FILES: u64 = 65_536;
/// What every Unix gives, should the limit be unknown.
const OPEN_FILES_LEAST: u64 = 1_024;

/// What the configuration owes to the machine nginx runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// It has IPv6: the site is served on it as well.
    pub ipv6: bool,
    /// We are root: nginx's worker must not become `nobody`, who may not write to our directories.
    pub root: bool,
    /// How many files this process may open at most (its hard limit).
    pub open_files: u64,
    /// What it finds the bucket's server under; nothing where it does not know the name.
    pub store: Vec<SocketAddr>,
}

impl Machine {
    /// The machine this process runs on. May ask the name service.
    pub fn here(config: &Config) -> Self {
        let ipv6 = TcpListener::bind("[::]:0").is_ok();
        Self {
            ipv6,
            store: fetched_from(config).map_or_else(Vec::new, |url| addresses(&url, ipv6)),
            root: fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0),
            open_files: fs::read_to_string("/proc/self/limits")
                .ok()
                .and_then(|limits| hard_limit_of_open_files(&limits))
                .unwrap_or(OPEN_FILES_LEAST),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// nginx needs to know where the backend is.
    #[error("BACKEND_PORT must not be 0 where nginx stands in front of the backend.")]
    NoBackendPort,
    /// A directory or file could not be made.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A file of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Its name, to stand in one directory with the others.
    pub name: &'static str,
    /// What is in it.
    pub text: String,
}

/// Makes the directories nginx needs, writes its configuration below `DATA_DIR/nginx`, and removes the socket that an
/// nginx left behind that was killed: the next one could not bind it.
///
/// Answers the path to start nginx with: `nginx -e stderr -c PATH`.
pub fn write(config: &Config) -> Result<PathBuf, ConfigError> {
    let files = render(config, &Machine::here(config))?;
    make_dirs(config)?;
    for file in &files {
        let path = config.nginx_dir().join(file.name);
        replace(&path, &file.text).map_err(failed_at(&path))?;
    }
    let socket = config.nginx_socket();
    remove_if_stale(&socket).map_err(failed_at(&socket))?;
    Ok(config.nginx_dir().join("nginx.conf"))
}

/// Fills in the templates.
pub fn render(config: &Config, machine: &Machine) -> Result<Vec<ConfigFile>, ConfigError> {
    let values = values(config, machine)?;
    let fetches = fetched_from(config).is_some();
    let files = TEMPLATES.iter().map(|(name, template)| ConfigFile {
        name,
        text: match *name {
            STORE | STORED if !fetches => "# Nothing is fetched from a bucket.\n".to_owned(),
            _ => fill_in(template, &values),
        },
    });
    Ok(files.collect())
}

/// The file that names the headers of every page and answer, filled in.
pub fn headers(config: &Config) -> String {
    fill_in(HEADERS, &vec![("media_origins", media_origins(config))])
}

type Values = Vec<(&'static str, String)>;

fn values(config: &Config, machine: &Machine) -> Result<Values, ConfigError> {
    let path = |path: &Path| path.display().to_string();
    let port = |port: u16| port.to_string();
    let http_listen_ipv6 = match machine.ipv6 {
        true => format!("listen [::]:{} ipv6only=on backlog=4096;", config.http_port),
        false => String::new(),
    };
    let open_files = machine.open_files.clamp(OPEN_FILES_LEAST, OPEN_FILES);
    // A proxied request takes two connections, one for a segment a file as well.
    let connections = open_files / 2;
    // Whoever opens RTMP connections by the hundred must not take the site's.
    let rtmp_connections = connections / 4;
    // Every second connection of a site that only proxies leads to the backend; half of them wait at a time.
    let backend_idle = connections / 4;
    let store = fetched_from(config);
    let part = |of: fn(&Url) -> String| store.as_ref().map(of).unwrap_or_default();
    Ok(vec![
        ("rtmp_module", RTMP_MODULE.to_owned()),
        ("mime_types", MIME_TYPES.to_owned()),
        ("user", if machine.root { "user root;" } else { "" }.to_owned()),
        ("open_files", open_files.to_string()),
        ("connections", connections.to_string()),
        ("rtmp_connections", rtmp_connections.to_string()),
        ("backend_idle", backend_idle.to_string()),
        ("data_dir", path(&config.data_dir)),
        ("log_dir", path(&config.log_dir)),
        ("handover_dir", path(&config.handover_dir())),
        ("answered_log", path(&config.answered_log())),
        ("frontend_dir", path(&config.frontend_dir)),
        ("http_port", port(config.http_port)),
        ("http_listen_ipv6", http_listen_ipv6),
        ("rtmp_port", port(config.rtmp_port)),
        ("segmenter_port", port(config.segmenter_port)),
        ("backend_address", backend_address(config)?.to_string()),
        ("media_origins", media_origins(config)),
        ("nginx_pass", Pass::of(&config.jwt_secret).expose().to_owned()),
        ("objects_second", objects_second(config).to_owned()),
        ("store_servers", store_servers(&machine.store)),
        ("store_scheme", part(|url| url.scheme().to_owned())),
        ("store_host", part(authority)),
        ("store_tls", part(store_tls)),
    ])
}

/// The bucket's server, where nginx fetches from one.
fn fetched_from(config: &Config) -> Option<Url> {
    let bucket = objects::bucket(config).filter(|_| config.segment_delivery == SegmentDelivery::Proxy)?;
    Url::parse(&bucket.origin()).ok()
}

/// A server's addresses at this moment: the name service may know others later, and then the backend fetches.
fn addresses(server: &Url, ipv6: bool) -> Vec<SocketAddr> {
    let found = server.socket_addrs(|| None).unwrap_or_default();
    found.into_iter().filter(|address| ipv6 || address.is_ipv4()).collect()
}

/// nginx wants one server at least. On this one nobody listens, so that the backend fetches at once.
fn store_servers(addresses: &[SocketAddr]) -> String {
    if addresses.is_empty() {
        return "    server unix:/nowhere;".to_owned();
    }
    let lines: Vec<_> = addresses
        .iter()
        .map(|address| format!("    server {address};"))
        .collect();
    lines.join("\n")
}

/// Host and port as they are signed: without the port that goes without saying.
fn authority(server: &Url) -> String {
    let host = server.host_str().unwrap_or_default();
    server
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn store_tls(server: &Url) -> String {
    if server.scheme() != "https" {
        return String::new();
    }
    let name = server.host_str().unwrap_or_default();
    format!(
        "proxy_ssl_server_name on;\nproxy_ssl_name \"{name}\";\nproxy_ssl_verify on;\nproxy_ssl_verify_depth 4;\n\
         proxy_ssl_trusted_certificate {AUTHORITIES};"
    )
}

/// Where a segment is looked for that the archive does not have.
fn objects_second(config: &Config) -> &'static str {
    match config.object_store {
        ObjectStore::Local => "/objects/$slug/$day/$segment",
        ObjectStore::S3(_) => "",
    }
}

/// Where nginx finds the backend: one that listens on every address is found on loopback.
fn backend_address(config: &Config) -> Result<SocketAddr, ConfigError> {
    if config.backend_port == 0 {
        return Err(ConfigError::NoBackendPort);
    }
    let host = if config.backend_bind.is_unspecified() {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        config.backend_bind
    };
    Ok(SocketAddr::new(host, config.backend_port))
}

/// What the site's policy must allow beside itself, each with a space in front; nothing where players fetch from it alone.
fn media_origins(config: &Config) -> String {
    let bucket = objects::bucket(config);
    let store = match config.segment_delivery {
        SegmentDelivery::Direct => bucket.and_then(|bucket| bucket.public_url).map(|url| origin(&url)),
        SegmentDelivery::Redirect => bucket.map(|bucket| bucket.origin()),
        SegmentDelivery::Proxy => None,
    };
    let origins = config.live_base_url.as_ref().map(origin).into_iter().chain(store);
    origins.map(|origin| format!(" {origin}")).collect()
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn fill_in(template: &str, values: &Values) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}}}}}"), value)
    })
}

fn make_dirs(config: &Config) -> Result<(), ConfigError> {
    let private = config.data_dir.join("run");
    let temp = config.nginx_dir().join("tmp");
    let dirs = [
        &config.spool_dir(),
        &config.archive_dir(),
        &config.log_dir,
        &temp,
        &private,
    ];
    for dir in dirs {
        let made = fs::DirBuilder::new().recursive(true).mode(0o755).create(dir);
        made.map_err(failed_at(dir))?;
    }
    // nginx opens its sockets to everybody; what closes stat and control to other users is their directory.
    fs::set_permissions(&private, fs::Permissions::from_mode(0o700)).map_err(failed_at(&private))
}

fn failed_at(path: &Path) -> impl FnOnce(io::Error) -> ConfigError + use<> {
    let path = path.to_owned();
    |source| ConfigError::Write { path, source }
}

/// Puts a whole file in place of an old one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(&new, path)
}

fn remove_if_stale(socket: &Path) -> io::Result<()> {
    match UnixStream::connect(socket) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(socket),
        _ => Ok(()),
    }
}

/// The hard limit out of `/proc/self/limits`.
fn hard_limit_of_open_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().nth(1)? {
        "unlimited" => Some(OPEN_FILES),
        hard => hard.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: Machine = Machine {
        ipv6: true,
        root: true,
        open_files: 20_000,
        store: Vec::new(),
    };

    fn config(more: &[(&str, &str)]) -> Config {
        let fixed = [
            ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
            ("DATA_DIR", "/srv/sluice data"),
        ];
        Config::from_vars(fixed.iter().chain(more).copied()).unwrap()
    }

    fn all(config: &Config, machine: &Machine) -> String {
        let files = render(config, machine).unwrap();
        files.into_iter().map(|file| file.text).collect()
    }

    #[test]
    fn every_placeholder_is_filled_in_and_every_value_is_used() {
        let text = all(&config(&[]), &MACHINE);
        assert!(!text.contains("{{"), "left over: {text}");
        let templates: String = TEMPLATES.iter().map(|(_, template)| *template).collect();
        for (name, _) in values(&config(&[]), &MACHINE).unwrap() {
            assert!(templates.contains(&format!("{{{{{name}}}}}")), "{name} stands nowhere");
        }
    }

    #[test]
    fn each_port_stands_where_its_server_listens() {
        let ports = [
            ("HTTP_PORT", "18080"),
            ("RTMP_PORT", "11935"),
            ("BACKEND_PORT", "18081"),
        ];
        let text = all(&config(&ports), &MACHINE);
        for expected in [
            "listen 18080 ",
            "listen [::]:18080 ",
            "listen 11935 ",
            "listen 127.0.0.1:21935;",
            "push rtmp://127.0.0.1:21935/pub;",
            "on_publish http://127.0.0.1:18080/hooks/publish;",
            "server 127.0.0.1:18081;",
        ] {
            assert!(text.contains(expected), "{expected} is missing");
        }
    }

    #[test]
    fn a_machine_without_ipv6_and_an_ordinary_user_get_neither() {
        let modest = Machine {
            ipv6: false,
            root: false,
            open_files: 1_024,
            store: Vec::new(),
        };
        let text = all(&config(&[]), &modest);
        assert!(!text.contains("listen [::]"));
        assert!(!text.contains("user root"));
        assert!(text.contains("worker_rlimit_nofile 1024;"));
    }

    #[test]
    fn a_backend_on_every_address_is_asked_on_loopback() {
        for (bind, expected) in [
            ("0.0.0.0", "server 127.0.0.1:8081;"),
            ("::", "server 127.0.0.1:8081;"),
            ("::1", "server [::1]:8081;"),
            ("10.0.0.7", "server 10.0.0.7:8081;"),
        ] {
            let text = all(&config(&[("BACKEND_BIND", bind)]), &MACHINE);
            assert!(text.contains(expected), "{bind}");
        }
    }

    #[test]
    fn a_backend_without_a_fixed_port_is_refused() {
        let error = render(&config(&[("BACKEND_PORT", "0")]), &MACHINE).unwrap_err();
        assert!(error.to_string().contains("BACKEND_PORT"), "{error}");
    }

    #[test]
    fn the_policy_allows_playlists_from_their_own_address_only_where_they_have_one() {
        let apart = all(&config(&[("LIVE_BASE_URL", "https://cdn.example.org:8443")]), &MACHINE);
        assert!(apart.contains("connect-src 'self' https://cdn.example.org:8443;"));
        assert!(all(&config(&[]), &MACHINE).contains("connect-src 'self';"));
    }

    const BUCKET: [(&str, &str); 4] = [
        ("OBJECT_STORE", "s3"),
        ("S3_BUCKET", "media"),
        ("S3_ACCESS_KEY", "AKIA0123"),
        ("S3_SECRET_KEY", "hunter2"),
    ];

    fn bucket(more: &[(&str, &str)]) -> String {
        let machine = Machine {
            store: vec!["192.0.2.1:443".parse().unwrap(), "[2001:db8::1]:443".parse().unwrap()],
            ..MACHINE
        };
        all(&config(&[&BUCKET, more].concat()), &machine)
    }

    #[test]
    fn a_bucket_is_fetched_from_under_the_name_that_is_signed_and_only_by_proxy() {
        for (endpoint, expected) in [
            (
                "https://s3.example.org",
                [
                    "server 192.0.2.1:443;",
                    "server [2001:db8::1]:443;",
                    "proxy_pass https://object_store/;",
                    "proxy_set_header Host \"s3.example.org\";",
                    "proxy_ssl_name \"s3.example.org\";",
                ],
            ),
            (
                "",
                [
                    "server 192.0.2.1:443;",
                    "server [2001:db8::1]:443;",
                    "proxy_pass https://object_store/;",
                    "proxy_set_header Host \"media.s3.us-east-1.amazonaws.com\";",
                    "proxy_ssl_verify on;",
                ],
            ),
        ] {
            let text = bucket(&[("S3_ENDPOINT", endpoint)]);
            for line in expected {
                assert!(text.contains(line), "{line} is missing");
            }
        }
        let plain = bucket(&[("S3_ENDPOINT", "http://127.0.0.1:9000")]);
        assert!(plain.contains("Host \"127.0.0.1:9000\";") && !plain.contains("proxy_ssl"));
        assert!(
            all(&config(&BUCKET), &MACHINE).contains("server unix:/nowhere;"),
            "nobody knows the name"
        );
        for text in [bucket(&[("SEGMENT_DELIVERY", "redirect")]), all(&config(&[]), &MACHINE)] {
            assert!(!text.contains("upstream object_store") && !text.contains("/-/stored/"));
        }
    }

    #[test]
    fn no_secret_of_the_bucket_is_written_down() {
        let text = bucket(&[]);
        assert!(!text.contains("hunter2") && !text.contains("AKIA0123"));
    }

    #[test]
    fn the_policy_allows_the_bucket_only_where_players_are_sent_there() {
        let allowed = |more: &[(&str, &str)]| {
            let text = bucket(more);
            let (_, rest) = text.split_once("connect-src ").unwrap();
            rest.split(';').next().unwrap().to_owned()
        };
        assert_eq!(allowed(&[]), "'self'");
        assert_eq!(
            allowed(&[("SEGMENT_DELIVERY", "redirect")]),
            "'self' https://media.s3.us-east-1.amazonaws.com"
        );
        let direct = [
            ("SEGMENT_DELIVERY", "direct"),
            ("S3_PUBLIC_URL", "https://cdn.example.org/media"),
        ];
        assert_eq!(allowed(&direct), "'self' https://cdn.example.org");
    }

    #[test]
    fn the_hard_limit_is_read_as_the_kernel_writes_it() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 524288               files\n";
        assert_eq!(hard_limit_of_open_files(limits), Some(524_288));
        assert_eq!(
            hard_limit_of_open_files(&limits.replace("524288", "unlimited")),
            Some(65_536)
        );
        assert_eq!(hard_limit_of_open_files(""), None);
    }
}
