#[custom_action(id = "light.switch", permission = "light.switch")]
#[derive(Default)]
enum Switch {
    #[default]
    On,
    Off,
}

// expands to

#[derive(Default)]
enum Switch {
    #[default]
    On,
    Off,
}
const _: () = {
    fn __candidate() -> ::action_core::__private::Candidate {
        const ID: &str = ::action_core::__private::action_id(
            "light.switch",
            ::action_core::__private::rows::<Switch>(),
        );
        const PERMISSION_1: &str = ::action_core::__private::permission("light.switch");
        ::action_core::__private::Candidate::new(
            ::action_core::Action::new(ID)
                .permission(PERMISSION_1)
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            <Switch as ::core::default::Default>::default(),
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
