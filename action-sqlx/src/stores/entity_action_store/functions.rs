//! Calls a function of PostgreSQL.
//!
//! The function is looked up in the catalog, with the names and types of its arguments; what is called is put together from
//! the catalog's names, quoted, and every value is bound as text and cast to its argument's type. So nothing that a
//! definition or a request says is ever read as SQL.

use action_core::Kind;
use action_core::ports::{FunctionCall, FunctionEnd, StoreError};
use serde_json::{Map, Value as Json};
use sqlx::postgres::PgDatabaseError;

use crate::bind::Bind;
use crate::cause;
use crate::identifier::Identifier;
use crate::row::Row;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The argument that takes the row's key.
const ENTITY_ID: &str = "p_entity_id";

/// A function of the catalog.
struct Function {
    name: Identifier,
    arguments: Vec<Argument>,
    /// It returns nothing.
    is_void: bool,
    /// The database has constraints that are asked at the commit.
    has_deferred: bool,
}

struct Argument {
    name: String,
    /// Its type, or that which its domain is of.
    base: String,
    kind: Identifier,
    has_default: bool,
}

pub(super) async fn call(
    tx: &mut SqlTransaction,
    call: &FunctionCall<'_>,
) -> Result<FunctionEnd, StoreError> {
    let found = look_up(tx, call.function, " AND NOT p.proretset").await?;
    let taking = found.into_iter().filter(|it| it.takes(call));
    let Some(function) = taking.min_by_key(|it| it.distance(call)) else { return Ok(FunctionEnd::Absent) };
    if !function.fits(call) {
        return Ok(FunctionEnd::Unfit);
    }
    let mut settings = Statement::new("SELECT set_config('request.jwt.claims', ");
    settings.push(Bind::text(call.claims)).push_str(", true), set_config('request.headers', ");
    settings.push(Bind::text(call.headers)).push_str(", true)");
    tx.rows(&settings).await?;
    if !call.params.is_empty() {
        // Alone, because what a function itself casts in vain fails by the same code.
        let mut casts = Statement::new("SELECT ");
        function.push_arguments(&mut casts, call, false)?;
        if let Err(error) = tx.postgres_rows(&casts.once()).await? {
            return match postgres(&error).map(PgDatabaseError::code) {
                // A domain refuses what it does not take as a table's check does.
                Some(code) if code.starts_with("22") || code == "23514" || code == "23502" => {
                    Ok(FunctionEnd::Unfit)
                }
                _ => Err(cause::of(error, "")),
            };
        }
    }
    let mut statement = Statement::new(if function.is_void { "SELECT " } else { "SELECT to_jsonb(" });
    statement.push_identifier(&function.name).push_str("(");
    function.push_arguments(&mut statement, call, true)?;
    statement.push_str(if function.is_void { ")" } else { "))" });
    // Behind a failure the transaction takes no more, but for the way back here.
    tx.execute(&Statement::new("SAVEPOINT entity_function")).await?;
    let answer = match tx.postgres_rows(&statement).await? {
        Ok(_) if function.is_void => Json::Null,
        Ok(rows) => rows.first().map_or(Ok(Json::Null), |row| row.json(0))?,
        Err(error) => return ended(tx, error).await,
    };
    if function.has_deferred {
        // Asked now, while it can be told from the rows beside it; going back leaves them as deferred as they were.
        tx.execute(&Statement::new("SAVEPOINT entity_checks")).await?;
        if let Err(error) = tx.postgres_rows(&Statement::new("SET CONSTRAINTS ALL IMMEDIATE")).await? {
            return ended(tx, error).await;
        }
        tx.execute(&Statement::new("ROLLBACK TO SAVEPOINT entity_checks")).await?;
    }
    Ok(FunctionEnd::Returned(answer))
}

impl Function {
    /// It takes what is given, and needs nothing else.
    fn takes(&self, call: &FunctionCall<'_>) -> bool {
        let given = |it: &str| it == ENTITY_ID || call.params.contains_key(it);
        self.has(ENTITY_ID)
            && self.arguments.iter().all(|it| it.has_default || given(&it.name))
            && call.params.keys().all(|name| self.has(name))
    }

    fn has(&self, argument: &str) -> bool {
        self.arguments.iter().any(|it| it.name == argument)
    }

    /// Its argument can hold the row's key: a function may take fewer bits than the table has.
    fn fits(&self, call: &FunctionCall<'_>) -> bool {
        let key = self.arguments.iter().find(|it| it.name == ENTITY_ID);
        match key.map(|it| it.base.as_str()).filter(|_| call.key == Kind::Integer) {
            Some("int4") => call.entity_id.parse::<i32>().is_ok(),
            Some("int2") => call.entity_id.parse::<i16>().is_ok(),
            _ => true,
        }
    }

    /// How far it is from the call: one that takes a key of the row's type is nearer than one that does not, and of
    /// those the one that leaves the fewest arguments to their defaults.
    fn distance(&self, call: &FunctionCall<'_>) -> (usize, usize) {
        let key = self.arguments.iter().find(|it| it.name == ENTITY_ID).map_or("", |it| it.base.as_str());
        let near: &[&str] = match call.key {
            Kind::Integer => &["int8", "int4", "int2", "numeric"],
            Kind::Uuid => &["uuid"],
            _ => &["text", "varchar", "bpchar", "name", "citext"],
        };
        (near.iter().position(|it| *it == key).unwrap_or(near.len()), self.arguments.len())
    }

    fn push_arguments(
        &self,
        statement: &mut Statement,
        call: &FunctionCall<'_>,
        named: bool,
    ) -> Result<(), StoreError> {
        let key = Json::from(call.entity_id);
        self.push_named(statement, |it| if it == ENTITY_ID { Some(&key) } else { call.params.get(it) }, named)
    }

    fn push_named<'v>(
        &self,
        statement: &mut Statement,
        value: impl Fn(&str) -> Option<&'v Json>,
        named: bool,
    ) -> Result<(), StoreError> {
        let mut between = "";
        for argument in &self.arguments {
            let value = match value(&argument.name) {
                None => continue,
                Some(Json::Null) => Bind::text(None),
                Some(Json::String(text)) => Bind::text(text.as_str()),
                Some(other) => Bind::text(other.to_string().as_str()),
            };
            statement.push_str(between);
            if named {
                statement.push_identifier(&Identifier::column(&argument.name)?).push_str(" => ");
            }
            statement.push(value).push_str("::text::").push_identifier(&argument.kind);
            between = ", ";
        }
        Ok(())
    }
}

/// Whether a function that lists options lists this one: rows with an `id`, or an array of such or of plain values.
/// `None`: there is none that takes what is given.
pub(super) async fn offers(
    tx: &mut SqlTransaction,
    function: &str,
    given: &Map<String, Json>,
    option: &str,
) -> Result<Option<bool>, StoreError> {
    let found = look_up(tx, function, "").await?;
    let takes = |it: &&Function| {
        given.keys().all(|name| it.has(name))
            && it.arguments.iter().all(|it| it.has_default || given.contains_key(&it.name))
    };
    let Some(function) = found.iter().find(takes) else { return Ok(None) };
    let mut statement = Statement::new("SELECT 1 FROM ");
    statement.push_identifier(&function.name).push_str("(");
    function.push_named(&mut statement, |it| given.get(it), true)?;
    statement.push_str(
        ") AS o, LATERAL jsonb_array_elements(CASE jsonb_typeof(to_jsonb(o)) WHEN 'array' THEN to_jsonb(o) \
         ELSE jsonb_build_array(to_jsonb(o)) END) AS e(option) \
         WHERE COALESCE(e.option->>'id', e.option #>> '{}') = ",
    );
    statement.push(Bind::text(option)).push_str("::text LIMIT 1");
    Ok(Some(!tx.rows(&statement).await?.is_empty()))
}

/// The functions of this name. Of their arguments, those that only answer are left out.
async fn look_up(
    tx: &mut SqlTransaction,
    name: &str,
    which: &'static str,
) -> Result<Vec<Function>, StoreError> {
    let (schema, function) = name.split_once('.').unwrap_or(("public", name));
    let mut statement = Statement::new(
        "SELECT n.nspname, p.proname, p.prorettype = 'void'::regtype, (SELECT COALESCE(jsonb_agg( \
         jsonb_build_array(a.name, COALESCE(b.typname, t.typname), tn.nspname, t.typname, \
         a.place > p.pronargs - p.pronargdefaults) ORDER BY a.place), '[]') FROM ( \
         SELECT it.name, it.type, row_number() OVER (ORDER BY it.place) AS place \
         FROM unnest(COALESCE(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes) \
         WITH ORDINALITY AS it(type, name, mode, place) WHERE COALESCE(it.mode, 'i') IN ('i', 'b', 'v') \
         AND it.type IS NOT NULL) AS a JOIN pg_type AS t ON t.oid = a.type \
         JOIN pg_namespace AS tn ON tn.oid = t.typnamespace LEFT JOIN pg_type AS b ON b.oid = t.typbasetype), \
         EXISTS (SELECT 1 FROM pg_constraint WHERE condeferred) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE p.prokind = 'f'",
    );
    statement
        .push_str(which)
        .push_str(" AND n.nspname = ")
        .push(Bind::text(schema))
        .push_str("::text AND p.proname = ")
        .push(Bind::text(function));
    statement.push_str("::text ORDER BY p.oid");
    let rows = tx.rows(&statement).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Function, StoreError> {
    let arguments: Vec<(Option<String>, String, String, String, bool)> =
        serde_json::from_value(row.json(3)?).map_err(StoreError::fault)?;
    let arguments = arguments.into_iter().map(|(name, base, schema, kind, has_default)| {
        let kind = Identifier::in_schema(&schema, &kind)?;
        Ok(Argument { name: name.unwrap_or_default(), base, kind, has_default })
    });
    Ok(Function {
        name: Identifier::in_schema(&row.text(0)?, &row.text(1)?)?,
        is_void: row.boolean(2)?,
        has_deferred: row.boolean(4)?,
        arguments: arguments.collect::<Result<_, StoreError>>()?,
    })
}

fn postgres(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// What a failure of the function means.
async fn ended(tx: &mut SqlTransaction, error: sqlx::Error) -> Result<FunctionEnd, StoreError> {
    let Some(told) = postgres(&error) else { return Err(cause::of(error, "")) };
    Ok(match told.code() {
        // raise_exception
        "P0001" => FunctionEnd::Raised(told.message().to_owned()),
        // insufficient_privilege
        "42501" => FunctionEnd::Denied,
        // ambiguous_function: of several none is the one that is meant
        "42725" => FunctionEnd::Absent,
        // unique_violation
        "23505" => FunctionEnd::Taken(text_of(tx, told.constraint()).await?),
        // foreign_key_violation, check_violation, exclusion_violation
        "23503" | "23514" | "23P01" => FunctionEnd::Constraint(text_of(tx, told.constraint()).await?),
        _ => {
            return Err(match cause::of(error, "") {
                // Nobody's fault, and perhaps over when it is tried again.
                error
                @ (StoreError::Unavailable(_) | StoreError::Contention(_) | StoreError::TimedOut(_)) => error,
                error => StoreError::fault(error),
            });
        }
    })
}

/// The text that was registered for a constraint.
async fn text_of(tx: &mut SqlTransaction, constraint: Option<&str>) -> Result<Option<String>, StoreError> {
    let Some(constraint) = constraint else { return Ok(None) };
    tx.execute(&Statement::new("ROLLBACK TO SAVEPOINT entity_function")).await?;
    let mut statement =
        Statement::new("SELECT message FROM metadata.constraint_messages WHERE constraint_name = ");
    statement.push_bind(constraint, Kind::Text).push_str("::text");
    let rows = tx.rows(&statement).await?;
    rows.first().map(|row| row.text(0)).transpose()
}
