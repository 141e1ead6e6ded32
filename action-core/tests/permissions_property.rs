//! Compiled rights decide as the rule itself does: the rule is written down here a second time, over the plain list
//! of rights, without tables, bits or lower-casing ahead of time.

#![allow(clippy::indexing_slicing, reason = "a wrong number in this file is a failed test")]

use std::sync::Arc;

use action_core::permissions::{Permission, Rights};
use proptest::{prelude::*, sample::select};
use serde_json::json;

const ACTIONS: [&str; 9] =
    ["Query", "Read", "Edit", "New", "Delete", "CarCopy", "user.edit", "ReadNews", "ΣΟΦΟΣ"];
const TARGETS: [&str; 4] = ["Car", "Van", "Größe", "ΟΔΟΣ"];
const NAMES: [&str; 6] = ["Administrators", "Beheerders", "Viewers", "Éditeurs", "a b", "ΟΔΟΣ"];
const COMBINED: [(&str, &[&str]); 10] = [
    ("EditNew", &["Edit", "New"]),
    ("EditNewDelete", &["Edit", "New", "Delete"]),
    ("NewDelete", &["New", "Delete"]),
    ("QueryRead", &["Query", "Read"]),
    ("QueryReadEdit", &["Query", "Read", "Edit"]),
    ("QueryReadEditNew", &["Query", "Read", "Edit", "New"]),
    ("QueryReadEditNewDelete", &["Query", "Read", "Edit", "New", "Delete"]),
    ("ReadEdit", &["Read", "Edit"]),
    ("ReadEditNew", &["Read", "Edit", "New"]),
    ("ReadEditNewDelete", &["Read", "Edit", "New", "Delete"]),
];

#[derive(Debug, Clone)]
struct Right {
    group: usize,
    action: String,
    target: String,
    is_denied: bool,
    is_important: bool,
}

#[derive(Debug, Clone)]
struct World {
    /// The names of each group; its number makes its id.
    groups: Vec<Vec<String>>,
    anonymous: Option<usize>,
    authenticated: Option<usize>,
    rights: Vec<Right>,
    roles: Option<Vec<String>>,
    claims: Vec<String>,
}

fn id(kind: &str, number: usize) -> String {
    format!("{kind}0000000-0000-4000-8000-{number:012x}")
}

impl World {
    fn json(&self) -> String {
        let groups: serde_json::Map<_, _> = self
            .groups
            .iter()
            .enumerate()
            .map(|(number, names)| {
                let names: serde_json::Map<_, _> = names
                    .iter()
                    .enumerate()
                    .map(|(language, name)| (format!("l{language}"), json!(name)))
                    .collect();
                (id("a", number), json!(names))
            })
            .collect();
        let rights: Vec<_> = self
            .rights
            .iter()
            .enumerate()
            .map(|(number, right)| {
                json!({
                    "id": id("b", number), "groupId": id("A", right.group),
                    "resource": format!("{}/{}", right.action, right.target),
                    "isDenied": right.is_denied, "isImportant": right.is_important,
                })
            })
            .collect();
        let well_known: serde_json::Map<_, _> =
            [("anonymous", self.anonymous), ("authenticated", self.authenticated)]
                .into_iter()
                .filter_map(|(key, group)| Some((key.to_owned(), json!(id("a", group?)))))
                .collect();
        json!({ "groups": groups, "wellKnown": well_known, "rights": rights }).to_string()
    }

    /// The rule, word for word.
    fn allows(&self, action: &str, target: Option<&str>) -> bool {
        let reaching = |is_denied: bool, is_important: bool| {
            self.rights.iter().any(|right| {
                (right.is_denied, right.is_important) == (is_denied, is_important)
                    && self.is_in(right.group)
                    && right.covers(action, target)
            })
        };
        let permission = target.map_or(action.to_owned(), |target| format!("{action}/{target}"));
        let is_claimed = self.roles.is_some() && self.claims.iter().any(|claim| same(claim, &permission));
        if reaching(true, true) {
            false
        } else if reaching(false, true) {
            true
        } else if reaching(true, false) {
            false
        } else {
            reaching(false, false) || is_claimed
        }
    }

    fn is_in(&self, group: usize) -> bool {
        if self.anonymous == Some(group) {
            return self.roles.is_none();
        }
        if self.authenticated == Some(group) {
            return self.roles.is_some();
        }
        let is_key =
            |role: &String| same(role, &id("a", group)) || self.groups[group].iter().any(|it| same(it, role));
        self.roles.iter().flatten().any(is_key)
    }
}

impl Right {
    fn covers(&self, action: &str, target: Option<&str>) -> bool {
        let parts = COMBINED.iter().find(|(name, _)| same(name, &self.action)).map(|(_, parts)| *parts);
        let action_fits = self.action == "*"
            || parts.map_or(same(&self.action, action), |parts| parts.iter().any(|part| same(part, action)));
        let target_fits = self.target == "*" || target.is_some_and(|target| same(&self.target, target));
        action_fits && target_fits
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The word with its letters in upper or lower case as the bits say.
fn recased(word: &str, bits: u32) -> String {
    let mut letters = String::new();
    for (place, letter) in word.chars().enumerate() {
        if letter != 'ß' && bits >> (place % 32) & 1 == 1 {
            letters.extend(letter.to_uppercase());
        } else if letter != 'ß' && bits >> (place % 31) & 2 == 2 {
            // One letter alone would lose its final sigma, so only ASCII is lowered.
            letters.push(letter.to_ascii_lowercase());
        } else {
            letters.push(letter);
        }
    }
    letters
}

fn in_any_case(words: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (words, any::<u32>()).prop_map(|(word, bits)| recased(&word, bits))
}

fn action() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => in_any_case(select(&ACTIONS[..]).prop_map(str::to_owned)),
        3 => in_any_case(select(&COMBINED[..]).prop_map(|(name, _)| name.to_owned())),
        1 => Just("*".to_owned()),
    ]
}

fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => in_any_case(select(&TARGETS[..]).prop_map(str::to_owned)),
        1 => Just("*".to_owned()),
    ]
}

fn claim() -> impl Strategy<Value = String> {
    prop_oneof![(action(), target()).prop_map(|(action, target)| format!("{action}/{target}")), action()]
}

fn world() -> impl Strategy<Value = World> {
    // One word of bits holds 64 groups; both sides of that border are visited.
    prop_oneof![4 => 1..6_usize, 1 => 63..67_usize].prop_flat_map(|count| {
        let name = || in_any_case(select(&NAMES[..]).prop_map(str::to_owned));
        let role = prop_oneof![
            3 => name(),
            2 => in_any_case((0..count).prop_map(|group| id("a", group))),
            1 => Just("nobody".to_owned()),
            1 => Just(String::new()),
        ];
        let right = (0..count, action(), target(), any::<bool>(), prop::bool::weighted(0.25)).prop_map(
            |(group, action, target, is_denied, is_important)| Right {
                group,
                action,
                target,
                is_denied,
                is_important,
            },
        );
        (
            prop::collection::vec(prop::collection::vec(name(), 0..3), count),
            prop::option::of(0..count),
            prop::option::of(0..count),
            prop::collection::vec(right, 0..12),
            prop::option::weighted(0.85, prop::collection::vec(role, 0..4)),
            prop::collection::vec(claim(), 0..6),
        )
            .prop_map(|(groups, anonymous, authenticated, rights, roles, claims)| World {
                groups,
                anonymous,
                authenticated: authenticated.filter(|group| Some(*group) != anonymous),
                rights,
                roles,
                claims,
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn compiled_rights_decide_as_the_rule_does(world in world(), bits: u32) {
        let rights = Rights::from_json(&world.json(), "random.json")
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        let grants = Arc::new(rights).grants_for(world.roles.as_deref(), &world.claims);
        for action in ACTIONS {
            for target in TARGETS.map(Some).into_iter().chain([None]) {
                let text = target.map_or(action.to_owned(), |target| format!("{action}/{target}"));
                let permission = Permission::new(&recased(&text, bits))
                    .map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(grants.allows(&permission), world.allows(action, target), "{}", text);
            }
        }
    }
}
