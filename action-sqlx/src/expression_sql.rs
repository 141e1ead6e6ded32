//! The expression tree as SQL: filters, row rules and orders.
//!
//! What comes out is true or false for every row, never NULL, and the same as `Expression::holds` says in memory; a
//! test holds the two against each other on both databases. Three things see to it:
//!
//! - Each leaf asks for a value first (`c IS NOT NULL AND c = $1`), so `NOT` is plain negation. What lies behind
//!   foreign keys is asked with `EXISTS`, which is never NULL either.
//! - Text compares by code point (collation `C`, or `BINARY`), save for equality on PostgreSQL: every deterministic
//!   collation means the same by it, and naming one would keep the database from using the column's index.
//! - SQLite keeps decimals as binary numbers, which carry fifteen digits. A longer one is no value of any column, so
//!   it is compared by its place between two of them.
//!
//! SQLite keeps times as texts. In tables of ours they are of one spelling, whose order is that of time; a host's own
//! tables have what the host wrote, and perhaps binary numbers: they are [`Written::ByHost`].
//!
//! Which fields exist and which values fit was settled by the checkers. Names come from the field, quoted; values are
//! bound, a list as one, so that the text of a statement does not depend on how long it is.

use action_core::expression::{Comparison, Direction, Expression, Field, Sort, TextMatch};
use action_core::ports::StoreError;
use action_core::{Kind, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::dialect::Dialect;
use crate::identifier::Identifier;
use crate::statement::Statement;

/// Digits of a decimal that survive being a binary number of 64 bits.
const BINARY_DIGITS: u32 = 15;

/// Appends expressions to a statement, about the row that it calls `row`.
pub(crate) struct ExpressionSql<'s> {
    pub(crate) statement: &'s mut Statement,
    pub(crate) dialect: Dialect,
    pub(crate) row: &'static str,
    pub(crate) written: Written,
}

/// Who wrote the rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// Us: a value has one spelling.
    ByUs,
    /// Anyone: a value is brought to our spelling before it is compared, which no index knows.
    ByHost,
}

/// A time in any spelling that SQLite reads, `at`, in ours: its own functions keep milliseconds alone, so the fraction
/// is taken from the text. What it cannot read stays as it is.
const TIME: [&str; 4] = [
    "CASE WHEN ",
    " LIKE '____-__-__T__:__:__.______Z' THEN ",
    " ELSE COALESCE((SELECT strftime('%Y-%m-%dT%H:%M:%S', substr(bare, 1, 19) || substr(at, length(bare) + 1)) || '.' || \
     substr(substr(bare, 21) || '000000', 1, 6) || 'Z' FROM (SELECT at, CASE WHEN at LIKE '%Z' \
     THEN substr(at, 1, length(at) - 1) WHEN length(at) > 21 AND substr(at, -6, 1) IN ('+', '-') \
     THEN substr(at, 1, length(at) - 6) ELSE at END AS bare FROM (SELECT ",
    " AS at))), ",
];

/// Whether any part of an expression is about another table than the row's own.
pub(crate) fn looks_behind_a_foreign_key(expression: &Expression) -> bool {
    match expression {
        Expression::All(parts) | Expression::Any(parts) => parts.iter().any(looks_behind_a_foreign_key),
        Expression::Not(part) => looks_behind_a_foreign_key(part),
        Expression::Compare { field, .. }
        | Expression::In { field, .. }
        | Expression::IsNull { field, .. }
        | Expression::IsNotNull { field, .. }
        | Expression::Text { field, .. } => !field.steps().is_empty(),
        Expression::Constant(_) => false,
    }
}

/// What a leaf asks of a value that is there.
#[derive(Clone, Copy)]
enum Test<'a> {
    Nothing,
    Compare(&'static str, &'a Value),
    /// As [`Test::Compare`], by an order of texts that both databases have.
    Order(&'static str, &'a Value),
    OneOf(&'a [Value]),
    Search(TextMatch, &'a str),
}

/// What the statement calls the table that has a column.
#[derive(Clone, Copy)]
enum Place {
    /// The row's own.
    Row,
    /// The one that this foreign key on the way refers to.
    Step(usize),
}

impl ExpressionSql<'_> {
    /// Appends a condition.
    pub(crate) fn condition(&mut self, expression: &Expression) -> Result<(), StoreError> {
        match expression {
            Expression::All(parts) => self.chain(parts, " AND ", "TRUE"),
            Expression::Any(parts) => self.chain(parts, " OR ", "FALSE"),
            Expression::Not(part) => {
                self.statement.push_str("NOT (");
                self.condition(part)?;
                self.statement.push_str(")");
                Ok(())
            }
            Expression::Compare { field, op, value, .. } => self.comparison(field, *op, value),
            Expression::In { field, values, .. } => self.leaf(field, Test::OneOf(values)),
            Expression::IsNull { field, .. } => {
                self.statement.push_str("NOT ");
                self.leaf(field, Test::Nothing)
            }
            Expression::IsNotNull { field, .. } => self.leaf(field, Test::Nothing),
            Expression::Text { field, op, text, .. } => self.leaf(field, Test::Search(*op, text)),
            Expression::Constant(truth) => {
                self.statement.push_str(if *truth { "TRUE" } else { "FALSE" });
                Ok(())
            }
        }
    }

    /// Appends what stands behind `ORDER BY`: the sort, ended by the key; rows without a value come last.
    pub(crate) fn order(&mut self, sort: &Sort, key: &Identifier, key_kind: Kind) -> Result<(), StoreError> {
        for by in sort.iter() {
            let column = Identifier::column(by.field.column())?;
            self.sort_key(&by.field, &column)?;
            self.statement.push_str(match by.direction {
                Direction::Ascending => "",
                Direction::Descending => " DESC",
            });
            if by.field.is_nullable() {
                self.statement.push_str(" NULLS LAST");
            }
            if by.field.steps().is_empty() && column == *key {
                // No two rows are equal up to here.
                return Ok(());
            }
            self.statement.push_str(", ");
        }
        self.ordered_key(key, key_kind);
        Ok(())
    }

    /// Appends the key as something to sort by.
    pub(crate) fn ordered_key(&mut self, key: &Identifier, kind: Kind) {
        self.typed(Place::Row, key, kind);
        self.collation(kind);
    }

    /// Appends a column of the row as a value of its kind: a key or a tenant, to be compared for equality.
    pub(crate) fn key(&mut self, column: &Identifier, kind: Kind) {
        self.typed(Place::Row, column, kind);
        self.collation_of_equality(kind);
    }

    /// One chain, its parts side by side: nested pairs would count against SQLite's limit of depth.
    fn chain(
        &mut self,
        parts: &[Expression],
        word: &'static str,
        without_parts: &'static str,
    ) -> Result<(), StoreError> {
        if parts.is_empty() {
            self.statement.push_str(without_parts);
            return Ok(());
        }
        self.statement.push_str("(");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.statement.push_str(word);
            }
            self.condition(part)?;
        }
        self.statement.push_str(")");
        Ok(())
    }

    fn comparison(&mut self, field: &Field, op: Comparison, value: &Value) -> Result<(), StoreError> {
        if op == Comparison::Ne {
            // Also true of a row without a value.
            self.statement.push_str("NOT ");
            return self.comparison(field, Comparison::Eq, value);
        }
        if let Some(floor) = self.place_between(value) {
            let floor = Value::Decimal(floor);
            return match op {
                Comparison::Eq | Comparison::Ne => {
                    self.statement.push_str("(FALSE)");
                    Ok(())
                }
                Comparison::Gt | Comparison::Gte => self.leaf(field, Test::Order(" > ", &floor)),
                Comparison::Lt | Comparison::Lte => self.leaf(field, Test::Order(" <= ", &floor)),
            };
        }
        self.leaf(
            field,
            match op {
                Comparison::Eq | Comparison::Ne => Test::Compare(" = ", value),
                Comparison::Gt => Test::Order(" > ", value),
                Comparison::Lt => Test::Order(" < ", value),
                Comparison::Gte => Test::Order(" >= ", value),
                Comparison::Lte => Test::Order(" <= ", value),
            },
        )
    }

    /// The greatest value of a column below this one, where no column can have this one.
    fn place_between(&self, value: &Value) -> Option<Decimal> {
        match (self.dialect, value) {
            (Dialect::Sqlite, Value::Decimal(number)) => {
                let down = RoundingStrategy::ToNegativeInfinity;
                number.round_sf_with_strategy(BINARY_DIGITS, down).filter(|floor| floor != number)
            }
            _ => None,
        }
    }

    /// The field has a value, and one that passes the test.
    fn leaf(&mut self, field: &Field, test: Test<'_>) -> Result<(), StoreError> {
        let column = Identifier::column(field.column())?;
        let place = if field.steps().is_empty() {
            self.statement.push_str("(");
            Place::Row
        } else {
            self.statement.push_str("EXISTS (SELECT 1");
            let place = self.way(field)?;
            self.statement.push_str(" AND ");
            place
        };
        self.column(place, &column);
        self.statement.push_str(" IS NOT NULL");
        if !matches!(test, Test::Nothing) {
            self.statement.push_str(" AND ");
            self.test(place, &column, field.kind(), test);
        }
        self.statement.push_str(")");
        Ok(())
    }

    fn test(&mut self, place: Place, column: &Identifier, kind: Kind, test: Test<'_>) {
        match test {
            Test::Nothing => {}
            Test::Compare(sign, value) => {
                self.settled(place, column, kind);
                self.collation_of_equality(kind);
                self.statement.push_str(sign).push_bind(value.clone(), kind);
            }
            Test::Order(sign, value) => {
                self.settled(place, column, kind);
                self.collation(kind);
                self.statement.push_str(sign).push_bind(value.clone(), kind);
            }
            Test::OneOf(values) => {
                let values = values.iter().filter(|it| self.place_between(it).is_none()).cloned().collect();
                self.settled(place, column, kind);
                self.collation_of_equality(kind);
                self.statement.push_any_of(self.dialect, values, kind);
            }
            Test::Search(op, sought) => {
                // `lower` knows ASCII only: SQLite's always, PostgreSQL's under collation `C`.
                let (open, close) = match op {
                    TextMatch::Contains => (self.dialect.choose("strpos(lower(", "instr(lower("), ") > 0"),
                    TextMatch::StartsWith => {
                        self.dialect.choose(("starts_with(lower(", ")"), ("instr(lower(", ") = 1"))
                    }
                };
                self.statement.push_str(open);
                self.typed(place, column, kind);
                self.collation(kind);
                self.statement
                    .push_str("), ")
                    .push_bind(sought.to_ascii_lowercase(), Kind::Text)
                    .push_str(close);
            }
        }
    }

    fn sort_key(&mut self, field: &Field, column: &Identifier) -> Result<(), StoreError> {
        match field.steps().len().checked_sub(1) {
            None => self.typed(Place::Row, column, field.kind()),
            Some(last) => {
                self.statement.push_str("(SELECT ");
                self.typed(Place::Step(last), column, field.kind());
                self.way(field)?;
                self.statement.push_str(" LIMIT 1)");
            }
        }
        self.collation(field.kind());
        Ok(())
    }

    /// Appends `FROM` and `WHERE` along the foreign keys of a field that has some. The last table is the column's.
    fn way(&mut self, field: &Field) -> Result<Place, StoreError> {
        for (index, step) in field.steps().iter().enumerate() {
            self.statement.push_str(if index == 0 { " FROM " } else { ", " });
            self.statement.push_identifier(&Identifier::table(step.table())?).push_str(" AS ");
            self.name(Place::Step(index));
        }
        let mut from = Place::Row;
        for (index, step) in field.steps().iter().enumerate() {
            self.statement.push_str(if index == 0 { " WHERE " } else { " AND " });
            self.column(Place::Step(index), &Identifier::column(step.key())?);
            self.statement.push_str(" = ");
            self.column(from, &Identifier::column(step.column())?);
            from = Place::Step(index);
        }
        Ok(from)
    }

    fn name(&mut self, place: Place) {
        match place {
            Place::Row => self.statement.push_str(self.row),
            Place::Step(index) => self.statement.push_str("via").push_number(index as u64),
        };
    }

    /// Always with its table: a lone quoted name that is no column, SQLite takes for a text.
    fn column(&mut self, place: Place, column: &Identifier) {
        self.name(place);
        self.statement.push_str(".").push_identifier(column);
    }

    /// The cast costs nothing where the table's type is the kind's. Whole numbers of all widths compare with each
    /// other as they are, and find their index only so.
    fn typed(&mut self, place: Place, column: &Identifier, kind: Kind) {
        self.column(place, column);
        if self.dialect == Dialect::Postgres && kind != Kind::Integer {
            self.statement.push_str(cast(kind));
        }
    }

    /// As [`Self::typed`], in our spelling.
    fn settled(&mut self, place: Place, column: &Identifier, kind: Kind) {
        match kind {
            _ if self.written == Written::ByUs => self.typed(place, column, kind),
            Kind::Decimal { .. } if self.dialect == Dialect::Postgres => {
                // A binary number, if it is one: to its last digit, and not to the fifteenth.
                self.column(place, column);
                self.statement.push_str("::text::numeric");
            }
            _ if self.dialect == Dialect::Postgres => self.typed(place, column, kind),
            Kind::Timestamp => {
                for part in TIME {
                    self.statement.push_str(part);
                    self.column(place, column);
                }
                self.statement.push_str(") END");
            }
            Kind::Date => {
                self.statement.push_str("substr(");
                self.column(place, column);
                self.statement.push_str(", 1, 10)");
            }
            Kind::Uuid => {
                self.statement.push_str("lower(");
                self.column(place, column);
                self.statement.push_str(")");
            }
            _ => self.column(place, column),
        }
    }

    fn collation(&mut self, kind: Kind) {
        if kind == Kind::Text {
            self.statement.push_str(self.dialect.choose(" COLLATE \"C\"", " COLLATE BINARY"));
        }
    }

    fn collation_of_equality(&mut self, kind: Kind) {
        if self.dialect == Dialect::Sqlite {
            self.collation(kind);
        }
    }
}

/// What makes a PostgreSQL value one of the type in which a kind is bound.
pub(crate) fn cast(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "::boolean",
        Kind::Integer => "::bigint",
        Kind::Decimal { .. } => "::numeric",
        Kind::Text => "::text",
        Kind::Uuid => "::uuid",
        Kind::Timestamp => "::timestamptz",
        Kind::Date => "::date",
        Kind::Json => "::jsonb",
    }
}

#[cfg(test)]
mod tests {
    use action_core::expression::{Step, all, field};

    use super::*;

    fn text(dialect: Dialect, expression: &Expression) -> String {
        let mut statement = Statement::new("");
        let mut sql = ExpressionSql { statement: &mut statement, dialect, row: "r", written: Written::ByUs };
        sql.condition(expression).unwrap();
        statement.text().to_owned()
    }

    fn fields() -> Vec<Field> {
        let maker = Step::new("maker_id", "fleet.makers", "id");
        vec![
            Field::new("name", Kind::Text),
            Field::new("size", Kind::Integer),
            Field::new("price", Kind::Decimal { precision: 12, scale: 2 }),
            Field::new("maker_id.country", Kind::Text).through([maker]),
        ]
    }

    #[test]
    fn a_leaf_is_never_null_and_names_its_table() {
        let rule = all([field("name").ne("a"), field("size").gt(3), field("name").starts_with("A")]);
        let rule = rule.check(&fields()).unwrap();
        assert_eq!(
            text(Dialect::Postgres, &rule),
            r#"(NOT (r."name" IS NOT NULL AND r."name"::text = $1) AND (r."size" IS NOT NULL AND r."size" > $2) AND "#
                .to_owned()
                + r#"(r."name" IS NOT NULL AND starts_with(lower(r."name"::text COLLATE "C"), $3)))"#
        );
        assert_eq!(
            text(Dialect::Sqlite, &rule),
            r#"(NOT (r."name" IS NOT NULL AND r."name" COLLATE BINARY = $1) AND (r."size" IS NOT NULL AND r."size" > $2) AND "#
                .to_owned()
                + r#"(r."name" IS NOT NULL AND instr(lower(r."name" COLLATE BINARY), $3) = 1))"#
        );
    }

    #[test]
    fn what_lies_behind_a_foreign_key_is_asked_of_its_own_table() {
        let rule = field("maker_id.country").is_null().check(&fields()).unwrap();
        assert_eq!(
            text(Dialect::Postgres, &rule),
            r#"NOT EXISTS (SELECT 1 FROM "fleet"."makers" AS via0 WHERE via0."id" = r."maker_id" AND via0."country" IS NOT NULL)"#
        );
    }

    #[test]
    fn the_text_depends_on_neither_values_nor_the_length_of_a_list() {
        let texts = [vec![1], vec![1, 2, 3]].map(|list| {
            let rule = field("size").eq(list.iter().sum::<i64>()).or(field("size").is_in(list));
            text(Dialect::Sqlite, &rule.check(&fields()).unwrap())
        });
        assert_eq!(texts[0], texts[1]);
    }

    #[test]
    fn a_decimal_that_no_column_of_sqlite_can_have_is_compared_by_its_place() {
        let price: Decimal = "19.900000000000000001".parse().unwrap();
        for (rule, expected) in [
            (field("price").eq(price), "(FALSE)"),
            (field("price").ne(price), "NOT (FALSE)"),
            (field("price").gte(price), r#"(r."price" IS NOT NULL AND r."price" > $1)"#),
            (field("price").lt(price), r#"(r."price" IS NOT NULL AND r."price" <= $1)"#),
        ] {
            assert_eq!(text(Dialect::Sqlite, &rule.check(&fields()).unwrap()), expected);
        }
    }
}
