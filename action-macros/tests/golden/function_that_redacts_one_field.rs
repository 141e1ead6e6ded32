#[custom_action(id = "vault.close", authenticated, redact = "pin")]
async fn close(ctx: &mut ActionContext<'_>, params: AnyParams) -> ActionResult {
    todo!()
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
async fn close(ctx: &mut ActionContext<'_>, params: AnyParams) -> ActionResult {
    todo!()
}
const _: () = {
    const _: ::action_core::__private::Argument<AnyParams> = ::action_core::__private::Argument::IS_ONE;
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = (AnyParams,);
        type Output = <ActionResult as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (argument_1,): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult as ::action_core::__private::HandlerResult>::into_result(
                close(ctx, argument_1).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const ID: &str = ::action_core::__private::action_id(
            "vault.close",
            ::action_core::__private::rows::<__Handler>(),
        );
        ::action_core::__private::Candidate::new(
            ::action_core::Action::new(ID)
                .authenticated()
                .redact(["pin"])
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
