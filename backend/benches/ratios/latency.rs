//! How far behind its encoder a show is seen: in a real browser, read from the picture by `frontend/e2e/latency.mjs`.

use std::{
    fmt,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use sluice_testkit::Stack;

use crate::table::Row;

/// Five minutes, as the aims are meant.
const SECONDS: &str = "300";

pub(crate) async fn measure() -> Vec<Row> {
    let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend");
    let dist = frontend.join("dist");
    assert!(dist.join("index.html").exists(), "the site is not built");
    let stack = Stack::builder()
        .env("FRONTEND_DIR", dist.display().to_string())
        .start()
        .await;
    let told = Command::new("node")
        .current_dir(&frontend)
        .args(["e2e/latency.mjs", SECONDS, "--json"])
        .env("SLUICE_URL", stack.api().url("/").trim_end_matches('/'))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("node is installed");
    let figures: Value = serde_json::from_slice(&told.stdout).expect("the measurement ends with figures");
    rows(&figures)
}

fn rows(figures: &Value) -> Vec<Row> {
    let number = |path: &str| figures.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let (low, smooth) = (Behind::of(&figures["low_latency"]), Behind::of(&figures["smooth"]));
    let opening = number("/opening/median_s");
    vec![
        Row {
            what: "behind the encoder, low latency".to_owned(),
            result: low.to_string(),
            aim: "≤ 1.4, 1.8".to_owned(),
            met: low.median_s <= 1.4 && low.p95_s <= 1.8 && low.stalls == 0.0,
        },
        Row {
            what: "behind the encoder, smooth".to_owned(),
            result: smooth.to_string(),
            aim: "none".to_owned(),
            met: true,
        },
        Row {
            what: "opening the page to a moving picture".to_owned(),
            result: format!(
                "median {opening:.2} s, least {:.2} s, most {:.2} s",
                number("/opening/least_s"),
                number("/opening/most_s")
            ),
            aim: "≤ 1 s".to_owned(),
            met: opening <= 1.0,
        },
    ]
}

/// How far behind the encoder one page played.
struct Behind {
    median_s: f64,
    p95_s: f64,
    most_s: f64,
    stalls: f64,
}

impl Behind {
    fn of(figures: &Value) -> Self {
        let figure = |name: &str| figures[name].as_f64().unwrap_or(f64::NAN);
        Self {
            median_s: figure("median_s"),
            p95_s: figure("p95_s"),
            most_s: figure("most_s"),
            stalls: figure("stalls"),
        }
    }
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            median_s,
            p95_s,
            most_s,
            stalls,
        } = self;
        write!(
            f,
            "median {median_s:.2} s, p95 {p95_s:.2} s, most {most_s:.2} s, {stalls} stalls"
        )
    }
}
