//! The public name of a channel, as it stands in URLs and directory names.

use std::{borrow::Borrow, fmt};

use thiserror::Error;

/// A channel's name in URLs and in the archive: 2 to 40 of `a-z`, `0-9` and inner `-`.
///
/// It never changes once the channel exists, so that an address given away stays true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// Why a text is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Shorter than 2 or longer than 40 characters.
    #[error("The address must have 2 to 40 characters.")]
    Length,
    /// Something else than lower-case letters, digits and inner hyphens.
    #[error("The address may only have lower-case letters, digits and hyphens between them.")]
    Characters,
}

impl Slug {
    /// Accepts `text` as it stands; nothing is trimmed or lowered.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if !(2..=40).contains(&text.len()) {
            return Err(Invalid::Length);
        }
        let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let hyphen_at_edge = text.starts_with('-') || text.ends_with('-');
        if hyphen_at_edge || !text.bytes().all(allowed) {
            return Err(Invalid::Characters);
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Finds what is kept under a slug by its text.
impl Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_letters_digits_and_inner_hyphens() {
        for good in ["ab", "stage-north", "7of9", &"a".repeat(40)] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "-ab", "ab-", "Ab", "a/b", "a..b", "über", &"a".repeat(41)] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
    }
}
