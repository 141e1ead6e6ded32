//! The pages that actions stand on.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::reader::Reader;
use super::{PageActionType, changes};
use crate::FieldErrors;
use crate::audit::{Change, Operation};
use crate::context::ActionContext;
use crate::error::ActionResult;
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::ports::{PageActionOperation, PageConfig};
use crate::refusal::Refusal;

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
        for kind in PageActionType::ALL {
            if actions.iter().any(|it| it.action_type() == kind) {
                changes::require(ctx, "Delete", kind)?;
            }
        }
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
    let mut reader = Reader::whole(sent.clone());
    let name = reader.label("name", LONGEST_NAME, true);
    let id = reader.take("id").filter(|it| !it.is_null()).and_then(|it| reader.uuid("id", &it));
    reader.end(name.map(|name| (name, id)))
}
