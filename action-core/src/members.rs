//! Members of a JSON object, taken out one by one; every mistake is collected with its field, and what nobody took out
//! is not known.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{FieldError, FieldErrors};

/// Takes members out, and collects what is wrong with them.
pub(crate) struct Reader {
    sent: Map<String, Json>,
    pub(crate) errors: FieldErrors,
    /// What is required must be there.
    pub(crate) whole: bool,
}

impl Reader {
    /// Of something new: what is required must be there.
    pub(crate) fn whole(sent: Map<String, Json>) -> Self {
        Self { sent, errors: FieldErrors::default(), whole: true }
    }

    /// Of a change: whatever is left out stays as it is.
    pub(crate) fn partial(sent: Map<String, Json>) -> Self {
        Self { whole: false, ..Self::whole(sent) }
    }

    /// Whatever is left is not known.
    pub(crate) fn end<T>(mut self, value: Option<T>) -> Result<T, FieldErrors> {
        for name in self.sent.keys() {
            self.errors.push(FieldError::unknown(name.clone()));
        }
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Json> {
        self.sent.shift_remove(name)
    }

    pub(crate) fn missing(&mut self, name: &'static str) {
        if self.whole {
            self.errors.push(FieldError::required(name));
        }
    }

    /// 1 to `longest` characters, not blank; where it is not required, `null` is as good as nothing.
    pub(crate) fn label(&mut self, name: &'static str, longest: usize, required: bool) -> Option<String> {
        match self.take(name) {
            None => {
                if required {
                    self.missing(name);
                }
                None
            }
            Some(Json::Null) if !required => None,
            Some(json) => {
                let text = self.text(name, json, longest)?;
                if text.trim().is_empty() {
                    self.errors.add(name, "too_short", format!("{name} must not be blank"));
                    return None;
                }
                Some(text)
            }
        }
    }

    pub(crate) fn text(&mut self, name: &'static str, json: Json, longest: usize) -> Option<String> {
        match json {
            Json::String(text) if text.chars().count() > longest => {
                self.errors.add(name, "too_long", format!("{name} may have at most {longest} characters"));
                None
            }
            Json::String(text) => Some(text),
            _ => {
                self.errors.add(name, "wrong_type", format!("{name} must be text"));
                None
            }
        }
    }

    pub(crate) fn word(&mut self, name: &'static str, words: &[&'static str]) -> Option<Json> {
        let Some(json) = self.take(name) else {
            self.missing(name);
            return None;
        };
        if json.as_str().is_some_and(|it| words.contains(&it)) {
            return Some(json);
        }
        self.errors.add(name, "not_allowed", format!("{name} must be one of {}", words.join(", ")));
        None
    }

    pub(crate) fn flag(&mut self, name: &'static str, json: &Json) -> Option<bool> {
        let flag = json.as_bool();
        if flag.is_none() {
            self.errors.add(name, "wrong_type", format!("{name} must be true or false"));
        }
        flag
    }

    pub(crate) fn uuid(&mut self, name: &'static str, json: &Json) -> Option<Uuid> {
        let id = json.as_str().and_then(|it| Uuid::try_parse(it).ok());
        if id.is_none() {
            self.errors.add(name, "wrong_type", format!("{name} must be a UUID"));
        }
        id
    }

    pub(crate) fn place(&mut self, name: &'static str, json: &Json, last: i64) -> Option<i64> {
        match json.as_i64() {
            Some(place) if (0..=last).contains(&place) => Some(place),
            Some(_) => {
                self.errors.add(name, "out_of_range", format!("{name} must lie between 0 and {last}"));
                None
            }
            None => {
                self.errors.add(name, "wrong_type", format!("{name} must be a whole number"));
                None
            }
        }
    }
}
