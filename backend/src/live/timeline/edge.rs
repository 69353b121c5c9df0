//! The live edge of a timeline: the parts of the segment that is being written, and of the newest ones.

use sluice_hls::{
    media::{ListedPart, Open},
    nginx_playlist::Spooled,
    timeline::Segment,
};

use super::{Incoming, Opening, Timeline, part_list::PartList};
use crate::live::bodies::Edge;

impl Timeline {
    /// From now on the parts of open segments are listed.
    pub fn tail(&mut self, part_target_us: u64) {
        self.parts.get_or_insert_with(|| PartList::new(part_target_us));
    }

    /// No parts are listed any more.
    pub fn untail(&mut self) {
        self.parts = None;
    }

    /// Adds parts, the next ones in their order, of a segment that is being written. They are shown together with a
    /// closed segment of the same show, or behind one.
    pub fn add_parts(&mut self, opening: Opening<'_>, added: Vec<ListedPart>) {
        let Some(mut parts) = self.parts.take() else {
            return;
        };
        if !parts.is_open(opening.session, opening.opened_at_ms) {
            let spooled = Spooled {
                seq: 0,
                file: String::new(),
                opened_at_ms: opening.opened_at_ms,
                duration_us: 0,
                discontinuity: opening.discontinuity,
            };
            let placed = self.place(Incoming {
                session: opening.session,
                spooled: &spooled,
                bytes: 0,
            });
            parts.begin(opening.session, opening.opened_at_ms, open(&placed.segment));
        }
        parts.push(added);
        self.parts = Some(parts);
        self.trim();
    }

    /// Whether players may be told of parts: the channel is tailed, and its newest show has a segment and goes on.
    pub fn lists_parts(&self) -> bool {
        self.parts.is_some() && !self.ended && !self.show.is_empty()
    }

    /// The name of the oldest part.
    pub fn oldest_part(&self) -> Option<&str> {
        self.parts.as_ref()?.oldest()
    }

    /// How far `live.m3u8` reaches.
    pub fn edge(&self) -> Edge {
        let parts = self.parts.as_ref().filter(|_| self.lists_parts());
        let count = |msn: u64| parts.map_or(0, |parts| parts.count(msn));
        Edge {
            next_msn: self.next_msn(),
            parts_of_last: count(self.newest_msn),
            parts_of_next: count(self.next_msn()),
            part_target_us: parts.map_or(0, |parts| parts.part_target_us),
            target_s: self.target_s,
            ended: self.ended,
        }
    }

    /// Drops the parts that are not to be listed any more.
    pub(super) fn trim(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.trim(self.show.iter(), self.target_s);
        }
    }
}

fn open(segment: &Segment) -> Open {
    Open {
        msn: segment.msn,
        started_at_ms: segment.started_at_ms,
        discontinuity: segment.discontinuity,
        discontinuity_seq: segment.discontinuity_seq,
    }
}
