//! The thumbnailer's process: settings, telemetry, build, run.

use std::process::ExitCode;

use sluice_config::Config;
use sluice_kit::{shutdown, stand_back, telemetry};
use sluice_thumbnailer::Thumbnailer;

fn main() -> ExitCode {
    // Before there are other threads: they take after this one.
    stand_back();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sluice-thumbnailer: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load()?;
    let _lines = telemetry::start(&config, "thumbnailer")?;
    Thumbnailer::open(&config).await?.run(shutdown::asked_for()).await;
    Ok(())
}
