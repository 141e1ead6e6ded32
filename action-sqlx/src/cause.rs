//! What a database's error means, in the words of [`StoreError`].
//!
//! PostgreSQL says it with an SQLSTATE and names columns in the error's detail; SQLite with an extended result code
//! and names them in its message. Whatever is not recognised here is a fault of ours.

use action_core::BoxError;
use action_core::ports::StoreError;
use sqlx::error::DatabaseError;

/// The meaning of an error. `text` is the statement it came from, where that is known: SQLite does not say which
/// side of a foreign key it missed.
pub(crate) fn of(error: sqlx::Error, text: &str) -> StoreError {
    let Some(database) = error.as_database_error() else { return of_driver(error) };
    #[cfg(feature = "postgres")]
    if let Some(postgres) = database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        return match of_postgres(postgres) {
            Meaning::Told(meaning) => meaning,
            Meaning::With(wrap) => wrap(error.into()),
        };
    }
    match of_sqlite(database, text) {
        Meaning::Told(meaning) => meaning,
        Meaning::With(wrap) => wrap(error.into()),
    }
}

/// The meaning of a fault from a handler's own statement; gives it back where it is none of a database's.
pub(crate) fn classify(fault: BoxError) -> Result<StoreError, BoxError> {
    match fault.downcast::<sqlx::Error>() {
        Ok(error) => Ok(of(*error, "")),
        Err(other) => other.downcast::<StoreError>().map(|it| *it),
    }
}

/// Whether the connection itself broke, so that it must not be used again.
pub(crate) fn is_broken_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => {
            database.code().is_some_and(|it| it.starts_with("08") || it.starts_with("57P") || it == "25P03")
        }
        other => is_lost(other),
    }
}

enum Meaning {
    Told(StoreError),
    With(fn(BoxError) -> StoreError),
}

fn is_lost(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
    )
}

fn of_driver(error: sqlx::Error) -> StoreError {
    if is_lost(&error) { StoreError::Unavailable(error.into()) } else { StoreError::Fault(error.into()) }
}

#[cfg(feature = "postgres")]
fn of_postgres(error: &sqlx::postgres::PgDatabaseError) -> Meaning {
    // Told in the server's language, but the columns stand between the same brackets in each.
    let columns = || error.detail().map(key_columns).unwrap_or_default();
    match error.code() {
        // unique_violation, exclusion_violation
        "23505" | "23P01" => Meaning::Told(StoreError::Taken { columns: columns() }),
        // foreign_key_violation
        "23503" => {
            let told = error.detail().unwrap_or_else(|| error.message());
            let gone = told.contains("still referenced") || error.message().starts_with("update or delete");
            Meaning::Told(if gone {
                StoreError::StillReferenced
            } else {
                StoreError::MissingReference { columns: columns() }
            })
        }
        // check_violation
        "23514" => Meaning::Told(StoreError::Check { constraint: error.constraint().map(str::to_owned) }),
        // not_null_violation names the column instead
        "23502" => Meaning::Told(StoreError::Check { constraint: error.column().map(str::to_owned) }),
        // serialization_failure, deadlock_detected, lock_not_available
        "40001" | "40P01" | "55P03" => Meaning::With(StoreError::Contention),
        // query_canceled: by `statement_timeout`
        "57014" => Meaning::With(StoreError::TimedOut),
        // too_many_connections, idle_in_transaction_session_timeout
        "53300" | "25P03" => Meaning::With(StoreError::Unavailable),
        // connection_exception; operator_intervention: shut down, crashed, starting up
        code if code.starts_with("08") || code.starts_with("57P") => Meaning::With(StoreError::Unavailable),
        _ => Meaning::With(StoreError::Fault),
    }
}

/// The columns in `Key (tenant_id, lower(plate))=(…) already exists.`
#[cfg(any(feature = "postgres", test))]
fn key_columns(detail: &str) -> Vec<String> {
    let Some((_, rest)) = detail.split_once('(') else { return Vec::new() };
    let Some((list, _)) = rest.split_once(")=(") else { return Vec::new() };
    let mut columns = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, character) in list.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                columns.extend(list.get(start..at).map(column_name));
                start = at + 1;
            }
            _ => {}
        }
    }
    columns.extend(list.get(start..).map(column_name));
    columns.retain(|it| !it.is_empty());
    columns
}

/// The column an expression is about: `lower(plate::text)` → `plate`, `"order"` → `order`.
#[cfg(any(feature = "postgres", test))]
fn column_name(expression: &str) -> String {
    let inner = expression.rsplit_once('(').map_or(expression, |(_, inner)| inner);
    let inner = inner.split([')', ':', ',']).next().unwrap_or(inner).trim();
    match inner.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => inner.to_owned(),
    }
}

fn of_sqlite(error: &dyn DatabaseError, text: &str) -> Meaning {
    let code: i32 = error.code().and_then(|it| it.parse().ok()).unwrap_or_default();
    match code {
        // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID
        2067 | 1555 | 2579 => {
            Meaning::Told(StoreError::Taken { columns: constraint_columns(error.message()) })
        }
        // SQLITE_CONSTRAINT_FOREIGNKEY, and _TRIGGER: a RESTRICT
        787 | 1811 => Meaning::Told(if is_delete(text) {
            StoreError::StillReferenced
        } else {
            StoreError::MissingReference { columns: Vec::new() }
        }),
        // SQLITE_CONSTRAINT_CHECK, _NOTNULL, _DATATYPE
        275 | 1299 | 3091 => Meaning::Told(StoreError::Check { constraint: after_colon(error.message()) }),
        // The low byte is the primary code. SQLITE_INTERRUPT: the time limit
        _ if code & 0xff == 9 => Meaning::With(StoreError::TimedOut),
        // SQLITE_BUSY, _LOCKED: another process; _NOMEM, _IOERR, _CORRUPT, _FULL, _CANTOPEN: no use
        _ if matches!(code & 0xff, 5..=7 | 10 | 11 | 13 | 14) => Meaning::With(StoreError::Unavailable),
        _ => Meaning::With(StoreError::Fault),
    }
}

fn is_delete(text: &str) -> bool {
    text.trim_start().get(..6).is_some_and(|it| it.eq_ignore_ascii_case("delete"))
}

/// The columns in `UNIQUE constraint failed: cars.tenant_id, cars.plate`; none for an index on expressions, of which
/// SQLite tells only the name.
fn constraint_columns(message: &str) -> Vec<String> {
    let Some(list) = after_colon(message) else { return Vec::new() };
    if list.starts_with("index '") {
        return Vec::new();
    }
    let column = |it: &str| it.rsplit_once('.').map_or(it, |(_, column)| column).trim().to_owned();
    list.split(", ").map(column).collect()
}

fn after_colon(message: &str) -> Option<String> {
    message.split_once("failed: ").map(|(_, rest)| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_from_the_detail_in_any_language() {
        assert_eq!(key_columns("Key (tenant_id, plate)=(a, b) already exists."), ["tenant_id", "plate"]);
        assert_eq!(key_columns("Schlüssel »(plate)=(b)« existiert bereits."), ["plate"]);
        assert_eq!(key_columns("Key (tenant_id, lower(plate::text))=(a, b)"), ["tenant_id", "plate"]);
        assert_eq!(key_columns(r#"Key ("order", a)=(1, 2)"#), ["order", "a"]);
        assert_eq!(key_columns("nothing of the kind"), Vec::<String>::new());
    }

    #[test]
    fn columns_are_read_from_what_sqlite_says() {
        let message = "UNIQUE constraint failed: cars.tenant_id, cars.plate";
        assert_eq!(constraint_columns(message), ["tenant_id", "plate"]);
        assert_eq!(constraint_columns("UNIQUE constraint failed: index 'cars_plate'"), Vec::<String>::new());
    }

    #[test]
    fn a_fault_of_another_kind_comes_back_as_it_was() {
        let other: BoxError = "not a database's".into();
        assert_eq!(classify(other).unwrap_err().to_string(), "not a database's");
        assert!(matches!(classify(Box::new(sqlx::Error::PoolTimedOut)), Ok(StoreError::Unavailable(_))));
    }
}
