//! The address of the database.

use std::path::Path;

use crate::{Error, SecretString, parse::Vars, variables::DATABASE_URL};

const SCHEMES: [&str; 5] = ["sqlite:", "postgres:", "postgresql:", "mysql:", "mariadb:"];

pub(crate) fn url(vars: &Vars, data_dir: &Path) -> Result<SecretString, Error> {
    let known = |text: &str| SCHEMES.iter().any(|scheme| text.starts_with(scheme));
    let set = vars.optional(&DATABASE_URL, |text| known(text).then(|| text.into()))?;
    Ok(set.unwrap_or_else(|| beside_the_data(data_dir).into()))
}

/// In an SQLite address `?` begins the options and `%` an escape.
fn beside_the_data(data_dir: &Path) -> String {
    let file = data_dir.join("sluice.db");
    let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3f");
    format!("sqlite://{path}")
}
