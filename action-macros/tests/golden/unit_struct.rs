/** Reports a car
 * as stolen. */
#[custom_action(entity = "Car", shown_on = "detail")]
pub struct CarReportStolenAction;

// expands to

/** Reports a car
 * as stolen. */
pub struct CarReportStolenAction;
const _: () = {
    fn __candidate() -> ::action_core::__private::Candidate {
        const NAME: &str = ::action_core::__private::action_name("CarReportStolen");
        const ENTITY: &str = ::action_core::__private::entity_name("Car");
        ::action_core::__private::Candidate::new(
            ::action_core::Action::on_entity(NAME, ENTITY)
                .description("Reports a car as stolen.")
                .shown_on(::action_core::ShownOn::Detail)
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            CarReportStolenAction {},
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
