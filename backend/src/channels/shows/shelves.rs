//! Which segments can be had at this moment: on disk, or in the object store.
//!
//! Of the object store it is asked what it has, a list for a thousand of them: what the index says was true when it was
//! written, and a HEAD for each would take minutes for a show that has left the disk.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use actix_web::web;
use sluice_objects::{Key, ObjectStore};
use sluice_store::recordings::Piece;

use crate::error::Error;
use crate::live::Live;

/// The numbers of those of a channel's segments that are there, of the size that the index has.
pub(super) async fn there(live: &Live, slug: &str, pieces: &[Piece]) -> Result<BTreeSet<i64>, Error> {
    let mut found = on_disk(live, slug, pieces).await?;
    let elsewhere = pieces
        .iter()
        .filter(|piece| piece.place.is_stored() && !found.contains(&piece.msn))
        .filter_map(|piece| Some((Key::segment(slug, &piece.name).ok()?, (piece.msn, size(piece)))));
    let wanted: BTreeMap<Key, (i64, u64)> = elsewhere.collect();
    if !wanted.is_empty() {
        found.extend(stored(live.delivery().objects(), &wanted).await?);
    }
    Ok(found)
}

async fn on_disk(live: &Live, slug: &str, pieces: &[Piece]) -> Result<BTreeSet<i64>, Error> {
    let path = |piece: &Piece| live.archived(slug, &piece.name);
    let paths: Vec<_> = pieces
        .iter()
        .filter_map(|piece| Some((piece.msn, size(piece), path(piece)?)))
        .collect();
    files(paths).await
}

/// The numbers of those files that are there, of their size.
async fn files(wanted: Vec<(i64, u64, PathBuf)>) -> Result<BTreeSet<i64>, Error> {
    let look = move || {
        let there = wanted.into_iter().filter(|(_, size, path)| has(path, *size));
        there.map(|(msn, ..)| msn).collect()
    };
    web::block(look).await.map_err(Error::internal)
}

async fn stored(objects: &ObjectStore, wanted: &BTreeMap<Key, (i64, u64)>) -> Result<BTreeSet<i64>, Error> {
    if objects.root().is_some() {
        let paths = wanted
            .iter()
            .filter_map(|(key, (msn, size))| Some((*msn, *size, objects.file(key)?)));
        return files(paths.collect()).await;
    }
    let mut days = HashMap::<&str, Vec<(&Key, &(i64, u64))>>::new();
    for (key, piece) in wanted {
        let day = key.as_str().rsplit_once('/').map_or("", |(day, _)| day);
        days.entry(day).or_default().push((key, piece));
    }
    let mut found = BTreeSet::new();
    for (day, keys) in days {
        found.extend(listed(objects, day, &keys).await?);
    }
    Ok(found)
}

/// Those of a day's keys, which are in their order, that a list of the object store has.
async fn listed(objects: &ObjectStore, day: &str, keys: &[(&Key, &(i64, u64))]) -> Result<Vec<i64>, Error> {
    let (Some((first, _)), Some((last, _))) = (keys.first(), keys.last()) else {
        return Ok(Vec::new());
    };
    let wanted: HashMap<&Key, (i64, u64)> = keys.iter().map(|(key, piece)| (*key, **piece)).collect();
    let prefix = format!("{day}/");
    // Just before the first of them: a list goes on behind the key that it is given.
    let mut after = first.as_str().strip_suffix(".ts").map(ToOwned::to_owned);
    let mut found = Vec::new();
    loop {
        let page = objects.list(&prefix, after.as_deref()).await;
        let page = page.map_err(|fault| Error::Unavailable(fault.into()))?;
        let is_past = page.objects.last().is_none_or(|object| object.key >= **last);
        let there = page.objects.iter().filter_map(|object| {
            let (msn, size) = wanted.get(&object.key)?;
            (object.bytes == *size).then_some(*msn)
        });
        found.extend(there);
        match page.next {
            Some(next) if !is_past => after = Some(next),
            _ => return Ok(found),
        }
    }
}

fn has(path: &Path, size: u64) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() == size)
}

fn size(piece: &Piece) -> u64 {
    piece.bytes.unsigned_abs()
}
