//! Each `security.json` that is refused, with the message its author reads.

use action_core::permissions::{Rights, SecurityFileError};

/// The whole message for a file called `s.json`; what is accepted says so.
fn refusal(text: &str) -> String {
    Rights::from_json(text, "s.json").map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
}

/// The message for a file with one problem, without its first line and the file's name.
fn one_problem(text: &str) -> String {
    let message = refusal(text);
    match message.split_once("`s.json` has 1 problem; nothing of it was taken\n  s.json:") {
        Some(("", problem)) => problem.to_owned(),
        _ => message,
    }
}

/// A file with this list of rights, on the third line, and one group that ends in `1`.
fn with_rights(rights: &str) -> String {
    format!(
        "{{ \"wellKnown\": {{ \"authenticated\": \"a0000000-0000-4000-8000-0000000000f1\" }},\n\
         \"groups\": {{ \"a0000000-0000-4000-8000-000000000001\": {{ \"en\": \"Viewers\" }} }}, \"rights\": [\n{rights}\n] }}"
    )
}

/// One right on a resource.
fn right_on(resource: &str) -> String {
    format!(
        r#"{{"id": "b0000000-0000-4000-8000-000000000001", "groupId": "a0000000-0000-4000-8000-000000000001", "resource": {resource}}}"#
    )
}

#[test]
fn what_is_not_json_is_refused_with_line_and_column() {
    for (text, problem) in [
        ("", "1:1: not JSON: EOF while parsing a value"),
        ("{\n  \"rights\": [,]\n}", "2:14: not JSON: expected value"),
        ("{} // remark", "1:4: not JSON: trailing characters"),
    ] {
        assert_eq!(one_problem(text), problem);
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let problem = one_problem(&format!("{{\"_\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
    assert_eq!(problem, "1:133: not JSON: recursion limit exceeded");
}

#[test]
fn every_value_has_its_type() {
    for (text, problem) in [
        ("[]".to_owned(), "1:1: an array stands where an object belongs"),
        (r#"{"groups": null}"#.to_owned(), "1:12: groups: null stands where an object belongs"),
        (r#"{"rights": {}}"#.to_owned(), "1:12: rights: an object stands where an array belongs"),
        (r#"{"wellKnown": "x"}"#.to_owned(), "1:15: wellKnown: a string stands where an object belongs"),
        (
            r#"{"wellKnown": {"anonymous": 1}}"#.to_owned(),
            "1:29: wellKnown.anonymous: a number stands where a string belongs",
        ),
        (
            r#"{"groups": {"a0000000-0000-4000-8000-000000000001": "Viewers"}}"#.to_owned(),
            "1:53: groups.a0000000-0000-4000-8000-000000000001: a string stands where an object belongs",
        ),
        (with_rights("7"), "3:1: rights[0]: a number stands where an object belongs"),
        (with_rights(&right_on("null")), "3:111: rights[0].resource: null stands where a string belongs"),
        (
            with_rights(&right_on(r#""a/b", "isDenied": "true""#)),
            "3:130: rights[0].isDenied: a string stands where `true` or `false` belongs",
        ),
        (
            with_rights(&right_on(r#""a/b", "isImportant": 1"#)),
            "3:133: rights[0].isImportant: a number stands where `true` or `false` belongs",
        ),
    ] {
        assert_eq!(one_problem(&text), problem);
    }
}

#[test]
fn a_resource_that_is_not_action_and_target_is_refused() {
    for (resource, cause) in [
        ("ReadCar", "`ReadCar` is not `action/target`; for a free name write `ReadCar/*`"),
        ("*", "`*` is not `action/target`; for a free name write `*/*`"),
        ("", "the text is empty; write `action/target`, such as `Edit/Car`"),
        ("Read/", "`Read/` has nothing on one side of its `/`; write both the action and the target"),
        ("a/b/c", "`a/b/c` has more than one `/`; write one action and one target, such as `Edit/Car`"),
        (
            "Read*/Car",
            "`Read*/Car` has a `*` inside a name; it stands for a whole half, as in `Read/*`, `*/Car` or `*/*`",
        ),
        (
            "Read/**",
            "`Read/**` has a `*` inside a name; it stands for a whole half, as in `Read/*`, `*/Car` or `*/*`",
        ),
        ("Read/ Car", "`Read/ Car` has white space at the edge of a name; remove it"),
        (r"Read/C\u0000ar", r"`Read/C\0ar` has a control character; remove it"),
    ] {
        let text = with_rights(&right_on(&format!("\"{resource}\"")));
        assert_eq!(one_problem(&text), format!("3:111: rights[0].resource: {cause}"));
    }
}

#[test]
fn a_right_without_id_resource_or_group_is_refused_once_for_each() {
    assert_eq!(
        refusal(&with_rights("  {}")),
        "`s.json` has 3 problems; nothing of it was taken
  s.json:3:3: rights[0]: `id` is missing; add it
  s.json:3:3: rights[0]: `resource` is missing; add it
  s.json:3:3: rights[0]: `groupId` is missing; add it"
    );
}

#[test]
fn a_duplicate_right_id_is_refused_with_both_places_whatever_its_case() {
    let second = right_on("\"c/d\"").replace("b0000000", "B0000000");
    let rights = format!("{},\n{second}", right_on("\"a/b\""));
    assert_eq!(
        one_problem(&with_rights(&rights)),
        "4:8: rights[1].id: the right `b0000000-0000-4000-8000-000000000001` stands here a second time, \
         the first is `rights[0]` at 3:8; give one of them a new id"
    );
}

#[test]
fn an_undeclared_group_is_refused() {
    let text = with_rights(&right_on("\"a/b\"").replace("000000000001\", \"res", "000000000002\", \"res"));
    assert_eq!(
        one_problem(&text),
        "3:59: rights[0].groupId: the group `a0000000-0000-4000-8000-000000000002` is declared neither in `groups` \
         nor in `wellKnown`; declare it, or correct the id"
    );
}

#[test]
fn rights_are_not_blamed_for_groups_that_could_not_be_read() {
    let text = with_rights(&right_on("\"a/b\"")).replace("{ \"en\": \"Viewers\" } }", "{} }");
    assert_eq!(refusal(&text), "accepted");
    let text = text.replace("\"groups\": {", "\"groups\": [], \"_groups\": {");
    assert_eq!(one_problem(&text), "2:11: groups: an array stands where an object belongs");
}

#[test]
fn a_right_may_name_a_well_known_group_that_has_no_names() {
    assert_eq!(
        refusal(&with_rights(&right_on("\"a/b\"").replace("000000000001\", \"res", "0000000000F1\", \"res"))),
        "accepted"
    );
}

#[test]
fn an_unknown_well_known_key_and_one_group_for_both_are_refused() {
    assert_eq!(
        one_problem(r#"{"wellKnown": {"Anonymous": "a0000000-0000-4000-8000-000000000001"}}"#),
        "1:16: wellKnown: `Anonymous` is no well-known group; write `anonymous` or `authenticated`"
    );
    assert_eq!(
        one_problem(
            "{\"wellKnown\": {\"anonymous\": \"a0000000-0000-4000-8000-000000000001\",\n\
             \"authenticated\": \"A0000000-0000-4000-8000-000000000001\"}}"
        ),
        "2:18: wellKnown.authenticated: `anonymous` and `authenticated` are one group, \
         `a0000000-0000-4000-8000-000000000001`; being signed in would make no difference"
    );
}

#[test]
fn an_unknown_member_is_refused_and_a_remark_is_not() {
    assert_eq!(
        one_problem(r#"{"Rights": []}"#),
        "1:2: `Rights` is not known here; write `wellKnown`, `groups` or `rights`, or start a remark with `_`"
    );
    assert_eq!(
        one_problem(&with_rights(&right_on(r#""a/b", "denied": true"#))),
        "3:118: rights[0]: `denied` is not known here; write `id`, `resource`, `groupId`, `isDenied` or `isImportant`, \
         or start a remark with `_`"
    );
    let remarked = with_rights(&right_on(r#""a/b", "_why": [1], "_why": 2"#))
        .replace("\"groups\": {", "\"_\": 1, \"groups\": { \"_\": 3,")
        .replace("{ \"en\"", "{ \"_en\": 4, \"en\"")
        .replace("{ \"authenticated\"", "{ \"_x\": null, \"authenticated\"");
    assert_eq!(refusal(&remarked), "accepted");
}

#[test]
fn a_key_that_stands_twice_is_refused_with_both_places() {
    assert_eq!(
        one_problem("{\"rights\": [],\n \"rights\": []}"),
        "2:2: `rights` stands here a second time, the first is at 1:2; keep one of them"
    );
    let groups = |second: &str| {
        format!("{{\"groups\": {{\n\"a0000000-0000-4000-8000-000000000001\": {{}},\n\"{second}\": {{}}}}}}")
    };
    for second in ["a0000000-0000-4000-8000-000000000001", "A0000000-0000-4000-8000-000000000001"] {
        assert_eq!(
            one_problem(&groups(second)),
            format!(
                "3:1: groups: `{second}` stands here a second time, the first is at 2:1; keep one of them"
            )
        );
    }
    assert_eq!(
        one_problem(&with_rights(&right_on(r#""a/b", "isDenied": true, "isDenied": false"#))),
        "3:136: rights[0]: `isDenied` stands here a second time, the first is at 3:118; keep one of them"
    );
}

#[test]
fn an_id_that_is_no_uuid_with_hyphens_is_refused() {
    let cause = "is not a UUID such as `a0000000-0000-4000-8000-000000000001`";
    for id in ["7", "a000000000004000800000000000000f", "{a0000000-0000-4000-8000-000000000001}", "Viewers"] {
        assert_eq!(
            one_problem(&format!("{{\"groups\": {{\"{id}\": {{}}}}}}")),
            format!("1:13: groups: `{id}` {cause}")
        );
        assert_eq!(
            one_problem(&format!("{{\"wellKnown\": {{\"anonymous\": \"{id}\"}}}}")),
            format!("1:29: wellKnown.anonymous: `{id}` {cause}")
        );
        let right = right_on("\"a/b\"");
        let text = with_rights(&right.replace("b0000000-0000-4000-8000-000000000001", id));
        assert_eq!(one_problem(&text), format!("3:8: rights[0].id: `{id}` {cause}"));
        let text = with_rights(&right.replace("a0000000-0000-4000-8000-000000000001", id));
        assert_eq!(one_problem(&text), format!("3:59: rights[0].groupId: `{id}` {cause}"));
    }
}

#[test]
fn a_blank_name_is_refused_since_an_empty_role_would_match_it() {
    assert_eq!(
        one_problem(&with_rights("").replace("Viewers", " ")),
        "2:61: groups.a0000000-0000-4000-8000-000000000001.en: a group's name is blank; \
         write the role it stands for, or remove it"
    );
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_file() -> Result<(), Box<dyn std::error::Error>> {
    let text = "{\n\"rights\": [{\"id\": \"1\", \"resource\": \"Read\", \"groupId\": 5}],\n\"group\": {},\n\"wellKnown\": {\"all\": \"\"}\n}";
    assert_eq!(
        refusal(text),
        "`s.json` has 5 problems; nothing of it was taken
  s.json:2:19: rights[0].id: `1` is not a UUID such as `a0000000-0000-4000-8000-000000000001`
  s.json:2:36: rights[0].resource: `Read` is not `action/target`; for a free name write `Read/*`
  s.json:2:55: rights[0].groupId: a number stands where a string belongs
  s.json:3:1: `group` is not known here; write `wellKnown`, `groups` or `rights`, or start a remark with `_`
  s.json:4:15: wellKnown: `all` is no well-known group; write `anonymous` or `authenticated`"
    );
    let error = Rights::from_json(text, "s.json").map(|_| ()).err().ok_or("accepted")?;
    assert_eq!(error.problems().len(), 5);
    assert!(matches!(error, SecurityFileError::Refused { file, .. } if file == "s.json"));
    Ok(())
}

#[test]
fn what_may_be_missing_is_empty() {
    for text in ["{}", r#"{"rights": []}"#, r#"{"groups": {}, "wellKnown": {}}"#] {
        assert_eq!(refusal(text), "accepted", "{text}");
    }
}
