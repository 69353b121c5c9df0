//! The process environment and the file `.env`.

use std::{collections::BTreeMap, env, io};

use crate::{Error, variables};

/// What is set of the variables Sluice knows: the process environment's values, else the file's.
pub(crate) fn read() -> Result<BTreeMap<String, String>, Error> {
    let mut vars = file()?;
    for variable in variables::ALL {
        if let Some(value) = env::var_os(variable.name) {
            let value = value.into_string().map_err(|_| Error::invalid(variable))?;
            vars.insert(variable.name.to_owned(), value);
        }
    }
    Ok(vars)
}

/// The variables of `.env` in the working directory; none where there is no such file.
///
/// Parent directories are not searched: a stack started in a directory is set up by that directory alone.
fn file() -> Result<BTreeMap<String, String>, Error> {
    let lines = match dotenvy::from_path_iter(".env") {
        Ok(lines) => lines,
        Err(dotenvy::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(unreadable(&error)),
    };
    lines.collect::<Result<_, _>>().map_err(|error| unreadable(&error))
}

/// dotenvy's own message quotes the line, which may hold a secret; only its variable's name is repeated.
fn unreadable(error: &dotenvy::Error) -> Error {
    let reason = match error {
        dotenvy::Error::Io(error) => error.to_string(),
        dotenvy::Error::LineParse(line, _) => {
            let name = line.split('=').next().unwrap_or_default();
            let known = variables::ALL.iter().find(|variable| variable.name == name.trim());
            let place = known.map_or("a line", |variable| variable.name);
            format!("{place} is not of the form NAME=value; quote values that have spaces, # or $ in them")
        }
        _ => "it is not a list of NAME=value".to_owned(),
    };
    Error::File { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_of_the_file_is_named_without_its_value() {
        let broken = dotenvy::Error::LineParse("JWT_SECRET=hunter2 hunter3".into(), 19);
        let sentence = unreadable(&broken).to_string();
        assert!(sentence.contains("JWT_SECRET"), "{sentence}");
        assert!(!sentence.contains("hunter"), "{sentence}");
    }
}
