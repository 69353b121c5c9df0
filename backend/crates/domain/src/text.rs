//! What people may write: lengths in characters, and no characters that could disguise a text.

use thiserror::Error;

/// Why a text is not taken. The sentence is for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Too short or too long.
    #[error("{what} must have {min} to {max} characters.")]
    Length {
        /// What the text is, as a sentence begins: `The title`.
        what: &'static str,
        /// The fewest characters.
        min: usize,
        /// The most characters.
        max: usize,
    },
    /// Control characters, or characters that turn the direction of writing around.
    #[error("{what} may not have control characters.")]
    Characters {
        /// What the text is, as a sentence begins.
        what: &'static str,
    },
}

/// The bounds of a kind of text.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// What the text is, as a sentence begins: `The title`.
    pub what: &'static str,
    /// The fewest characters.
    pub min: usize,
    /// The most characters.
    pub max: usize,
}

impl Bounds {
    /// Takes one line of text, without the white space around it.
    pub fn line(self, text: &str) -> Result<String, Invalid> {
        self.accept(text.trim(), disguises)
    }

    /// Takes text of several lines, without the white space around it; line ends become `\n`.
    pub fn lines(self, text: &str) -> Result<String, Invalid> {
        let text = text.trim().replace("\r\n", "\n");
        self.accept(&text, |c| disguises(c) && c != '\n' && c != '\t')
    }

    fn accept(self, text: &str, forbidden: impl Fn(char) -> bool) -> Result<String, Invalid> {
        let Self { what, min, max } = self;
        if text.contains(forbidden) {
            return Err(Invalid::Characters { what });
        }
        if !(min..=max).contains(&text.chars().count()) {
            return Err(Invalid::Length { what, min, max });
        }
        Ok(text.to_owned())
    }
}

/// Control characters break logs and mail headers; the bidirectional ones (Unicode UAX 9) make a name read as another.
const fn disguises(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Bounds = Bounds {
        what: "The name",
        min: 1,
        max: 5,
    };

    #[test]
    fn characters_are_counted_and_the_space_around_them_is_not() {
        assert_eq!(NAME.line("  öäüßé "), Ok("öäüßé".to_owned()));
        for bad in ["", "   ", "abcdef"] {
            assert!(matches!(NAME.line(bad), Err(Invalid::Length { .. })), "{bad}");
        }
    }

    #[test]
    fn control_and_direction_characters_are_refused() {
        for bad in ["a\0b", "a\nb", "a\u{1b}b", "a\u{202e}b", "\u{2066}a"] {
            assert!(matches!(NAME.line(bad), Err(Invalid::Characters { .. })), "{bad:?}");
        }
    }

    #[test]
    fn several_lines_are_taken_where_they_belong() {
        assert_eq!(NAME.lines("a\r\nb\tc"), Ok("a\nb\tc".to_owned()));
        assert!(NAME.lines("a\0").is_err());
    }
}
