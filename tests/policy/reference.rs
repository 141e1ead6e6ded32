//! The whole road decides as a decision procedure of a few lines does, whatever the rights, roles and claims.
//!
//! The library compiles rights into bitsets and asks a handful of tables. Here each right is looked at, one after the
//! other, in the words of the documentation; a call must be refused with 403 exactly where that procedure says no.

use action_core::permissions::Rights;
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, Call, Caller, Engine, Identity, Refusal,
    RowReference,
};
use fleet::{Car, Company};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A right as it is written in a `security.json`.
#[derive(Debug, Clone)]
struct Right {
    group: usize,
    action: &'static str,
    target: &'static str,
    denied: bool,
    important: bool,
}

#[derive(Debug, Clone)]
struct Person {
    tenant: bool,
    roles: Vec<&'static str>,
    claims: Vec<&'static str>,
}

/// The groups, by two names and their position. The last two are the well-known ones.
const GROUPS: [[&str; 2]; 5] = [
    ["Administrators", "Beheerders"],
    ["Viewers", "Kijkers"],
    // One name in two groups: its bearer is in both.
    ["Auditors", "Kijkers"],
    ["Anonymous", "Anoniem"],
    ["Authenticated", "Aangemeld"],
];
const ANONYMOUS: usize = 3;
const AUTHENTICATED: usize = 4;

const ROLES: [&str; 9] = [
    "administrators",
    "Beheerders",
    "VIEWERS",
    "kijkers",
    "Auditors",
    // A group's id is a role key too.
    "A0000000-0000-4000-8000-000000000000",
    // Neither well-known group can be had by a claim.
    "anonymous",
    "Authenticated",
    "nobody",
];

const ACTION_HALVES: [&str; 15] = [
    "*",
    "Query",
    "read",
    "Edit",
    "New",
    "DELETE",
    "QueryRead",
    "queryReadEditNew",
    "EditNewDelete",
    "ReadEdit",
    "CarCopy",
    "carcopy",
    "user.edit",
    "generateReport",
    "diag.a",
];
const TARGET_HALVES: [&str; 5] = ["*", "Car", "CAR", "Company", "user"];

const CLAIMS: [&str; 14] = [
    "new/car",
    "Edit/Car",
    "Delete/Company",
    "Query/Car",
    "Read/Car",
    "CarCopy/Car",
    "USER.edit",
    "generatereport",
    "diag.a",
    "diag.b",
    // None of these means anything in a claim.
    "*/*",
    "QueryReadEditNewDelete/Car",
    "user.edit/*",
    "Edit/*",
];

/// What an action asks for.
enum Needs {
    All(&'static [&'static str]),
    Any(&'static [&'static str]),
    SignedIn,
}

struct Case {
    call: Call,
    needs: Needs,
    tenant_optional: bool,
}

fn cases() -> Vec<Case> {
    let record = |action: &str, entity: &str, needs: &'static [&'static str]| {
        let row = "00000000-0000-4000-8000-000000000001";
        let params = match action {
            "createRecord" => json!({ "entity": entity, "values": {} }),
            "executeQuery" => json!({ "entity": entity }),
            "generateReport" => json!({ "entity": entity, "format": "csv" }),
            "updateRecord" => json!({ "entity": entity, "id": row, "values": { "name": "x" } }),
            "bulkUpdate" => json!({ "entity": entity, "ids": [row], "values": { "name": "x" } }),
            "bulkDelete" => json!({ "entity": entity, "ids": [row] }),
            _ => json!({ "entity": entity, "id": row }),
        };
        let params = params.as_object().cloned().unwrap_or_default();
        Case { call: Call::execute(action, params), needs: Needs::All(needs), tenant_optional: false }
    };
    let free = |id: &str, needs: Needs, tenant_optional: bool| Case {
        call: Call::execute(id, Map::new()),
        needs,
        tenant_optional,
    };
    let mut on_a_row = Call::custom("car", "carCopyAction", Map::new());
    let id = Some(json!("00000000-0000-4000-8000-000000000001"));
    on_a_row.selection.items = vec![RowReference { id, ..RowReference::default() }];
    let on_no_row = Call::custom("Car", "CarCopy", Map::new());
    vec![
        record("createRecord", "Car", &["New/Car"]),
        record("createRecord", "company", &["New/Company"]),
        record("updateRecord", "Car", &["Edit/Car"]),
        record("deleteRecord", "CAR", &["Delete/Car"]),
        record("deleteRecord", "Company", &["Delete/Company"]),
        record("bulkUpdate", "Car", &["Edit/Car"]),
        record("bulkDelete", "company", &["Delete/Company"]),
        record("executeQuery", "Car", &["Query/Car"]),
        record("generateReport", "Car", &["generateReport", "Query/Car"]),
        free("one", Needs::All(&["user.edit"]), false),
        free("all", Needs::All(&["diag.a", "diag.b"]), true),
        free("any", Needs::Any(&["diag.b", "Read/Car"]), false),
        free("open", Needs::SignedIn, true),
        free("open.in_a_tenant", Needs::SignedIn, false),
        Case { call: on_no_row, needs: Needs::All(&["CarCopy/Car"]), tenant_optional: false },
        // Naming a row asks for the right to read it.
        Case { call: on_a_row, needs: Needs::All(&["CarCopy/Car", "Read/Car"]), tenant_optional: false },
    ]
}

struct Nothing;

impl ActionHandler for Nothing {
    type Input = (AnyParams,);
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
        Ok(())
    }
}

async fn engine(rights: Rights) -> Engine {
    Engine::builder()
        .rights(rights)
        .without_linked_actions()
        .custom_actions_from_code()
        .entity::<Car>()
        .entity::<Company>()
        .action(Action::new("one").permission("user.edit"), Nothing)
        .action(Action::new("all").permission("diag.a").permission("diag.b").tenant_optional(), Nothing)
        .action(Action::new("any").any_permission(["diag.b", "Read/Car"]), Nothing)
        .action(Action::new("open").authenticated().tenant_optional(), Nothing)
        .action(Action::new("open.in_a_tenant").authenticated(), Nothing)
        .action(Action::on_entity("CarCopy", "Car"), Nothing)
        .build()
        .await
        .unwrap()
}

fn group_id(group: usize) -> String {
    format!("a0000000-0000-4000-8000-{group:012}")
}

/// The text of a `security.json` with these rights.
fn security_json(rights: &[Right]) -> String {
    let groups: Map<String, Value> = GROUPS
        .iter()
        .enumerate()
        .map(|(group, [english, dutch])| (group_id(group), json!({ "en": english, "nl": dutch })))
        .collect();
    let rights: Vec<Value> = rights
        .iter()
        .enumerate()
        .map(|(number, it)| {
            json!({
                "id": format!("b0000000-0000-4000-8000-{number:012}"),
                "resource": format!("{}/{}", it.action, it.target),
                "groupId": group_id(it.group),
                "isDenied": it.denied,
                "isImportant": it.important,
            })
        })
        .collect();
    let well_known = json!({ "anonymous": group_id(ANONYMOUS), "authenticated": group_id(AUTHENTICATED) });
    json!({ "wellKnown": well_known, "groups": groups, "rights": rights }).to_string()
}

/// The decision, in the words of the documentation.
mod in_plain_words {
    use super::{ANONYMOUS, AUTHENTICATED, Case, GROUPS, Needs, Person, Right, group_id};

    pub(super) fn may(person: &Person, rights: &[Right], case: &Case) -> bool {
        (person.tenant || case.tenant_optional)
            && match &case.needs {
                Needs::All(permissions) => permissions.iter().all(|it| holds(person, rights, it)),
                Needs::Any(permissions) => permissions.iter().any(|it| holds(person, rights, it)),
                Needs::SignedIn => true,
            }
    }

    fn holds(person: &Person, rights: &[Right], permission: &str) -> bool {
        let mine: Vec<_> =
            rights.iter().filter(|it| is_in(person, it.group) && covers(it, permission)).collect();
        let some = |denied: bool, important: bool| {
            mine.iter().any(|it| it.denied == denied && it.important == important)
        };
        if some(true, true) {
            false
        } else if some(false, true) {
            true
        } else if some(true, false) {
            false
        } else {
            some(false, false) || person.claims.iter().any(|it| it.eq_ignore_ascii_case(permission))
        }
    }

    fn is_in(person: &Person, group: usize) -> bool {
        match group {
            AUTHENTICATED => true,
            ANONYMOUS => false,
            _ => {
                let mut keys = GROUPS[group].map(str::to_owned).to_vec();
                keys.push(group_id(group));
                person.roles.iter().any(|role| keys.iter().any(|key| key.eq_ignore_ascii_case(role)))
            }
        }
    }

    fn covers(right: &Right, permission: &str) -> bool {
        let (action, target) = permission.split_once('/').map_or((permission, None), |(a, t)| (a, Some(t)));
        let action_fits =
            right.action == "*" || parts(right.action).iter().any(|it| it.eq_ignore_ascii_case(action));
        // A free name is an action without a target.
        let target_fits =
            right.target == "*" || target.is_some_and(|it| right.target.eq_ignore_ascii_case(it));
        action_fits && target_fits
    }

    /// The combined names among `ACTION_HALVES`, and every other name as itself.
    fn parts(name: &str) -> Vec<&str> {
        match name.to_lowercase().as_str() {
            "queryread" => vec!["Query", "Read"],
            "queryreadeditnew" => vec!["Query", "Read", "Edit", "New"],
            "editnewdelete" => vec!["Edit", "New", "Delete"],
            "readedit" => vec!["Read", "Edit"],
            _ => vec![name],
        }
    }
}

fn right() -> impl Strategy<Value = Right> {
    // Ordinary grants are most of what people write; a denial of everything would make all cases alike.
    let marks = prop_oneof![
        5 => Just((false, false)),
        2 => Just((true, false)),
        1 => Just((false, true)),
        1 => Just((true, true)),
    ];
    (0..GROUPS.len(), select(&ACTION_HALVES[..]), select(&TARGET_HALVES[..]), marks).prop_map(
        |(group, action, target, (denied, important))| Right { group, action, target, denied, important },
    )
}

fn person() -> impl Strategy<Value = Person> {
    (prop::bool::weighted(0.9), subsequence(ROLES.to_vec(), 0..4), subsequence(CLAIMS.to_vec(), 0..4))
        .prop_map(|(tenant, roles, claims)| Person { tenant, roles, claims })
}

fn caller(person: &Person) -> Caller {
    let owned = |texts: &[&str]| texts.iter().map(|&it| it.to_owned()).collect();
    Caller::new(Identity {
        tenant_id: person.tenant.then(|| Uuid::from_u128(0x11)),
        roles: owned(&person.roles),
        permissions: owned(&person.claims),
        ..Identity::of(Uuid::from_u128(1))
    })
}

#[test]
fn the_road_decides_as_plain_words_do() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let (mut allowed, mut refused) = (0_u32, 0_u32);
    let counted = (&mut allowed, &mut refused);
    let counted = std::cell::RefCell::new(counted);
    let rights_and_people = (prop::collection::vec(right(), 0..8), prop::collection::vec(person(), 4));
    let ran = runner.run(&rights_and_people, |(rights, people)| {
        let snapshot = Rights::from_json(&security_json(&rights), "security.json").unwrap();
        runtime.block_on(async {
            let engine = engine(snapshot).await;
            for person in &people {
                for case in cases() {
                    let reply = engine.run(caller(person), case.call.clone()).await;
                    let is_refused =
                        matches!(reply.result, Err(Refusal::PermissionDenied | Refusal::TenantRequired));
                    let may = in_plain_words::may(person, &rights, &case);
                    prop_assert_eq!(!is_refused, may, "{:?} {:?}", person, case.call.target);
                    let mut counted = counted.borrow_mut();
                    *(if may { &mut *counted.0 } else { &mut *counted.1 }) += 1;
                }
            }
            Ok(())
        })
    });
    ran.unwrap();
    // A test in which one answer hardly occurs would show little.
    assert!(allowed > 1_000 && refused > 1_000, "{allowed} allowed, {refused} refused");
}
