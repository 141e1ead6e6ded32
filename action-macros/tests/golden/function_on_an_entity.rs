/// Copies a car.
#[custom_action(
    entity = "Car",
    shown_on = "both",
    selection = "=1",
    icon = "Copy",
    confirm = "AreYouSure",
    refresh,
)]
async fn car_copy(ctx: &mut ActionContext<'_>, car: Selected<Car>, params: Params<CopyParams>) -> ActionResult {
    todo!()
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
/// Copies a car.
async fn car_copy(
    ctx: &mut ActionContext<'_>,
    car: Selected<Car>,
    params: Params<CopyParams>,
) -> ActionResult {
    todo!()
}
const _: () = {
    const _: ::action_core::__private::Argument<Selected<Car>> = ::action_core::__private::Argument::IS_ONE;
    const _: ::action_core::__private::Argument<Params<CopyParams>> = ::action_core::__private::Argument::IS_ONE;
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = (Selected<Car>, Params<CopyParams>);
        type Output = <ActionResult as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (argument_1, argument_2): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult as ::action_core::__private::HandlerResult>::into_result(
                car_copy(ctx, argument_1, argument_2).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const NAME: &str = ::action_core::__private::action_name("CarCopy");
        const ENTITY: &str = ::action_core::__private::entity_name("Car");
        const SELECTION: ::action_core::custom_actions::SelectionRule = ::action_core::__private::selection(
            "=1",
            ::action_core::__private::rows::<__Handler>(),
            ::action_core::ShownOn::Both,
        );
        ::action_core::__private::Candidate::new(
            ::action_core::Action::on_entity(NAME, ENTITY)
                .description("Copies a car.")
                .shown_on(::action_core::ShownOn::Both)
                .selection(SELECTION)
                .icon("Copy")
                .confirm("AreYouSure")
                .refresh()
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
