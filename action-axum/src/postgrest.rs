//! A query in the spelling of `PostgREST` over a few rows that are in memory: `table_name=eq.issues&order=sort_order.asc`.

use std::cmp::Ordering;
use std::collections::HashSet;

use action_core::{FieldError, FieldErrors};
use axum::extract::Query;
use http::Uri;
use serde_json::Value as Json;

use crate::problem::Problem;
use crate::query::number;

const MOST_ROWS: u32 = 10_000;
const LAST_OFFSET: u32 = 1_000_000;

/// What is asked of the rows.
pub(crate) struct Asked {
    filters: Vec<(String, String)>,
    order: Vec<By>,
    /// The columns to answer; none: all.
    select: Vec<String>,
    limit: usize,
    offset: usize,
}

impl Asked {
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(given) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Problem::invalid_parameter("query", "the query string cannot be read"))?;
        let mut asked =
            Self { filters: Vec::new(), order: Vec::new(), select: Vec::new(), limit: usize::MAX, offset: 0 };
        let mut errors = FieldErrors::default();
        let mut seen = HashSet::new();
        for (name, value) in given {
            let mut refuse = |expected: &str| {
                let name: String = name.chars().take(100).collect();
                let told = format!("{name} must be {expected}");
                errors.push(FieldError::new(name, "invalid_parameter", told));
            };
            if !seen.insert(name.clone()) {
                refuse("given once");
                continue;
            }
            match name.as_str() {
                "limit" => match number(&value, 0, MOST_ROWS) {
                    Some(limit) => asked.limit = limit as usize,
                    None => refuse("a number from 0 to 10000"),
                },
                "offset" => match number(&value, 0, LAST_OFFSET) {
                    Some(offset) => asked.offset = offset as usize,
                    None => refuse("a number from 0 to 1000000"),
                },
                "select" if value == "*" => {}
                "select" if !value.is_empty() => {
                    asked.select = value.split(',').map(str::to_owned).collect();
                }
                "select" => refuse("columns, or *"),
                "order" => match order(&value) {
                    Some(order) => asked.order = order,
                    None => refuse("columns, each with .asc or .desc"),
                },
                _ => match value.strip_prefix("eq.") {
                    Some(value) => asked.filters.push((name, value.to_owned())),
                    None => refuse("eq. and a value"),
                },
            }
        }
        errors.into_result(asked).map_err(Problem::invalid_parameters)
    }

    /// The rows that are asked for, which are ordered already where nothing else is said.
    pub(crate) fn answer(self, mut rows: Vec<Json>) -> Result<Vec<Json>, Problem> {
        let mut errors = FieldErrors::default();
        if let Some(first) = rows.first() {
            let named = self.filters.iter().map(|it| &it.0).chain(self.order.iter().map(|it| &it.column));
            let named = named.chain(&self.select);
            for name in named.filter(|it| first.get(it.as_str()).is_none()) {
                let name: String = name.chars().take(100).collect();
                let told = format!("{name} is no column");
                errors.push(FieldError::new(name, "invalid_parameter", told));
            }
        }
        errors.into_result(()).map_err(Problem::invalid_parameters)?;
        rows.retain(|row| self.filters.iter().all(|(name, value)| equals(row.get(name), value)));
        // Stable, so that among equals the order is what it was.
        rows.sort_by(|a, b| {
            let by = |by: &By| by.compare(a.get(&by.column), b.get(&by.column));
            self.order.iter().map(by).find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
        });
        let rows = rows.into_iter().skip(self.offset).take(self.limit);
        Ok(rows.map(|row| selected(row, &self.select)).collect())
    }
}

/// A row with these columns alone, in their order.
fn selected(mut row: Json, columns: &[String]) -> Json {
    match &mut row {
        Json::Object(members) if !columns.is_empty() => {
            columns.iter().filter_map(|it| members.remove_entry(it)).collect()
        }
        _ => row,
    }
}

/// A column to order by.
struct By {
    column: String,
    descending: bool,
    nulls_first: bool,
}

impl By {
    /// Numbers by value, everything else by its text.
    fn compare(&self, a: Option<&Json>, b: Option<&Json>) -> Ordering {
        let turned = |it: Ordering| if self.descending { it.reverse() } else { it };
        let nulls = if self.nulls_first { Ordering::Less } else { Ordering::Greater };
        match (a.and_then(Json::as_f64), b.and_then(Json::as_f64)) {
            (Some(a), Some(b)) => turned(a.total_cmp(&b)),
            _ => match (text(a), text(b)) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => nulls,
                (Some(_), None) => nulls.reverse(),
                (Some(a), Some(b)) => turned(a.cmp(&b)),
            },
        }
    }
}

/// `name.desc.nullslast`; what is left out is `asc`, and nulls are last there and first where it descends.
fn order(text: &str) -> Option<Vec<By>> {
    let by = |part: &str| {
        let mut words = part.split('.');
        let column = words.next().filter(|it| !it.is_empty())?.to_owned();
        let mut words = words.peekable();
        let descending = words.peek() == Some(&"desc");
        words.next_if(|it| ["asc", "desc"].contains(it));
        let nulls_first = match words.next() {
            None => descending,
            Some("nullsfirst") => true,
            Some("nullslast") => false,
            Some(_) => return None,
        };
        words.next().is_none().then_some(By { column, descending, nulls_first })
    };
    text.split(',').map(by).collect()
}

/// Whether a value is what a filter says; a document however it is spelled.
fn equals(value: Option<&Json>, filter: &str) -> bool {
    match value {
        Some(document @ (Json::Object(_) | Json::Array(_))) => {
            serde_json::from_str::<Json>(filter).is_ok_and(|it| it == *document)
        }
        value => text(value).as_deref() == Some(filter),
    }
}

/// A value as a filter spells it; a null equals nothing.
fn text(value: Option<&Json>) -> Option<String> {
    match value? {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(query: &str) -> Result<Vec<i64>, String> {
        let rows = vec![
            json!({ "id": 1, "name": "b", "order": null, "flag": true }),
            json!({ "id": 2, "name": "a", "order": 10, "flag": false }),
            json!({ "id": 10, "name": "a", "order": 9, "flag": true }),
        ];
        let uri: Uri = format!("/x?{query}").parse().unwrap();
        let answer = Asked::of(&uri).and_then(|it| it.answer(rows)).map_err(|it| it.code().to_owned())?;
        Ok(answer.iter().filter_map(|it| it["id"].as_i64()).collect())
    }

    #[test]
    fn rows_are_filtered_ordered_and_cut() {
        assert_eq!(ids(""), Ok(vec![1, 2, 10]));
        assert_eq!(ids("name=eq.a&flag=eq.true"), Ok(vec![10]));
        assert_eq!(ids("order=order.asc"), Ok(vec![10, 2, 1]));
        assert_eq!(ids("order=order.desc"), Ok(vec![1, 2, 10]));
        assert_eq!(ids("order=name,id.desc"), Ok(vec![10, 2, 1]));
        assert_eq!(ids("order=order.desc.nullslast"), Ok(vec![2, 10, 1]));
        assert_eq!(ids("order=order.nullsfirst"), Ok(vec![1, 10, 2]));
        assert_eq!(ids("limit=1&offset=1"), Ok(vec![2]));
        assert_eq!(ids("order=eq.null"), Err("invalid_parameter".to_owned()));
        assert_eq!(ids("name=eq.null"), Ok(vec![]));
        assert_eq!(ids("select=*"), Ok(vec![1, 2, 10]));
        assert_eq!(ids("select=id,name&name=eq.b"), Ok(vec![1]));
        assert_eq!(ids("select=name"), Ok(vec![]), "it has no id");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for query in [
            "name=a",
            "name=like.a",
            "nothing=eq.1",
            "order=nothing.asc",
            "order=id.up",
            "order=id.asc.up",
            "order=id.asc.nullslast.x",
            "order=",
            "select=",
            "select=nothing",
            "limit=x",
            "limit=10001",
            "offset=-1",
            "name=eq.a&name=eq.b",
        ] {
            assert_eq!(ids(query), Err("invalid_parameter".to_owned()), "{query}");
        }
    }
}
