//! The guides and the README, whose snippets are compiled and run as tests of this crate's documentation.

macro_rules! guides {
    ($($name:ident $path:literal),+ $(,)?) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($path)]
            pub struct $name;
        )+
    };
}

guides! {
    Readme "../../README.md",
    Examples "../../examples/README.md",
    Mounting "../../docs/mounting.md",
    WritingAHandler "../../docs/writing-a-handler.md",
    Records "../../docs/records.md",
    Bulk "../../docs/bulk.md",
    Permissions "../../docs/permissions.md",
    Validation "../../docs/validation.md",
    Errors "../../docs/errors.md",
    Reports "../../docs/reports.md",
    Audit "../../docs/audit.md",
    Operating "../../docs/operating.md",
    Workflows "../../docs/workflows.md",
    CustomActions "../../docs/custom-actions.md",
    PageActions "../../docs/page-actions.md",
    EntityActions "../../docs/entity-actions.md",
    Files "../../docs/files.md",
    Mail "../../docs/mail.md",
    Events "../../docs/events.md",
}
