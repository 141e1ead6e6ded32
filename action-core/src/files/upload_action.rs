//! `uploadFile`: keeps the file that came with the request.

use schemars::JsonSchema;
use serde_json::{Map, Value as Json};

use super::StoredFile;
use super::content_type::Detector;
use crate::context::ActionContext;
use crate::entity::Verb;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params, Upload, Uploads, schema_errors};
use crate::ports::Lock;
use crate::registry::{Aim, Aimed};
use crate::value::Value;
use crate::{FieldError, FieldErrors, Refusal};

/// The action `uploadFile`.
pub(crate) struct UploadFile;

/// The parameters of `uploadFile`. The file is a part of the `multipart/form-data` request.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct UploadParams {
    /// Name, alias or type id of the entity whose record the file belongs to.
    #[serde(rename = "entity")]
    _entity: Option<String>,
    /// That record's key.
    #[serde(rename = "id")]
    _id: Option<Json>,
    /// What the file is about.
    #[garde(length(chars, max = 1_000))]
    description: Option<String>,
}

/// A file, and where it belongs.
pub(crate) struct Sent {
    upload: Upload,
    key: Option<Value>,
    description: Option<String>,
}

impl Input for Sent {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<UploadParams>::describe(shape);
        Uploads::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let key = key(intake, &mut errors);
        let upload = the_one(intake.uploads, &mut errors);
        let params = Params::<UploadParams>::check(intake).map_err(|its| errors.extend_under("", its)).ok();
        let (Some(upload), Some(params), true) = (upload, params, errors.is_empty()) else {
            if let Some(schema) = intake.shape().params_schema() {
                errors.sort_by_rank(|field| schema_errors::rank(schema, field));
            }
            return Err(errors);
        };
        Ok(Self { upload, key, description: params.description })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// The record's key, which goes with its entity and not without.
fn key(intake: &Intake<'_>, errors: &mut FieldErrors) -> Option<Value> {
    let id = intake.params.get("id").filter(|it| !it.is_null());
    match (&intake.aimed.entity, id) {
        (None, None) => None,
        (None, Some(_)) => {
            errors.push(FieldError::required("entity"));
            None
        }
        (Some(_), None) => {
            errors.push(FieldError::required("id"));
            None
        }
        (Some(entity), Some(id)) => match entity.key().kind().read(id) {
            Ok(key) => Some(key),
            Err(expected) => {
                errors.add("id", "wrong_type", format!("id must be {expected}"));
                None
            }
        },
    }
}

fn the_one(uploads: &[Upload], errors: &mut FieldErrors) -> Option<Upload> {
    match uploads {
        [only] if only.size == 0 => {
            errors.add(only.part.clone(), "empty_file", "the file is empty");
            None
        }
        [only] => Some(only.clone()),
        [] => {
            errors.add("file", "required", "a file is required: send multipart/form-data with one");
            None
        }
        [_, second, ..] => {
            errors.add(second.part.clone(), "too_many", "one file at a time");
            None
        }
    }
}

impl ActionHandler for UploadFile {
    type Input = (Sent,);
    type Output = StoredFile;

    fn aim(&self, params: &Map<String, Json>, aim: &Aim<'_>) -> Result<Aimed, Refusal> {
        aim.by_record(params)
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<StoredFile> {
        let Sent { upload, key, description } = sent;
        let record = match (ctx.entity(), key) {
            (Some(entity), Some(key)) => {
                let keys = std::slice::from_ref(&key);
                let found = ctx.records_of(entity).find_for(Verb::Read.name(), keys, Lock::None).await?;
                let row = found.into_iter().next().ok_or(Refusal::NotFound)?;
                Some((entity.name().to_owned(), row.key().to_json()))
            }
            _ => None,
        };
        let content_type = told(&upload).await?.filter(|it| ctx.engine().upload_rules.takes(it));
        let Some(content_type) = content_type else {
            let message = "files of this type are not taken, whatever they are called";
            let error = FieldError::new(upload.part.clone(), "file_type_refused", message);
            return Err(Refusal::Invalid { code: "file_type_refused".into(), errors: error.into() }.into());
        };
        let mut file = ctx.new_file(&upload.name, content_type).await?;
        let mut bytes = upload.open()?;
        while let Some(chunk) = bytes.next().await.map_err(Refusal::from)? {
            file.write(&chunk).await?;
        }
        if let Some((entity, id)) = record {
            file.entity = Some(entity);
            file.record_id = Some(id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        }
        file.description = description;
        ctx.keep_file(file).await
    }
}

/// The type by the bytes, all of them: text may stop being text at its end.
async fn told(upload: &Upload) -> Result<Option<super::ContentType>, ActionError> {
    let mut detector = Detector::default();
    let mut bytes = upload.open()?;
    while let Some(chunk) = bytes.next().await.map_err(Refusal::from)? {
        detector.see(&chunk);
    }
    Ok(detector.told(&upload.name, upload.claimed_type.as_deref()))
}
