//! One version of a channel's `dvr.m3u8`: made once, sent as bytes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{http::header::HeaderValue, web};
use sluice_domain::Millis;
use sluice_hls::{
    dvr::Index,
    recorded::{Head, Kind},
};
use tokio::sync::OnceCell;

use super::{Held, Scribe, handover};
use crate::{
    error::Error,
    live::bodies::{Body, Edge, Encoded, lasting},
};

/// A version of the playlist, and the index as it stood.
#[derive(Debug)]
pub struct Version {
    /// How far it reaches.
    pub edge: Edge,
    pub(super) index: Index,
    pub(super) scribe: Arc<Scribe>,
    head: Option<Head>,
    delta: Option<Body>,
    plain: OnceCell<Encoded>,
    gzip: OnceCell<Encoded>,
    lasting: HeaderValue,
    is_handed_over: AtomicBool,
}

impl Version {
    /// The version of what is held. Its text is written when somebody asks for it, but for the delta update: that is
    /// short, and thousands may wait for it.
    pub(super) fn of(held: &Held, scribe: Arc<Scribe>, now: Millis) -> Self {
        let index = held.index.clone();
        let kind = if held.ended { Kind::Quiet } else { Kind::Window };
        let head = index.head(kind, index.range());
        let skipping = head.filter(|_| held.may_skip(now));
        let delta = skipping.and_then(|head| scribe.write(|style| index.delta(&head, style)));
        let target_s = index.target_s();
        Self {
            edge: Edge {
                next_msn: index.range().end,
                target_s,
                ended: held.ended,
                ..Edge::default()
            },
            delta: delta.map(Body::of),
            plain: OnceCell::new(),
            gzip: OnceCell::new(),
            lasting: lasting(target_s),
            is_handed_over: AtomicBool::new(false),
            index,
            scribe,
            head,
        }
    }

    /// Whether there is anything to be played.
    pub const fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// The delta update; nothing where the whole playlist has to be sent.
    pub const fn delta(&self) -> Option<&Body> {
        self.delta.as_ref()
    }

    /// How long a cache may answer with it whoever asks for what it reaches.
    pub const fn lasting(&self) -> &HeaderValue {
        &self.lasting
    }

    /// The whole playlist, plain or in gzip. Made by whoever asks first, and not on a thread that answers requests.
    pub async fn full(self: &Arc<Self>, zipped: bool) -> Result<&Encoded, Error> {
        let made = if zipped { &self.gzip } else { &self.plain };
        let make = || async {
            let version = Arc::clone(self);
            let made = web::block(move || version.make(zipped)).await;
            made.map_err(Error::internal)?.ok_or(Error::NothingRecorded)
        };
        made.get_or_try_init(make).await
    }

    /// The whole playlist in gzip, if it was made.
    pub(super) fn zipped(&self) -> Option<&Encoded> {
        self.gzip.get()
    }

    /// Whether it was handed over to nginx, or is about to be.
    pub(super) fn is_handed_over(&self) -> bool {
        self.is_handed_over.load(Ordering::Relaxed)
    }

    /// Takes the turn to hand it over; false for all but the first.
    pub(super) fn begin_handover(&self) -> bool {
        !self.is_handed_over.swap(true, Ordering::Relaxed)
    }

    /// Gives the turn back: it was not handed over.
    pub(super) fn forgo_handover(&self) {
        self.is_handed_over.store(false, Ordering::Relaxed);
    }

    /// Makes the whole playlist.
    fn make(&self, zipped: bool) -> Option<Encoded> {
        let head = self.head?;
        let range = self.index.range();
        Some(self.scribe.write(|style| match zipped {
            true => handover::tagged(self.index.gzip(&head, range, style)),
            false => Encoded::of(self.index.text(&head, range, style)),
        }))
    }
}
