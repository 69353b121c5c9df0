//! The rendered nginx configuration, judged by nginx itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // A test states what it expects by panicking.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
    process::Command,
};

use sluice_backend::media_server::config;
use sluice_config::Config;

/// Settings below `dir`, with ports that nothing listens on: `nginx -t` binds what it finds.
fn settings(dir: &Path, store: &[(&str, &str)]) -> Config {
    let taken: Vec<_> = (0..4)
        .map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let ports: Vec<_> = taken
        .iter()
        .map(|socket| socket.local_addr().unwrap().port().to_string())
        .collect();
    let path = |name: &str| dir.join(name).display().to_string();
    let store = store.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let fixed = [
        ("JWT_SECRET", "0123456789abcdef0123456789abcdef".to_owned()),
        ("HTTP_PORT", ports[0].clone()),
        ("RTMP_PORT", ports[1].clone()),
        ("SEGMENTER_PORT", ports[2].clone()),
        ("BACKEND_PORT", ports[3].clone()),
        ("DATA_DIR", path("data")),
        ("LOG_DIR", path("logs")),
        ("FRONTEND_DIR", path("site")),
        ("LIVE_BASE_URL", "https://cdn.example.org".to_owned()),
    ];
    Config::from_vars(fixed.into_iter().chain(store)).unwrap()
}

/// nginx's own judgement.
fn is_accepted(settings: &Config) {
    let main = config::write(settings).unwrap();
    let checked = Command::new("nginx")
        .args(["-t", "-e", "stderr", "-c"])
        .arg(&main)
        .output()
        .expect("nginx is installed");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{}: {said}", main.display());
    assert!(!said.contains("[warn]"), "{}: {said}", main.display());
}

#[test]
fn nginx_accepts_the_configuration_in_any_directory_the_settings_allow() {
    for name in ["plain", "with a space", "ümläut", "odd,=+@(1)#"] {
        let root = tempfile::tempdir().unwrap();
        is_accepted(&settings(&root.path().join(name), &[]));
    }
}

#[test]
fn nginx_accepts_a_bucket_wherever_it_is_and_whether_or_not_its_name_is_known_yet() {
    for endpoint in [
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "https://s3.invalid",
        "https://s3.invalid:9443",
    ] {
        for delivery in ["proxy", "redirect"] {
            let root = tempfile::tempdir().unwrap();
            let store = [
                ("OBJECT_STORE", "s3"),
                ("S3_BUCKET", "media"),
                ("S3_ACCESS_KEY", "AKIA0123"),
                ("S3_SECRET_KEY", "hunter2"),
                ("S3_ENDPOINT", endpoint),
                ("SEGMENT_DELIVERY", delivery),
            ];
            is_accepted(&settings(&root.path().join("odd,=+@(1)#"), &store));
        }
    }
}

#[test]
fn stat_and_control_are_closed_to_other_users() {
    let root = tempfile::tempdir().unwrap();
    let settings = settings(root.path(), &[]);
    config::write(&settings).unwrap();
    let run = settings.nginx_socket().parent().unwrap().to_owned();
    assert_eq!(fs::metadata(run).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn the_socket_of_a_killed_nginx_is_removed_and_that_of_a_running_one_stays() {
    let root = tempfile::tempdir().unwrap();
    let settings = settings(root.path(), &[]);
    config::write(&settings).unwrap();
    let socket = settings.nginx_socket();
    let running = UnixListener::bind(&socket).unwrap();
    config::write(&settings).unwrap();
    assert!(socket.exists());
    drop(running);
    config::write(&settings).unwrap();
    assert!(!socket.exists());
}
