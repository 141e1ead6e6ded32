//! What an argument may look at while a call is checked: no database, no clock, only the request and its target.

use serde_json::{Map, Value};

use super::{InputShape, Upload};
use crate::Caller;
use crate::registry::Aimed;

/// A call on its way through the check.
pub struct Intake<'a> {
    pub(crate) params: Map<String, Value>,
    pub(crate) shape: &'a InputShape,
    pub(crate) aimed: &'a Aimed,
    pub(crate) caller: &'a Caller,
    pub(crate) uploads: &'a [Upload],
}

impl Intake<'_> {
    /// Takes the parameters. One argument of an action does; a second would find none.
    pub fn take_params(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.params)
    }

    /// What was learned of the action's arguments when the engine was built.
    pub fn shape(&self) -> &InputShape {
        self.shape
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        self.caller
    }
}
