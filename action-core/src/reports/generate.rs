//! The action: its parameters, and the run from the rows to the file.
//!
//! The rows are read from a snapshot of their own, so that a long report holds no writer; the call's own transaction
//! opens only to keep the file's row. A call with an idempotency key has its transaction open from the start, and reads
//! in it: on SQLite the writer waits for such a report.

use std::collections::HashSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::conventions::Conventions;
use super::file_name::file_name;
use super::format::Format;
use super::pipe::{Failed, Pipe, stopped};
use super::table::Table;
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::effect::Effect;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake};
use crate::records::{Listed, MOST_FIELDS, by_entity_or_query, describe_listed, listed, together};
use crate::refusal::Refusal;
use crate::registry::{Aim, Aimed, humanised};

pub(super) struct GenerateReport;

/// The parameters of `generateReport`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct ReportParams {
    /// Name, alias or type id of the entity whose records are wanted.
    #[serde(rename = "entity")]
    _entity: Option<String>,
    /// What must hold, as in `executeQuery`.
    #[serde(rename = "filter")]
    _filter: Option<Json>,
    /// The order, as in `executeQuery`.
    #[serde(rename = "sort")]
    _sort: Option<Json>,
    /// The columns, in this order; all readable ones unless given.
    #[garde(length(min = 1, max = MOST_FIELDS))]
    fields: Option<Vec<String>>,
    /// What kind of file.
    format: Format,
    /// What stands over the table and in the file's name, without control characters.
    #[garde(length(chars, min = 1, max = 200))]
    title: Option<String>,
    /// A registered query, instead of `entity` and `filter`.
    #[serde(rename = "query")]
    query: Option<String>,
    /// The registered query's arguments.
    #[serde(rename = "arguments")]
    _arguments: Option<Map<String, Json>>,
}

/// A report, checked against its entity.
pub(super) struct Checked {
    listed: Listed,
    format: Format,
    title: Option<String>,
    query: Option<String>,
}

impl Input for Checked {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        describe_listed::<ReportParams>(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, listed) = together::<ReportParams, _>(intake, |entity, intake, errors| {
            if let Some(title) = intake.params.get("title").and_then(Json::as_str)
                && title.chars().any(char::is_control)
            {
                errors.add("title", "not_allowed", "title must have no control characters");
            }
            refuse_repeated(intake, errors);
            listed(entity, intake, errors)
        })?;
        let title = params.title.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        Ok(Self { listed, format: params.format, title, query: params.query })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// Two columns of one name could not be told apart by whoever reads the file.
fn refuse_repeated(intake: &Intake<'_>, errors: &mut FieldErrors) {
    let named = intake.params.get("fields").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    // A list that is far too long is one mistake, told with the other parameters.
    let mut seen = HashSet::new();
    for (at, name) in named.iter().take(MOST_FIELDS).enumerate() {
        let Some(name) = name.as_str() else { continue };
        if !seen.insert(name) {
            errors.add(format!("fields[{at}]"), "not_allowed", "it is named twice");
        }
    }
}

/// The file, as `generateReport` answers it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportReply {
    /// Under which `GET /ui/files/{fileId}` answers it.
    pub file_id: Uuid,
    /// What it is called.
    pub file_name: String,
    /// Its media type.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// How many records are in it.
    pub rows: u64,
}

impl ActionHandler for GenerateReport {
    type Input = (Checked,);
    type Output = ReportReply;

    fn aim(&self, params: &Map<String, Json>, aim: &Aim<'_>) -> Result<Aimed, Refusal> {
        by_entity_or_query(params, aim)
    }

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (report,): Self::Input,
    ) -> ActionResult<ReportReply> {
        let entity = Arc::clone(ctx.entity().ok_or(Refusal::NotFound)?);
        let Checked { listed: Listed { filter, sort, fields }, format, title, query } = report;
        let most = format.most_rows();
        let called = query.unwrap_or_else(|| entity.name().to_owned());
        let title = title.unwrap_or_else(|| humanised(&called));
        let name = file_name(&title, &called, ctx.now(), format.extension());
        let table = Arc::new(Table {
            columns: Table::columns(&entity, fields.as_deref()),
            conventions: Conventions::of(&ctx.request().languages),
            title,
        });

        let writer = format.writer(table).map_err(stopped)?;
        let file = ctx.new_file(&name, format.content_type()).await?;
        let mut pipe = Pipe::begin(writer, file, most).await?;
        // One more than fit, to know that there are more.
        let limit = most.map(|it| it + 1);
        let rows = ctx.records_of(&entity).scan_checked(filter.as_ref(), &sort, limit, &mut pipe).await?;
        match pipe.failed() {
            None => {}
            Some(Failed::By(error)) => return Err(error),
            Some(Failed::TooMany) => return Err(too_many(format, most.unwrap_or_default()).into()),
        }
        let file = pipe.end().await?;
        let stored = ctx.keep_file(file).await?;
        ctx.set_affected(rows);
        ctx.effect(Effect::download(&stored));
        Ok(ReportReply {
            file_id: stored.id,
            file_name: stored.name,
            content_type: stored.content_type,
            size: stored.size,
            rows,
        })
    }
}

fn too_many(format: Format, most: u64) -> Refusal {
    let extension = format.extension();
    Refusal::conflict(
        "too_many_rows",
        format!(
            "more than {most} records match, which is the most that {extension} holds; narrow the filter, or choose csv"
        ),
    )
}
