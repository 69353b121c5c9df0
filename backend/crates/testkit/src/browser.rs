//! The built site in real browsers, driven by the programs below `frontend/e2e`.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, time::timeout};

use crate::{Stack, stack::Builder};

/// Longer than any of them takes, on a machine that is busy with other tests.
const BOUND: Duration = Duration::from_secs(20 * 60);

impl Builder {
    /// Serves the built site, which a browser needs.
    ///
    /// # Panics
    /// When it is not built.
    #[must_use]
    pub fn built_site(self) -> Self {
        let dist = frontend().join("dist");
        assert!(
            dist.join("index.html").exists(),
            "the site is not built: run `npm ci && npm run build` in frontend/"
        );
        self.env("FRONTEND_DIR", dist.display().to_string())
    }
}

/// One of those programs, to be run against a stack.
#[derive(Debug)]
pub struct Program {
    name: String,
    command: Command,
}

impl Program {
    /// The program `e2e/{name}.mjs`.
    pub fn new(name: &str) -> Self {
        let mut command = Command::new("node");
        command
            .current_dir(frontend())
            .arg(format!("e2e/{name}.mjs"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Self {
            name: name.to_owned(),
            command,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds a variable to its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it on the stack's site to its end.
    ///
    /// # Panics
    /// When it finds a promise broken, with all that it printed.
    pub async fn passes(self, stack: &Stack) {
        let Self { name, mut command } = self;
        let ended = command
            .env("SLUICE_URL", stack.api().url("/").trim_end_matches('/'))
            .env("SLUICE_RTMP", stack.rtmp_url("").trim_end_matches('/'))
            .output();
        let told = timeout(BOUND, ended).await;
        let told = told
            .unwrap_or_else(|_| panic!("e2e/{name}.mjs did not end within {BOUND:?}"))
            .expect("node is installed");
        let text = [told.stdout, told.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
        assert!(told.status.success(), "{}", text.concat());
    }
}

fn frontend() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../frontend")
}
