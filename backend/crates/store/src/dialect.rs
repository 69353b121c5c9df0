//! What differs between the three databases: how they are opened, migrated, asked and read.
//!
//! Statements are written once, with `?` for values and no more SQL than all three understand.

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, Database, Encode, MySql, Postgres, SqlSafeStr, Sqlite, Type};
use tokio::time::timeout;

use crate::Error;
use crate::row::{Record, Row};
use crate::statement::{Statement, Value};

/// How long a statement waits for a connection, and SQLite for another process's lock.
///
/// Long enough for a checkpoint or a fail-over's first retry; as long as nginx gives a hook in all, so that one that has
/// to wait is answered by nginx: a publish is refused, an update passes.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a statement may take once it has a connection.
///
/// A server behind a dead network says neither yes nor no: without a bound every task that asks it would wait for
/// ever. Longer than nginx gives a hook (3 s): a statement that is slow and not dead may still end after its asker was
/// answered, as the last of a channel's removal may on a slow disk.
const ANSWER_BOUND: Duration = Duration::from_secs(10);
/// Connections to a server; also the readers of a SQLite file. More only queue inside the database on a small machine.
const CONNECTIONS: u32 = 8;

/// The answer to a query, or the error that there was none in time; a connection that kept silent is not used again.
macro_rules! ask {
    ($pool:expr, $method:ident, $query:expr) => {{
        let mut connection = $pool.acquire().await?;
        match timeout(ANSWER_BOUND, $query.$method(&mut *connection)).await {
            Ok(answer) => answer?,
            Err(_) => {
                connection.close_on_drop();
                return Err(Error::Unavailable(format!("no answer within {ANSWER_BOUND:?}").into()));
            }
        }
    }};
}

/// Whether each of some steps met a row, as far as it must; if not, none of them has happened. A connection that kept
/// silent is not used again.
macro_rules! together {
    ($pool:expr, $database:ty, $begin:expr, $steps:expr, $sql:expr) => {{
        let mut connection = $pool.acquire().await?;
        let all = async {
            let mut whole = connection.begin_with($begin).await?;
            for step in $steps {
                let done = bound::<$database>($sql(&step.sql), &step.values)
                    .execute(&mut *whole)
                    .await?;
                if done.rows_affected() == 0 && !step.is_optional {
                    whole.rollback().await?;
                    return Ok::<_, sqlx::Error>(false);
                }
            }
            whole.commit().await?;
            Ok(true)
        };
        match timeout(ANSWER_BOUND, all).await {
            Ok(answer) => answer?,
            Err(_) => {
                connection.close_on_drop();
                return Err(Error::Unavailable(format!("no answer within {ANSWER_BOUND:?}").into()));
            }
        }
    }};
}

/// An open database of one of the three kinds.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    /// SQLite has one writer at a time: a pool of one makes writers queue here, in order, instead of polling a lock.
    Sqlite { readers: SqlitePool, writer: SqlitePool },
    /// PostgreSQL.
    Postgres(PgPool),
    /// MariaDB or MySQL.
    MySql(MySqlPool),
}

impl Db {
    /// Opens the database at `url`, schema as it is.
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        match url.split(':').next() {
            Some("sqlite") => open_sqlite(url).await,
            Some("postgres" | "postgresql") => open_postgres(url).await,
            Some("mysql" | "mariadb") => open_mysql(url).await,
            _ => Err(Error::Address(
                "the database address must begin with sqlite://, postgres://, mysql:// or mariadb://",
            )),
        }
    }

    /// Applies the migrations that are missing. Several processes may do so at the same time.
    pub(crate) async fn migrate(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite { writer, .. } => {
                // sqlx takes no lock for SQLite, so that a worker started together with the backend would collide.
                let mut whole = writer.begin_with("BEGIN IMMEDIATE").await?;
                migrator(&SQLITE).run_direct(None, &mut *whole, false).await?;
                whole.commit().await?;
            }
            Self::Postgres(pool) => migrator(&POSTGRES).run(pool).await?,
            Self::MySql(pool) => migrate_mysql(pool).await?,
        }
        Ok(())
    }

    /// Runs a statement that changes rows, and says how many it met.
    pub(crate) async fn execute(&self, sql: impl Into<Cow<'static, str>>, values: &[Value<'_>]) -> Result<u64, Error> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite { writer, .. } => ask!(writer, execute, bound::<Sqlite>(sql, values)).rows_affected(),
            Self::Postgres(pool) => ask!(pool, execute, bound::<Postgres>(numbered(&sql), values)).rows_affected(),
            Self::MySql(pool) => ask!(pool, execute, bound::<MySql>(sql, values)).rows_affected(),
        })
    }

    /// Runs a statement that changes one row, and says whether it met it.
    pub(crate) async fn changed(&self, sql: &'static str, values: &[Value<'_>]) -> Result<bool, Error> {
        Ok(self.execute(sql, values).await? > 0)
    }

    /// Runs statements that change rows, all of them or none. False, and nothing has happened, where one met no row that
    /// must.
    pub(crate) async fn together(&self, steps: &[Statement<'_>]) -> Result<bool, Error> {
        Ok(match self {
            Self::Sqlite { writer, .. } => together!(writer, Sqlite, "BEGIN IMMEDIATE", steps, String::clone),
            Self::Postgres(pool) => together!(pool, Postgres, "BEGIN", steps, |sql: &String| numbered(sql)),
            Self::MySql(pool) => together!(pool, MySql, "BEGIN", steps, String::clone),
        })
    }

    /// Runs a query and hands back its rows as they are.
    pub(crate) async fn rows(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let rows = ask!(readers, fetch_all, bound::<Sqlite>(sql, values));
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(pool) => {
                let rows = ask!(pool, fetch_all, bound::<Postgres>(numbered(&sql), values));
                rows.into_iter().map(Row::Postgres).collect()
            }
            Self::MySql(pool) => {
                let rows = ask!(pool, fetch_all, bound::<MySql>(sql, values));
                rows.into_iter().map(Row::MySql).collect()
            }
        })
    }

    /// Runs a query and reads each of its rows.
    pub(crate) async fn all<T: Record>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: &[Value<'_>],
    ) -> Result<Vec<T>, Error> {
        self.rows(sql, values).await?.iter().map(T::read).collect()
    }

    /// Runs a query and reads its first row, if there is one.
    pub(crate) async fn one<T: Record>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: &[Value<'_>],
    ) -> Result<Option<T>, Error> {
        self.rows(sql, values).await?.first().map(T::read).transpose()
    }

    /// Runs a query that counts; its one column is named `n`.
    pub(crate) async fn count(&self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, Error> {
        self.rows(sql, values).await?.first().map_or(Ok(0), |row| row.get("n"))
    }

    /// The sum of a column as a number, 0 over no rows: servers make a decimal of it, and spell the way back differently.
    pub(crate) fn sum(&self, column: &'static str) -> String {
        let number = match self {
            Self::MySql(_) => "SIGNED",
            Self::Sqlite { .. } | Self::Postgres(_) => "BIGINT",
        };
        format!("CAST(COALESCE(SUM({column}), 0) AS {number})")
    }

    /// The same database, read where it is written. In SQLite each write empties the caches of all connections but its
    /// own: what decides on a write that follows at once is read cheapest there.
    pub(crate) fn where_written(&self) -> Self {
        match self {
            Self::Sqlite { writer, .. } => Self::Sqlite {
                readers: writer.clone(),
                writer: writer.clone(),
            },
            server => server.clone(),
        }
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
            Self::MySql(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(url: &str) -> Result<Db, Error> {
    let options = SqliteConnectOptions::from_str(url)?;
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(Error::Address(
            "a SQLite database must be a file: each connection to memory has its own",
        ));
    }
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // In WAL mode NORMAL survives a crash of the process; a power cut may lose the last moments, never the file.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(PATIENCE)
        .foreign_keys(true);
    // A file does not hang up: asking each connection whether it is alive would double the cost of a small query.
    let pool: SqlitePoolOptions = pool().test_before_acquire(false);
    // The writer first: it makes the file and switches it to WAL.
    let writer = pool.clone().max_connections(1).connect_with(options.clone()).await?;
    let readers = pool.connect_with(options).await?;
    Ok(Db::Sqlite { readers, writer })
}

async fn open_postgres(url: &str) -> Result<Db, Error> {
    let options = PgConnectOptions::from_str(url)?;
    let pool: PgPoolOptions = pool();
    Ok(Db::Postgres(pool.connect_with(options).await?))
}

async fn open_mysql(url: &str) -> Result<Db, Error> {
    let options = MySqlConnectOptions::from_str(url)?;
    let pool: MySqlPoolOptions = pool();
    let pool = pool.after_connect(|connection, _| {
        Box::pin(async move {
            // The default, REPEATABLE READ, locks the gaps between rows: conditional updates by several workers
            // would deadlock on rows that none of them means.
            let sql = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
            sqlx::query(sql).execute(connection).await.map(drop)
        })
    });
    Ok(Db::MySql(pool.connect_with(options).await?))
}

/// Migrates under a lock of our own: sqlx waits for its lock with a negative time-out, which MySQL takes for ever and
/// MariaDB for none at all.
async fn migrate_mysql(pool: &MySqlPool) -> Result<(), Error> {
    let mut connection = pool.acquire().await?;
    // Locks are the server's, not the database's; their names have 64 characters.
    let lock = "SELECT GET_LOCK(CONCAT('sluice-', MD5(DATABASE())), 60)";
    let locked: Option<i64> = sqlx::query_scalar(lock).fetch_one(&mut *connection).await?;
    if locked != Some(1) {
        return Err(Error::Unavailable(
            "another process migrates the database and does not end".into(),
        ));
    }
    let migrated = migrator(&MYSQL)
        .set_locking(false)
        .run_direct(None, &mut *connection, false)
        .await;
    // On every path, as the connection goes back to the pool.
    sqlx::query("DO RELEASE_LOCK(CONCAT('sluice-', MD5(DATABASE())))")
        .execute(&mut *connection)
        .await?;
    Ok(migrated?)
}

fn pool<DB: Database>() -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
}

/// `sql` as a query with its values. The only place that takes SQL made at run time: it is made of literals alone
/// (`Statement`), values are always bound.
fn bound<'q, DB>(sql: impl Into<Cow<'static, str>>, values: &[Value<'q>]) -> Query<'q, DB, <DB as Database>::Arguments>
where
    DB: Database,
    Option<Cow<'q, str>>: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    i16: Encode<'q, DB> + Type<DB>,
{
    let query = sqlx::query::<DB>(AssertSqlSafe(sql.into()));
    values.iter().fold(query, |query, value| match *value {
        Value::Text(text) => query.bind(text.map(storable)),
        Value::Number(number) => query.bind(number),
        Value::Flag(flag) => query.bind(i16::from(flag)),
    })
}

/// PostgreSQL stores every character but NUL: it is replaced for all three, so that all three answer alike.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// `sql` with `$1`, `$2`, ... for its `?`s. No statement has a `?` in a literal.
fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len() + 16);
    let mut pieces = sql.split('?');
    numbered.push_str(pieces.next().unwrap_or_default());
    for (index, piece) in pieces.enumerate() {
        numbered.push('$');
        numbered.push_str(&(index + 1).to_string());
        numbered.push_str(piece);
    }
    numbered
}

type Script = (i64, &'static str, &'static str);

/// The migrations of one dialect, in their order: version, name, SQL.
macro_rules! migrations {
    ($dialect:literal: $($version:literal $name:literal),* $(,)?) => {
        [$((
            $version,
            $name,
            include_str!(concat!("../../../../migrations/", $dialect, "/", $name, ".sql")),
        )),*]
    };
}
macro_rules! in_order {
    ($dialect:literal) => {
        migrations!(
            $dialect: 1 "0001_accounts", 2 "0002_channels", 3 "0003_publishing", 4 "0004_jobs", 5 "0005_offload",
            6 "0006_recordings", 7 "0007_clips", 8 "0008_thumbnails",
        )
    };
}
const SQLITE: [Script; 8] = in_order!("sqlite");
const POSTGRES: [Script; 8] = in_order!("postgres");
const MYSQL: [Script; 8] = in_order!("mysql");

fn migrator(scripts: &[Script]) -> Migrator {
    let migration = |(version, name, sql): &Script| {
        let sql: &'static str = sql;
        Migration::new(
            *version,
            Cow::Borrowed(*name),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(scripts.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_in_their_order() {
        assert_eq!(numbered("a = ? AND b IN (?, ?)"), "a = $1 AND b IN ($2, $3)");
        assert_eq!(numbered("SELECT 1"), "SELECT 1");
    }

    #[test]
    fn no_text_carries_a_character_that_one_of_the_three_refuses() {
        assert_eq!(storable("a\0b"), "a\u{fffd}b");
        assert_eq!(storable("über"), "über");
    }
}
