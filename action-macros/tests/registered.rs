//! What stands under the macros is found by an engine, runs, and answers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use action_core::entity::{Entity as Definition, EntityType, Record};
use action_core::permissions::Rights;
use action_core::{
    ActionContext, ActionHandler, ActionResult, Call, Caller, Engine, Entity, Identity, Outcome, Params,
    Refusal, RowReference, Selected, SelectedMany, Value, custom_action,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    #[entity(length(1, 20), unique)]
    license_plate: String,
    color: Option<String>,
    #[entity(one_of("available", "stolen"), initially = "available")]
    status: String,
    #[entity(default = 0)]
    mileage: i64,
    version: i64,
}

#[derive(Deserialize, JsonSchema, Validate)]
struct Plate {
    /// What stands on it.
    #[garde(length(chars, min = 1, max = 20))]
    plate: String,
}

/// Makes a car.
///
/// It has nothing but a plate.
#[custom_action(id = "car.make", authenticated, rate_limit = "100/min")]
async fn make(ctx: &mut ActionContext<'_>, Params(make): Params<Plate>) -> ActionResult<Uuid> {
    let car = Car {
        id: Uuid::nil(),
        license_plate: make.plate,
        color: None,
        status: "available".to_owned(),
        mileage: 7,
        version: 0,
    };
    Ok(ctx.records::<Car>()?.insert(&car).await?.id)
}

/// Copies a car.
#[custom_action(entity = "Car", selection = "=1", shown_on = "both", refresh)]
async fn car_copy(
    ctx: &mut ActionContext<'_>,
    car: Selected<Car>,
    params: Params<Plate>,
) -> ActionResult<Car> {
    let copy = Car { license_plate: params.plate.clone(), color: Some("red".to_owned()), ..car.0 };
    ctx.records::<Car>()?.insert(&copy).await
}

#[custom_action(entity = "Car", name = "CountCars", selection = ">1", read_only)]
async fn count(ctx: &mut ActionContext<'_>, cars: SelectedMany<Car>) -> ActionResult<usize> {
    ctx.set_affected(0);
    Ok(cars.len())
}

/// Its state is made with `Default`.
#[custom_action(id = "greet", permission = "greet", tenant = "optional")]
struct Greet {
    greeting: &'static str,
}

impl Default for Greet {
    fn default() -> Self {
        Self { greeting: "Hello" }
    }
}

impl ActionHandler for Greet {
    type Input = ();
    type Output = &'static str;

    async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult<&'static str> {
        Ok(self.greeting)
    }
}

/// Needs no `Default`.
#[custom_action(entity = "Car", shown_on = "detail")]
struct CarReportStolenAction;

impl ActionHandler for CarReportStolenAction {
    type Input = (Selected<Car>,);
    type Output = Car;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (car,): Self::Input) -> ActionResult<Car> {
        ctx.records::<Car>()?.set(car.id, [("status", "stolen".into())]).await
    }
}

struct Garage {
    engine: Engine,
    caller: Caller,
}

impl Garage {
    async fn open() -> Self {
        let rights = r#"{
            "groups": { "a0000000-0000-4000-8000-000000000003": { "en": "Drivers" } },
            "rights": [
                { "id": "b0000000-0000-4000-8000-000000000001", "resource": "QueryRead/Car",
                  "groupId": "a0000000-0000-4000-8000-000000000003" },
                { "id": "b0000000-0000-4000-8000-000000000002", "resource": "CarCopy/Car",
                  "groupId": "a0000000-0000-4000-8000-000000000003" },
                { "id": "b0000000-0000-4000-8000-000000000003", "resource": "CountCars/Car",
                  "groupId": "a0000000-0000-4000-8000-000000000003" },
                { "id": "b0000000-0000-4000-8000-000000000004", "resource": "CarReportStolen/Car",
                  "groupId": "a0000000-0000-4000-8000-000000000003" }
            ]
        }"#;
        let engine = Engine::builder()
            .entity::<Car>()
            .rights(Rights::from_json(rights, "security.json").unwrap())
            .custom_actions_from_code()
            .expect_actions(["car.make", "CarCopy", "CountCars", "greet", "CarReportStolen"])
            .build()
            .await
            .unwrap();
        let caller = Caller::new(Identity {
            tenant_id: Some(Uuid::from_u128(1)),
            roles: vec!["Drivers".to_owned()],
            ..Identity::of(Uuid::from_u128(2))
        });
        Self { engine, caller }
    }

    async fn call(&self, call: Call) -> Result<Json, Refusal> {
        match self.engine.run(self.caller.clone(), call).await.result? {
            Outcome::Done(done) => {
                Ok(done.data.map_or(Json::Null, |it| serde_json::from_str(it.get()).unwrap()))
            }
            Outcome::Asked(question) => panic!("{question:?}"),
        }
    }

    async fn make(&self, plate: &str) -> Json {
        self.call(Call::execute("car.make", params(json!({ "plate": plate })))).await.unwrap()
    }

    async fn on(&self, action: &str, rows: &[&Json], with: Json) -> Result<Json, Refusal> {
        let mut call = Call::custom("Car", action, params(with));
        call.selection.items = rows
            .iter()
            .map(|it| RowReference { id: Some((*it).clone()), ..RowReference::default() })
            .collect();
        self.call(call).await
    }
}

fn params(json: Json) -> Map<String, Json> {
    let Json::Object(params) = json else { panic!("parameters are an object, not {json}") };
    params
}

#[tokio::test]
async fn a_function_runs_with_its_parameters_and_its_rows() {
    let garage = Garage::open().await;
    let car = garage.make("KA-1").await;
    let copy = garage.on("CarCopy", &[&car], json!({ "plate": "KA-2" })).await.unwrap();
    assert_eq!(copy["license_plate"], "KA-2");
    assert_eq!(
        (&copy["color"], &copy["status"], &copy["mileage"]),
        (&json!("red"), &json!("available"), &json!(7))
    );
    assert_ne!(copy["id"], car);
    assert_eq!(garage.on("countcars", &[&car, &copy["id"]], json!({})).await.unwrap(), 2);
}

#[tokio::test]
async fn what_the_attribute_demands_is_demanded() {
    let garage = Garage::open().await;
    let car = garage.make("KA-1").await;
    let too_few = garage.on("CountCars", &[&car], json!({})).await.unwrap_err();
    assert!(matches!(too_few, Refusal::Invalid { .. }), "{too_few:?}");
    assert!(garage.on("CarCopy", &[&car], json!({ "plate": "" })).await.is_err());
    let denied = garage.call(Call::execute("greet", Map::new())).await.unwrap_err();
    assert!(matches!(denied, Refusal::PermissionDenied), "{denied:?}");
}

#[tokio::test]
async fn a_type_runs_with_the_state_its_default_gave_it() {
    let mut garage = Garage::open().await;
    garage.caller = Caller::new(Identity { permissions: vec!["greet".to_owned()], ..Identity::default() });
    assert_eq!(garage.call(Call::execute("greet", Map::new())).await.unwrap(), "Hello");
}

#[tokio::test]
async fn a_unit_type_acts_on_the_record_in_view() {
    let garage = Garage::open().await;
    let car = garage.make("KA-1").await;
    let mut call = Call::custom("Car", "CarReportStolen", Map::new());
    call.selection.parent = Some(RowReference { id: Some(car), ..RowReference::default() });
    assert_eq!(garage.call(call).await.unwrap()["status"], "stolen");
}

#[tokio::test]
async fn a_description_is_the_first_paragraph_of_the_doc_comment() {
    let garage = Garage::open().await;
    let grants = garage.engine.grants(&garage.caller).await.unwrap();
    let actions = garage.engine.actions_for(&garage.caller, &grants);
    let make = actions.iter().find(|it| it.action_id == "car.make").unwrap();
    assert_eq!(make.description.as_deref(), Some("Makes a car."));
}

#[test]
fn an_entity_is_defined_by_its_fields() {
    let car = Car::definition().unwrap();
    assert_eq!(
        (car.name(), car.table(), car.alias(), car.tenant_column()),
        ("Car", "cars", "car", Some("tenant_id"))
    );
    let describe = |name: &str| {
        let (_, it) = car.column_named(name).unwrap();
        (it.column().to_owned(), it.kind().name(), it.is_required(), it.is_nullable(), it.is_writable())
    };
    assert_eq!(describe("id"), ("id".to_owned(), "uuid", false, false, false));
    assert_eq!(describe("licensePlate"), ("license_plate".to_owned(), "text", true, false, true));
    assert_eq!(describe("color"), ("color".to_owned(), "text", false, true, true));
    assert_eq!(describe("status"), ("status".to_owned(), "text", false, false, true));
    assert_eq!(describe("mileage"), ("mileage".to_owned(), "integer", false, false, true));
    assert_eq!(describe("version"), ("version".to_owned(), "integer", false, false, false));
}

#[test]
fn a_row_becomes_a_struct_and_gives_its_data_back() {
    let entity: std::sync::Arc<Definition> = Car::definition().unwrap().into();
    let values =
        vec![Uuid::nil().into(), "KA-1".into(), Value::Null, "stolen".into(), 9_i64.into(), 3_i64.into()];
    let car = Car::from_record(Record::new(entity.clone(), values)).unwrap();
    assert_eq!((car.license_plate.as_str(), &car.color, car.mileage, car.version), ("KA-1", &None, 9, 3));
    assert_eq!(car.key(), Uuid::nil().into());
    let data: Vec<_> = car.to_values(&entity).into_iter().map(|(at, _)| at).collect();
    assert_eq!(data, [1, 2, 3, 4]);
    assert!(Car::from_record(Record::new(entity, Vec::new())).is_err());
}
