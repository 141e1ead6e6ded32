//! A question an action asks its caller before it goes on.
//!
//! `ctx.ask(question).await?` either returns the answer that came with the call, or ends this run: everything the
//! handler wrote is rolled back, and the caller is shown the question. The caller repeats the whole call with the
//! answer; the handler runs again from its start and passes the question this time. So nothing is kept between the
//! two calls: what an answer belongs to is in a signed `state` that goes to the client and comes back. This module
//! has the words, and decides whether what came is an answer; `form` reads the values of a form, `state` signs.

mod form;
mod state;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value as Json};

pub use form::FormField;
pub use state::SigningKey;
pub(crate) use state::{Binding, SHORTEST_KEY};

use crate::refusal::Refusal;
use crate::value::Value;
use crate::{FieldError, FieldErrors};

/// Longest text of a question, in characters.
const LONGEST_TEXT: usize = 2_000;

/// What is asked: a title, a sentence, the options to choose from, perhaps a form to fill in.
///
/// ```
/// use action_core::{FormField, Kind, Question};
///
/// let question = Question::new("Report vehicle as stolen")
///     .message("The police will be told.")
///     .options(["Confirm"])
///     .cancel("Cancel")
///     .default_option("Cancel")
///     .field(FormField::new("place", Kind::Text).required().length(1, 200).label("Where was it last seen?"));
/// assert_eq!(question.title(), "Report vehicle as stolen");
/// assert!(question.offers("Cancel"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    title: Cow<'static, str>,
    message: Option<Cow<'static, str>>,
    options: Vec<Cow<'static, str>>,
    default_option: Option<Cow<'static, str>>,
    #[serde(rename = "persistentObject", serialize_with = "form::serialize")]
    form: Vec<FormField>,
    /// Options for which the form is not filled in.
    #[serde(skip)]
    cancels: Vec<Cow<'static, str>>,
}

impl Question {
    /// A question with a title and, until [`options`](Self::options) says otherwise, the one option `OK`.
    pub fn new(title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            title: title.into(),
            message: None,
            options: vec![Cow::Borrowed("OK")],
            default_option: None,
            form: Vec::new(),
            cancels: Vec::new(),
        }
    }

    /// The sentence below the title.
    pub fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// What may be chosen, in the order of the buttons.
    pub fn options<T: Into<Cow<'static, str>>>(mut self, options: impl IntoIterator<Item = T>) -> Self {
        self.options = options.into_iter().map(Into::into).collect();
        self
    }

    /// One more option, which leaves the form as it is: its values are not asked for. To the handler it is an answer
    /// like any other.
    pub fn cancel(mut self, option: impl Into<Cow<'static, str>>) -> Self {
        let option = option.into();
        self.cancels.push(option.clone());
        self.options.push(option);
        self
    }

    /// The option that the Enter key stands for.
    pub fn default_option(mut self, option: impl Into<Cow<'static, str>>) -> Self {
        self.default_option = Some(option.into());
        self
    }

    /// One more field of the form below the sentence.
    pub fn field(mut self, field: FormField) -> Self {
        self.form.push(field);
        self
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether `option` is one of those offered.
    pub fn offers(&self, option: &str) -> bool {
        self.options.iter().any(|it| it == option)
    }

    /// What is wrong with it, which is a mistake of the handler's.
    pub(crate) fn check(&self) -> Result<(), String> {
        let texts = self.options.iter().chain([&self.title]).chain(&self.message);
        if let Some(long) = texts.into_iter().find(|it| it.chars().count() > LONGEST_TEXT) {
            return Err(format!(
                "a question's text has {} characters; {LONGEST_TEXT} are the most",
                long.chars().count()
            ));
        }
        if self.options.is_empty() {
            return Err(format!("the question `{}` has no option", self.title));
        }
        if let Some(default) = self.default_option.as_deref().filter(|it| !self.offers(it)) {
            return Err(format!(
                "`{default}` is the default of the question `{}` and none of its options",
                self.title
            ));
        }
        form::check(&self.form)
    }

    /// What came for it, as an answer. `place` is where it stands among the answers of the request.
    pub(crate) fn answered(&self, sent: &SentAnswer, place: usize) -> Result<Answer, Refusal> {
        if !self.offers(&sent.option) {
            let at = format!("retryResults[{place}].option");
            let told = format!("`{}` is none of the options of question {}", sent.option, sent.step);
            return Err(invalid_answer(FieldError::new(at, "not_allowed", told)));
        }
        let values = if self.cancels.iter().any(|it| *it == sent.option) {
            Vec::new()
        } else {
            form::read(&self.form, sent.values.as_ref(), place)?
        };
        Ok(Answer { step: sent.step, option: sent.option.clone(), values })
    }
}

/// 400 `invalid_answer`.
pub(crate) fn invalid_answer(error: FieldError) -> Refusal {
    Refusal::Invalid { code: Cow::Borrowed("invalid_answer"), errors: FieldErrors::from(error) }
}

/// An answer as it came with a call. Whether it is one is settled when its question is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SentAnswer {
    /// Which question of the chain it is for, from 0.
    pub step: u32,
    /// The option chosen.
    pub option: String,
    /// What came with the question.
    pub state: Option<String>,
    /// The form's values by name.
    pub values: Option<Map<String, Json>>,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    step: u32,
    option: String,
    values: Vec<(Cow<'static, str>, Value)>,
}

impl Answer {
    /// Whether `option` was chosen.
    pub fn is(&self, option: &str) -> bool {
        self.option == option
    }

    /// Which question of the chain it answers, from 0.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// The option chosen.
    pub fn option(&self) -> &str {
        &self.option
    }

    /// A value of the form; [`Value::Null`] for a field that was left empty, and for one that the form has not.
    pub fn value(&self, field: &str) -> &Value {
        self.values.iter().find(|(name, _)| name == field).map_or(&Value::Null, |(_, value)| value)
    }

    /// A text of the form.
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.value(field) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A run ended in a question: the question and its place in the chain.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the action asks: {}", .question.title())]
pub struct Asked {
    /// The question's place in the chain, from 0.
    pub step: u32,
    /// What is asked.
    pub question: Question,
    /// What the client sends back with its answer: it holds for ten minutes, and for this question of this call.
    pub state: String,
}
