//! What an operator may set, and what a wrong value is answered with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // tests

use std::path::Path;

use sluice_config::{Config, ExposeSecret, LogFormat, ObjectStore, Role, SegmentDelivery};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn with(vars: &[(&str, &str)]) -> Result<Config, sluice_config::Error> {
    let secret = [("JWT_SECRET", SECRET)];
    Config::from_vars(secret.iter().chain(vars).copied())
}

fn refusal(vars: &[(&str, &str)]) -> String {
    with(vars).expect_err("the value is bad").to_string()
}

#[test]
fn a_signing_secret_is_all_that_must_be_set() {
    let config = with(&[]).unwrap();
    assert_eq!(
        (config.http_port, config.rtmp_port, config.segmenter_port),
        (8080, 1935, 11935)
    );
    assert_eq!(
        (config.backend_port, config.backend_bind.to_string().as_str()),
        (8081, "127.0.0.1")
    );
    assert_eq!(
        config.data_dir,
        Path::new(&std::env::current_dir().unwrap()).join("data")
    );
    let database = format!("sqlite://{}/sluice.db", config.data_dir.display());
    assert_eq!(config.database_url.expose_secret(), database);
    assert_eq!(config.jwt_secret.expose_secret(), SECRET);
    assert_eq!((config.dvr_window_hours, config.signup_role), (24, Role::Streamer));
    assert_eq!(config.part_target_ms, 333);
    assert_eq!(
        (config.log_format, config.log_level.as_str()),
        (LogFormat::Text, "info")
    );
    assert!(matches!(config.object_store, ObjectStore::Local));
    assert!(config.public_url.is_none() && config.live_base_url.is_none() && config.smtp_url.is_none());
}

#[test]
fn without_a_signing_secret_the_start_is_refused_by_name() {
    let nothing: [(&str, &str); 0] = [];
    let sentence = Config::from_vars(nothing).unwrap_err().to_string();
    assert!(
        sentence.starts_with("JWT_SECRET is not set. It must be at least 32"),
        "{sentence}"
    );
}

#[test]
fn an_empty_value_counts_as_not_set() {
    let config = with(&[("HTTP_PORT", ""), ("PUBLIC_URL", " "), ("DATABASE_URL", "")]).unwrap();
    assert_eq!(config.http_port, 8080);
    assert!(config.public_url.is_none());
    assert!(config.database_url.expose_secret().starts_with("sqlite:///"));
}

#[test]
fn every_bad_value_is_answered_with_its_variable_and_what_is_expected() {
    let bad = [
        ("HTTP_PORT", "http"),
        ("HTTP_PORT", "0"),
        ("RTMP_PORT", "65536"),
        ("SEGMENTER_PORT", "-1"),
        ("BACKEND_PORT", "eighty"),
        ("BACKEND_BIND", "localhost"),
        ("DATA_DIR", "/tmp/a;b"),
        ("LOG_DIR", "/tmp/$HOME"),
        ("FRONTEND_DIR", "a\"b"),
        ("DATABASE_URL", "oracle://host/db"),
        ("PUBLIC_URL", "live.example.org"),
        ("PUBLIC_URL", "https://live.example.org/site"),
        ("LIVE_BASE_URL", "ftp://live.example.org"),
        ("JWT_SECRET", "short"),
        ("DVR_WINDOW_HOURS", "0"),
        ("DVR_WINDOW_HOURS", "1.5"),
        ("EXTINF_WALL_CLOCK", "maybe"),
        ("PART_TARGET_MS", "199"),
        ("PART_TARGET_MS", "1001"),
        ("CLIP_MAX_SECONDS", "4"),
        ("CLIP_MAX_SECONDS", "3601"),
        ("OBJECT_STORE", "ftp"),
        ("S3_ENDPOINT", "s3.example.org"),
        ("S3_ENDPOINT", "https://s3.example.org/media"),
        ("S3_REGION", "eu west"),
        ("S3_BUCKET", "media/videos"),
        ("S3_ACCESS_KEY", "two words"),
        ("S3_SECRET_KEY", "two words"),
        ("DISK_HIGH_PERCENT", "100"),
        ("DISK_LOW_PERCENT", "0"),
        ("SMTP_URL", "mail.example.org:25"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "Sluice <a@b"),
        ("ADMIN_EMAIL", "admin"),
        ("SIGNUP_ROLE", "administrator"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "verbose"),
        ("LOG_LEVEL", "info,sluice_backend"),
    ];
    for (name, value) in bad {
        let sentence = refusal(&[(name, value)]);
        assert!(sentence.starts_with(&format!("{name} must be ")), "{sentence}");
        assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn a_bucket_needs_its_name_and_a_key_and_says_so_by_name() {
    let mut vars = vec![("OBJECT_STORE", "s3")];
    for (name, value) in [
        ("S3_BUCKET", "media"),
        ("S3_ACCESS_KEY", "AKIA0123"),
        ("S3_SECRET_KEY", "hunter2"),
    ] {
        assert!(refusal(&vars).starts_with(&format!("{name} is not set. ")), "{name}");
        vars.push((name, value));
    }
    vars.push(("S3_ENDPOINT", "http://127.0.0.1:9000"));
    let ObjectStore::S3(bucket) = with(&vars).unwrap().object_store else {
        panic!("a bucket was asked for");
    };
    assert_eq!((bucket.bucket.as_str(), bucket.region.as_str()), ("media", "us-east-1"));
    assert_eq!(bucket.endpoint.unwrap().as_str(), "http://127.0.0.1:9000/");
}

#[test]
fn a_disk_is_emptied_to_less_than_where_it_is_emptied_from() {
    let marks = with(&[]).unwrap().watermarks;
    assert_eq!((marks.high_percent, marks.low_percent), (85, 75));
    for low in ["85", "90"] {
        assert_eq!(
            refusal(&[("DISK_LOW_PERCENT", low)]),
            "DISK_LOW_PERCENT must be lower than DISK_HIGH_PERCENT."
        );
    }
}

#[test]
fn two_servers_on_one_port_are_refused_with_both_names() {
    let sentence = refusal(&[("HTTP_PORT", "8081")]);
    assert_eq!(
        sentence,
        "HTTP_PORT and BACKEND_PORT are both 8081. Each must be a port of its own."
    );
    let sentence = refusal(&[("HTTP_PORT", "11935")]);
    assert!(
        sentence.starts_with("HTTP_PORT and SEGMENTER_PORT are both 11935"),
        "{sentence}"
    );
}

#[test]
fn the_segmenter_stays_a_fixed_distance_from_the_rtmp_port() {
    for (rtmp, segmenter) in [("1935", 11935), ("55535", 65535), ("55536", 45536), ("65535", 55535)] {
        assert_eq!(with(&[("RTMP_PORT", rtmp)]).unwrap().segmenter_port, segmenter);
    }
    let chosen = with(&[("SEGMENTER_PORT", "4000")]).unwrap();
    assert_eq!(chosen.segmenter_port, 4000);
}

#[test]
fn a_data_directory_too_deep_for_a_socket_is_refused_by_name() {
    let fits = format!("/{}", "d".repeat(84));
    assert_eq!(
        with(&[("DATA_DIR", &fits)]).unwrap().nginx_socket().as_os_str().len(),
        100
    );
    let sentence = refusal(&[("DATA_DIR", &format!("{fits}d"))]);
    assert!(sentence.starts_with("DATA_DIR is too long"), "{sentence}");
}

#[test]
fn the_default_database_is_found_again_under_an_odd_directory_name() {
    let config = with(&[("DATA_DIR", "/srv/100%?")]).unwrap();
    assert_eq!(config.database_url.expose_secret(), "sqlite:///srv/100%25%3f/sluice.db");
}

#[test]
fn stored_segments_are_fetched_for_players_unless_they_may_be_sent_to_the_bucket() {
    let bucket = [
        ("OBJECT_STORE", "s3"),
        ("S3_BUCKET", "media"),
        ("S3_ACCESS_KEY", "AKIA0123"),
        ("S3_SECRET_KEY", "hunter2"),
    ];
    let also = |more: &[(&'static str, &'static str)]| with(&[&bucket, more].concat());
    let delivery = |more: &[(&'static str, &'static str)]| also(more).unwrap().segment_delivery;
    assert_eq!(with(&[]).unwrap().segment_delivery, SegmentDelivery::Proxy);
    assert_eq!(delivery(&[]), SegmentDelivery::Proxy);
    assert_eq!(delivery(&[("SEGMENT_DELIVERY", "redirect")]), SegmentDelivery::Redirect);
    let direct = ("SEGMENT_DELIVERY", "direct");
    let public = ("S3_PUBLIC_URL", "https://cdn.example.org/media");
    assert_eq!(delivery(&[direct, public]), SegmentDelivery::Direct);
    let sentence = also(&[direct]).unwrap_err().to_string();
    assert!(
        sentence.starts_with("S3_PUBLIC_URL is not set. It must be"),
        "{sentence}"
    );
    for word in ["direct", "redirect"] {
        let sentence = refusal(&[("SEGMENT_DELIVERY", word), public]);
        assert!(
            sentence.contains("SEGMENT_DELIVERY") && sentence.contains("OBJECT_STORE"),
            "{sentence}"
        );
    }
    assert!(refusal(&[("SEGMENT_DELIVERY", "carrier-pigeon")]).starts_with("SEGMENT_DELIVERY must be"));
    for address in [
        "cdn.example.org",
        "https://me:hunter2@cdn.example.org",
        "https://cdn.example.org/?x",
    ] {
        let sentence = also(&[("S3_PUBLIC_URL", address)]).unwrap_err().to_string();
        assert!(sentence.starts_with("S3_PUBLIC_URL must be"), "{sentence}");
    }
}

#[test]
fn printing_the_settings_shows_no_secret() {
    let config = with(&[
        ("DATABASE_URL", "postgres://sluice:hunter2@db/sluice"),
        ("SMTP_URL", "smtps://mail:hunter2@mx.example.org"),
        ("OBJECT_STORE", "s3"),
        ("S3_BUCKET", "media"),
        ("S3_ACCESS_KEY", "AKIA0123"),
        ("S3_SECRET_KEY", "hunter2"),
    ]);
    let printed = format!("{:?}", config.unwrap());
    assert!(!printed.contains("hunter2") && !printed.contains(SECRET), "{printed}");
}

#[test]
fn a_refusal_repeats_no_part_of_the_value() {
    for name in ["DATABASE_URL", "SMTP_URL", "JWT_SECRET"] {
        let sentence = refusal(&[(name, "hunter2://x")]);
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
}
