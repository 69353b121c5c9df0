//! Statements made of pieces, and the values that go with them.

use sluice_domain::Millis;

/// A value bound to a `?`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Text(Option<&'a str>),
    Number(Option<i64>),
    Flag(bool),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<Millis> for Value<'_> {
    fn from(time: Millis) -> Self {
        Self::Number(Some(time.0))
    }
}

impl From<Option<Millis>> for Value<'_> {
    fn from(time: Option<Millis>) -> Self {
        Self::Number(time.map(|time| time.0))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// The values for a statement's `?`s, in their order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::statement::Value::from($value)),*] };
}
pub(crate) use values;

/// A statement that grows by conditions. Its text is only ever made of literals; what comes from outside is bound.
pub(crate) struct Statement<'a> {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value<'a>>,
    /// Whether it is well that it meets no row.
    pub(crate) is_optional: bool,
}

impl<'a> Statement<'a> {
    /// Begins with `sql`.
    pub(crate) fn new(sql: &'static str) -> Self {
        Self {
            sql: sql.to_owned(),
            values: Vec::new(),
            is_optional: false,
        }
    }

    /// All of it at once.
    pub(crate) fn of(sql: &'static str, values: &[Value<'a>]) -> Self {
        Self {
            sql: sql.to_owned(),
            values: values.to_vec(),
            is_optional: false,
        }
    }

    /// The same, where it is well that it meets no row.
    pub(crate) fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }

    /// Goes on with `sql` and the values for its `?`s.
    pub(crate) fn push(&mut self, sql: &'static str, values: &[Value<'a>]) -> &mut Self {
        self.sql.push(' ');
        self.sql.push_str(sql);
        self.values.extend_from_slice(values);
        self
    }

    /// Goes on with `times` copies of `sql`, commas between them.
    pub(crate) fn repeat(&mut self, sql: &'static str, times: usize) -> &mut Self {
        for index in 0..times {
            self.sql.push_str(if index == 0 { " " } else { ", " });
            self.sql.push_str(sql);
        }
        self
    }
}

/// The pattern for `column LIKE ? ESCAPE '!'` that finds `text` anywhere in a column kept in lower case.
pub(crate) fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_for_wildcards_finds_them_literally() {
        assert_eq!(anywhere("50%_Off!"), "%50!%!_off!!%");
    }
}
