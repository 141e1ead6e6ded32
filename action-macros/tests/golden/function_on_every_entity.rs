/// Counts rows.
#[custom_action(entity = "*")]
async fn count_rows(ctx: &mut ActionContext<'_>) -> ActionResult<u64> {
    Ok(0)
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
/// Counts rows.
async fn count_rows(ctx: &mut ActionContext<'_>) -> ActionResult<u64> {
    Ok(0)
}
const _: () = {
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = ();
        type Output = <ActionResult<
            u64,
        > as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (): Self::Input,
        ) -> ::action_core::ActionResult<
            <ActionResult<u64> as ::action_core::__private::HandlerResult>::Output,
        > {
            <ActionResult<
                u64,
            > as ::action_core::__private::HandlerResult>::into_result(
                count_rows(ctx).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const NAME: &str = ::action_core::__private::action_name("CountRows");
        ::action_core::__private::Candidate::new(
            ::action_core::Action::on_any_entity(NAME)
                .description("Counts rows.")
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
