//! The pages that actions stand on.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::changes;
use crate::audit::{Change, Operation};
use crate::context::ActionContext;
use crate::error::ActionResult;
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::ports::{PageActionOperation, PageConfig};
use crate::refusal::Refusal;
use crate::{FieldError, FieldErrors};

const LONGEST_NAME: usize = 100;

pub(super) struct Create;

impl ActionHandler for Create {
    type Input = (AnyParams,);
    type Output = PageConfig;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = read(sent) {
            *errors = found;
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<PageConfig> {
        let (name, id) = read(&sent.0).map_err(Refusal::validation)?;
        let page = PageConfig { id: id.unwrap_or_else(|| ctx.engine().ids.random()), name };
        let (store, tenant) = (changes::store(ctx), changes::tenant(ctx)?);
        store.add_page(ctx.unit.transaction().await?, tenant, &page).await?;
        tell(ctx, &page, Operation::Created);
        Ok(page)
    }
}

pub(super) struct Delete;

impl ActionHandler for Delete {
    type Input = ();
    type Output = ();

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult {
        let (store, tenant) = (changes::store(ctx), changes::tenant(ctx)?);
        let id = ctx.subject().ok_or(Refusal::NotFound)?;
        let (page, actions) = changes::hold(ctx, id).await?.ok_or(Refusal::NotFound)?;
        let removed = actions.into_iter().map(|it| (Some(it), None)).collect();
        changes::write(ctx, PageActionOperation::Deleted, removed).await?;
        store.remove_page(ctx.unit.transaction().await?, tenant, id).await?;
        tell(ctx, &page, Operation::Deleted);
        Ok(())
    }
}

fn tell(ctx: &mut ActionContext<'_>, page: &PageConfig, operation: Operation) {
    let image = json!({ "name": page.name });
    let (before, after) = match operation {
        Operation::Deleted => (image, Json::Null),
        Operation::Created | Operation::Updated => (Json::Null, image),
    };
    ctx.changed(Change {
        entity: "page_configs".into(),
        id: page.id.to_string().into(),
        operation,
        before,
        after,
    });
    ctx.add_affected(1);
}

fn read(sent: &Map<String, Json>) -> Result<(String, Option<Uuid>), FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = match sent.get("name") {
        None => {
            errors.push(FieldError::required("name"));
            None
        }
        Some(Json::String(name)) if name.trim().is_empty() => {
            errors.add("name", "too_short", "name must not be blank");
            None
        }
        Some(Json::String(name)) if name.chars().count() > LONGEST_NAME => {
            errors.add("name", "too_long", format!("name may have at most {LONGEST_NAME} characters"));
            None
        }
        Some(Json::String(name)) => Some(name.clone()),
        Some(_) => {
            errors.add("name", "wrong_type", "name must be text");
            None
        }
    };
    let id = match sent.get("id") {
        None | Some(Json::Null) => None,
        Some(json) => {
            let id = json.as_str().and_then(|it| Uuid::try_parse(it).ok());
            if id.is_none() {
                errors.add("id", "wrong_type", "id must be a UUID");
            }
            id
        }
    };
    for unknown in sent.keys().filter(|it| *it != "name" && *it != "id") {
        errors.push(FieldError::unknown(unknown.clone()));
    }
    errors.into_result((name.unwrap_or_default(), id))
}
