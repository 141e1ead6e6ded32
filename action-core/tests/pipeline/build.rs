//! What stops an engine from being built, and what it says then.

use action_core::{Action, ActionContext, ActionHandler, ActionResult, Engine, Selected, Service};

use crate::world::{Car, Echo};

async fn problems(builder: action_core::EngineBuilder) -> String {
    builder.build().await.err().expect("must not build").to_string()
}

#[tokio::test]
async fn two_actions_of_one_name_are_refused_with_both_places() {
    let builder = Engine::builder()
        .action(Action::new("a").authenticated().site("first.rs:1"), Echo)
        .action(Action::new("a").authenticated().site("second.rs:2"), Echo);
    let message = problems(builder).await;
    assert!(
        message.contains("two actions are called `a`: one at first.rs:1, one at second.rs:2"),
        "{message}"
    );
}

#[tokio::test]
async fn two_names_that_differ_in_case_or_suffix_are_one_on_an_entity() {
    let on = |name: &'static str| Action::on_entity(name, "Car").authenticated();
    let builder =
        Engine::builder().entity::<Car>().action(on("CarCopy"), Echo).action(on("carcopyAction"), Echo);
    assert!(problems(builder).await.contains("two actions are called"));
}

#[tokio::test]
async fn an_action_without_a_permission_is_refused() {
    let message = problems(Engine::builder().action(Action::new("a"), Echo)).await;
    assert!(message.contains("`permission = \"…\"`, or `authenticated`"), "{message}");
}

#[tokio::test]
async fn every_problem_is_told_at_once() {
    struct Needy;
    impl ActionHandler for Needy {
        type Input = (Service<u64>, Selected<Car>);
        type Output = ();
        async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
            Ok(())
        }
    }
    let builder = Engine::builder()
        .action(Action::new("1x").authenticated(), Echo)
        .action(Action::new("execute").authenticated(), Echo)
        .action(Action::new("p").permission("a/b/c"), Echo)
        .action(Action::on_entity("QueryRead", "Ghost").authenticated(), Echo)
        .action(Action::new("needy").authenticated(), Needy)
        .expect_actions(["elsewhere.run"]);
    let message = problems(builder).await;
    for part in [
        "action `1x`",
        "`execute` is reserved",
        "a/b/c",
        "`QueryRead` is reserved",
        "`Ghost` is not registered",
        "Service<u64>",
        "register the entity with `.entity::<Car>()`",
        "names no entity",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[tokio::test]
async fn setters_that_contradict_each_other_are_refused() {
    let builder = Engine::builder()
        .action(Action::new("a").permission("p").authenticated(), Echo)
        .action(Action::new("b").any_permission(["p", "q"]).permission("r"), Echo)
        .action(Action::new("c").authenticated().refresh(), Echo);
    let message = problems(builder).await;
    assert_eq!(message.matches("says in two ways who may run it").count(), 2, "{message}");
    assert!(message.contains("are for actions on an entity"), "{message}");
}

#[tokio::test]
async fn an_expected_action_that_is_not_linked_is_named_with_what_to_do() {
    let message = problems(Engine::builder().expect_actions(["invoice.archive"])).await;
    assert!(message.contains("`invoice.archive` is expected but not linked"), "{message}");
    assert!(message.contains("use its_crate as _;"), "{message}");
}
