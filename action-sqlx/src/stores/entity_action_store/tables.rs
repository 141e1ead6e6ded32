//! A host's table and those its foreign keys lead to, from the database's catalog, by one statement.

use std::collections::BTreeMap;
use std::sync::Arc;

use action_core::Kind;
use action_core::entity_actions::{HostColumn, HostTable, MOST_STEPS};
use action_core::ports::StoreError;

use crate::bind::Bind;
use crate::dialect::Dialect;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// Where the tables are that a definition names without a schema.
const SCHEMA: &str = "public";

/// What a decimal column may hold decides nothing where values are only compared.
const DECIMAL: Kind = Kind::Decimal { precision: 15, scale: 6 };

pub(super) async fn describe(tx: &mut SqlTransaction, name: &str) -> Result<Option<HostTable>, StoreError> {
    let (statement, root): (Statement, Arc<str>) = match tx.dialect() {
        Dialect::Postgres => {
            let (schema, table) = name.split_once('.').unwrap_or((SCHEMA, name));
            (postgres(schema, table), format!("{schema}.{table}").into())
        }
        // What stands before a dot is another of its files to SQLite, and we have one.
        Dialect::Sqlite if name.contains('.') => return Ok(None),
        Dialect::Sqlite => (sqlite(name), name.into()),
    };
    let rows = tx.rows(&statement).await?;
    let mut tables: BTreeMap<Arc<str>, Vec<HostColumn>> = BTreeMap::new();
    let mut keys = Vec::new();
    for row in &rows {
        let table: Arc<str> = row.text(0)?.into();
        let referred = (row.optional_text(4)?, row.optional_text(5)?);
        let column = HostColumn {
            name: row.text(1)?.into(),
            kind: kind(&row.text(2)?),
            refers_to: match referred {
                (Some(table), Some(column)) if tx.dialect() == Dialect::Postgres || !table.contains('.') => {
                    Some((table.into(), column.into()))
                }
                _ => None,
            },
        };
        if table == root && row.i64(3)? > 0 {
            keys.push(column.clone());
        }
        tables.entry(table).or_default().push(column);
    }
    let Ok([key]) = <[HostColumn; 1]>::try_from(keys) else { return Ok(None) };
    Ok(Some(HostTable { name: root, key, tables }))
}

/// Columns: of which table, the column, its type, its place in the key, what it refers to.
fn postgres(schema: &str, table: &str) -> Statement {
    let mut statement = Statement::new(
        "WITH RECURSIVE reached (oid, depth) AS (SELECT c.oid, 0 FROM pg_class AS c \
         JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname = ",
    );
    statement.push(Bind::text(schema)).push_str("::text AND c.relname = ").push(Bind::text(table));
    statement.push_str(
        "::text UNION SELECT k.confrelid, reached.depth + 1 FROM reached JOIN pg_constraint AS k \
         ON k.conrelid = reached.oid AND k.contype = 'f' AND cardinality(k.conkey) = 1 WHERE reached.depth < ",
    );
    statement.push_number(MOST_STEPS as u64).push_str(
        ") SELECT n.nspname || '.' || c.relname, a.attname::text, \
         CASE WHEN t.typtype = 'e' THEN 'text' \
         ELSE format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL) END, \
         COALESCE((SELECT array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index AS i \
         WHERE i.indrelid = c.oid AND i.indisprimary), 0)::bigint, k.to_table, k.to_column \
         FROM (SELECT DISTINCT oid FROM reached) AS it JOIN pg_class AS c ON c.oid = it.oid \
         JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         JOIN pg_type AS t ON t.oid = a.atttypid \
         LEFT JOIN LATERAL (SELECT fn.nspname || '.' || fc.relname AS to_table, fa.attname::text AS to_column \
         FROM pg_constraint AS f JOIN pg_class AS fc ON fc.oid = f.confrelid \
         JOIN pg_namespace AS fn ON fn.oid = fc.relnamespace \
         JOIN pg_attribute AS fa ON fa.attrelid = f.confrelid AND fa.attnum = f.confkey[1] \
         WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum] AND strpos(fn.nspname, '.') = 0 \
         ORDER BY f.conname LIMIT 1) AS k ON TRUE ORDER BY c.oid, a.attnum",
    );
    statement
}

fn sqlite(table: &str) -> Statement {
    let mut statement = Statement::new(
        "WITH RECURSIVE reached (name, depth) AS (SELECT name, 0 FROM sqlite_schema WHERE type = 'table' AND name = ",
    );
    statement.push(Bind::text(table)).push_str(
        " UNION SELECT f.\"table\", reached.depth + 1 FROM reached, pragma_foreign_key_list(reached.name) AS f \
         WHERE reached.depth < ",
    );
    statement.push_number(MOST_STEPS as u64).push_str(
        ") SELECT it.name, c.name, c.type, c.pk, f.\"table\", \
         COALESCE(f.\"to\", (SELECT p.name FROM pragma_table_info(f.\"table\") AS p WHERE p.pk = 1)) \
         FROM (SELECT DISTINCT name FROM reached) AS it, pragma_table_info(it.name) AS c \
         LEFT JOIN pragma_foreign_key_list(it.name) AS f ON f.\"from\" = c.name AND NOT EXISTS ( \
         SELECT 1 FROM pragma_foreign_key_list(it.name) AS other WHERE other.id = f.id AND other.seq > 0) \
         GROUP BY it.name, c.cid ORDER BY it.name, c.cid",
    );
    statement
}

/// The kind of a declared type; one that none fits is JSON's, of which nothing is compared.
fn kind(declared: &str) -> Kind {
    let lower = declared.to_ascii_lowercase();
    let word = lower.split('(').next().unwrap_or_default().trim();
    match word {
        "boolean" | "bool" => Kind::Boolean,
        "smallint" | "integer" | "bigint" | "int" => Kind::Integer,
        "numeric" | "decimal" | "real" | "double precision" | "double" | "float" => DECIMAL,
        "text" | "character varying" | "varchar" | "character" | "char" | "name" | "citext" | "\"char\"" => {
            Kind::Text
        }
        "uuid" => Kind::Uuid,
        "timestamp with time zone"
        | "timestamp without time zone"
        | "timestamp"
        | "timestamptz"
        | "datetime" => Kind::Timestamp,
        "date" => Kind::Date,
        _ => Kind::Json,
    }
}
