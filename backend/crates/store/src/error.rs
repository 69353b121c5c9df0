//! What can go wrong between the store and its database.

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::sqlite::SqliteError;

/// Why the store could not do what it was asked.
///
/// Display says nothing of SQL, values or addresses; the operator's detail is behind `source`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something with this id, e-mail address, slug or the like is already there.
    #[error("it already exists")]
    Conflict,
    /// What this belongs to is not there, or no longer.
    #[error("what it belongs to does not exist")]
    Missing,
    /// The database's address is of no kind the store knows; the sentence says what is wrong with it.
    #[error("{0}")]
    Address(&'static str),
    /// The database cannot be reached, is stopping, or does not answer in time. Worth another try later.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// The database refused: a defect, or a schema that is not ours.
    #[error("the database refused the request")]
    Database(#[source] Cause),
}

/// The driver's own error, for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let kind = error.as_database_error().map(|refusal| refusal.kind());
        match kind {
            Some(ErrorKind::UniqueViolation) => Self::Conflict,
            Some(ErrorKind::ForeignKeyViolation) => Self::Missing,
            _ if is_away(&error) => Self::Unavailable(Box::new(error)),
            _ => Self::Database(Box::new(error)),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(inner) => inner.into(),
            other => Self::Database(Box::new(other)),
        }
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    use sqlx::Error as E;
    match error {
        E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::BeginFailed => true,
        E::Database(refusal) => refusal.code().is_some_and(|code| says_away(refusal.as_ref(), &code)),
        _ => false,
    }
}

fn says_away(refusal: &dyn DatabaseError, code: &str) -> bool {
    if refusal.try_downcast_ref::<SqliteError>().is_some() {
        // The low byte is the kind of error, the rest says more of it.
        return code
            .parse::<u32>()
            .is_ok_and(|code| AWAY_SQLITE.contains(&(code & 0xff)));
    }
    AWAY_SERVER.contains(&code)
}

/// Codes by which SQLite says that it cannot serve now: locked by another process, cannot read or write, disk full,
/// cannot open.
const AWAY_SQLITE: [u32; 4] = [5, 10, 13, 14];

/// States by which a server says that it cannot serve now, or not this time.
const AWAY_SERVER: [&str; 12] = [
    "08004", // MariaDB: too many connections
    "08006", // PostgreSQL: the connection failed
    "08S01", // MariaDB: shutting down
    "25006", // PostgreSQL: a stand-by, which only reads
    "40001", // MariaDB: gave way in a deadlock
    "40P01", // PostgreSQL: the same
    "53100", // PostgreSQL: the disk is full
    "53300", // PostgreSQL: too many connections
    "57P01", // PostgreSQL: shutting down
    "57P02", // PostgreSQL: crashed
    "57P03", // PostgreSQL: starting
    "70100", // MariaDB: the connection was killed
];
