//! `sendEmail`: a mail of the caller's own words, or of a template of the host's.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::message::{LONGEST_BODY, Mail, check_addresses, check_subject, is_too_long};
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params, schema_errors};
use crate::{FieldErrors, Refusal};

/// The action `sendEmail`.
pub(crate) struct SendEmail;

/// The parameters of `sendEmail`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct MailParams {
    /// Addresses, each alone.
    #[garde(length(min = 1, max = 50))]
    to: Vec<String>,
    /// Recipients of a copy.
    #[garde(length(max = 50))]
    cc: Option<Vec<String>>,
    /// Recipients of a copy whom the others do not see.
    #[garde(length(max = 50))]
    bcc: Option<Vec<String>>,
    /// One line.
    #[garde(length(chars, min = 1, max = 200))]
    subject: String,
    /// The body as plain text; with `html` the two are alternatives.
    #[garde(length(chars, max = 500_000))]
    text: Option<String>,
    /// The body as HTML.
    #[garde(length(chars, max = 500_000))]
    html: Option<String>,
    /// A template of the host's, instead of `text` and `html`.
    #[garde(length(chars, min = 1, max = 100))]
    template: Option<String>,
    /// What the template is filled with.
    data: Option<Map<String, Json>>,
}

/// A mail, checked.
pub(crate) struct Wanted {
    mail: Mail,
    template: Option<(String, Map<String, Json>)>,
}

impl Input for Wanted {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<MailParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        by_themselves(&intake.params, &mut errors);
        let params = Params::<MailParams>::check(intake).map_err(|its| errors.extend_under("", its)).ok();
        let (Some(params), true) = (params, errors.is_empty()) else {
            if let Some(schema) = intake.shape().params_schema() {
                errors.sort_by_rank(|field| schema_errors::rank(schema, field));
            }
            return Err(errors);
        };
        let mail = Mail {
            to: params.to,
            cc: params.cc.unwrap_or_default(),
            bcc: params.bcc.unwrap_or_default(),
            subject: params.subject,
            text: params.text,
            html: params.html,
        };
        let data = params.data.unwrap_or_default();
        Ok(Self { mail: mail.each_once(), template: params.template.map(|it| (it, data)) })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// What no type says: addresses, the subject's one line, and which bodies go together.
fn by_themselves(params: &Map<String, Json>, errors: &mut FieldErrors) {
    let given = |name: &str| params.get(name).filter(|it| !it.is_null());
    for field in ["to", "cc", "bcc"] {
        let Some(Json::Array(items)) = given(field) else { continue };
        let texts: Option<Vec<String>> = items.iter().map(|it| it.as_str().map(str::to_owned)).collect();
        if let Some(texts) = texts.filter(|it| it.len() <= super::message::MOST_RECIPIENTS) {
            check_addresses(field, &texts, errors);
        }
    }
    if let Some(Json::String(subject)) = given("subject")
        && (1..=200).contains(&subject.chars().count())
    {
        check_subject(subject, errors);
    }
    let template = given("template").is_some();
    for body in ["text", "html"] {
        if template && given(body).is_some() {
            errors.add(body, "not_allowed", format!("{body} cannot be combined with template"));
        }
    }
    if !template && given("text").is_none() && given("html").is_none() {
        errors.add("text", "required", "one of text, html and template is required");
    }
    if !template && given("data").is_some() {
        errors.add("data", "not_allowed", "data belongs to a template");
    }
}

/// What `sendEmail` answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Queued {
    message_id: Uuid,
}

impl ActionHandler for SendEmail {
    type Input = (Wanted,);
    type Output = Queued;

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (Wanted { mut mail, template },): Self::Input,
    ) -> ActionResult<Queued> {
        if let Some((name, data)) = template {
            let languages = &ctx.request().languages;
            let Some(rendered) = ctx.engine().templates.render(&name, languages, &data) else {
                let message = format!("there is no template `{name}`");
                return Err(Refusal::field("template", "unknown_template", message).into());
            };
            let rendered = rendered.map_err(|it| Refusal::field("data", "does_not_fit", it))?;
            // The caller sent no body that could be told to be too long.
            if [&rendered.text, &rendered.html].into_iter().any(|it| is_too_long(it.as_deref())) {
                let message = format!("the template filled with it is longer than {LONGEST_BODY} characters");
                return Err(Refusal::field("data", "does_not_fit", message).into());
            }
            (mail.text, mail.html) = (rendered.text, rendered.html);
        }
        Ok(Queued { message_id: ctx.mail(mail)? })
    }
}
