//! Secrets out of the operating system's randomness.

use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use sluice_domain::StreamKey;

use crate::error::Error;

/// A new stream key.
pub fn stream_key() -> Result<StreamKey, Error> {
    Ok(StreamKey::from_picks(&bytes()?))
}

/// A token for a link in a mail: 43 characters of base64url, 256 bits.
pub fn link_token() -> Result<String, Error> {
    use base64::Engine;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// A password for an administrator who has none yet: four groups of five letters and digits, about 100 bits.
pub fn first_password() -> Result<String, Error> {
    // No 0, 1, i, l, o: it is copied by eye from a terminal.
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
    let picks = bytes::<20>()?;
    let letter = |pick: &u8| ALPHABET.get(usize::from(*pick) % 31).map(|byte| char::from(*byte));
    let groups: Vec<String> = picks
        .chunks(5)
        .map(|group| group.iter().filter_map(letter).collect())
        .collect();
    Ok(groups.join("-"))
}

/// The SHA-256 of bytes, in hex. It is what is stored of a random secret, which needs no slow hash.
pub fn fingerprint(secret: impl AsRef<[u8]>) -> String {
    let digest = Sha256::digest(secret.as_ref());
    let mut hex = String::with_capacity(2 * digest.len());
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    hex.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    hex
}

fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_each_time_and_have_their_shape() {
        let (first, second) = (stream_key().unwrap(), stream_key().unwrap());
        assert_ne!(first, second);
        assert!(StreamKey::parse(first.expose().as_bytes()).is_some());
        assert_eq!(link_token().unwrap().len(), 43);
        assert_eq!(first_password().unwrap().len(), 23);
        assert_ne!(first_password().unwrap(), first_password().unwrap());
    }

    #[test]
    fn a_fingerprint_is_sha_256_in_hex() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fingerprint("abc"), abc);
    }
}
