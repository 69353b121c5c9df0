//! The backend's process: settings, telemetry, build, run.

use std::process::ExitCode;

use sluice_backend::app::App;
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
    let app = App::build(Config::load()?).await?;
    app.run_until(terminated()).await?;
    Ok(())
}

async fn terminated() {
    let _ = tokio::signal::ctrl_c().await;
}
