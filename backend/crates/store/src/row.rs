//! Rows, whichever database they came from.

use sluice_domain::{Access, ClipPolicy, Dvr, EndReason, Millis, Role, SessionState, clip};
use sqlx::mysql::MySqlRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::Error;

/// A row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
    MySql(MySqlRow),
}

macro_rules! column {
    ($row:expr, $name:expr, $type:ty) => {
        match $row {
            Row::Sqlite(row) => sqlx::Row::try_get::<$type, _>(row, $name),
            Row::Postgres(row) => sqlx::Row::try_get::<$type, _>(row, $name),
            Row::MySql(row) => sqlx::Row::try_get::<$type, _>(row, $name),
        }
    };
}

impl Row {
    /// The value of the column `name`.
    pub(crate) fn get<T: Column>(&self, name: &str) -> Result<T, Error> {
        T::read(self, name)
    }
}

/// What is read from one row.
pub(crate) trait Record: Sized {
    fn read(row: &Row) -> Result<Self, Error>;
}

/// What is read from one column.
pub(crate) trait Column: Sized {
    fn read(row: &Row, name: &str) -> Result<Self, Error>;
}

impl Column for String {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        Ok(column!(row, name, String)?)
    }
}

impl Column for Option<String> {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        Ok(column!(row, name, Option<String>)?)
    }
}

impl Column for i64 {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        Ok(column!(row, name, i64)?)
    }
}

impl Column for Option<i64> {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        Ok(column!(row, name, Option<i64>)?)
    }
}

impl Column for bool {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        Ok(column!(row, name, i16)? != 0)
    }
}

impl Column for Millis {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        row.get(name).map(Self)
    }
}

impl Column for Option<Millis> {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        Ok(row.get::<Option<i64>>(name)?.map(Millis))
    }
}

/// Columns that hold the word of a domain enum.
macro_rules! words {
    ($($type:ty),*) => { $(
        impl Column for $type {
            fn read(row: &Row, name: &str) -> Result<Self, Error> {
                let word = row.get::<String>(name)?;
                Self::parse(&word).ok_or_else(|| unknown(name, &word))
            }
        }

        impl Column for Option<$type> {
            fn read(row: &Row, name: &str) -> Result<Self, Error> {
                let word = row.get::<Option<String>>(name)?;
                word.map(|word| <$type>::parse(&word).ok_or_else(|| unknown(name, &word))).transpose()
            }
        }
    )* };
}
words!(
    Role,
    Access,
    Dvr,
    ClipPolicy,
    clip::Mode,
    clip::State,
    clip::Reason,
    SessionState,
    EndReason,
    crate::jobs::State,
    crate::offload::Place,
    crate::storage::State
);

fn unknown(column: &str, word: &str) -> Error {
    Error::Database(format!("the column {column} holds the unknown word {word:?}").into())
}
