//! The trait that authors implement, and how their types are erased into something a registry can hold.
//!
//! A handler says what it takes as [`ActionHandler::Input`]: a tuple of extractors. The pipeline checks the part
//! that comes from the request before a transaction is open, loads the rows, and only then runs the handler. Most
//! handlers are functions under `#[custom_action]`, which writes this implementation.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::input::{Input, InputShape, Intake};
use crate::refusal::Refusal;
use crate::registry::Aim;

/// What runs when an action is called.
///
/// ```
/// use action_core::{Action, ActionContext, ActionHandler, ActionResult, Params};
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema, garde::Validate)]
/// struct Greet {
///     #[garde(length(chars, min = 1, max = 100))]
///     name: String,
/// }
///
/// struct GreetHandler;
///
/// impl ActionHandler for GreetHandler {
///     type Input = (Params<Greet>,);
///     type Output = String;
///
///     async fn execute(&self, _: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<String> {
///         Ok(format!("Hello, {}", params.name))
///     }
/// }
/// # let _ = action_core::Engine::builder().action(Action::new("greet").authenticated(), GreetHandler);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `ActionHandler`",
    label = "not a handler",
    note = "`#[custom_action]` on a type registers its own `impl ActionHandler for {Self}`"
)]
pub trait ActionHandler: Send + Sync + 'static {
    /// What it takes: a tuple of [extractors](crate::input).
    type Input: Input;
    /// What it answers: serialised as `data`, and left out where that is `null`.
    type Output: Serialize;

    /// Checks that go beyond what the parameters' own type says; every mistake found is reported at once.
    /// Runs before a transaction is open, so it cannot look anything up.
    fn validate(&self, input: &<Self::Input as Input>::Checked, errors: &mut FieldErrors) {
        let _ = (input, errors);
    }

    /// What the call aims at, where its parameters name it: read before the permission is checked.
    ///
    /// Unless an action overrides it, `entity` is read when its permission holds `{entity}`.
    fn aim(&self, params: &Map<String, Value>, aim: &Aim<'_>) -> Result<crate::registry::Aimed, Refusal> {
        aim.by_entity(params)
    }

    /// Does the work, in the call's transaction. An error undoes everything it wrote.
    fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        input: Self::Input,
    ) -> impl Future<Output = ActionResult<Self::Output>> + Send;
}

/// A handler without its types.
pub(crate) trait ErasedHandler: Send + Sync {
    fn shape(&self) -> InputShape;
    fn aim(&self, params: &Map<String, Value>, aim: &Aim<'_>) -> Result<crate::registry::Aimed, Refusal>;
    fn check(self: Arc<Self>, intake: &mut Intake<'_>) -> Result<Box<dyn Ready>, FieldErrors>;
}

/// A handler with checked input, waiting for its rows.
pub(crate) trait Ready: Send {
    fn run<'a>(self: Box<Self>, ctx: &'a mut ActionContext<'_>) -> RunFuture<'a>;
}

/// What a run ends in: its data as JSON text, `None` where it has none.
pub(crate) type RunFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Box<RawValue>>, ActionError>> + Send + 'a>>;

impl<H: ActionHandler> ErasedHandler for H {
    fn shape(&self) -> InputShape {
        let mut shape = InputShape::default();
        H::Input::describe(&mut shape);
        shape
    }

    fn aim(&self, params: &Map<String, Value>, aim: &Aim<'_>) -> Result<crate::registry::Aimed, Refusal> {
        ActionHandler::aim(self, params, aim)
    }

    fn check(self: Arc<Self>, intake: &mut Intake<'_>) -> Result<Box<dyn Ready>, FieldErrors> {
        let checked = H::Input::check(intake)?;
        let mut errors = FieldErrors::default();
        self.validate(&checked, &mut errors);
        errors.into_result(()).map(|()| Box::new(Bound { handler: self, checked }) as Box<dyn Ready>)
    }
}

struct Bound<H: ActionHandler> {
    handler: Arc<H>,
    checked: <H::Input as Input>::Checked,
}

impl<H: ActionHandler> Ready for Bound<H> {
    fn run<'a>(self: Box<Self>, ctx: &'a mut ActionContext<'_>) -> RunFuture<'a> {
        Box::pin(async move {
            let input = H::Input::assemble(self.checked, ctx)?;
            let output = self.handler.execute(ctx, input).await?;
            let data = to_raw_value(&output)?;
            Ok((data.get() != "null").then_some(data))
        })
    }
}

/// What a function under the attribute may return: a result with any error that becomes an [`ActionError`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an action returns `ActionResult<T>`, not `{Self}`",
    label = "must be `ActionResult<T>`"
)]
pub trait HandlerResult {
    type Output: Serialize;
    fn into_result(self) -> ActionResult<Self::Output>;
}

impl<T: Serialize, E: Into<ActionError>> HandlerResult for Result<T, E> {
    type Output = T;
    fn into_result(self) -> ActionResult<T> {
        self.map_err(Into::into)
    }
}
