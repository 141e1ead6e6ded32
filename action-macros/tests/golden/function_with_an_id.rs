/// Changes what is known of a user.
///
/// Nobody can change themselves.
#[custom_action(id = "user.update", permission = "user.edit", rate_limit = "30/min", timeout = "5s")]
async fn user_update(ctx: &mut ActionContext<'_>, params: Params<UserUpdate>) -> ActionResult<UserDto> {
    todo!()
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
/// Changes what is known of a user.
///
/// Nobody can change themselves.
async fn user_update(
    ctx: &mut ActionContext<'_>,
    params: Params<UserUpdate>,
) -> ActionResult<UserDto> {
    todo!()
}
const _: () = {
    const _: ::action_core::__private::Argument<Params<UserUpdate>> = ::action_core::__private::Argument::IS_ONE;
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = (Params<UserUpdate>,);
        type Output = <ActionResult<
            UserDto,
        > as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (argument_1,): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult<UserDto> as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult<
                UserDto,
            > as ::action_core::__private::HandlerResult>::into_result(
                user_update(ctx, argument_1).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const ID: &str = ::action_core::__private::action_id(
            "user.update",
            ::action_core::__private::rows::<__Handler>(),
        );
        const PERMISSION_1: &str = ::action_core::__private::permission("user.edit");
        const RATE: ::action_core::Rate = ::action_core::__private::rate("30/min");
        const TIME_LIMIT: ::core::time::Duration = ::action_core::__private::time_limit(
            "5s",
        );
        ::action_core::__private::Candidate::new(
            ::action_core::Action::new(ID)
                .permission(PERMISSION_1)
                .description("Changes what is known of a user.")
                .rate_limit(RATE)
                .time_limit(TIME_LIMIT)
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
