//! One door to the outside for each thing: what goes through it is found nowhere else.

use crate::tree::{self, File};

/// Words that only stand where the door is.
struct Door {
    words: &'static [&'static str],
    /// Beginnings of the paths where they may stand.
    rooms: &'static [&'static str],
}

fn held(door: &Door) {
    let outside = |file: &File| !file.is_test() && !door.rooms.iter().any(|room| file.path.starts_with(room));
    let mut found = Vec::new();
    for file in tree::files(&["rs"]).into_iter().filter(outside) {
        let code = file.code();
        let words = door.words.iter().filter(|word| code.contains(**word));
        found.extend(words.map(|word| format!("{word} in {}", file.path)));
    }
    assert!(found.is_empty(), "goes through {:?} only: {found:#?}", door.rooms);
}

#[test]
fn sql_is_written_in_the_store_and_nowhere_else() {
    held(&Door {
        words: &["sqlx", "\"SELECT ", "\"INSERT INTO ", "\"DELETE FROM ", "\"UPDATE "],
        rooms: &["backend/crates/store/"],
    });
}

#[test]
fn the_environment_is_read_by_config_and_nowhere_else() {
    held(&Door {
        words: &["env::var", "env::vars", "env::{", "dotenvy"],
        rooms: &["backend/crates/config/"],
    });
}

#[test]
fn child_processes_are_started_by_media_and_nowhere_else() {
    held(&Door {
        words: &["Command::new", "process::Command", "ffmpeg_sidecar"],
        rooms: &["backend/crates/media/"],
    });
}

#[test]
fn errors_become_http_in_one_place() {
    held(&Door {
        words: &["impl ResponseError", "HttpResponse::InternalServerError"],
        rooms: &["backend/src/error.rs"],
    });
}
