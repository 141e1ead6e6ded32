//! What the client should do once an action has ended: say something, go somewhere, load something again.
//!
//! Effects are data in the answer, in the order in which the handler emitted them; a client ignores those it does
//! not know. They are checked when they are made, so that no handler can send a browser to another site.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::files::StoredFile;

/// Longest text of an effect, in characters.
const TEXT_LIMIT: usize = 2_000;

/// The tone of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Something to know.
    Info,
    /// It worked.
    Success,
    /// It worked, but.
    Warning,
    /// It did not work.
    Error,
}

/// How much of what is shown should be loaded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshScope {
    /// The record in view.
    Record,
    /// The list in view.
    Query,
}

/// One thing for the client to do. Make one with the functions below; they check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Effect(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Kind {
    Notify {
        kind: Tone,
        message: Cow<'static, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        duration_ms: Option<u32>,
    },
    Navigate {
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<Cow<'static, str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        object_type_id: Option<Uuid>,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    Refresh {
        scope: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<Cow<'static, str>>,
    },
    Download {
        file_id: Uuid,
        file_name: String,
        url: String,
    },
    OpenDialog {
        dialog: Cow<'static, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<Json>,
    },
    DisableAction {
        action_name: Cow<'static, str>,
    },
    Copy {
        text: Cow<'static, str>,
    },
}

/// An effect that may not be sent. A mistake of the handler's, so the call fails with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// A text is longer than 2,000 characters.
    #[error("an effect's text may have 2,000 characters; this one has {0}")]
    TextTooLong(usize),
    /// The target is no path of the same site.
    #[error(
        "`{0}` is no path of this site: it must start with one `/` and hold no scheme, `//` or backslash"
    )]
    ForeignPath(String),
}

impl Effect {
    /// Shows a short message.
    pub fn notify(tone: Tone, message: impl Into<Cow<'static, str>>) -> Result<Self, EffectError> {
        Ok(Self(Kind::Notify { kind: tone, message: checked_text(message.into())?, duration_ms: None }))
    }

    /// How long a notification stays, in milliseconds; otherwise the client decides. Any other effect is as before.
    #[must_use]
    pub fn lasting(mut self, milliseconds: u32) -> Self {
        if let Kind::Notify { duration_ms, .. } = &mut self.0 {
            *duration_ms = Some(milliseconds);
        }
        self
    }

    /// Goes to a path of the same site.
    ///
    /// ```
    /// use action_core::Effect;
    ///
    /// assert!(Effect::navigate("/view/cars").is_ok());
    /// assert!(Effect::navigate("//elsewhere.example").is_err());
    /// ```
    pub fn navigate(to: impl Into<Cow<'static, str>>) -> Result<Self, EffectError> {
        let to = checked_text(to.into())?;
        if !is_site_path(&to) {
            return Err(EffectError::ForeignPath(to.into_owned()));
        }
        Ok(Self(Kind::Navigate { to: Some(to), object_type_id: None, id: None }))
    }

    /// Goes to a row's own page.
    pub fn open(object_type_id: Uuid, id: impl Into<Cow<'static, str>>) -> Result<Self, EffectError> {
        let id = Some(checked_text(id.into())?.into_owned());
        Ok(Self(Kind::Navigate { to: None, object_type_id: Some(object_type_id), id }))
    }

    /// Loads the record or the list in view again; for one field see [`refresh_field`](Self::refresh_field).
    pub fn refresh(scope: RefreshScope) -> Self {
        let scope = match scope {
            RefreshScope::Record => "record",
            RefreshScope::Query => "query",
        };
        Self(Kind::Refresh { scope, field: None })
    }

    /// Loads one field of the record in view again.
    pub fn refresh_field(field: impl Into<Cow<'static, str>>) -> Result<Self, EffectError> {
        Ok(Self(Kind::Refresh { scope: "field", field: Some(checked_text(field.into())?) }))
    }

    /// Opens a dialog of the client's own, by the name it knows it by, with data for it.
    pub fn open_dialog(
        dialog: impl Into<Cow<'static, str>>,
        data: impl Into<Option<Json>>,
    ) -> Result<Self, EffectError> {
        Ok(Self(Kind::OpenDialog { dialog: checked_text(dialog.into())?, data: data.into() }))
    }

    /// Offers a file to be saved, at its address below the place where the routes are mounted.
    pub fn download(file: &StoredFile) -> Self {
        let url = format!("/ui/files/{}", file.id);
        Self(Kind::Download { file_id: file.id, file_name: file.name.clone(), url })
    }

    /// Greys out an action's button.
    pub fn disable_action(name: impl Into<Cow<'static, str>>) -> Result<Self, EffectError> {
        Ok(Self(Kind::DisableAction { action_name: checked_text(name.into())? }))
    }

    /// Puts a text on the clipboard.
    pub fn copy(text: impl Into<Cow<'static, str>>) -> Result<Self, EffectError> {
        Ok(Self(Kind::Copy { text: checked_text(text.into())? }))
    }

    /// Whether it asks for something to be loaded again.
    pub fn is_refresh(&self) -> bool {
        matches!(self.0, Kind::Refresh { .. })
    }
}

fn checked_text(text: Cow<'static, str>) -> Result<Cow<'static, str>, EffectError> {
    // The byte length bounds the character count from above, and is free.
    if text.len() <= TEXT_LIMIT {
        return Ok(text);
    }
    match text.chars().count() {
        within if within <= TEXT_LIMIT => Ok(text),
        beyond => Err(EffectError::TextTooLong(beyond)),
    }
}

/// A path of the same site: one leading `/`, no scheme, no `//`, no backslash, no control character.
pub(crate) fn is_site_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains("//")
        && !path.contains('\\')
        && !path.chars().any(|it| it.is_control() || it.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_can_be_navigated_to() {
        for path in ["/", "/view/cars", "/a/b?x=1#y", "/é"] {
            assert!(Effect::navigate(path).is_ok(), "{path}");
        }
        for path in [
            "",
            "x",
            "//x",
            "/a//b",
            "/x?next=//y",
            "/x?next=https://y",
            "https://x",
            "/\\x",
            "\\x",
            "javascript:alert(1)",
            "/a\nb",
            " /x",
        ] {
            assert!(Effect::navigate(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_text_of_two_thousand_characters_is_the_longest() {
        assert!(Effect::notify(Tone::Info, "é".repeat(2_000)).is_ok());
        assert_eq!(Effect::copy("é".repeat(2_001)), Err(EffectError::TextTooLong(2_001)));
    }
}
