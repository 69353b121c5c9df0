//! The backend's process: settings, telemetry, build, run.
//!
//! `sluice-backend nginx-config` only writes the configuration of its nginx and prints where.

use std::io::Write as _;
use std::process::ExitCode;

use sluice_backend::{app::App, media_server, ops::telemetry};
use sluice_config::Config;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sluice-backend: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load()?;
    if std::env::args().nth(1).as_deref() == Some("nginx-config") {
        let path = media_server::config::write(&config)?;
        return Ok(writeln!(std::io::stdout(), "{}", path.display())?);
    }
    let _lines = telemetry::start(&config, "backend")?;
    let app = App::build(config).await?;
    app.run_until(terminated()).await?;
    Ok(())
}

async fn terminated() {
    let _ = tokio::signal::ctrl_c().await;
}
