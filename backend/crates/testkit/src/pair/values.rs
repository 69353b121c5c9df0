//! The values that tags carry.

/// The largest number that is believed: what JavaScript's players still count exactly.
const LARGEST: u64 = 1 << 53;
/// The longest segment that is believed, in seconds: 31 years.
const LONGEST_S: u64 = 1_000_000_000;

/// A whole number.
pub(super) fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= LARGEST)
}

/// Seconds with up to six decimals, in microseconds.
pub(super) fn microseconds(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let whole_s = number(whole).filter(|seconds| *seconds <= LONGEST_S && decimals.len() <= 6)?;
    Some(whole_s * 1_000_000 + number(&format!("{decimals:0<6}"))?)
}

/// An attribute list (4.2): names and values, those in quotes without them. Nothing if it has another shape or names
/// one twice.
pub(super) struct Attributes<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Attributes<'a> {
    pub(super) fn read(mut text: &'a str) -> Option<Self> {
        let mut list: Vec<(&str, &str)> = Vec::new();
        loop {
            let (name, rest) = text.split_once('=')?;
            let is_name = name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
            if name.is_empty() || !is_name || list.iter().any(|(known, _)| *known == name) {
                return None;
            }
            let (value, rest) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
            };
            list.push((name, value));
            match rest.strip_prefix(',') {
                Some(more) => text = more,
                None => return rest.is_empty().then_some(Self(list)),
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Whether a switch is on: nothing if it has another value than YES.
    pub(super) fn yes(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            None => Some(false),
            Some("YES") => Some(true),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_list_is_read_with_commas_in_quotes_and_nothing_left_over() {
        let list = Attributes::read("DURATION=0.333,URI=\"a,b=c.ts\",INDEPENDENT=YES").unwrap();
        assert_eq!(
            (list.get("DURATION"), list.get("URI")),
            (Some("0.333"), Some("a,b=c.ts"))
        );
        assert_eq!(
            (list.yes("INDEPENDENT"), list.yes("GAP"), list.yes("URI")),
            (Some(true), Some(false), None)
        );
        for wrong in ["", "A", "=1", "A=1,", "A=1,A=2", "a=1", "A=\"x", "A=\"x\"y"] {
            assert!(Attributes::read(wrong).is_none(), "{wrong}");
        }
    }
}
