#[custom_action(entity = "Car", name = "Scrap", permissions("Delete/Car", "Scrap/Car"), selection = ">0", destructive)]
async fn car_scrap_action(ctx: &mut ActionContext<'_>, cars: SelectedMany<Car>) -> ActionResult<usize> {
    todo!()
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
async fn car_scrap_action(
    ctx: &mut ActionContext<'_>,
    cars: SelectedMany<Car>,
) -> ActionResult<usize> {
    todo!()
}
const _: () = {
    const _: ::action_core::__private::Argument<SelectedMany<Car>> = ::action_core::__private::Argument::IS_ONE;
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = (SelectedMany<Car>,);
        type Output = <ActionResult<
            usize,
        > as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (argument_1,): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult<usize> as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult<
                usize,
            > as ::action_core::__private::HandlerResult>::into_result(
                car_scrap_action(ctx, argument_1).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const NAME: &str = ::action_core::__private::action_name("Scrap");
        const ENTITY: &str = ::action_core::__private::entity_name("Car");
        const PERMISSION_1: &str = ::action_core::__private::permission("Delete/Car");
        const PERMISSION_2: &str = ::action_core::__private::permission("Scrap/Car");
        const SELECTION: ::action_core::custom_actions::SelectionRule = ::action_core::__private::selection(
            ">0",
            ::action_core::__private::rows::<__Handler>(),
            ::action_core::ShownOn::Both,
        );
        ::action_core::__private::Candidate::new(
            ::action_core::Action::on_entity(NAME, ENTITY)
                .permission(PERMISSION_1)
                .permission(PERMISSION_2)
                .destructive()
                .selection(SELECTION)
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
