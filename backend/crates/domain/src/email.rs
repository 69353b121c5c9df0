//! E-mail addresses.

use std::fmt;

use thiserror::Error;

/// An e-mail address in lower case, by which an account is found.
///
/// The shape is checked only as far as it protects mail headers and the look-up; whether mail arrives is found out by
/// sending some. Letters are ASCII: mail servers without SMTPUTF8 take no others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("This is not an e-mail address.")]
pub struct Invalid;

/// RFC 5321, section 4.5.3.1.3: a path of 256 octets, less its angle brackets.
const LONGEST: usize = 254;
/// RFC 5321, section 4.5.3.1.1.
const LONGEST_LOCAL_PART: usize = 64;

impl Email {
    /// Reads an address, without the white space around it; capitals count as small letters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(Invalid)?;
        let local_fits = (1..=LONGEST_LOCAL_PART).contains(&local.len()) && dotted(local, is_atom);
        let domain_fits = dotted(domain, |c| c.is_ascii_alphanumeric() || c == b'-');
        let fits = text.len() <= LONGEST && local_fits && domain_fits;
        fits.then(|| Self(text.to_ascii_lowercase())).ok_or(Invalid)
    }

    /// The address's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn dotted(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(&allowed))
}

/// RFC 5322, section 3.2.3: what an address may have without quotes.
fn is_atom(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_again_however_it_is_capitalised() {
        assert_eq!(
            Email::parse(" Ada.L+news@Example.ORG "),
            Email::parse("ada.l+news@example.org")
        );
        assert_eq!(
            Email::parse("admin@localhost").map(|email| email.to_string()),
            Ok("admin@localhost".to_owned())
        );
    }

    #[test]
    fn what_could_break_a_mail_header_is_no_address() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}", "a.".repeat(130));
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "a@b\r\nBcc: x@y",
            "a@b>",
            "<a@b",
            "a,b@c",
            "a..b@c",
            "a@.b",
            "a@b\0",
            "ä@b.c",
            "\"a\"@b",
            &long,
            &longer,
        ] {
            assert_eq!(Email::parse(bad), Err(Invalid), "{bad:?}");
        }
    }
}
