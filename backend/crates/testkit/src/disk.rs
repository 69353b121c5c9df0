//! A small disk of a test's own, to be filled (as root).

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

/// Written at a time when it is filled.
const BLOCK: usize = 64 << 10;

/// A disk, mounted on a directory. Gone when dropped.
#[derive(Debug)]
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one of so many megabytes on a directory, which is made. Nothing, and a word that nobody overlooks, where
    /// this process may not mount: a test that needs it cannot be told then.
    ///
    /// # Panics
    /// When the directory cannot be made.
    pub fn mount(at: &Path, megabytes: u32) -> Option<Self> {
        fs::create_dir_all(at).expect("a directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(at)
            .output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(at.to_owned()));
        }
        // Not by `eprintln!`, which is caught and dropped where a test passes.
        let told = b"\n*** SKIPPED, because this process may not mount a disk: run it as root ***\n\n";
        let _ = io::stderr().write_all(told);
        None
    }

    /// Takes all the room that is left, and says by which file; without it there is room again.
    ///
    /// # Panics
    /// When the disk refuses for another reason than that it is full.
    pub fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let (mut file, block) = (File::create(&path).expect("a file"), vec![7; BLOCK]);
        let refused = loop {
            if let Err(error) = file.write_all(&block) {
                break error;
            }
        };
        assert_eq!(refused.kind(), ErrorKind::StorageFull);
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whatever still has a file open in it keeps it for itself.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
