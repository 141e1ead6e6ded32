//! Extractors: the arguments of a handler, and where each comes from.
//!
//! An extractor speaks three times. When the engine is built it describes itself ([`Input::describe`]), so that a
//! missing service or entity stops the start and the parameters' schema is published. When a call is checked, it
//! takes what comes from the request ([`Input::check`]); no transaction is open yet and every mistake is reported.
//! Before the handler runs it is put together with what was loaded ([`Input::assemble`]).

mod caller;
mod intake;
mod params;
pub(crate) mod schema_errors;
mod selected;
mod service;
mod shape;
mod submitted;
mod tuple;
mod uploads;

pub use intake::Intake;
pub(crate) use params::refuse_all;
pub use params::{AnyParams, Params};
pub use selected::{FromRow, Parent, Selected, SelectedMany};
pub use service::Service;
pub(crate) use shape::RowType;
pub use shape::{InputShape, Rows};
pub use submitted::Submitted;
pub use uploads::{Upload, UploadContent, Uploads};

use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::ActionError;

/// One argument of a handler, or a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of an action",
    label = "not an extractor",
    note = "an argument is `Params<T>`, `AnyParams`, `Selected<T>`, `SelectedMany<T>`, `Parent<T>`, `Submitted`, `Uploads`, `Service<S>` or `Caller`"
)]
pub trait Input: Sized + Send {
    /// What is kept between the check and the run.
    type Checked: Send + 'static;

    /// How many selected rows it takes; the attribute holds the selection rule against it at compile time.
    const ROWS: Rows = Rows::None;

    /// Adds to the description of the action's input.
    fn describe(shape: &mut InputShape);

    /// Takes what comes from the request, and says what is wrong with it.
    fn check(intake: &mut Intake<'_>) -> Result<Self::Checked, FieldErrors>;

    /// The argument itself.
    fn assemble(checked: Self::Checked, ctx: &mut ActionContext<'_>) -> Result<Self, ActionError>;
}
