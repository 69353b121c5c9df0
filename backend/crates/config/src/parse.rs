//! From a variable's text to a value: each reader gives nothing for what it does not take.

use std::{collections::BTreeMap, str::FromStr};

use crate::{
    Error, JWT_SECRET_MIN_BYTES, LogFormat, Role, SecretString, Url,
    variables::{Fallback, Variable},
};

/// The variables that are set.
pub(crate) struct Vars {
    set: BTreeMap<String, String>,
    #[cfg(test)]
    pub(crate) asked: std::cell::RefCell<std::collections::BTreeSet<&'static str>>,
}

impl Vars {
    pub(crate) fn new<K, V>(vars: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<String>,
    {
        let vars = vars.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self {
            set: vars
                .filter(|(_, value): &(_, String)| !value.trim().is_empty())
                .collect(),
            #[cfg(test)]
            asked: Default::default(),
        }
    }

    /// The text that holds for a variable: what is set, else its fixed default.
    pub(crate) fn text(&self, variable: &Variable) -> Option<&str> {
        #[cfg(test)]
        self.asked.borrow_mut().insert(variable.name);
        let fixed = match variable.fallback {
            Fallback::Value(value) => Some(value),
            Fallback::Required | Fallback::Off | Fallback::Follows(_) => None,
        };
        self.set.get(variable.name).map(|value| value.trim()).or(fixed)
    }

    /// What `reader` makes of the variable's text; nothing where there is no text.
    pub(crate) fn optional<T>(
        &self,
        variable: &Variable,
        reader: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.text(variable) else {
            return Ok(None);
        };
        reader(text).map(Some).ok_or(Error::invalid(variable))
    }

    /// What `reader` makes of the variable's text, which must be there.
    pub(crate) fn required<T>(&self, variable: &Variable, reader: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
        self.optional(variable, reader)?.ok_or(Error::missing(variable))
    }

    /// The same for whatever the standard library can parse.
    pub(crate) fn parse<T: FromStr>(&self, variable: &Variable) -> Result<T, Error> {
        self.required(variable, |text| text.parse().ok())
    }
}

/// The address of a site: scheme, host and port, nothing behind them.
pub(crate) fn site(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && bare && anonymous).then_some(url)
}

/// An address that others are put below: scheme, host, port and path. A quote or a space comes out of the parser escaped.
pub(crate) fn base(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && bare && anonymous).then_some(url)
}

pub(crate) fn signing_key(text: &str) -> Option<SecretString> {
    (text.len() >= JWT_SECRET_MIN_BYTES).then(|| text.into())
}

pub(crate) fn hours(text: &str) -> Option<u32> {
    text.parse().ok().filter(|hours| (1..=8760).contains(hours))
}

/// Each takes a core or two while it is cut.
pub(crate) fn clips(text: &str) -> Option<u8> {
    text.parse().ok().filter(|clips| (1..=32).contains(clips))
}

pub(crate) fn switch(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// Below, requests outweigh what is gained; above, a plain playlist is nearly as fast.
pub(crate) fn part_target_ms(text: &str) -> Option<u32> {
    text.parse().ok().filter(|ms| (200..=1000).contains(ms))
}

/// Shorter ones show nothing; longer ones are shows, which can be kept and downloaded.
pub(crate) fn clip_seconds(text: &str) -> Option<u32> {
    text.parse().ok().filter(|seconds| (5..=3600).contains(seconds))
}

pub(crate) fn percent(text: &str) -> Option<u8> {
    text.parse().ok().filter(|percent| (1..=99).contains(percent))
}

/// A bucket or a region: what stands in addresses without an escape.
pub(crate) fn plain_name(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = !text.starts_with('.') && text.len() <= 63 && text.chars().all(plain);
    is_name.then(|| text.to_owned())
}

/// A key's id or its secret: goes into a header.
pub(crate) fn printable(text: &str) -> Option<SecretString> {
    text.chars().all(|c| c.is_ascii_graphic()).then(|| text.into())
}

pub(crate) fn long_secret(text: &str) -> Option<SecretString> {
    printable(text).filter(|_| text.len() >= 16)
}

pub(crate) fn smtp(text: &str) -> Option<SecretString> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "smtp" | "smtps") && url.has_host()).then(|| text.into())
}

/// `Name <address>` or a bare address.
pub(crate) fn mailbox(text: &str) -> Option<String> {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => text,
    };
    let printable = !text.chars().any(char::is_control);
    (printable && email(address).is_some()).then(|| text.to_owned())
}

/// A coarse look: whoever sends mail parses the address for good.
pub(crate) fn email(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_control() || " <>@,".contains(c));
    (plain(local) && plain(domain)).then(|| text.to_owned())
}

pub(crate) fn signup_role(text: &str) -> Option<Role> {
    Role::parse(text).filter(|role| *role != Role::Administrator)
}

pub(crate) fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

/// A level, or a list of levels and `target=level`. A lone target would silence everything else, so it is no value.
pub(crate) fn log_level(text: &str) -> Option<String> {
    let level = |word: &str| matches!(word, "off" | "error" | "warn" | "info" | "debug" | "trace");
    let target = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_:-".contains(c));
    let item = |item: &str| match item.split_once('=') {
        Some((name, word)) => target(name) && level(word),
        None => level(item),
    };
    text.split(',').all(item).then(|| text.to_owned())
}
