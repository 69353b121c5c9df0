//! Checks the fields of a request, all of them, before anything is refused.

use std::fmt::Display;

use serde::{Deserialize, Deserializer};

use crate::error::{Error, Field};

/// A field that may be left out or be null, which is not the same: `#[serde(default, deserialize_with = "present")]`.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    Deserialize::deserialize(field).map(Some)
}

/// Collects what is wrong with a request's fields.
///
/// ```
/// # use sluice_backend::http::fields::Fields;
/// # use sluice_domain::{Email, Password};
/// # fn check() -> Result<(), sluice_backend::error::Error> {
/// let mut fields = Fields::default();
/// let email = fields.check("email", Email::parse("ada"));
/// let password = fields.check("password", Password::parse("short"));
/// let (Some(email), Some(password)) = (email, password) else {
///     return Err(fields.refusal());
/// };
/// # Ok(())
/// # }
/// # assert!(check().is_err());
/// ```
#[derive(Debug, Default)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// Takes the field's value, or notes what is wrong with it.
    pub fn check<T, E: Display>(&mut self, field: &'static str, value: Result<T, E>) -> Option<T> {
        value
            .map_err(|error| self.0.push(Field::new(field, error.to_string())))
            .ok()
    }

    /// Takes the value of a field that may be left out.
    pub fn check_optional<T, E: Display>(
        &mut self,
        field: &'static str,
        value: Option<Result<T, E>>,
    ) -> Option<Option<T>> {
        match value {
            Some(value) => self.check(field, value).map(Some),
            None => Some(None),
        }
    }

    /// The answer that names everything that is wrong.
    pub fn refusal(self) -> Error {
        Error::ValidationFailed(self.0)
    }
}
