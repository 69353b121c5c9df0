//! wrk, the load generator.

use std::path::Path;
use std::process::Command;

/// What wrk is to do.
pub(crate) struct Load<'a> {
    pub(crate) url: &'a str,
    /// `Name: value`.
    pub(crate) headers: &'a [&'a str],
    /// Lua, for anything but GET.
    pub(crate) script: Option<&'a Path>,
}

/// Answers, and answers a second, over two seconds on 32 connections, all of them good.
pub(crate) fn run(load: &Load<'_>) -> (f64, f64) {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-c32", "-d2s"]);
    for header in load.headers {
        wrk.args(["-H", header]);
    }
    if let Some(script) = load.script {
        wrk.arg("-s").arg(script);
    }
    let output = wrk.arg(load.url).output().expect("wrk is installed");
    let text = String::from_utf8_lossy(&output.stdout);
    let clean = output.status.success() && !text.contains("Non-2xx") && !text.contains("Socket errors");
    assert!(clean, "{}: {text}{}", load.url, String::from_utf8_lossy(&output.stderr));
    let number = |text: Option<&str>| {
        text.and_then(|text| text.trim().parse().ok())
            .expect("wrk tells a number")
    };
    let answers = text.lines().find(|line| line.contains(" requests in "));
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    (
        number(answers.and_then(|line| line.trim().split(' ').next())),
        number(rate),
    )
}
