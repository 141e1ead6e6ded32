/// Archives rows.
#[custom_action(
    entity("Car", "Truck"),
    selection = ">0",
    offset = -1,
    group = "archive",
    style = "warning"
)]
async fn archive(ctx: &mut ActionContext<'_>, rows: SelectedMany<Record>) -> ActionResult {
    Ok(())
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
/// Archives rows.
async fn archive(
    ctx: &mut ActionContext<'_>,
    rows: SelectedMany<Record>,
) -> ActionResult {
    Ok(())
}
const _: () = {
    const _: ::action_core::__private::Argument<SelectedMany<Record>> = ::action_core::__private::Argument::IS_ONE;
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = (SelectedMany<Record>,);
        type Output = <ActionResult as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (argument_1,): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult as ::action_core::__private::HandlerResult>::into_result(
                archive(ctx, argument_1).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const NAME: &str = ::action_core::__private::action_name("Archive");
        const ENTITY_1: &str = ::action_core::__private::entity_name("Car");
        const ENTITY_2: &str = ::action_core::__private::entity_name("Truck");
        const SELECTION: ::action_core::custom_actions::SelectionRule = ::action_core::__private::selection(
            ">0",
            ::action_core::__private::rows::<__Handler>(),
            ::action_core::ShownOn::Both,
        );
        ::action_core::__private::Candidate::new(
            ::action_core::Action::on_entities(NAME, [ENTITY_1, ENTITY_2])
                .description("Archives rows.")
                .selection(SELECTION)
                .offset(-1)
                .group("archive")
                .style(::action_core::custom_actions::ButtonStyle::Warning)
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
