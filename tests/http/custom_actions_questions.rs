//! Questions (449): a conversation that the server remembers nothing of.

use action_tests::{Answer, Ask, TestApp, people};
use serde_json::{Value, json};

use crate::support::{CAR, OTHER_CAR, audit, members, read, update};

on_both_fleets!(
    a_question_has_the_members_of_a_dialog_and_its_state,
    a_conversation_of_two_questions_ends_in_one_mail_and_one_change,
    a_cancelled_conversation_changes_nothing,
    an_answer_without_its_state_or_with_a_forged_one_is_asked_again,
    an_answer_of_another_caller_tenant_row_or_question_is_asked_again,
    answers_in_the_wrong_places_are_asked_again,
    a_row_that_changed_since_the_question_is_asked_about_again,
    an_option_that_was_not_offered_and_two_answers_to_one_question_are_refused,
    a_right_that_is_withdrawn_between_question_and_answer_refuses_the_answer,
    a_question_is_not_kept_for_its_idempotency_key,
    a_conversation_ends_on_another_node_than_it_began,
    a_question_is_in_the_callers_language,
    every_step_of_a_conversation_is_audited,
);

const PATH: &str = "/spark/actions/Car/CarReportStolen";

async fn say(ask: &Ask<'_>, car: &str, answers: &[Value]) -> Answer {
    let mut body = json!({ "parent": { "id": car } });
    if !answers.is_empty() {
        body["retryResults"] = json!(answers);
    }
    ask.post(PATH, &body).await
}

/// An answer to a question that was asked.
fn answer(asked: &Answer, option: &str) -> Value {
    assert_eq!(asked.status, 449, "{}", asked.text);
    json!({ "step": asked.json["step"], "option": option, "state": asked.json["state"], "persistentObject": null })
}

fn step(asked: &Answer) -> u64 {
    assert_eq!(asked.brief(), "449 input_required", "{}", asked.text);
    asked.json["step"].as_u64().unwrap()
}

fn mails(app: &TestApp) -> usize {
    let folder = std::fs::read_dir(&app.settings().outbox);
    folder
        .map_or(0, |it| it.flatten().filter(|it| it.path().extension().is_some_and(|it| it == "eml")).count())
}

async fn a_question_has_the_members_of_a_dialog_and_its_state(app: TestApp) {
    let asked = say(&app.as_person(&people::fleet_manager()), CAR, &[]).await;
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(
        members(&asked.json),
        [
            "success",
            "code",
            "status",
            "type",
            "step",
            "title",
            "message",
            "options",
            "defaultOption",
            "persistentObject",
            "state"
        ]
    );
    let expected = json!({
        "success": false, "code": "input_required", "status": 449, "type": "retry-action", "step": 0,
        "title": "Report vehicle as stolen", "message": "ACM-001 cannot be used afterwards.",
        "options": ["Confirm", "Cancel"], "defaultOption": "Cancel", "persistentObject": null,
        "state": asked.json["state"],
    });
    assert_eq!(asked.json, expected);
}

async fn a_conversation_of_two_questions_ends_in_one_mail_and_one_change(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let first = say(&ask, CAR, &[]).await;
    let confirmed = answer(&first, "Confirm");
    let second = say(&ask, CAR, std::slice::from_ref(&confirmed)).await;
    assert_eq!((step(&second), &second.json["title"]), (1, &json!("Notify fleet managers")));
    assert_eq!(second.json["options"], json!(["Yes, notify", "No, skip"]));
    assert_eq!(read(&ask, CAR).await["status"], "available");
    let done = say(&ask, CAR, &[confirmed, answer(&second, "Yes, notify")]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json["effects"][0]["message"], "ACM-001 was reported as stolen");
    let stolen = read(&ask, CAR).await;
    assert_eq!((&stolen["status"], &stolen["version"]), (&json!("stolen"), &json!(2)));
    let waited = std::time::Instant::now();
    while mails(&app) == 0 && waited.elapsed() < std::time::Duration::from_secs(10) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(mails(&app), 1);
}

async fn a_cancelled_conversation_changes_nothing(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let before = read(&ask, CAR).await;
    let first = say(&ask, CAR, &[]).await;
    let done = say(&ask, CAR, &[answer(&first, "Cancel")]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(
        done.json["effects"][0],
        json!({ "type": "notify", "kind": "info", "message": "Nothing was changed" })
    );
    assert_eq!(read(&ask, CAR).await, before);
    // "No, skip" changes the car and sends nothing.
    let confirmed = answer(&say(&ask, CAR, &[]).await, "Confirm");
    let second = say(&ask, CAR, std::slice::from_ref(&confirmed)).await;
    assert_eq!(say(&ask, CAR, &[confirmed, answer(&second, "No, skip")]).await.status, 200);
    assert_eq!((&read(&ask, CAR).await["status"], mails(&app)), (&json!("stolen"), 0));
}

async fn an_answer_without_its_state_or_with_a_forged_one_is_asked_again(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let good = answer(&say(&ask, CAR, &[]).await, "Confirm");
    let state = good["state"].as_str().unwrap();
    let mut flipped = state.to_owned();
    let last = if flipped.ends_with('A') { "Q" } else { "A" };
    flipped.replace_range(flipped.len() - 1.., last);
    let later = format!("AAAAAP{}", &state[6..]);
    for forged in [json!(null), json!(""), json!(5), json!({}), json!("x"), json!(flipped), json!(later)] {
        let mut bad = good.clone();
        bad["state"] = forged.clone();
        assert_eq!(step(&say(&ask, CAR, &[bad]).await), 0, "{forged}");
    }
    let mut bare = good.clone();
    bare.as_object_mut().unwrap().shift_remove("state");
    assert_eq!(step(&say(&ask, CAR, &[bare]).await), 0);
    assert_eq!(step(&say(&ask, CAR, &[good]).await), 1);
}

async fn an_answer_of_another_caller_tenant_row_or_question_is_asked_again(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let good = answer(&say(&ask, CAR, &[]).await, "Confirm");
    let given = std::slice::from_ref(&good);
    assert_eq!(step(&say(&ask, OTHER_CAR, given).await), 0, "another row");
    assert_eq!(step(&say(&app.as_person(&people::administrator()), CAR, given).await), 0, "another caller");
    let moved = people::fleet_manager().tenant(people::GLOBEX);
    let foreign = crate::support::FOREIGN_CAR;
    assert_eq!(step(&say(&app.as_person(&moved), foreign, given).await), 0, "another tenant");
    let submitted = json!({ "parent": { "id": CAR, "attributes": [{ "name": "a", "value": 1 }] }, "retryResults": given });
    assert_eq!(step(&ask.post(PATH, &submitted).await), 0, "another form");
    assert_eq!(step(&say(&ask, CAR, given).await), 1);
}

async fn answers_in_the_wrong_places_are_asked_again(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let first = answer(&say(&ask, CAR, &[]).await, "Confirm");
    let second = answer(&say(&ask, CAR, std::slice::from_ref(&first)).await, "No, skip");
    // The state of one question under the number of the other.
    let at = |of: &Value, step: u32| {
        let mut moved = of.clone();
        moved["step"] = json!(step);
        moved
    };
    let mut as_first = at(&second, 0);
    as_first["option"] = json!("Confirm");
    assert_eq!(step(&say(&ask, CAR, &[as_first, at(&first, 1)]).await), 0);
    assert_eq!(step(&say(&ask, CAR, std::slice::from_ref(&second)).await), 0, "the second alone");
    // Their order in the list says nothing.
    assert_eq!(say(&ask, CAR, &[second, first]).await.status, 200);
}

async fn a_row_that_changed_since_the_question_is_asked_about_again(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let confirmed = answer(&say(&ask, CAR, &[]).await, "Confirm");
    assert_eq!(update(&ask, CAR, json!({ "color": "green" })).await.status, 200);
    assert_eq!(step(&say(&ask, CAR, std::slice::from_ref(&confirmed)).await), 0);
    assert_eq!(read(&ask, CAR).await["status"], "available");
}

async fn an_option_that_was_not_offered_and_two_answers_to_one_question_are_refused(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let asked = say(&ask, CAR, &[]).await;
    let other = say(&ask, CAR, &[answer(&asked, "Burn it")]).await;
    assert_eq!(other.brief(), "400 invalid_answer");
    assert_eq!(crate::support::told(&other), ["retryResults[0].option not_allowed"]);
    let twice = say(&ask, CAR, &[answer(&asked, "Confirm"), answer(&asked, "Cancel")]).await;
    assert_eq!(twice.brief(), "400 invalid_answer");
    assert_eq!(crate::support::told(&twice), ["retryResults[1].step duplicate"]);
    assert_eq!(read(&ask, CAR).await["status"], "available");
}

async fn a_right_that_is_withdrawn_between_question_and_answer_refuses_the_answer(app: TestApp) {
    // The token carries the right: the next one does not.
    let holder = people::viewer().permissions(&["CarReportStolen/Car"]);
    let confirmed = answer(&say(&app.as_person(&holder), CAR, &[]).await, "Confirm");
    let answered = say(&app.as_person(&people::viewer()), CAR, &[confirmed]).await;
    assert_eq!(answered.brief(), "403 permission_denied");
}

async fn a_question_is_not_kept_for_its_idempotency_key(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager()).header("idempotency-key", "stolen-1");
    let first = answer(&say(&ask, CAR, &[]).await, "Confirm");
    let second = answer(&say(&ask, CAR, std::slice::from_ref(&first)).await, "No, skip");
    let done = say(&ask, CAR, &[first.clone(), second.clone()]).await;
    assert_eq!((done.status, done.header("idempotency-replayed")), (200, None), "{}", done.text);
    // Answers continue a request: the key is this conversation's from its first call on.
    let again = say(&ask, CAR, &[first, second]).await;
    assert_eq!((again.header("idempotency-replayed"), &again.text), (Some("true"), &done.text));
    assert_eq!(read(&app.as_person(&people::fleet_manager()), CAR).await["version"], 2);
}

async fn a_conversation_ends_on_another_node_than_it_began(app: TestApp) {
    let first = answer(&say(&app.as_person(&people::fleet_manager()), CAR, &[]).await, "Confirm");
    let app = app.restart(|_| {}).await;
    let ask = app.as_person(&people::fleet_manager());
    let second = say(&ask, CAR, std::slice::from_ref(&first)).await;
    assert_eq!(step(&second), 1);
    let second = answer(&second, "No, skip");
    let app = app.restart(|_| {}).await;
    let ask = app.as_person(&people::fleet_manager());
    assert_eq!(say(&ask, CAR, &[first, second]).await.status, 200);
    assert_eq!(read(&ask, CAR).await["status"], "stolen");
}

async fn a_question_is_in_the_callers_language(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager()).header("accept-language", "nl-BE");
    let asked = say(&ask, CAR, &[]).await;
    assert_eq!(asked.json["title"], "Voertuig als gestolen melden");
    assert_eq!(asked.json["options"], json!(["Bevestigen", "Annuleren"]));
    let done = say(&ask, CAR, &[answer(&asked, "Annuleren")]).await;
    assert_eq!(done.json["effects"][0]["message"], "Er is niets gewijzigd");
    // Whoever changes the language is asked in the new one.
    let english = app.as_person(&people::fleet_manager());
    assert_eq!(step(&say(&english, CAR, &[answer(&asked, "Bevestigen")]).await), 0);
}

async fn every_step_of_a_conversation_is_audited(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let first = answer(&say(&ask, CAR, &[]).await, "Confirm");
    let second = answer(&say(&ask, CAR, std::slice::from_ref(&first)).await, "No, skip");
    assert_eq!(say(&ask, CAR, &[first.clone(), second]).await.status, 200);
    let rows = audit(&ask, "?actionId=CarReportStolen/Car").await;
    let outcomes: Vec<_> = rows.iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["succeeded", "asked", "asked"]);
    assert_eq!((&rows[2]["success"], &rows[2]["errorCode"]), (&json!(false), &json!("input_required")));
    let state = first["state"].as_str().unwrap();
    assert!(rows.iter().all(|it| !it.to_string().contains(state)), "a state is nobody's business");
}
