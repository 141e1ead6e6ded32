//! A question an action asks its caller before it goes on.
//!
//! `ctx.ask(question).await?` either returns the answer that came with the call, or ends this run: everything the
//! handler wrote is rolled back, and the caller is shown the question. The caller repeats the whole call with the
//! answer; the handler runs again from its start and passes the question this time. So nothing is kept between the
//! two calls. This module only has the words; that an answer belongs to its question is settled in the pipeline.

use std::borrow::Cow;

use serde::Serialize;

/// What is asked: a title, a sentence, and the options to choose from.
///
/// ```
/// use action_core::Question;
///
/// let question = Question::new("Report vehicle as stolen").options(["Confirm", "Cancel"]).default_option("Cancel");
/// assert_eq!(question.title(), "Report vehicle as stolen");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    title: Cow<'static, str>,
    message: Option<Cow<'static, str>>,
    options: Vec<Cow<'static, str>>,
    default_option: Option<Cow<'static, str>>,
}

impl Question {
    /// A question with a title and, until [`options`](Self::options) says otherwise, the one option `OK`.
    pub fn new(title: impl Into<Cow<'static, str>>) -> Self {
        Self { title: title.into(), message: None, options: vec![Cow::Borrowed("OK")], default_option: None }
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

    /// The option that the Enter key stands for.
    pub fn default_option(mut self, option: impl Into<Cow<'static, str>>) -> Self {
        self.default_option = Some(option.into());
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
}

/// One answer of a conversation, as it came with the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which question of the chain it answers, from 0.
    pub step: u32,
    /// The option chosen.
    pub option: String,
}

impl Answer {
    /// Whether `option` was chosen.
    pub fn is(&self, option: &str) -> bool {
        self.option == option
    }
}

/// A run ended in a question: the question and its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the action asks: {}", .question.title())]
pub struct Asked {
    /// The question's place in the chain, from 0.
    pub step: u32,
    /// What is asked.
    pub question: Question,
}
