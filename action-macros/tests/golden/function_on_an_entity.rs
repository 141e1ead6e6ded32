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

/// Copies a car.
async fn car_copy(
    ctx: &mut ActionContext<'_>,
    car: Selected<Car>,
    params: Params<CopyParams>,
) -> ActionResult {
    todo!()
}
const _: () = {
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = (Selected<Car>, Params<CopyParams>);
        type Output = <ActionResult as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (argument_1, argument_2): Self::Input,
        ) -> ::action_core::ActionResult<Self::Output> {
            <ActionResult as ::action_core::__private::HandlerResult>::into_result(
                car_copy(ctx, argument_1, argument_2).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const NAME: &str = ::action_core::__private::action_name("CarCopy");
        const _: &str = ::action_core::__private::permission("CarCopy/Car");
        const SELECTION: ::action_core::custom_actions::SelectionRule = ::action_core::__private::selection(
            "=1",
            <<__Handler as ::action_core::ActionHandler>::Input as ::action_core::input::Input>::ROWS,
            ::action_core::ShownOn::Both,
        );
        ::action_core::__private::Candidate::new(
            ::action_core::Action::on_entity(NAME, "Car")
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
