//! What every change of page actions does: it looks at what is there, writes, and tells the audit, the history and the
//! host's subscribers.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::{Button, Dropdown, PageAction, PageActionKind, PageActionType, Target};
use crate::audit::{Change, Operation};
use crate::cache::Topic;
use crate::context::ActionContext;
use crate::error::ActionError;
use crate::events::Event;
use crate::permissions::Permission;
use crate::ports::{PageActionChange, PageActionOperation, PageActionStore, PageConfig};
use crate::refusal::Refusal;
use crate::{FieldError, FieldErrors};

pub(super) fn store(ctx: &ActionContext<'_>) -> Arc<dyn PageActionStore> {
    Arc::clone(&ctx.engine().page_actions)
}

pub(super) fn tenant(ctx: &ActionContext<'_>) -> Result<Uuid, Refusal> {
    ctx.tenant_id().ok_or(Refusal::TenantRequired)
}

/// Holds a page: it and its actions, or `None` where there is no such page.
pub(super) async fn hold(
    ctx: &mut ActionContext<'_>,
    page: Uuid,
) -> Result<Option<(PageConfig, Vec<PageAction>)>, ActionError> {
    let (store, tenant) = (store(ctx), tenant(ctx)?);
    Ok(store.hold_page(ctx.unit.transaction().await?, tenant, page).await?)
}

/// The page that a body names must be there: 400 on the field.
pub(super) async fn hold_named(
    ctx: &mut ActionContext<'_>,
    page: Uuid,
    field: &str,
) -> Result<Vec<PageAction>, ActionError> {
    let unknown = || Refusal::field(field.to_owned(), "unknown_reference", format!("{field} names no page"));
    let (_, actions) = hold(ctx, page).await?.ok_or_else(unknown)?;
    Ok(actions)
}

/// The action that the address names, with its page held, and the other actions of the page. `to` is the page it will
/// be moved to, if any: of two pages the one with the lower id is held first, so that two moves do not wait for each
/// other.
pub(super) async fn subject(
    ctx: &mut ActionContext<'_>,
    to: Option<Uuid>,
) -> Result<(PageAction, Vec<PageAction>), ActionError> {
    let (store, tenant, id) = (store(ctx), tenant(ctx)?, ctx.subject().ok_or(Refusal::NotFound)?);
    loop {
        let found = store.look_up(ctx.unit.transaction().await?, tenant, id).await?;
        let page = found.ok_or(Refusal::NotFound)?.page_id;
        if let Some(to) = to.filter(|to| *to < page) {
            hold(ctx, to).await?;
        }
        let (_, mut there) = hold(ctx, page).await?.ok_or(Refusal::NotFound)?;
        // It may have been moved to another page before this one was held.
        if let Some(at) = there.iter().position(|it| it.id == id) {
            let action = there.remove(at);
            return Ok((action, there));
        }
    }
}

/// 412 where somebody else changed it since the client read it.
pub(super) fn hold_to_state(ctx: &ActionContext<'_>, action: &PageAction) -> Result<(), Refusal> {
    let same = |expected: &str| {
        let own = action.etag();
        expected.trim() == "*" || expected.split(',').any(|it| it.trim() == own)
    };
    match ctx.if_match() {
        Some(expected) if !same(expected) => Err(Refusal::PreconditionFailed),
        _ => Ok(()),
    }
}

/// The right of the table of this kind, where that is only known once the action was looked at.
pub(super) fn require(ctx: &ActionContext<'_>, verb: &str, kind: PageActionType) -> Result<(), Refusal> {
    let permission = Permission::new(&format!("{verb}/{}", kind.table())).map_err(Refusal::internal)?;
    if ctx.may(&permission) { Ok(()) } else { Err(Refusal::PermissionDenied) }
}

/// Whatever a click would run must be registered: 400 on the field. `under` is where the action stands in the body.
pub(super) fn check_targets(
    ctx: &ActionContext<'_>,
    kind: &PageActionKind,
    under: &str,
) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut check = |target: &Target, at: String| {
        if let Target::Action { action_id, .. } = target
            && ctx.engine().registry.execute(action_id).is_none()
        {
            let told = format!("there is no action `{action_id}`");
            errors.push(FieldError::new(at, "unknown_reference", told));
        }
    };
    match kind {
        PageActionKind::Button(Button { target, .. }) => check(target, format!("{under}actionId")),
        PageActionKind::Dropdown(Dropdown { items, .. }) => {
            for (at, item) in items.iter().enumerate() {
                check(&item.target, format!("{under}items[{at}].actionId"));
            }
        }
        PageActionKind::Separator => {}
    }
    errors.into_result(())
}

/// The one action that a change answers with, and its state as an entity tag.
pub(super) fn answer(ctx: &mut ActionContext<'_>, action: PageAction) -> PageAction {
    ctx.etag = Some(action.etag());
    action
}

/// Writes changes of actions whose pages are held, and tells of them.
pub(super) async fn write(
    ctx: &mut ActionContext<'_>,
    operation: PageActionOperation,
    changes: Vec<(Option<PageAction>, Option<PageAction>)>,
) -> Result<(), ActionError> {
    let (store, tenant) = (store(ctx), tenant(ctx)?);
    let (user_id, at) = (ctx.caller().user_id(), ctx.now());
    let mut written = Vec::with_capacity(changes.len());
    for (before, after) in changes {
        let Some(action_id) = after.as_ref().or(before.as_ref()).map(|it| it.id) else { continue };
        let id = ctx.engine().ids.ordered();
        written.push(PageActionChange { id, action_id, operation, user_id, at, before, after });
    }
    store.write(ctx.unit.transaction().await?, tenant, &written).await?;
    let images = written.iter().flat_map(|it| it.before.iter().chain(&it.after));
    let pages: BTreeSet<Uuid> = images.map(|it| it.page_id).collect();
    ctx.touched.extend(pages.into_iter().map(|page| Topic::PageActions { tenant, page }));
    for change in &written {
        tell(ctx, change)?;
    }
    ctx.add_affected(written.len() as u64);
    Ok(())
}

/// Events of one action are told in the order in which they were written, and that is the order of the commits: they are
/// written last, when the page is held until the commit, and of an action that moves both pages. One that was removed is put
/// back only by whoever sees it gone.
fn tell(ctx: &mut ActionContext<'_>, change: &PageActionChange) -> Result<(), ActionError> {
    let (before, after) = (serde_json::to_value(&change.before)?, serde_json::to_value(&change.after)?);
    let (operation, kind) = match (&change.before, &change.after) {
        (None, _) => (Operation::Created, "page_action.created"),
        (Some(_), Some(_)) => (Operation::Updated, "page_action.updated"),
        (Some(_), None) => (Operation::Deleted, "page_action.deleted"),
    };
    let id = change.action_id.to_string();
    ctx.changed(Change {
        entity: "page_actions".into(),
        id: id.clone().into(),
        operation,
        before: before.clone(),
        after: after.clone(),
    });
    let payload = json!({ "before": before, "after": after, "actor": change.user_id });
    ctx.emit(Event { kind: kind.into(), subject: id, payload });
    Ok(())
}
