//! The thumbnailer's process: settings, telemetry, build, run.

use std::process::ExitCode;

use sluice_config::Config;
use sluice_kit::{shutdown, telemetry};
use sluice_thumbnailer::Thumbnailer;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sluice-thumbnailer: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load()?;
    let _lines = telemetry::start(&config, "thumbnailer")?;
    Thumbnailer::open(&config).await?.run(shutdown::asked_for()).await;
    Ok(())
}
