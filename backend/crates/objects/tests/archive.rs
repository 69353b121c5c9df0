//! The archive on real directories, with disks that refuse.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sluice_objects::{Archive, Error};
use tempfile::TempDir;

const NAME: &str = "20261120-222053-00000042";
const NEXT: &str = "20261120-222055-00000043";

/// A spool with one closed segment, and an archive beside it.
struct Disk {
    dir: TempDir,
    archive: Archive,
    spooled: PathBuf,
}

fn disk() -> Disk {
    let dir = TempDir::new().unwrap();
    let archive = Archive::open(dir.path().join("archive")).unwrap();
    let spooled = dir.path().join("1795213253850.ts");
    fs::write(&spooled, b"one segment").unwrap();
    Disk { dir, archive, spooled }
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn a_segment_is_taken_from_the_spool_without_copying_and_outlives_it() {
    let Disk {
        archive,
        spooled,
        dir: _dir,
    } = disk();
    assert_eq!(archive.adopt(&spooled, "stage", NAME).unwrap(), 11);
    let kept = archive.path("stage", NAME).unwrap();
    assert_eq!(kept, archive.root().join("stage/20261120/20261120-222053-00000042.ts"));
    assert_eq!(
        fs::metadata(&kept).unwrap().ino(),
        fs::metadata(&spooled).unwrap().ino()
    );
    fs::remove_file(&spooled).unwrap();
    assert_eq!(fs::read(&kept).unwrap(), b"one segment");
}

#[test]
fn taking_a_segment_again_is_no_error_and_changes_nothing() {
    let Disk {
        archive,
        spooled,
        dir: _dir,
    } = disk();
    archive.adopt(&spooled, "stage", NAME).unwrap();
    assert_eq!(archive.adopt(&spooled, "stage", NAME).unwrap(), 11);
    assert_eq!(fs::read(archive.path("stage", NAME).unwrap()).unwrap(), b"one segment");
}

#[test]
fn a_segment_in_another_ones_place_is_refused_and_the_first_stays() {
    let Disk { dir, archive, spooled } = disk();
    archive.adopt(&spooled, "stage", NAME).unwrap();
    let other = dir.path().join("other.ts");
    fs::write(&other, b"longer than one segment").unwrap();
    let refused = archive.adopt(&other, "stage", NAME).unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Occupied {
                there: 11,
                offered: 23,
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(fs::read(archive.path("stage", NAME).unwrap()).unwrap(), b"one segment");
}

#[test]
fn across_file_systems_a_segment_is_copied_whole_and_again_is_no_error() {
    let Disk { archive, dir: _dir, .. } = disk();
    let Ok(elsewhere) = TempDir::new_in("/dev/shm") else {
        return;
    };
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    if device(elsewhere.path()) == device(archive.root()) {
        return; // One file system is all there is here.
    }
    let spooled = elsewhere.path().join("1.ts");
    fs::write(&spooled, b"one segment").unwrap();
    for _ in 0..2 {
        assert_eq!(archive.adopt(&spooled, "stage", NAME).unwrap(), 11);
    }
    let kept = archive.path("stage", NAME).unwrap();
    assert_eq!(fs::read(&kept).unwrap(), b"one segment");
    assert_eq!(entries(kept.parent().unwrap()), 1, "nothing partial is left");
    fs::write(&spooled, b"another one, longer").unwrap();
    assert!(matches!(
        archive.adopt(&spooled, "stage", NAME),
        Err(Error::Occupied { .. })
    ));
}

#[test]
fn the_last_segment_of_a_day_takes_its_directory_along() {
    let Disk {
        archive,
        spooled,
        dir: _dir,
    } = disk();
    for name in [NAME, NEXT] {
        archive.adopt(&spooled, "stage", name).unwrap();
    }
    let day = archive.root().join("stage/20261120");
    assert!(archive.remove("stage", NAME).unwrap());
    assert!(day.exists());
    assert!(archive.remove("stage", NEXT).unwrap());
    assert!(!day.exists());
    assert!(!archive.remove("stage", NEXT).unwrap(), "it was not there");
}

#[test]
fn setting_a_channel_aside_leaves_the_others_alone() {
    let Disk {
        archive,
        spooled,
        dir: _dir,
    } = disk();
    for slug in ["stage", "stage-north"] {
        archive.adopt(&spooled, slug, NAME).unwrap();
    }
    let aside = archive.set_aside("stage").unwrap().unwrap();
    assert!(aside.starts_with(archive.aside()) && entries(&aside) == 1);
    assert_eq!(archive.set_aside("stage").unwrap(), None);
    assert!(!archive.root().join("stage").exists());
    assert!(archive.path("stage-north", NAME).unwrap().exists());
    // A channel of the same name is deleted while that is still being removed.
    archive.adopt(&spooled, "stage", NAME).unwrap();
    assert_ne!(archive.set_aside("stage").unwrap(), Some(aside));
}

#[test]
fn a_name_that_leads_elsewhere_touches_nothing() {
    let Disk { dir, archive, spooled } = disk();
    for (slug, name) in [("..", NAME), ("stage", "../../1795213253850"), ("stage", "")] {
        assert!(archive.adopt(&spooled, slug, name).is_err());
        assert!(archive.remove(slug, name).is_err());
    }
    assert!(archive.set_aside("..").is_err());
    assert!(archive.set_aside("").is_err());
    assert!(spooled.exists());
    assert_eq!((entries(archive.root()), entries(dir.path())), (0, 2));
}

#[test]
fn a_spooled_file_that_is_gone_is_told_as_such_and_leaves_no_directory() {
    let Disk { dir, archive, .. } = disk();
    let refused = archive.adopt(&dir.path().join("2.ts"), "stage", NAME).unwrap_err();
    assert_eq!(refused.disk(), Some(ErrorKind::NotFound));
    assert!(refused.to_string().contains("2.ts"), "{refused}");
    assert_eq!(entries(archive.root()), 0);
}

#[test]
fn a_file_where_a_directory_should_be_is_an_error_that_names_the_path() {
    let Disk {
        archive,
        spooled,
        dir: _dir,
    } = disk();
    fs::write(archive.root().join("stage"), b"").unwrap();
    let refused = archive.adopt(&spooled, "stage", NAME).unwrap_err();
    assert_eq!(refused.disk(), Some(ErrorKind::NotADirectory));
    assert!(refused.to_string().contains("stage/20261120"), "{refused}");
    assert!(Archive::open(spooled.join("archive")).is_err());
}

#[test]
fn a_disk_that_takes_nothing_is_an_error_and_the_spooled_file_stays() {
    let spooled = disk();
    // The kernel's own directory refuses new ones, to root too.
    let archive = Archive::open("/sys").unwrap();
    let refused = archive.adopt(&spooled.spooled, "stage", NAME).unwrap_err();
    let kind = refused.disk().unwrap();
    assert!(
        matches!(kind, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem),
        "{refused}"
    );
    assert!(spooled.spooled.exists());
}

#[test]
fn removals_and_adoptions_at_once_lose_no_segment() {
    let Disk {
        archive,
        spooled,
        dir: _dir,
    } = disk();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..500 {
                archive.adopt(&spooled, "stage", NAME).unwrap();
                archive.remove("stage", NAME).unwrap();
            }
        });
        for _ in 0..500 {
            archive.adopt(&spooled, "stage", NEXT).unwrap();
            assert!(archive.remove("stage", NEXT).unwrap());
        }
    });
}

#[test]
fn the_room_on_the_disk_is_told_in_bytes() {
    let space = disk().archive.space().unwrap();
    assert!(
        space.free_bytes > 1 << 20 && space.free_bytes <= space.total_bytes,
        "{space:?}"
    );
}
