//! Mistakes in what an application registers: found when the engine is built, all of them at once.

use action_core::permissions::Rights;
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, Engine, EngineBuilder, Selected, Service,
};
use fleet::{Car, Invoice};

use crate::says;

struct Nothing;

impl ActionHandler for Nothing {
    type Input = (AnyParams,);
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
        Ok(())
    }
}

/// An engine without what other crates registered.
fn builder() -> EngineBuilder {
    Engine::builder().rights(Rights::empty()).without_linked_actions()
}

async fn refusal(builder: EngineBuilder) -> String {
    builder.build().await.err().expect("a mistake was built into an engine").to_string()
}

#[tokio::test]
async fn a_forgotten_permission() {
    let message = refusal(builder().action(Action::new("invoice.archive"), Nothing)).await;
    says(
        &message,
        &[
            "the engine cannot be built: action `invoice.archive` (",
            "newcomer/registering.rs:",
            "it states no permission; add `permission = \"…\"`, or `authenticated` for every signed-in caller",
        ],
    );
}

#[tokio::test]
async fn two_actions_with_one_id() {
    let (first, first_line) = (Action::new("invoice.archive").authenticated(), line!());
    let (second, second_line) = (Action::new("invoice.archive").authenticated(), line!());
    let twice = builder().action(first, Nothing).action(second, Nothing);
    says(
        &refusal(twice).await,
        &[
            "two actions are called `invoice.archive`: one at ",
            &format!("newcomer/registering.rs:{first_line}, one at "),
            &format!("newcomer/registering.rs:{second_line}; rename one of them"),
        ],
    );
}

#[tokio::test]
async fn an_id_that_a_linked_crate_has_already() {
    // The fleet is linked, and has an `echo`.
    let builder = Engine::builder().action(Action::new("echo").authenticated(), Nothing);
    says(
        &refusal(builder).await,
        &[
            "two actions are called `echo`: one at ",
            "fleet/src/echo.rs:",
            "newcomer/registering.rs:",
            "; rename one of them",
        ],
    );
}

#[tokio::test]
async fn an_unknown_entity() {
    let builder = builder().entity::<Car>().action(Action::on_entity("CarCopy", "Carr"), Nothing);
    says(
        &refusal(builder).await,
        &[
            "action `CarCopy` (",
            "its entity `Carr` is not registered; add `.entity::<Carr>()` to the builder",
        ],
    );
}

#[tokio::test]
async fn an_entity_that_was_not_registered() {
    struct Copy;
    impl ActionHandler for Copy {
        type Input = (Selected<Car>,);
        type Output = ();
        async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
            Ok(())
        }
    }
    let message = refusal(builder().action(Action::on_entity("CarCopy", "Car"), Copy)).await;
    says(&message, &["it takes rows of `Car`; register the entity with `.entity::<Car>()`"]);
}

#[tokio::test]
async fn a_reference_to_an_entity_that_was_not_registered() {
    says(
        &refusal(builder().entity::<Invoice>()).await,
        &["entity `Invoice`: `companyId` refers to `Company`, which is not registered"],
    );
}

#[tokio::test]
async fn a_service_that_nobody_put_in() {
    struct Mailer;
    struct Send;
    impl ActionHandler for Send {
        type Input = (Service<Mailer>,);
        type Output = ();
        async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
            Ok(())
        }
    }
    let message = refusal(builder().action(Action::new("mail").authenticated(), Send)).await;
    says(
        &message,
        &["action `mail` (", "it takes `Service<", "Mailer>`; put one into the builder with `.service(…)`"],
    );
}

#[tokio::test]
async fn a_crate_of_actions_that_is_not_linked() {
    says(
        &refusal(builder().expect_actions(["invoice.archive"])).await,
        &[
            "the action `invoice.archive` is expected but not linked; name the crate that defines it once, as in `use its_crate as _;`",
        ],
    );
}

#[tokio::test]
async fn a_permission_that_only_a_right_can_have() {
    for (permission, advice) in [
        ("Edit/*", "a wildcard belongs in a right"),
        ("QueryRead/Car", "it belongs in a right, list these permissions instead"),
        ("Edit/Car/Wheel", "write one action and one target, such as `Edit/Car`"),
    ] {
        let builder = builder().action(Action::new("a").permission(permission), Nothing);
        says(&refusal(builder).await, &["action `a` (", permission.split('/').next().unwrap(), advice]);
    }
}

#[tokio::test]
async fn all_of_them_at_once() {
    let builder =
        builder().action(Action::new("one"), Nothing).action(Action::on_entity("Two", "Nothing"), Nothing);
    says(
        &refusal(builder).await,
        &["the engine cannot be built, for 2 reasons:\n  - action `one` (", "\n  - action `Two` ("],
    );
}
