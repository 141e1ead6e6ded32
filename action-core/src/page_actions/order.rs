//! All actions of a page in a new order.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::reader::Reader;
use super::{Grouped, changes, layout};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::ActionResult;
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::ports::PageActionOperation;
use crate::refusal::Refusal;

pub(super) struct Order;

impl ActionHandler for Order {
    type Input = (AnyParams,);
    type Output = Grouped;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = read(sent) {
            *errors = found;
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<Grouped> {
        let order = read(&sent.0).map_err(Refusal::validation)?;
        let page = ctx.subject().ok_or(Refusal::NotFound)?;
        let (_, before) = changes::hold(ctx, page).await?.ok_or(Refusal::NotFound)?;
        let mut after = before.clone();
        layout::reorder(&mut after, &order)?;
        let moved = before.into_iter().zip(&mut after).filter(|(old, new)| old.order != new.order);
        let moved = moved.map(|(old, new)| {
            new.version += 1;
            (Some(old), Some(new.clone()))
        });
        let moved = moved.collect();
        changes::write(ctx, PageActionOperation::Updated, moved).await?;
        after.sort_by_key(|it| (it.order, it.id));
        Ok(Grouped::of(after))
    }
}

fn read(sent: &Map<String, Json>) -> Result<Vec<Uuid>, FieldErrors> {
    let mut reader = Reader::whole(sent.clone());
    let mut order = Vec::new();
    match reader.take("order") {
        None => reader.missing("order"),
        Some(Json::Array(ids)) if ids.len() > layout::MOST_ACTIONS => {
            reader.errors.add(
                "order",
                "too_many",
                format!("order may have at most {} entries", layout::MOST_ACTIONS),
            );
        }
        Some(Json::Array(ids)) => {
            for (at, id) in ids.iter().enumerate() {
                match id.as_str().and_then(|it| Uuid::try_parse(it).ok()) {
                    Some(id) => order.push(id),
                    None => reader.errors.add(
                        format!("order[{at}]"),
                        "wrong_type",
                        format!("order[{at}] must be a UUID"),
                    ),
                }
            }
        }
        Some(_) => reader.errors.add("order", "wrong_type", "order must be a list"),
    }
    reader.end(Some(order))
}
