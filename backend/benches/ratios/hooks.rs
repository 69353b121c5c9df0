//! The publish hook on SQLite and the update hook, each against the bare handler that is its measure.

use std::fs;
use std::time::Duration;

use sluice_backend::random;
use sluice_testkit::wait::wait_here;

use crate::backend::{Backend, form};
use crate::table::{Row, take_turns};
use crate::{bare, client, wrk};

/// Publishers of one run. Each goes live once, on a channel of its own.
const PUBLISHERS: usize = 1_500;
/// Publishers that ask at the same moment; nginx's gateway keeps as many connections open.
const CONNECTIONS: usize = 16;

pub(crate) async fn measure() -> Vec<Row> {
    let backend = Backend::start(PUBLISHERS).await;
    let _bare = bare::start(backend.other_port(), &backend.bare_dir());
    let mut rows = publish(&backend);
    rows.push(update(&backend));
    rows
}

fn publish(backend: &Backend) -> Vec<Row> {
    let reads = reads(backend);
    let bare = || {
        client::burst(backend.other_port(), CONNECTIONS, &reads)
            .all(302)
            .per_second()
    };
    let refused: Vec<_> = (0..PUBLISHERS)
        .map(|number| {
            client::post(
                "/hooks/publish",
                &form("publish", number, &format!("sk_{}", "0".repeat(32))),
            )
        })
        .collect();
    let mut first_client = 0;
    let accepted = || {
        first_client += PUBLISHERS;
        all_go_live(backend, first_client)
    };
    let accepted = take_turns(accepted, bare);
    let refused = take_turns(
        || {
            client::burst(backend.port(), CONNECTIONS, &refused)
                .all(403)
                .per_second()
        },
        bare,
    );
    vec![
        Row::ratio(
            "publish hook, accepted: a new session on SQLite / one SQLite read",
            &accepted,
            0.5,
        ),
        Row::ratio("publish hook, unknown key / one SQLite read", &refused, 0.5),
    ]
}

/// Every channel goes live, which is what is measured; then every show ends, and its traces are waited for.
fn all_go_live(backend: &Backend, first_client: usize) -> f64 {
    let hook = |call: &str| -> Vec<_> {
        let numbered = backend.channels.iter().enumerate();
        let forms = numbered.map(|(number, channel)| form(call, first_client + number, &channel.key));
        forms
            .map(|form| client::post(&format!("/hooks/{call}"), &form))
            .collect()
    };
    let rate = client::burst(backend.port(), CONNECTIONS, &hook("publish"))
        .all(302)
        .per_second();
    client::burst(backend.port(), CONNECTIONS, &hook("publish_done")).all(204);
    wait_here(Duration::from_secs(60), "the spool is empty", || {
        let left = fs::read_dir(backend.config.spool_dir()).map_or(0, Iterator::count);
        (left == 0).then_some(())
    });
    rate
}

fn reads(backend: &Backend) -> Vec<Vec<u8>> {
    let channels = backend.channels.iter().enumerate();
    let read = |(number, channel): (usize, &crate::seed::Channel)| {
        let path = format!("/read?{}", random::fingerprint(&channel.key));
        client::post(&path, &form("publish", number, &channel.key))
    };
    channels.map(read).collect()
}

fn update(backend: &Backend) -> Row {
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
    let (ours, bare) = (script("/hooks/update"), script("/update"));
    let load = |port: u16, script: &std::path::Path| {
        wrk::run(&wrk::Load {
            url: &format!("http://127.0.0.1:{port}"),
            headers: &[],
            script: Some(script),
        })
    };
    let turns = take_turns(|| load(backend.port(), &ours), || load(backend.other_port(), &bare));
    Row::ratio("update hook / a bare handler", &turns, 0.7)
}
