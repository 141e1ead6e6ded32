#[custom_action(id = "report.run", any_permission("report.run", "report.admin"), read_only)]
async fn report_run(ctx: &mut ActionContext<'_>) -> Result<Report, ReportError> {
    todo!()
}

// expands to

#[allow(
    clippy::unused_async,
    reason = "an action is async, whether it waits for something or not"
)]
async fn report_run(ctx: &mut ActionContext<'_>) -> Result<Report, ReportError> {
    todo!()
}
const _: () = {
    struct __Handler;
    #[automatically_derived]
    impl ::action_core::ActionHandler for __Handler {
        type Input = ();
        type Output = <Result<
            Report,
            ReportError,
        > as ::action_core::__private::HandlerResult>::Output;
        async fn execute(
            &self,
            ctx: &mut ::action_core::ActionContext<'_>,
            (): Self::Input,
        ) -> ::action_core::ActionResult<
            <Result<
                Report,
                ReportError,
            > as ::action_core::__private::HandlerResult>::Output,
        > {
            <Result<
                Report,
                ReportError,
            > as ::action_core::__private::HandlerResult>::into_result(
                report_run(ctx).await,
            )
        }
    }
    fn __candidate() -> ::action_core::__private::Candidate {
        const ID: &str = ::action_core::__private::action_id(
            "report.run",
            ::action_core::__private::rows::<__Handler>(),
        );
        const PERMISSION_1: &str = ::action_core::__private::permission("report.run");
        const PERMISSION_2: &str = ::action_core::__private::permission("report.admin");
        ::action_core::__private::Candidate::new(
            ::action_core::Action::new(ID)
                .any_permission([PERMISSION_1, PERMISSION_2])
                .read_only()
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            __Handler,
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
