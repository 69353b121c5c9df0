//! The publish hook on SQLite and the update hook, each against the bare handler that is its measure.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sluice_backend::random;
use sluice_testkit::process::Child;
use sluice_testkit::wait::wait_here;

use crate::backend::{Backend, form};
use crate::meter::{self, Run};
use crate::table::{Row, take_many_turns, take_turns};
use crate::{bare, client, wrk};

/// Publishers that go live in one burst, each on a channel of its own: more than a node this size carries.
const PUBLISHERS: usize = 200;
/// Bursts of each side. They take turns burst by burst, so that both are asked as often and after as long a rest: between
/// two of ours, the shows end and leave nothing behind.
const BURSTS: usize = 15;
/// Requests of a run of which nothing is left behind.
const READS: usize = 600;
/// Publishers that ask at the same moment; nginx's gateway keeps as many connections open.
const CONNECTIONS: usize = 16;

pub(crate) async fn measure() -> Vec<Row> {
    let backend = Backend::start(PUBLISHERS).await;
    let bare = bare::start(backend.other_port(), &backend.bare_dir());
    vec![
        accepted(&backend, &bare),
        refused(&backend, &bare),
        update(&backend, &bare),
    ]
}

fn accepted(backend: &Backend, bare: &Child) -> Row {
    let reads = reads(backend, PUBLISHERS);
    let mut first_client = 0;
    let accept = || {
        first_client += PUBLISHERS;
        let run = ours(backend, &hooks(backend, "publish", first_client), 302);
        let ends = hooks(backend, "publish_done", first_client);
        client::burst(backend.port(), CONNECTIONS, &ends).all(204);
        forgotten(backend);
        run
    };
    let turns = take_many_turns(BURSTS, accept, || one_read(backend, bare, &reads));
    Row::ratio(
        "publish hook, accepted: a new session on SQLite / one SQLite read",
        &turns,
        0.5,
    )
}

fn refused(backend: &Backend, bare: &Child) -> Row {
    let reads = reads(backend, READS);
    let unknown = form("publish", 1, &format!("sk_{}", "0".repeat(32)));
    let unknown = vec![client::post("/hooks/publish", &unknown); READS];
    let turns = take_turns(|| ours(backend, &unknown, 403), || one_read(backend, bare, &reads));
    Row::ratio("publish hook, unknown key / one SQLite read", &turns, 0.5)
}

fn ours(backend: &Backend, requests: &[Vec<u8>], status: u16) -> Run {
    meter::run(backend.child.id(), || {
        client::burst(backend.port(), CONNECTIONS, requests).all(status).rate()
    })
}

fn one_read(backend: &Backend, bare: &Child, requests: &[Vec<u8>]) -> Run {
    meter::run(bare.id(), || {
        client::burst(backend.other_port(), CONNECTIONS, requests)
            .all(302)
            .rate()
    })
}

/// A hook of every channel, as one publisher after the other sends it.
fn hooks(backend: &Backend, call: &str, first_client: usize) -> Vec<Vec<u8>> {
    let channels = backend.channels.iter().enumerate();
    let forms = channels.map(|(number, channel)| form(call, first_client + number, &channel.key));
    forms
        .map(|form| client::post(&format!("/hooks/{call}"), &form))
        .collect()
}

/// Waits until the shows that ended have left nothing to be done.
fn forgotten(backend: &Backend) {
    wait_here(Duration::from_secs(60), "the spool is empty", || {
        let left = fs::read_dir(backend.config.spool_dir()).map_or(0, Iterator::count);
        (left == 0).then_some(())
    });
}

/// So many reads, of the key of one publisher after the other.
fn reads(backend: &Backend, count: usize) -> Vec<Vec<u8>> {
    let channels = backend.channels.iter().enumerate();
    let channels = channels.cycle().take(count);
    let read = |(number, channel): (usize, &crate::seed::Channel)| {
        let path = format!("/read?{}", random::fingerprint(&channel.key));
        client::post(&path, &form("publish", number, &channel.key))
    };
    channels.map(read).collect()
}

fn update(backend: &Backend, bare: &Child) -> Row {
    backend.publish(0, 1);
    let script = |path: &str| {
        let file = backend.dir.path().join(format!("{}.lua", path.replace('/', "-")));
        let body = form("update_publish", 1, &backend.channels[0].key);
        let lua = format!(
            "wrk.method = \"POST\"\nwrk.path = \"{path}\"\nwrk.body = \"{body}&time=30&timestamp=30000\"\n\
             wrk.headers[\"Content-Type\"] = \"application/x-www-form-urlencoded\"\n\
             wrk.headers[\"X-Media-Server\"] = \"bench-1\"\n"
        );
        fs::write(&file, lua).expect("a script");
        file
    };
    let (update, nothing) = (script("/hooks/update"), script("/update"));
    let load = |server: u32, port: u16, script: &Path| {
        let load = wrk::Load {
            url: &format!("http://127.0.0.1:{port}"),
            headers: &[],
            script: Some(script),
        };
        meter::run(server, || wrk::run(&load))
    };
    let turns = take_turns(
        || load(backend.child.id(), backend.port(), &update),
        || load(bare.id(), backend.other_port(), &nothing),
    );
    Row::ratio("update hook / a bare handler", &turns, 0.7)
}
