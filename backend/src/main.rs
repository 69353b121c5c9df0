//! The backend's process: settings, telemetry, build, run.
//!
//! `sluice-backend nginx-config` only writes the configuration of its nginx and prints where.

use std::io::Write as _;
use std::process::ExitCode;

use sluice_backend::{app::App, media_server, ops::open_files};
use sluice_config::Config;
use sluice_process::{shutdown, telemetry};
use tikv_jemallocator::Jemalloc;

/// The C library's keeps what every thread has ever held: with a hundred channels on air, four times what is in use.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

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
    open_files::allow_most()?;
    let app = App::build(config).await?;
    if let Some(first) = app.first_administrator() {
        let mut out = std::io::stdout();
        writeln!(
            out,
            "The first administrator is {}, password {}",
            first.email, first.password
        )?;
        writeln!(out, "This is shown only once.")?;
    }
    app.run_until(shutdown::asked_for()).await?;
    Ok(())
}
