//! The two macros, documented here and not where they are defined, so that their examples are compiled.
//!
//! Examples that register actions say `standalone_crate`: rustdoc otherwise links all examples into one program, and
//! its engines would find the actions of all of them.

/// Registers a function, or a type that implements [`ActionHandler`](crate::ActionHandler), as an action.
///
/// The engine finds what is registered in every crate that is linked into the program. A crate that does nothing but
/// register actions is only linked where it is named once, `use invoicing as _;`;
/// [`EngineBuilder::expect_actions`](crate::EngineBuilder::expect_actions) finds out at the start whether it was.
///
/// # On a function
///
/// An `async fn` whose first argument is the context. Every further argument is an [extractor](crate::input), eight
/// at most. It returns an [`ActionResult`](crate::ActionResult), or a `Result` whose error becomes an
/// [`ActionError`](crate::ActionError).
///
/// ```standalone_crate
/// use action_core::{ActionContext, ActionResult, Params, custom_action};
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema, garde::Validate)]
/// struct UserUpdate {
///     #[garde(length(chars, min = 1, max = 100))]
///     name: String,
/// }
///
/// /// Changes what is known of a user.
/// #[custom_action(id = "user.update", permission = "user.edit", rate_limit = "30/min", timeout = "5s")]
/// async fn user_update(ctx: &mut ActionContext<'_>, params: Params<UserUpdate>) -> ActionResult<String> {
///     Ok(format!("{} is now called {}", ctx.caller().user_id(), params.name))
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
///
/// let engine = action_core::Engine::builder().expect_actions(["user.update"]).build().await;
/// assert!(engine.is_ok());
/// # });
/// ```
///
/// With `entity` it is an action on the rows of an entity, called `CarCopy` after the function:
///
/// ```standalone_crate
/// use action_core::{ActionContext, ActionResult, Entity, Selected, custom_action};
/// use uuid::Uuid;
///
/// #[derive(Clone, Entity)]
/// #[entity(table = "cars")]
/// struct Car {
///     id: Uuid,
///     license_plate: String,
/// }
///
/// /// Copies a car.
/// #[custom_action(entity = "Car", shown_on = "both", selection = "=1", icon = "Copy", confirm = "AreYouSure", refresh)]
/// async fn car_copy(ctx: &mut ActionContext<'_>, car: Selected<Car>) -> ActionResult<Uuid> {
///     let copy = Car { license_plate: format!("{} (copy)", car.license_plate), ..car.0 };
///     Ok(ctx.records::<Car>()?.insert(&copy).await?.id)
/// }
/// ```
///
/// # On a type
///
/// A struct or enum that implements [`ActionHandler`](crate::ActionHandler). A unit struct is registered as it is,
/// any other type with its `Default`.
///
/// ```standalone_crate
/// use action_core::{ActionContext, ActionHandler, ActionResult, custom_action};
///
/// #[custom_action(id = "ping", authenticated, tenant = "optional", read_only)]
/// struct Ping;
///
/// impl ActionHandler for Ping {
///     type Input = ();
///     type Output = &'static str;
///
///     async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult<&'static str> {
///         Ok("pong")
///     }
/// }
/// ```
///
/// # Members
///
/// | what it is called | |
/// |---|---|
/// | `id = "user.update"` | the id of an action of the execution endpoint: 1–100 letters, digits, `.`, `_`, `-`, a letter first, not `execute` or `audit` |
/// | `entity = "Car"` | an action on the rows of this entity instead |
/// | `entity("Car", "Truck")`, `entity = "*"` | on the rows of each of these, or of every registered one, which it takes as [`Record`](crate::entity::Record)s |
/// | `name = "CarCopy"` | the name of an action on an entity, where it is not the function's in `PascalCase`, or the type's; one trailing `Action` is left out of either |
///
/// | who may run it | |
/// |---|---|
/// | `permission = "user.edit"` | the caller needs this permission; may be repeated, and then all are needed; `{entity}` stands for the entity that the parameters name |
/// | `permissions("a", "b")` | all of these |
/// | `any_permission("a", "b")` | one of these is enough |
/// | `authenticated` | every signed-in caller |
/// | none of them | on an entity: `{name}/{entity}`; elsewhere: does not compile |
///
/// | what people are told | |
/// |---|---|
/// | `title = "…"` | a short name; made from the id by default |
/// | `description = "…"` | a sentence or two; by default the first paragraph of the doc comment |
///
/// | limits and traits | |
/// |---|---|
/// | `rate_limit = "30/min"` | see [`Rate::parse`](crate::Rate::parse) |
/// | `timeout = "5s"` | see [`parse_time_limit`](crate::parse_time_limit); 30 s by default |
/// | `redact = "pin"`, `redact("pin", "iban")` | parameters that the audit must not show |
/// | `read_only` | it writes nothing |
/// | `destructive` | it takes something away for good |
/// | `idempotent` | twice does no more than once |
/// | `allow_unknown` | unknown parameters are passed over |
/// | `tenant = "optional"` | a caller without a tenant may run it too |
///
/// | how an action on an entity is offered | |
/// |---|---|
/// | `shown_on = "both"` | `detail`, `query` or `both`, the default |
/// | `selection = "=1"` | how many rows must be selected, see [`SelectionRule::parse`](crate::custom_actions::SelectionRule::parse); none by default |
/// | `icon = "Copy"` | the button's icon |
/// | `confirm = "AreYouSure"` | the key of the sentence a client shows first |
/// | `refresh` | what is shown is loaded again afterwards |
/// | `offset = 1` | its place among the buttons: lower is earlier, 0 by default |
/// | `group = "workshop"` | the buttons it is drawn together with |
/// | `style = "success"` | how its button is drawn, see [`ButtonStyle`](crate::custom_actions::ButtonStyle) |
///
/// What an entry of the configuration says of an offer counts before what stands here, see
/// [`EngineBuilder::custom_actions_json`](crate::EngineBuilder::custom_actions_json).
///
/// What cannot be does not compile: a member that is unknown, repeated or contradicts another, a malformed id,
/// permission, rate, time limit or rule, a rule that does not suit the argument that takes the rows, and an argument
/// that is no extractor.
///
/// ```compile_fail
/// # use action_core::{ActionContext, ActionResult, custom_action};
/// #[custom_action(id = "user.update")] // says nothing of who may run it
/// async fn user_update(_: &mut ActionContext<'_>) -> ActionResult {
///     Ok(())
/// }
/// ```
pub use action_macros::custom_action;

/// Makes a struct a row of an [`Entity`](crate::entity::Entity): implements
/// [`EntityType`](crate::entity::EntityType).
///
/// Every field is a column, and its type a [`Cell`](crate::entity::Cell). An `Option` can be null; any other column
/// is required in a new row unless it has a default, is kept by the server, or is out of callers' reach.
///
/// ```
/// use action_core::entity::EntityType;
/// use action_core::expression::{Draft, always, field};
/// use action_core::{Caller, Entity};
/// use chrono::{DateTime, Utc};
/// use rust_decimal::Decimal;
/// use uuid::Uuid;
///
/// #[derive(Entity)]
/// #[entity(table = "cars", row_rule = own_cars)]
/// struct Car {
///     id: Uuid,
///     #[entity(length(1, 20), unique)]
///     license_plate: String,
///     #[entity(range(1886, 2100))]
///     year: i32,
///     #[entity(one_of("available", "in_use", "stolen"), initially = "available")]
///     status: String,
///     #[entity(decimal(12, 2))]
///     price: Option<Decimal>,
///     #[entity(references = "Company")]
///     company_id: Option<Uuid>,
///     #[entity(default = false)]
///     insured: bool,
///     #[entity(hidden, redact)]
///     alarm_code: Option<String>,
///     version: i64,
///     created_at: DateTime<Utc>,
///     created_by: Uuid,
/// }
///
/// fn own_cars(caller: &Caller, _action: &str) -> Draft {
///     if caller.has_role("Administrators") { always() } else { field("createdBy").eq(caller.user_id()) }
/// }
///
/// let car = Car::definition()?;
/// assert_eq!((car.name(), car.alias(), car.table()), ("Car", "car", "cars"));
/// let required: Vec<_> = car.columns().iter().filter(|it| it.is_required()).map(|it| it.name()).collect();
/// assert_eq!(required, ["licensePlate", "year"]);
/// # Ok::<(), action_core::entity::EntityError>(())
/// ```
///
/// # Members on the struct
///
/// | `#[entity(…)]` | |
/// |---|---|
/// | `table = "cars"` | its table, perhaps with a schema before a dot; there is no default |
/// | `name = "Car"` | its name, as rights spell it; the struct's by default |
/// | `alias = "vehicle"` | its other name in requests; the name in lower case by default |
/// | `type_id = "3f25…"` | its type id, a UUID; made from the name by default |
/// | `tenant = "owner_id"` | its tenant column, which is no field; `tenant_id` by default. `tenant = "none"`: all tenants share its rows |
/// | `row_rule = path::to::function` | which rows a caller may see and touch: `fn(&Caller, &str) -> Draft` |
///
/// # Members on a field
///
/// | `#[entity(…)]` | |
/// |---|---|
/// | `name = "licensePlate"` | its name in JSON; the field's in `camelCase` by default |
/// | `column = "license_plate"` | its name in SQL; the field's by default |
/// | `key` | it is the key; a field named `id` need not say so |
/// | `role = "version"` | the server keeps it: `version`, `created_at`, `created_by`, `updated_at` or `updated_by`; fields of these names need not say so |
/// | `length(1, 20)` | a text's least and greatest length in characters |
/// | `range(1886, 2100)` | a number's least and greatest value |
/// | `decimal(12, 2)` | a decimal's digits, and how many of them stand behind the point |
/// | `one_of("a", "b")` | the texts it may hold |
/// | `unique` | no two rows of a tenant share a value; the table's index sees to it |
/// | `references = "Company"` | it holds the key of a row of this entity |
/// | `default = 0` | its value in a new row that names none: text, a number, `true` or `false` |
/// | `initially = "available"` | its value in every new row, which only handlers change afterwards |
/// | `read_only` | callers see it and cannot write it |
/// | `hidden` | callers neither see nor name it |
/// | `redact` | the audit shows its values as `"[redacted]"` |
pub use action_macros::Entity;
