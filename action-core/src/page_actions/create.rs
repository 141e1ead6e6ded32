//! New actions: one, or many at once. Of many either all are made or none.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::body::{self, Draft};
use super::reader::Reader;
use super::{PageAction, PageActionType, changes, layout};
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::ports::PageActionOperation;
use crate::refusal::Refusal;
use crate::{FieldError, FieldErrors};

/// Most actions of a batch.
const MOST: usize = 200;

pub(super) struct Create(pub(super) PageActionType);

impl ActionHandler for Create {
    type Input = (AnyParams,);
    type Output = PageAction;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        match body::whole(self.0, sent.clone(), &Uuid::nil) {
            Err(found) => {
                // Told with the others, and in its place.
                if !sent.contains_key("pageConfigId") {
                    errors.push(FieldError::required("pageConfigId"));
                }
                errors.extend(found);
            }
            Ok(draft) if draft.page_id.is_none() => errors.push(FieldError::required("pageConfigId")),
            Ok(_) => {}
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<PageAction> {
        let ids = ctx.engine().ids.clone();
        let draft = body::whole(self.0, sent.0, &|| ids.random()).map_err(Refusal::validation)?;
        let page = draft.page_id.ok_or(Refusal::NotFound)?;
        let there = changes::hold_named(ctx, page, "pageConfigId").await?;
        changes::check_targets(ctx, &draft.kind, "").map_err(Refusal::validation)?;
        let mut made = make(ctx, page, &there, vec![draft], |_| String::new())?;
        write(ctx, &made).await?;
        let made = made.pop().ok_or_else(|| ActionError::fault("nothing was made"))?;
        Ok(changes::answer(ctx, made))
    }
}

pub(super) struct Batch;

impl ActionHandler for Batch {
    type Input = (AnyParams,);
    type Output = Vec<PageAction>;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = read(sent, &Uuid::nil) {
            *errors = found;
        }
    }

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (sent,): Self::Input,
    ) -> ActionResult<Vec<PageAction>> {
        let ids = ctx.engine().ids.clone();
        let drafts = read(&sent.0, &|| ids.random()).map_err(Refusal::validation)?;
        for kind in PageActionType::ALL {
            if drafts.iter().any(|(it, _)| *it == kind) {
                changes::require(ctx, "New", kind)?;
            }
        }
        let page = ctx.subject().ok_or(Refusal::NotFound)?;
        let (_, there) = changes::hold(ctx, page).await?.ok_or(Refusal::NotFound)?;
        let mut errors = FieldErrors::default();
        for (at, (kind, draft)) in drafts.iter().enumerate() {
            let under = under(at, *kind);
            if draft.page_id.is_some_and(|it| it != page) {
                let told = "pageConfigId must be the page of the address, or be left out";
                errors.push(FieldError::new(format!("{under}pageConfigId"), "not_allowed", told));
            }
            if let Err(found) = changes::check_targets(ctx, &draft.kind, &under) {
                errors.extend(found);
            }
        }
        errors.into_result(()).map_err(Refusal::validation)?;
        let (kinds, drafts): (Vec<_>, Vec<_>) = drafts.into_iter().unzip();
        let made = make(ctx, page, &there, drafts, |at| {
            kinds.get(at).map_or_else(String::new, |it| under(at, *it))
        })?;
        write(ctx, &made).await?;
        Ok(made)
    }
}

/// Where the members of an action stand in a batch.
fn under(at: usize, kind: PageActionType) -> String {
    format!("actions[{at}].{}.", kind.name())
}

/// `{"actions": [{"actionType", "button"|"dropdown"|"separator": {…}}]}`
fn read(
    sent: &Map<String, Json>,
    new_id: &dyn Fn() -> Uuid,
) -> Result<Vec<(PageActionType, Draft)>, FieldErrors> {
    let mut reader = Reader::whole(sent.clone());
    let mut drafts = Vec::new();
    match reader.take("actions") {
        None => reader.missing("actions"),
        Some(Json::Array(items)) if items.is_empty() || items.len() > MOST => {
            let code = if items.is_empty() { "too_few" } else { "too_many" };
            reader.errors.add("actions", code, format!("actions must have 1 to {MOST} entries"));
        }
        Some(Json::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                let under = format!("actions[{at}]");
                match one(item, new_id) {
                    Ok(draft) => drafts.push(draft),
                    // The item itself is wrong.
                    Err(found) if found.iter().any(|it| it.field.is_empty()) => {
                        reader.errors.add(under.clone(), "wrong_type", format!("{under} must be an object"));
                    }
                    Err(found) => reader.errors.extend_under(&under, found),
                }
            }
        }
        Some(_) => reader.errors.add("actions", "wrong_type", "actions must be a list"),
    }
    reader.end(Some(drafts))
}

fn one(item: &Json, new_id: &dyn Fn() -> Uuid) -> Result<(PageActionType, Draft), FieldErrors> {
    let Json::Object(members) = item else { return Err(FieldError::new("", "wrong_type", "").into()) };
    let named = members.get("actionType").and_then(Json::as_str);
    let kind = PageActionType::ALL.into_iter().find(|it| named == Some(it.name()));
    let Some(kind) = kind else {
        let told = "actionType must be one of button, dropdown, separator";
        return Err(match members.get("actionType") {
            None => FieldError::required("actionType"),
            Some(_) => FieldError::new("actionType", "not_allowed", told),
        }
        .into());
    };
    let mut errors = FieldErrors::default();
    for name in members.keys().filter(|it| *it != "actionType" && *it != kind.name()) {
        if PageActionType::ALL.iter().any(|it| it.name() == name) {
            let told = format!("a {} has no `{name}`", kind.name());
            errors.push(FieldError::new(name.clone(), "excluded", told));
        } else {
            errors.push(FieldError::unknown(name.clone()));
        }
    }
    match members.get(kind.name()) {
        None => errors.push(FieldError::required(kind.name())),
        Some(Json::Object(sent)) => match body::whole(kind, sent.clone(), new_id) {
            Ok(draft) if errors.is_empty() => return Ok((kind, draft)),
            Ok(_) => {}
            Err(found) => errors.extend_under(kind.name(), found),
        },
        Some(_) => {
            errors.add(kind.name(), "wrong_type", format!("{} must be an object", kind.name()));
        }
    }
    Err(errors)
}

/// Makes actions of drafts, each with its place. `under` is where each stands in the body.
fn make(
    ctx: &ActionContext<'_>,
    page_id: Uuid,
    there: &[PageAction],
    drafts: Vec<Draft>,
    under: impl Fn(usize) -> String,
) -> Result<Vec<PageAction>, Refusal> {
    let asked: Vec<Option<i64>> = drafts.iter().map(|it| it.order).collect();
    let mut made: Vec<PageAction> = drafts
        .into_iter()
        .map(|Draft { is_active, kind, .. }| PageAction {
            id: ctx.engine().ids.random(),
            page_id,
            order: 0,
            is_active,
            kind,
            version: 1,
        })
        .collect();
    layout::place(there, &mut made, &asked, under)?;
    Ok(made)
}

async fn write(ctx: &mut ActionContext<'_>, made: &[PageAction]) -> Result<(), ActionError> {
    let changed = made.iter().map(|it| (None, Some(it.clone()))).collect();
    changes::write(ctx, PageActionOperation::Created, changed).await
}
