//! Registered queries: lists with a name, which a caller runs without knowing the columns.

use action_core::QueryDefinition;
use action_core::expression::field;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema, garde::Validate)]
#[serde(rename_all = "camelCase")]
struct AvailableCars {
    /// Built in this year or later.
    #[garde(range(min = 1886, max = 2100))]
    from_year: Option<i64>,
}

/// `cars.available`: cars that may be checked out.
pub(crate) fn available_cars() -> QueryDefinition {
    QueryDefinition::new("cars.available", "Car", |arguments: AvailableCars, _caller| {
        let available = field("status").eq("available");
        match arguments.from_year {
            Some(year) => available.and(field("year").gte(year)),
            None => available,
        }
    })
}
