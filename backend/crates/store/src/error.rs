//! What can go wrong between the store and its database.

use sqlx::error::ErrorKind;

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
        E::Database(refusal) => refusal.code().is_some_and(|code| AWAY_CODES.contains(&code.as_ref())),
        _ => false,
    }
}

/// Codes by which a database says that it cannot serve now.
const AWAY_CODES: [&str; 12] = [
    // PostgreSQL: no connection, shut down, crashed, starting, too many connections.
    "08006", "57P01", "57P02", "57P03", "53300", // MariaDB: too many connections, shutting down, killed.
    "08004", "08S01", "70100", // SQLite: locked by another process, cannot write, disk full, cannot open.
    "5", "10", "13", "14",
];
