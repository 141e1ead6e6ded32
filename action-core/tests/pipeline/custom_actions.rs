//! What a configuration makes of the handlers: which actions there are, on which entities, and how they are offered.

use action_core::custom_actions::{ButtonStyle, SelectionRule};
use action_core::entity::{Column, Entity, Record};
use action_core::permissions::{Effect, Resource, Rights};
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, Call, CustomActionDescription, Engine, EngineBuilder,
    FormField, Kind, Languages, Outcome, Parent, Question, Reply, RowReference, Selected, SelectedMany,
    SentAnswer, ShownOn,
};
use serde_json::{Map, Value as Json, json};

use crate::world::{Car, data, editor, end};

struct One;

impl ActionHandler for One {
    type Input = (Selected<Car>,);
    type Output = String;

    async fn execute(&self, _: &mut ActionContext<'_>, (car,): Self::Input) -> ActionResult<String> {
        Ok(car.0.license_plate)
    }
}

struct Any;

impl ActionHandler for Any {
    type Input = (SelectedMany<Record>, Option<Parent<Record>>);
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (rows, parent): Self::Input) -> ActionResult<Json> {
        let entity = ctx.entity().map(|it| it.name().to_owned());
        Ok(json!([entity, rows.len(), parent.map(|it| it.entity().name().to_owned())]))
    }
}

struct Nothing;

impl ActionHandler for Nothing {
    type Input = ();
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult {
        Ok(())
    }
}

fn truck() -> Entity {
    Entity::builder("Truck", "trucks")
        .column(Column::new("id", Kind::Uuid))
        .column(Column::new("name", Kind::Text))
        .build()
        .unwrap()
}

fn builder() -> EngineBuilder {
    Engine::builder()
        .without_linked_actions()
        .rights(crate::world::rights())
        .entity::<Car>()
        .entity_definition(truck())
}

fn rule(text: &str) -> SelectionRule {
    SelectionRule::parse(text).unwrap()
}

/// One line for each problem.
async fn problems(builder: EngineBuilder) -> Vec<String> {
    builder.build().await.err().expect("it must not build").problems().to_vec()
}

async fn offered(engine: &Engine, entity: &str) -> Vec<CustomActionDescription> {
    let admin = crate::world::editor();
    let grants = engine.grants(&admin).await.unwrap();
    engine.custom_actions_for(entity, &admin, &grants, &Languages::default())
}

async fn names(engine: &Engine, entity: &str) -> Vec<String> {
    offered(engine, entity).await.into_iter().map(|it| it.name).collect()
}

async fn run(engine: &Engine, entity: &str, action: &str) -> Reply {
    engine.run(editor(), Call::custom(entity, action, Map::new())).await
}

#[tokio::test]
async fn what_an_entry_leaves_out_falls_to_the_attribute_and_then_to_the_default() {
    let said = Action::on_entity("inspect", "Car")
        .authenticated()
        .title("Inspect")
        .description("Looks at it.")
        .selection(rule("=1"))
        .shown_on(ShownOn::Query)
        .icon("Eye")
        .confirm("Sure")
        .offset(3)
        .group("garage")
        .style(ButtonStyle::Ghost)
        .refresh();
    let entry = r#"{
        "_remark": 5,
        "Inspect": { "displayName": { "nl": "Kijk" }, "showedOn": "both", "icon": "Lens", "group": null, "_remark": [] },
        "Plain": { "displayName": { "en": "Plain" }, "showedOn": "detail" } }"#;
    let builder = builder()
        .custom_actions_json(entry, "customActions.json")
        .action(said, One)
        .action(Action::on_entity("plain", "Car").authenticated(), Nothing);
    let listed = offered(&builder.build().await.unwrap(), "car").await;
    let json: Vec<Json> = listed.iter().map(|it| serde_json::to_value(it).unwrap()).collect();
    assert_eq!(
        json,
        [
            json!({
                "name": "Plain", "displayName": "Plain", "displayNames": { "en": "Plain" }, "icon": null,
                "description": null, "showedOn": "detail", "selectionRule": "=0", "refreshOnCompleted": false,
                "confirmationMessageKey": null, "offset": 0, "group": null, "style": null, "params": null,
            }),
            json!({
                "name": "Inspect", "displayName": "Kijk", "displayNames": { "nl": "Kijk" }, "icon": "Lens",
                "description": "Looks at it.", "showedOn": "both", "selectionRule": "=1",
                "refreshOnCompleted": true, "confirmationMessageKey": "Sure", "offset": 3, "group": "garage",
                "style": "ghost", "params": null,
            }),
        ]
    );
}

#[tokio::test]
async fn without_an_entry_an_action_is_there_only_where_the_code_is_to_decide() {
    let with = |builder: EngineBuilder| {
        builder
            .custom_actions_json(r#"{ "b": { "displayName": { "en": "B" }, "showedOn": "both" } }"#, "c.json")
            .action(Action::on_entity("a", "Car").authenticated(), Nothing)
            .action(Action::on_entity("b", "Car").authenticated(), Nothing)
    };
    let file = with(builder()).build().await.unwrap();
    assert_eq!(names(&file, "Car").await, ["b"]);
    assert_eq!(end(&run(&file, "Car", "a").await), "action_not_found");
    let both = with(builder().custom_actions_from_code()).build().await.unwrap();
    assert_eq!(names(&both, "Car").await, ["b", "a"], "the file's come first");
    assert_eq!(end(&run(&both, "Car", "A").await), "done");
}

#[tokio::test]
async fn an_entry_without_a_handler_is_passed_over() {
    let entry = r#"{ "Ghost": { "displayName": { "en": "G" }, "showedOn": "both" } }"#;
    let engine = builder().custom_actions_json(entry, "c.json").build().await.unwrap();
    assert!(names(&engine, "Car").await.is_empty());
    assert_eq!(end(&run(&engine, "Car", "Ghost").await), "action_not_found");
}

#[tokio::test]
async fn an_action_on_several_entities_is_one_on_each_with_a_right_of_its_own() {
    let builder = builder()
        .custom_actions_from_code()
        .action(Action::on_any_entity("count").selection(rule("")), Any)
        .action(Action::on_entities("few", ["Truck", "car"]).authenticated().selection(rule("")), Any);
    let engine = builder.build().await.unwrap();
    assert_eq!(data(&run(&engine, "Truck", "few").await), json!(["Truck", 0, null]));
    assert_eq!(data(&run(&engine, "car", "few").await), json!(["Car", 0, null]));
    // Without a permission of its own it needs `count/Truck`, which an editor does not hold.
    assert_eq!(end(&run(&engine, "Truck", "count").await), "permission_denied");
    let mut call = Call::custom("Truck", "few", Map::new());
    call.selection.parent =
        Some(RowReference { entity: Some("Ghost".to_owned()), ..RowReference::default() });
    assert_eq!(
        data(&engine.run(editor(), call).await),
        json!(["Truck", 0, null]),
        "a form of no type has no row"
    );
}

#[tokio::test]
async fn an_entry_may_name_fewer_entities_than_its_handler_takes_and_never_more() {
    let entry = |types: &str| {
        let text = format!(
            "{{ \"few\": {{ \"displayName\": {{ \"en\": \"F\" }}, \"showedOn\": \"both\", \"selectionRule\": \"\",\n \"entityTypes\": {types} }} }}"
        );
        let few = Action::on_entities("few", ["Truck", "Car"]).authenticated();
        let one = Action::on_entity("one", "Car").authenticated().selection(rule("=1"));
        builder().custom_actions_json(&text, "c.json").action(few, Any).action(one, One)
    };
    let engine = entry(r#"["TRUCK"]"#).build().await.unwrap();
    assert_eq!(names(&engine, "Truck").await, ["few"]);
    assert_eq!(end(&run(&engine, "Car", "few").await), "action_not_found");
    assert_eq!(
        problems(entry(r#"["Truck", "Ghost", "truck"]"#)).await,
        [
            "c.json:1: few: entityTypes: there is no entity `Ghost`",
            "c.json:1: few: entityTypes: `truck` is named twice"
        ]
    );
    assert_eq!(
        problems(entry("[]")).await,
        ["c.json:2: few.entityTypes: names nothing; leave it out instead"]
    );
    let wide = r#"{ "one": { "displayName": { "en": "1" }, "showedOn": "both", "entityTypes": ["Truck"] } }"#;
    let one = Action::on_entity("one", "Car").authenticated().selection(rule("=1"));
    let wide = builder().custom_actions_json(wide, "c.json").action(one, One);
    assert_eq!(
        problems(wide).await,
        ["c.json:1: one: entityTypes: its handler takes `Car`, and not `Truck`"]
    );
}

#[tokio::test]
async fn rows_that_a_handler_takes_by_type_are_of_its_one_entity() {
    let several = Action::on_entities("one", ["Car", "Truck"]).authenticated().selection(rule("=1"));
    let found = problems(builder().custom_actions_from_code().action(several, One)).await;
    assert!(found[0].ends_with("it acts on `Truck` but takes selected rows of `Car`"), "{found:?}");
    let ghost = Action::on_entities("any", ["Ghost", "Car", "car"]).authenticated().selection(rule(">0"));
    let found = problems(builder().action(ghost, Any)).await;
    assert!(
        found[0].ends_with("its entity `Ghost` is not registered; add `.entity::<Ghost>()` to the builder")
    );
    assert!(found[1].ends_with("it names the entity `Car` twice"), "{found:?}");
}

#[tokio::test]
async fn a_rule_must_suit_the_rows_that_the_handler_takes() {
    let with = |rule: &str, shown: &str| {
        let text =
            format!(r#"{{ "one": {{ "displayName": {{ "en": "1" }}, "showedOn": "{shown}"{rule} }} }}"#);
        builder()
            .custom_actions_json(&text, "c.json")
            .action(Action::on_entity("one", "Car").authenticated(), One)
    };
    assert!(with(r#", "selectionRule": "=1""#, "both").build().await.is_ok());
    assert!(with("", "detail").build().await.is_ok(), "in a detail view the record in view is taken");
    for (rule, shown) in [(r#", "selectionRule": ">0""#, "both"), ("", "both"), ("", "query")] {
        let found = problems(with(rule, shown)).await;
        assert!(found[0].starts_with("c.json:1: one: selectionRule `"), "{found:?}");
    }
    let alone =
        builder().custom_actions_from_code().action(Action::on_entity("one", "Car").authenticated(), One);
    assert!(problems(alone).await[0].contains("custom_actions.rs"), "the place in the source is told");
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_file_is_told_at_once_with_line_and_action() {
    let text = r#"{
  "Good": { "displayName": { "en": "G" }, "showedOn": "both" },
  "GoodAction": { "displayName": { "en": "G" }, "showedOn": "both" },
  "Read": { "displayName": { "en": "R" }, "showedOn": "both" },
  "2nd": {},
  "Bare": {},
  "List": [],
  "Wrong": {
    "displayName": "Copy", "showedOn": "list", "selectionRule": "=1.5", "offset": 1.5, "style": "red",
    "refreshOnCompleted": 1, "icon": " ", "entityTypes": ["Car", 5], "colour": "red", "icon": "x"
  },
  "Names": { "displayName": { "e": "x", "en": "" }, "showedOn": "both", "offset": 2147483648 }
}"#;
    let found = problems(builder().custom_actions_json(text, "App_Data/customActions.json")).await;
    let places: Vec<String> = found
        .iter()
        .map(|it| {
            it.strip_prefix("App_Data/customActions.json:")
                .unwrap()
                .split(": ")
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        places,
        [
            "3 GoodAction",
            "4 Read",
            "5 2nd",
            "6 Bare",
            "6 Bare",
            "7 List",
            "9 Wrong.displayName",
            "9 Wrong.showedOn",
            "9 Wrong.selectionRule",
            "9 Wrong.offset",
            "9 Wrong.style",
            "10 Wrong.icon",
            "10 Wrong.colour",
            "10 Wrong.icon",
            "10 Wrong.refreshOnCompleted",
            "10 Wrong.entityTypes[1]",
            "12 Names.displayName.e",
            "12 Names.displayName.en",
            "12 Names.offset",
        ],
        "{found:#?}"
    );
    assert!(found[0].ends_with("it is the same action as `Good` in line 2: leave one of them out"));
    assert_eq!(
        problems(builder().custom_actions_json("{ \"A\": ", "c.json")).await,
        ["c.json:1: not JSON: EOF while parsing a value (column 7)"]
    );
}

#[tokio::test]
async fn two_handlers_of_one_name_stop_the_start_with_both_places() {
    let builder = builder()
        .action(Action::on_entity("CarCopy", "Car").authenticated().site("a.rs:1"), Nothing)
        .action(Action::on_entity("carcopyAction", "Truck").authenticated().site("b.rs:2"), Nothing);
    assert_eq!(
        problems(builder).await,
        ["two actions are called `carcopyAction`: one at a.rs:1, one at b.rs:2; rename one of them"]
    );
}

#[tokio::test]
async fn two_entries_for_one_action_are_refused_wherever_they_stand_and_however_they_are_spelled() {
    let entry =
        |key: &str| format!(r#"{{ "{key}": {{ "displayName": {{ "en": "C" }}, "showedOn": "both" }} }}"#);
    for other in ["a", "A", "aAction", "AACTION"] {
        let builder = builder()
            .custom_actions_json(&entry("a"), "one.json")
            .custom_actions_json(&entry(other), "two.json")
            .action(Action::on_entity("a", "Car").authenticated(), Nothing);
        let told =
            format!("two.json:1: {other}: it is the same action as `one.json:1: a`: leave one of them out");
        assert_eq!(problems(builder).await, [told]);
    }
    let both = r#"{ "CarCopy": { "displayName": { "en": "C" }, "showedOn": "both" },
        "CARCOPYACTION": { "displayName": { "en": "C" }, "showedOn": "both" } }"#;
    let found = problems(builder().custom_actions_json(both, "c.json")).await;
    assert!(found[0].contains("the same action as `CarCopy` in line 1"), "{found:?}");
    let reserved = problems(builder().custom_actions_json(&entry("READACTION"), "c.json")).await;
    assert!(reserved[0].contains("is reserved"), "{reserved:?}");
}

struct Sure;

impl ActionHandler for Sure {
    type Input = (SelectedMany<Record>,);
    type Output = usize;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (rows,): Self::Input) -> ActionResult<usize> {
        ctx.ask(Question::new("Sure?")).await?;
        Ok(rows.len())
    }
}

/// An entity without a version: then it is the row itself that must be the same.
#[tokio::test]
async fn a_selected_row_without_a_version_that_changed_is_asked_about_again() {
    let sure = Action::on_entity("sure", "Truck").authenticated().selection(rule(">0"));
    let engine =
        builder().custom_actions_from_code().rights(everything()).action(sure, Sure).build().await.unwrap();
    let create = |name: &str| json!({ "entity": "Truck", "values": { "name": name } });
    let execute = |action: &str, params: Json| Call::execute(action, params.as_object().cloned().unwrap());
    let made = engine.run(editor(), execute("createRecord", create("one"))).await;
    let id = data(&made)["id"].clone();
    let mut call = Call::custom("Truck", "sure", Map::new());
    call.selection.items = vec![RowReference { id: Some(id.clone()), ..RowReference::default() }];
    let Ok(Outcome::Asked(asked)) = engine.run(editor(), call.clone()).await.result else {
        panic!("it asks")
    };
    call.answers =
        vec![SentAnswer { option: "OK".to_owned(), state: Some(asked.state), ..SentAnswer::default() }];
    assert_eq!(end(&engine.run(editor(), call.clone()).await), "done");
    let change = json!({ "entity": "Truck", "id": id, "values": { "name": "two" } });
    assert_eq!(end(&engine.run(editor(), execute("updateRecord", change)).await), "done");
    assert_eq!(end(&engine.run(editor(), call).await), "asked");
}

fn everything() -> Rights {
    let group = uuid::Uuid::from_u128(2);
    Rights::builder()
        .group(group, ["editors"])
        .right(group, Resource::new("*/*").unwrap(), Effect::Grant)
        .build()
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_a_fault() {
    struct Wrong(Question);
    impl ActionHandler for Wrong {
        type Input = ();
        type Output = ();
        async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult {
            ctx.ask(self.0.clone()).await.map(drop)
        }
    }
    let field = || FormField::new("a", Kind::Text);
    for question in [
        Question::new("Sure?").options([""; 0]),
        Question::new("Sure?").default_option("Yes"),
        Question::new("x".repeat(2_001)),
        Question::new("Sure?").field(field()).field(field()),
    ] {
        let engine =
            builder().action(Action::new("wrong").authenticated(), Wrong(question)).build().await.unwrap();
        assert_eq!(end(&engine.run(editor(), Call::execute("wrong", Map::new())).await), "internal");
    }
}

#[cfg(feature = "config-files")]
#[tokio::test]
async fn a_missing_file_offers_nothing_and_a_malformed_one_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("customActions.json");
    let with = || {
        builder()
            .custom_actions_file(&path)
            .action(Action::on_entity("a", "Car").authenticated(), Nothing)
            .reload_period(std::time::Duration::from_millis(20))
    };
    let engine = with().build().await.unwrap();
    assert!(names(&engine, "Car").await.is_empty());
    std::fs::write(&path, r#"{ "a": { "displayName": { "en": "A" }, "showedOn": "both" } }"#).unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while names(&engine, "Car").await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    std::fs::write(&path, "{").unwrap();
    let found = problems(with()).await;
    assert!(found[0].contains("customActions.json:1: not JSON"), "{found:?}");
}
