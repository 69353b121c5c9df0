//! The shows of one channel, as one reader may see them.

use sluice_domain::{Millis, Slug, retention};
use sluice_store::channels::Channel;
use sluice_store::recordings::{Extent, Recording};

use super::show::{Found, Show};
use crate::channels::reader::Reader;
use crate::error::Error;

/// A channel's shows, for somebody who may rewind it.
pub struct Catalogue<'a> {
    /// Who they are shown to.
    pub reader: &'a Reader<'a>,
    /// Whose they are.
    pub channel: &'a Channel,
    token: Option<String>,
    /// The newest show goes on.
    is_showing: bool,
    newest_msn: Option<i64>,
}

impl<'a> Catalogue<'a> {
    /// Opens it: [`Error::DvrNotAllowed`] for those who may not rewind.
    pub async fn open(reader: &'a Reader<'a>, channel: &'a Channel) -> Result<Self, Error> {
        let token = reader.admitted(channel)?;
        let slug = Slug::parse(&channel.slug).map_err(|_| Error::NotFound)?;
        let live = reader.state.live.channel(&slug).await?.ok_or(Error::NotFound)?;
        let newest_msn = live.newest_msn();
        Ok(Self {
            reader,
            channel,
            token,
            is_showing: live.is_showing(),
            newest_msn: newest_msn.and_then(|msn| i64::try_from(msn).ok()),
        })
    }

    /// The show with this id; [`Error::NotFound`] where there is none.
    pub async fn find(&self, id: &str) -> Result<Recording, Error> {
        let first_msn = number(id).ok_or(Error::NotFound)?;
        let recordings = self.reader.state.store.recordings();
        let found = recordings.find(&self.channel.id, first_msn).await?;
        found.ok_or(Error::NotFound)
    }

    /// What there is of a show for this reader; nothing where the window has passed over all of it.
    pub async fn extent(&self, recording: &Recording) -> Result<Option<Extent>, Error> {
        let recordings = self.reader.state.store.recordings();
        Ok(recordings.extent(recording, self.listed_from(recording)).await?)
    }

    /// A show with what there is of it.
    pub async fn show(&self, recording: Recording, extent: Extent) -> Result<Show, Error> {
        let store = &self.reader.state.store;
        let breaks = store.recordings().breaks(&recording, &extent).await?;
        let numbers = [recording.first_msn];
        let posters = store.thumbnails().posters(&self.channel.id, &numbers).await?;
        let found = Found {
            is_live: self.is_live(&recording),
            recording,
            extent,
            breaks,
            poster: posters.into_iter().next().map(|poster| poster.name),
        };
        Ok(Show::of(found, self))
    }

    /// Whether a show goes on.
    pub fn is_live(&self, recording: &Recording) -> bool {
        self.is_showing && recording.last_msn.is_none()
    }

    /// The moment from which on a show's segments are listed.
    pub fn listed_from(&self, recording: &Recording) -> Millis {
        match recording.kept_at {
            Some(_) => Millis(0),
            None => retention::listed_from(self.window_hours(), self.reader.now),
        }
    }

    /// How far the channel can be rewound, in hours.
    pub fn window_hours(&self) -> u32 {
        self.channel.rewind.hours(self.reader.state.config.dvr_window_hours)
    }

    /// The number of the last segment of a show that is over, be it on its way into the database.
    pub fn last_msn(&self, recording: &Recording) -> i64 {
        let last = recording.last_msn.or(self.newest_msn);
        last.unwrap_or(recording.first_msn).max(recording.first_msn)
    }

    /// The token that the reader needs in paths.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

/// A show's number; ids are written in one way only.
pub fn number(id: &str) -> Option<i64> {
    let number: i64 = id.parse().ok()?;
    (number >= 0 && number.to_string() == id).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_show_has_one_id() {
        assert_eq!((number("0"), number("43200")), (Some(0), Some(43_200)));
        for id in ["", "-1", "+1", "01", "1.0", " 1", "x", "99999999999999999999"] {
            assert_eq!(number(id), None, "{id}");
        }
    }
}
