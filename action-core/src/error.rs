//! What a handler's `?` turns into.
//!
//! A handler meets three kinds of ends: it refuses (a [`Refusal`]), it asks the caller something, or something
//! breaks below it. [`ActionError`] takes all three from a plain `?`; the pipeline sorts them out afterwards, and
//! asks the storage whether a broken statement was in truth a conflict or an absent database.

use std::error::Error;
use std::fmt;

use crate::question::Asked;
use crate::refusal::{BoxError, Refusal};

/// What every handler returns: its data, or why there is none.
///
/// `T` is serialised as `data`; `()` and anything that serialises to `null` leave `data` out.
pub type ActionResult<T = ()> = Result<T, ActionError>;

/// The end of a handler that did not succeed. Any error converts into it.
///
/// ```
/// use action_core::{ActionError, Refusal};
///
/// fn check(amount: &str) -> Result<i64, ActionError> {
///     let amount: i64 = amount.parse()?; // a fault of ours: 500, nothing leaks
///     if amount < 0 {
///         return Err(Refusal::field("amount", "negative", "amount must not be negative").into());
///     }
///     Ok(amount)
/// }
/// assert!(check("12").is_ok());
/// ```
pub struct ActionError(pub(crate) Stop);

/// The three kinds of ends.
pub(crate) enum Stop {
    Refused(Refusal),
    Asked(Box<Asked>),
    Fault(BoxError),
}

impl ActionError {
    /// A fault told in words; they go to the log, never to the caller.
    pub fn fault(message: impl Into<String>) -> Self {
        Self(Stop::Fault(message.into().into()))
    }

    /// The refusal in it, where it is one.
    pub fn as_refusal(&self) -> Option<&Refusal> {
        match &self.0 {
            Stop::Refused(refusal) => Some(refusal),
            Stop::Asked(_) | Stop::Fault(_) => None,
        }
    }
}

/// An error and what it came from, in one line.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Many errors repeat their cause in their own text.
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = cause.source();
    }
    line
}

// As `anyhow` does it: by not being an `Error` itself, the type may take every error.
impl<E: Error + Send + Sync + 'static> From<E> for ActionError {
    fn from(error: E) -> Self {
        let boxed: BoxError = Box::new(error);
        Self(match boxed.downcast::<Refusal>() {
            Ok(refusal) => Stop::Refused(*refusal),
            Err(boxed) => match boxed.downcast::<Asked>() {
                Ok(asked) => Stop::Asked(asked),
                Err(boxed) => Stop::Fault(boxed),
            },
        })
    }
}

impl fmt::Debug for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Stop::Refused(refusal) => write!(f, "refused: {refusal:?}"),
            Stop::Asked(asked) => write!(f, "asked: {asked:?}"),
            Stop::Fault(fault) => write!(f, "fault: {fault:?}"),
        }
    }
}
