//! The clipper's process: settings, telemetry, build, run.

use std::process::ExitCode;

use sluice_clipper::Clipper;
use sluice_config::Config;
use sluice_kit::{shutdown, stand_back, telemetry};

fn main() -> ExitCode {
    // Before there are other threads: they take after this one.
    stand_back();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sluice-clipper: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load()?;
    let _lines = telemetry::start(&config, "clipper")?;
    Clipper::open(&config).await?.run(shutdown::asked_for()).await;
    Ok(())
}
