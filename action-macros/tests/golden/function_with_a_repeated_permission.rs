#[custom_action(id = "diagnostics.two_permissions", permission = "diag.a", permission = "diag.b")]
async fn two_permissions(ctx: &mut ActionContext<'_>) -> ActionResult {
    todo!()
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
async fn two_permissions(ctx: &mut ActionContext<'_>) -> ActionResult {
    todo!()
}
const _: () = {
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = ();
        type Output = <ActionResult as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult as ::action_core::__private::HandlerResult>::into_result(
                two_permissions(ctx).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const ID: &str = ::action_core::__private::action_id(
            "diagnostics.two_permissions",
            ::action_core::__private::rows::<__Handler>(),
        );
        const PERMISSION_1: &str = ::action_core::__private::permission("diag.a");
        const PERMISSION_2: &str = ::action_core::__private::permission("diag.b");
        ::action_core::__private::Candidate::new(
            ::action_core::Action::new(ID)
                .permission(PERMISSION_1)
                .permission(PERMISSION_2)
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
