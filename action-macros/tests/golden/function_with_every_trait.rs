#[custom_action(
    id = "vault.open",
    authenticated,
    title = "Open a vault",
    description = "Opens what was locked.",
    redact("pin", "answers.secret"),
    destructive,
    idempotent,
    allow_unknown,
    tenant = "optional"
)]
async fn open(ctx: &mut ActionContext<'_>, caller: Caller, Params(it): Params<Open>) -> ActionResult {
    todo!()
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
async fn open(
    ctx: &mut ActionContext<'_>,
    caller: Caller,
    Params(it): Params<Open>,
) -> ActionResult {
    todo!()
}
const _: () = {
    const _: ::action_core::__private::Argument<Caller> = ::action_core::__private::Argument::IS_ONE;
    const _: ::action_core::__private::Argument<Params<Open>> = ::action_core::__private::Argument::IS_ONE;
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = (Caller, Params<Open>);
        type Output = <ActionResult as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (argument_1, argument_2): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult as ::action_core::__private::HandlerResult>::into_result(
                open(ctx, argument_1, argument_2).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const ID: &str = ::action_core::__private::action_id(
            "vault.open",
            ::action_core::__private::rows::<__Handler>(),
        );
        ::action_core::__private::Candidate::new(
            ::action_core::Action::new(ID)
                .authenticated()
                .title("Open a vault")
                .description("Opens what was locked.")
                .redact(["pin", "answers.secret"])
                .destructive()
                .idempotent()
                .allow_unknown()
                .tenant_optional()
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
