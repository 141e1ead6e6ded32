#[custom_action(id = "mail.send", permission = "mail.send")]
#[derive(Default)]
struct SendMail {
    from: Option<String>,
}

// expands to

#[derive(Default)]
struct SendMail {
    from: Option<String>,
}
const _: () = {
    fn __candidate() -> ::action_core::__private::Candidate {
        const ID: &str = ::action_core::__private::action_id(
            "mail.send",
            ::action_core::__private::rows::<SendMail>(),
        );
        const PERMISSION_1: &str = ::action_core::__private::permission("mail.send");
        ::action_core::__private::Candidate::new(
            ::action_core::Action::new(ID)
                .permission(PERMISSION_1)
                .site(::core::concat!(::core::file!(), ":", ::core::line!())),
            <SendMail as ::core::default::Default>::default(),
        )
    }
    ::action_core::__private::inventory::submit! {
        ::action_core::__private::Registration { make : __candidate }
    }
};
