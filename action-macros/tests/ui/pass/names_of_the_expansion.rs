//! Whatever the author's own names are, and whatever was not imported, the expansion finds what it means.
#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(
    non_camel_case_types,
    clippy::elidable_lifetime_names,
    clippy::items_after_statements,
    reason = "these names are the point"
)]

use action_core::{ActionContext, ActionHandler, ActionResult, Entity, Params, custom_action};

mod core {}
mod std {}
type Result = ();
type Option = ();
type String = ();
struct __Handler;

#[derive(serde::Deserialize, schemars::JsonSchema, garde::Validate)]
struct Registration {
    #[garde(skip)]
    make: ::std::option::Option<::std::string::String>,
}

/// A function and an argument of one name.
#[custom_action(id = "a", authenticated)]
async fn ctx(context: &mut ActionContext<'_>, ctx: Params<Registration>) -> ActionResult<usize> {
    let nothing: (Result, Option, String) = ((), (), ());
    let _ = (context, nothing, __Handler);
    Ok(ctx.0.make.map_or(0, |it| it.len()))
}

/// A raw name, a lifetime, and an error of the author's own.
#[custom_action(id = "b", authenticated)]
async fn r#type<'c>(_: &mut ActionContext<'c>) -> ::std::result::Result<(), ::action_core::Refusal> {
    Ok(())
}

#[custom_action(entity = "E", permission = "Read/{entity}")]
async fn argument_1(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

/// A type in the way of a constant of the expansion.
#[custom_action(id = "c", authenticated)]
struct ID;

impl ActionHandler for ID {
    type Input = ();
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult {
        Ok(())
    }
}

#[derive(Entity)]
#[entity(table = "e")]
struct E {
    id: i64,
    r#type: ::std::string::String,
    cells: bool,
    record: ::std::option::Option<i32>,
}

pub(crate) fn main() {
    // What is declared inside a function is registered like everything else.
    #[custom_action(id = "d", authenticated)]
    async fn inner(_: &mut ActionContext<'_>) -> ActionResult {
        Ok(())
    }
    let e = E { id: 1, r#type: ::std::string::String::new(), cells: true, record: None };
    assert_eq!(action_core::entity::EntityType::key(&e), 1_i64.into());
    let _ = (e.r#type, e.cells, e.record);
}
