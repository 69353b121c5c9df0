//! The three schemas are one: what a migration says in one dialect, it says in all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sluice_testkit::databases::Engine::{MariaDb, Postgres, Sqlite};
use sqlx::{MySqlPool, PgPool, SqlitePool};

use crate::world::World;

/// All that must be the same, by table.
type Schema = BTreeMap<String, Table>;

#[derive(Debug, Default, PartialEq)]
struct Table {
    /// In their order.
    columns: Vec<Column>,
    /// The primary key's columns, and those of every unique index, in their order.
    unique: BTreeSet<String>,
    /// The columns of every other index that a migration makes.
    indexes: BTreeSet<String>,
    /// `column -> table.column on delete action`.
    references: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
struct Column {
    name: String,
    kind: &'static str,
    nullable: bool,
}

impl Column {
    fn new(name: String, kind: &str, nullable: bool) -> Self {
        let kind = kind.to_lowercase();
        let kind = match kind.split('(').next().unwrap() {
            "varchar" | "character varying" => "short text",
            "text" | "mediumtext" => "long text",
            "bigint" => "number",
            "smallint" => "flag",
            other => panic!("{name} is of the type {other}, which not all three have"),
        };
        Self { name, kind, nullable }
    }
}

#[tokio::test]
async fn the_three_schemas_are_the_same() {
    let sqlite = sqlite(World::empty(Sqlite).await).await;
    let postgres = postgres(World::empty(Postgres).await).await;
    let mut mysql = mysql(World::empty(MariaDb).await).await;
    assert_eq!(sqlite, postgres);
    for (name, table) in &mut mysql {
        // MariaDB makes an index for a reference where it finds none of ours; more of them do no harm.
        let ours = &postgres[name].indexes;
        table.indexes.retain(|index| ours.contains(index));
    }
    assert_eq!(postgres, mysql);
    assert!(
        sqlite.len() >= 8 && sqlite.contains_key("publish_sessions"),
        "{sqlite:?}"
    );
}

#[tokio::test]
async fn every_dialect_has_the_same_migrations_and_applies_them_all() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations");
    let files = |dialect: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(migrations.join(dialect)).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    let sqlite = files("sqlite");
    assert_eq!(sqlite, files("postgres"));
    assert_eq!(sqlite, files("mysql"));

    let world = World::empty(Sqlite).await;
    let pool = SqlitePool::connect(&world.database.url).await.unwrap();
    let applied: Vec<String> = sqlx::query_scalar("SELECT description FROM _sqlx_migrations ORDER BY version")
        .fetch_all(&pool)
        .await
        .unwrap();
    let applied: BTreeSet<_> = applied.into_iter().map(|name| name + ".sql").collect();
    assert_eq!(applied, sqlite);
}

async fn sqlite(world: World) -> Schema {
    let pool = SqlitePool::connect(&world.database.url).await.unwrap();
    let columns = sqlx::query_as(
        "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE '%sqlite%' AND t.name NOT LIKE '%sqlx%' ORDER BY t.name, c.cid",
    );
    let indexes = sqlx::query_as(
        "SELECT t.name, i.\"unique\", (SELECT group_concat(name) FROM \
           (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) \
         FROM sqlite_master t, pragma_index_list(t.name) i WHERE t.type = 'table' AND t.name NOT LIKE '%sqlx%'",
    );
    let references = sqlx::query_as(
        "SELECT t.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete \
         FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
    );
    schema(
        columns.fetch_all(&pool).await.unwrap(),
        indexes.fetch_all(&pool).await.unwrap(),
        references.fetch_all(&pool).await.unwrap(),
    )
}

async fn postgres(world: World) -> Schema {
    let pool = PgPool::connect(&world.database.url).await.unwrap();
    let columns = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '%sqlx%' \
         ORDER BY table_name, ordinal_position",
    );
    let indexes = sqlx::query_as(
        "SELECT t.relname::text, i.indisunique, (SELECT string_agg(a.attname, ',' ORDER BY k.place) \
           FROM unnest(i.indkey::int[]) WITH ORDINALITY k(number, place) \
           JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) \
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
         WHERE n.nspname = 'public' AND t.relname NOT LIKE '%sqlx%'",
    );
    let references = sqlx::query_as(
        "SELECT t.relname::text, a.attname::text, r.relname::text, ra.attname::text, \
           CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE c.confdeltype::text END \
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] \
         JOIN pg_attribute ra ON ra.attrelid = r.oid AND ra.attnum = c.confkey[1] WHERE c.contype = 'f'",
    );
    schema(
        columns.fetch_all(&pool).await.unwrap(),
        indexes.fetch_all(&pool).await.unwrap(),
        references.fetch_all(&pool).await.unwrap(),
    )
}

async fn mysql(world: World) -> Schema {
    let pool = MySqlPool::connect(&world.database.url).await.unwrap();
    let columns = sqlx::query_as(
        "SELECT table_name, column_name, CONVERT(data_type USING utf8mb4), is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE '%sqlx%' \
         ORDER BY table_name, ordinal_position",
    );
    let indexes = sqlx::query_as(
        "SELECT table_name, MIN(non_unique) = 0, GROUP_CONCAT(column_name ORDER BY seq_in_index) \
         FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name NOT LIKE '%sqlx%' \
         GROUP BY table_name, index_name",
    );
    let references = sqlx::query_as(
        "SELECT k.table_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule \
         FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
           ON r.constraint_schema = k.table_schema AND r.constraint_name = k.constraint_name \
         WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL",
    );
    schema(
        columns.fetch_all(&pool).await.unwrap(),
        indexes.fetch_all(&pool).await.unwrap(),
        references.fetch_all(&pool).await.unwrap(),
    )
}

type Columns = Vec<(String, String, String, bool)>;
type Indexes = Vec<(String, bool, String)>;
type References = Vec<(String, String, String, String, String)>;

fn schema(columns: Columns, indexes: Indexes, references: References) -> Schema {
    let mut schema = Schema::new();
    for (table, name, kind, nullable) in columns {
        let column = Column::new(name, &kind, nullable);
        schema.entry(table).or_default().columns.push(column);
    }
    for (table, unique, columns) in indexes {
        let table = schema.get_mut(&table).unwrap();
        let list = if unique { &mut table.unique } else { &mut table.indexes };
        list.insert(columns);
    }
    for (table, column, to, to_column, on_delete) in references {
        let reference = format!("{column} -> {to}.{to_column} on delete {on_delete}");
        schema.get_mut(&table).unwrap().references.insert(reference);
    }
    schema
}
