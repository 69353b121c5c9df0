//! Passwords as people choose them.

use std::fmt;

use crate::text::Invalid;

/// A password that may be set: 10 to 200 characters, nothing else is asked of it.
///
/// Ten because length is what counts and shorter ones are guessed; two hundred because a hash takes time for each
/// byte. Debug shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The fewest characters.
    pub const MIN: usize = 10;
    /// The most characters.
    pub const MAX: usize = 200;

    /// Takes a password as it stands; nothing is trimmed.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (min, max) = (Self::MIN, Self::MAX);
        if (min..=max).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            let what = "The password";
            Err(Invalid::Length { what, min, max })
        }
    }

    /// The secret itself, to hash it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_ten_to_two_hundred_characters_of_any_kind() {
        for good in ["          ", "pässwörter", &"x".repeat(200)] {
            assert!(Password::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "123456789", &"x".repeat(201)] {
            assert!(Password::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_never_shows_in_debug_output() {
        let password = Password::parse("correct horse").unwrap();
        assert_eq!(format!("{password:?}"), "Password(..)");
    }
}
