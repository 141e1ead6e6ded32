//! Meaning of one field: its column, and which members contradict each other.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;

use super::parse::Field;
use crate::errors::Errors;
use crate::members::Members;
use crate::names::camel_case;
use crate::similar::closest;
use crate::text::{Literal, Number, Text};

/// A column.
#[expect(clippy::struct_excessive_bools, reason = "independent flags, each a member of the attribute")]
pub(super) struct Column {
    pub(super) field: Ident,
    pub(super) ty: TokenStream,
    /// Its name in JSON.
    pub(super) name: Text,
    /// Its name in SQL.
    pub(super) stored_as: Text,
    pub(super) role: Option<Role>,
    pub(super) decimal: Option<(Span, [Number; 2])>,
    pub(super) length: Option<(Span, [Number; 2])>,
    pub(super) range: Option<(Span, [Number; 2])>,
    pub(super) one_of: Option<(Span, Vec<Text>)>,
    pub(super) default: Option<(Span, Literal)>,
    pub(super) initially: Option<(Span, Literal)>,
    pub(super) references: Option<Text>,
    pub(super) unique: bool,
    pub(super) read_only: bool,
    pub(super) hidden: bool,
    pub(super) redacted: bool,
}

/// Who writes a column that is not the application's: what it is called in the attribute, and in action-core.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    spelling: &'static str,
    pub(super) variant: &'static str,
}

const KEY: Role = Role { spelling: "key", variant: "Key" };

const ROLES: [Role; 6] = [
    KEY,
    Role { spelling: "version", variant: "Version" },
    Role { spelling: "created_at", variant: "CreatedAt" },
    Role { spelling: "created_by", variant: "CreatedBy" },
    Role { spelling: "updated_at", variant: "UpdatedAt" },
    Role { spelling: "updated_by", variant: "UpdatedBy" },
];

impl Column {
    /// Whether it is the key: it says so, or its name does.
    pub(super) fn is_key(&self) -> bool {
        self.role == Some(KEY) || self.role.is_none() && self.name.value == "id"
    }
}

/// Checks a field, and reports all that is wrong with it.
pub(super) fn column(field: Field, errors: &Errors) -> Column {
    let Field { mut attribute, name: field, ty } = field;
    let it = &mut attribute;
    contradictions(it, errors);
    let rust_name = field.unraw().to_string();
    let name = it.text("name").unwrap_or_else(|| Text::new(camel_case(&rust_name), field.span()));
    let stored_as = it.text("column").unwrap_or_else(|| Text::new(rust_name, field.span()));
    let key = it.flag("key").map(|_| KEY);
    let role = key.or(it.text("role").and_then(|it| role(&it, errors)));
    let length = it.two_numbers("length").inspect(|(at, bounds)| {
        ordered(*at, *bounds, errors);
        if let [Number { value: ..0, span }, _] = bounds {
            errors.push(*span, "a length is not negative");
        }
    });
    let range = it.two_numbers("range").inspect(|(at, bounds)| ordered(*at, *bounds, errors));
    Column {
        field,
        ty: ty.to_token_stream(),
        name,
        stored_as,
        role,
        decimal: it.two_numbers("decimal"),
        length,
        range,
        one_of: it.texts("one_of"),
        default: it.literal("default"),
        initially: it.literal("initially"),
        references: it.text("references"),
        unique: it.flag("unique").is_some(),
        read_only: it.flag("read_only").is_some(),
        hidden: it.flag("hidden").is_some(),
        redacted: it.flag("redact").is_some(),
    }
}

/// Members that cannot stand together, and why.
fn contradictions(attribute: &Members, errors: &Errors) {
    const KEPT: &str = "the server keeps this column, and nobody else writes it";
    for (one, other, why) in [
        ("key", "role", "a key is written `key`, without a role"),
        ("hidden", "read_only", "callers cannot write a hidden column anyway: leave out `read_only`"),
        ("initially", "default", "a new row has its initial value: leave out `default`"),
        ("initially", "read_only", "callers cannot change this column anyway: leave out `read_only`"),
        ("key", "default", KEPT),
        ("key", "initially", KEPT),
        ("key", "read_only", KEPT),
        ("role", "default", KEPT),
        ("role", "initially", KEPT),
        ("role", "read_only", KEPT),
    ] {
        if attribute.place(one).is_some()
            && let Some(at) = attribute.place(other)
        {
            errors.push(at, format!("`{other}` contradicts `{one}`: {why}"));
        }
    }
}

fn ordered(at: Span, [least, most]: [Number; 2], errors: &Errors) {
    if least.value > most.value {
        errors.push(at, format!("the least comes first, and {} is more than {}", least.value, most.value));
    }
}

fn role(text: &Text, errors: &Errors) -> Option<Role> {
    let found = ROLES.into_iter().find(|it| it.spelling == text.value);
    if found.is_none() {
        let spellings = ROLES.map(|it| it.spelling);
        let hint = match closest(&text.value, spellings) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there are {}", spellings.join(", ")),
        };
        errors.push(text.span, format!("unknown role `{}`; {hint}", text.value));
    }
    found
}
