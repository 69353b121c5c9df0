//! A directory as object store: keys are paths below it.

use std::cmp::Ordering;
use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use sluice_domain::Millis;

use crate::archive::{copy, in_its_directory, unless_missing};
use crate::digest::Digest;
use crate::error::{Error, disk};
use crate::fault::{Fault, Kind};
use crate::key::Key;
use crate::store::{self, Head, Listed, Page, blocking};

/// Objects on a page of a list, as S3 has it.
const PAGE: usize = 1000;
/// Sent at a time.
const CHUNK: u64 = 256 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct Local {
    root: PathBuf,
}

/// A file that is being read.
#[derive(Debug)]
pub(crate) struct Body {
    file: Option<fs::File>,
    left: u64,
}

impl Local {
    pub(crate) fn open(root: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(&root).map_err(disk("making", &root))?;
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.path())
    }

    pub(crate) fn identity(&self) -> String {
        format!("file://{}", self.root.display())
    }

    /// By hard link where both are on one file system: nothing is copied. Whole or not at all in any case.
    pub(crate) async fn put(&self, key: &Key, file: &Path) -> Result<(), Fault> {
        let (to, file, named) = (self.path(key), file.to_owned(), key.clone());
        let placed = move || place(&file, &to).map_err(|error| Fault::io(&error, "putting", &named));
        blocking("putting", key, placed).await
    }

    pub(crate) async fn head(&self, key: &Key) -> Result<Option<Head>, Fault> {
        let (path, named) = (self.path(key), key.clone());
        let read = move || match Digest::of(&path) {
            Ok(Digest { bytes, checksum }) => Ok(Some(Head {
                bytes,
                checksum: Some(checksum),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::io(&error, "reading", &named)),
        };
        blocking("reading", key, read).await
    }

    pub(crate) async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<(u64, u64, store::Body), Fault> {
        let (path, named) = (self.path(key), key.clone());
        let opened = move || {
            let refused = |error: io::Error| Fault::io(&error, "fetching", &named);
            let mut file = fs::File::open(&path).map_err(refused)?;
            let total = file.metadata().map_err(refused)?.len();
            let Range { start, end } = range.unwrap_or(0..total);
            if start >= total && total > 0 {
                return Err(Fault::new(Kind::Refused, "fetching", &named, "a range past its end"));
            }
            file.seek(SeekFrom::Start(start)).map_err(refused)?;
            let left = end.min(total).saturating_sub(start);
            let file = Some(file);
            Ok((left, total, store::Body::Local(Body { file, left })))
        };
        blocking("fetching", key, opened).await
    }

    pub(crate) async fn delete(&self, keys: &[Key]) -> Result<(), Fault> {
        let paths: Vec<_> = keys.iter().map(|key| (key.clone(), self.path(key))).collect();
        let removed = move || {
            let mut first = Ok(());
            for (key, path) in paths {
                if let Err(error) = unless_missing(fs::remove_file(&path)) {
                    first = first.and(Err(Fault::io(&error, "removing", &key)));
                }
                if let Some(day) = path.parent() {
                    // Refused while there is something left in it.
                    let _ = fs::remove_dir(day);
                }
            }
            first
        };
        blocking("removing", "objects", removed).await
    }

    pub(crate) async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, Fault> {
        let (root, after) = (self.root.clone(), after.unwrap_or_default().to_owned());
        let (named, prefix) = (prefix.to_owned(), prefix.to_owned());
        let subject = named.clone();
        let listed = move || {
            let mut walk = Walk {
                root: &root,
                prefix: &prefix,
                after: &after,
                found: Vec::new(),
            };
            walk.directory(&root)
                .map_err(|error| Fault::io(&error, "listing", &named))?;
            let mut objects = walk.found;
            let more = objects.len() > PAGE;
            objects.truncate(PAGE);
            let next = objects.last().filter(|_| more).map(|last| last.key.to_string());
            Ok(Page { objects, next })
        };
        blocking("listing", subject, listed).await
    }
}

impl Body {
    pub(crate) async fn next(&mut self, key: &Key) -> Result<Option<Bytes>, Fault> {
        let Some(mut file) = self.file.take().filter(|_| self.left > 0) else {
            return Ok(None);
        };
        let (wanted, named) = (self.left.min(CHUNK), key.clone());
        let read = move || {
            let mut chunk = Vec::new();
            let read = file.by_ref().take(wanted).read_to_end(&mut chunk);
            read.map_err(|error| Fault::io(&error, "fetching", &named))?;
            Ok((file, chunk))
        };
        let (file, chunk) = blocking("fetching", key, read).await?;
        self.left -= chunk.len() as u64;
        self.file = Some(file);
        Ok((!chunk.is_empty()).then(|| chunk.into()))
    }
}

/// Puts a file in its place under a name of its own first, which is the same each time: what a killed process left
/// behind is in nobody's way.
fn place(file: &Path, to: &Path) -> io::Result<()> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let partial = to.with_file_name(format!(".{name}.partial"));
    in_its_directory(&partial, || {
        unless_missing(fs::remove_file(&partial))?;
        match fs::hard_link(file, &partial) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => copy(file, &partial),
            linked => linked,
        }
    })?;
    let renamed = fs::rename(&partial, to);
    // Renaming one link of a file onto another does nothing, and leaves both.
    let _ = fs::remove_file(&partial);
    renamed
}

/// A walk through the directories in the order of keys.
struct Walk<'a> {
    root: &'a Path,
    prefix: &'a str,
    after: &'a str,
    found: Vec<Listed>,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Path) -> io::Result<()> {
        let mut entries = Vec::new();
        let listed = match fs::read_dir(directory) {
            // Pruned with its last object.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            listed => listed?,
        };
        for entry in listed {
            entries.extend(self.entry(&entry?)?);
        }
        entries.sort_unstable();
        for (name, is_directory) in entries {
            if self.found.len() > PAGE {
                return Ok(());
            }
            let path = self.root.join(&name);
            match is_directory {
                true => self.directory(&path)?,
                false => self.found.extend(described(self.root, &path)?),
            }
        }
        Ok(())
    }

    /// The name below the root of what may hold objects that are asked for; a directory's ends in `/`.
    fn entry(&self, entry: &DirEntry) -> io::Result<Option<(String, bool)>> {
        let path = entry.path();
        let Some(key) = path.strip_prefix(self.root).ok().and_then(Key::of_path) else {
            return Ok(None);
        };
        let is_directory = entry.file_type()?.is_dir();
        let name = format!("{key}{}", if is_directory { "/" } else { "" });
        let here = name.starts_with(self.prefix) || (is_directory && self.prefix.starts_with(&name));
        // A directory that sorts before `after` may hold what comes behind it.
        let ahead =
            name.as_str().cmp(self.after) == Ordering::Greater || (is_directory && self.after.starts_with(&name));
        Ok((here && ahead).then_some((name, is_directory)))
    }
}

/// An object's line; nothing for one that was removed meanwhile.
fn described(root: &Path, path: &Path) -> io::Result<Option<Listed>> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let key = path.strip_prefix(root).ok().and_then(Key::of_path);
    Ok(key.map(|key| Listed {
        key,
        bytes: found.len(),
        modified_at: modified_at(&found),
    }))
}

fn modified_at(found: &Metadata) -> Millis {
    let modified = found.modified().unwrap_or(UNIX_EPOCH);
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
