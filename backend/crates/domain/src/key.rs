//! Stream keys: bearer secrets that open a channel to an encoder.

use std::fmt;

/// A stream key as an encoder sends it: `sk_` and 32 of `a-z0-9`, about 165 random bits.
///
/// Debug shows nothing of it, so that it cannot slip into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamKey(String);

impl StreamKey {
    /// What every key begins with, so that a leaked one is recognised.
    pub const PREFIX: &'static str = "sk_";
    /// Characters behind the prefix.
    pub const SECRET_LEN: usize = 32;
    /// What the secret is made of; every character passes nginx-rtmp's names unescaped.
    pub const ALPHABET: &'static [u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

    /// Makes a key out of random `picks`; each counts modulo the alphabet's length.
    pub fn from_picks(picks: &[u8; Self::SECRET_LEN]) -> Self {
        let secret = picks
            .iter()
            .filter_map(|pick| Self::ALPHABET.get(usize::from(*pick) % Self::ALPHABET.len()))
            .map(|byte| char::from(*byte));
        Self(Self::PREFIX.chars().chain(secret).collect())
    }

    /// The key that `name` is, if it has the shape of one.
    pub fn parse(name: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(name).ok()?;
        let secret = text.strip_prefix(Self::PREFIX)?;
        let shaped = secret.len() == Self::SECRET_LEN && secret.bytes().all(|byte| Self::ALPHABET.contains(&byte));
        shaped.then(|| Self(text.to_owned()))
    }

    /// The secret itself: to hash it, or to show it once to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, by which an owner tells keys apart.
    pub fn hint(&self) -> &str {
        self.0.get(self.0.len() - 4..).unwrap_or_default()
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_is_read_back_and_never_printed() {
        let key = StreamKey::from_picks(&[7; 32]);
        assert_eq!(StreamKey::parse(key.expose().as_bytes()), Some(key.clone()));
        assert_eq!(key.hint(), "hhhh");
        assert!(!format!("{key:?}").contains("hhh"));
    }

    #[test]
    fn anything_of_another_shape_is_no_key() {
        let long = format!("sk_{}", "a".repeat(300));
        for bad in [
            "",
            "sk_",
            "sk_short",
            "../../etc/passwd",
            &long,
            &format!("sk_{}/", "a".repeat(31)),
        ] {
            assert_eq!(StreamKey::parse(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(StreamKey::parse(b"sk_\xff\xfe"), None);
    }
}
