//! Pages and their actions: read back as they were written, by their tenant alone, in one order on every storage.

use std::sync::Arc;

use action_core::in_memory::InMemory;
use action_core::page_actions::{
    Alignment, Button, Dropdown, DropdownItem, PageAction, PageActionKind, PageActionType, Target, Variant,
};
use action_core::ports::{
    Ending, PageActionChange, PageActionOperation, PageActionOrder, PageActionQuery, PageConfig, Storage,
    StoreError,
};
use action_tests::databases::TestDatabase;
use serde_json::json;
use uuid::Uuid;

use crate::calls::{ACME, ADA, GLOBEX, at, writing};

macro_rules! on_every_storage {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test]
            async fn memory() {
                super::$name(std::sync::Arc::new(super::InMemory::new())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(super::TestDatabase::sqlite().await.into()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(super::TestDatabase::postgres().await.into()).await;
            }
        })+
    };
}

on_every_storage!(
    an_action_of_every_kind_comes_back_as_it_was_written,
    what_was_rolled_back_is_not_there,
    another_tenant_finds_nothing,
    two_actions_change_places_in_one_write,
    a_list_is_filtered_and_ordered_alike_everywhere,
    a_history_is_newest_first_and_outlives_its_action,
    pages_come_by_name_in_the_order_of_their_code_points,
    an_id_of_a_page_is_taken_for_its_tenant_alone,
);

const PAGE: Uuid = Uuid::from_u128(0x9a6e);
const OTHER_PAGE: Uuid = Uuid::from_u128(0x9a6f);

fn action(n: u8, order: i64, kind: PageActionKind) -> PageAction {
    PageAction { id: Uuid::from_u128(n.into()), page_id: PAGE, order, is_active: n != 2, kind, version: 1 }
}

fn path(text: &str) -> Target {
    Target::Path { target_path: text.to_owned() }
}

fn button(label: &str) -> PageActionKind {
    PageActionKind::Button(Button {
        label: label.to_owned(),
        icon: None,
        target: path("/cars?q='%_\\"),
        variant: Variant::Destructive,
        alignment: Alignment::Right,
        confirmation_prompt: Some("Sûre? \"really\"".to_owned()),
    })
}

fn dropdown() -> PageActionKind {
    let params =
        json!({ "entity": "Car", "deep": { "number": 0.1, "big": 9_007_199_254_740_993_i64, "no": null } });
    let target = Target::Action {
        action_id: "createRecord".to_owned(),
        action_params: params.as_object().cloned().unwrap(),
    };
    let item = |n: u8, order, target| DropdownItem {
        id: Uuid::from_u128(0x100 + u128::from(n)),
        label: format!("Item {n}"),
        target,
        order,
    };
    PageActionKind::Dropdown(Dropdown {
        label: "More ÄÖ".to_owned(),
        icon: Some("dots".to_owned()),
        items: vec![item(2, 0, path("/two")), item(1, 7, target)],
    })
}

/// One of each kind, by their order.
fn three() -> Vec<PageAction> {
    vec![action(3, 0, PageActionKind::Separator), action(1, 1, button("Save 10%")), action(2, 5, dropdown())]
}

fn change(before: Option<&PageAction>, after: Option<&PageAction>) -> PageActionChange {
    PageActionChange {
        id: Uuid::now_v7(),
        action_id: before.or(after).unwrap().id,
        operation: match (before, after) {
            (None, _) => PageActionOperation::Created,
            (_, None) => PageActionOperation::Deleted,
            _ => PageActionOperation::Updated,
        },
        user_id: ADA,
        at: at("2026-03-01T10:00:00.123456Z"),
        before: before.cloned(),
        after: after.cloned(),
    }
}

async fn write(storage: &Arc<dyn Storage>, changes: &[PageActionChange]) {
    let mut transaction = storage.unit_of_work().begin(&writing()).await.unwrap();
    storage.page_action_store().write(transaction.as_mut(), ACME, changes).await.unwrap();
    transaction.commit(Ending::default()).await.unwrap();
}

async fn add_page(storage: &Arc<dyn Storage>, tenant: Uuid, id: Uuid, name: &str) -> Result<(), StoreError> {
    let mut transaction = storage.unit_of_work().begin(&writing()).await.unwrap();
    let page = PageConfig { id, name: name.to_owned() };
    let added = storage.page_action_store().add_page(transaction.as_mut(), tenant, &page).await;
    match added {
        Ok(()) => transaction.commit(Ending::default()).await.unwrap(),
        Err(_) => transaction.rollback().await,
    }
    added
}

/// Acme's page with [`three`] on it.
async fn filled(storage: &Arc<dyn Storage>) {
    add_page(storage, ACME, PAGE, "cars").await.unwrap();
    let changes: Vec<_> = three().iter().map(|it| change(None, Some(it))).collect();
    write(storage, &changes).await;
}

async fn list(storage: &Arc<dyn Storage>, query: PageActionQuery) -> (Vec<u128>, u64) {
    let (found, total) = storage.page_action_store().list(ACME, &query).await.unwrap();
    (found.iter().map(|it| it.id.as_u128()).collect(), total)
}

fn everything() -> PageActionQuery {
    PageActionQuery { limit: 100, ..PageActionQuery::default() }
}

async fn an_action_of_every_kind_comes_back_as_it_was_written(storage: Arc<dyn Storage>) {
    filled(&storage).await;
    let store = storage.page_action_store();
    assert_eq!(store.of_page(ACME, PAGE).await.unwrap(), three());
    for action in three() {
        assert_eq!(store.find(ACME, action.id).await.unwrap(), Some(action));
    }
    let mut transaction = storage.unit_of_work().begin(&writing()).await.unwrap();
    let (page, held) = store.hold_page(transaction.as_mut(), ACME, PAGE).await.unwrap().unwrap();
    assert_eq!((page.name.as_str(), held), ("cars", three()));
    let looked_up = store.look_up(transaction.as_mut(), ACME, three()[2].id).await.unwrap();
    assert_eq!(looked_up.as_ref(), three().last());
    transaction.rollback().await;
}

async fn what_was_rolled_back_is_not_there(storage: Arc<dyn Storage>) {
    filled(&storage).await;
    let store = storage.page_action_store();
    let fourth = action(4, 9, button("Fourth"));
    let mut transaction = storage.unit_of_work().begin(&writing()).await.unwrap();
    let changes = [change(None, Some(&fourth)), change(three().first(), None)];
    store.write(transaction.as_mut(), ACME, &changes).await.unwrap();
    assert_eq!(store.look_up(transaction.as_mut(), ACME, fourth.id).await.unwrap(), Some(fourth.clone()));
    assert_eq!(store.past(transaction.as_mut(), ACME, fourth.id).await.unwrap().len(), 1);
    transaction.rollback().await;
    assert_eq!(store.of_page(ACME, PAGE).await.unwrap(), three());
    assert_eq!(store.history(ACME, fourth.id).await.unwrap(), []);
}

async fn another_tenant_finds_nothing(storage: Arc<dyn Storage>) {
    filled(&storage).await;
    let store = storage.page_action_store();
    assert_eq!(store.of_page(GLOBEX, PAGE).await.unwrap(), []);
    assert_eq!(store.find(GLOBEX, three()[0].id).await.unwrap(), None);
    assert_eq!(store.list(GLOBEX, &everything()).await.unwrap(), (Vec::new(), 0));
    assert_eq!(store.pages(GLOBEX, None).await.unwrap(), []);
    assert_eq!(store.history(GLOBEX, three()[0].id).await.unwrap(), []);
    let mut transaction = storage.unit_of_work().begin(&writing()).await.unwrap();
    assert_eq!(store.hold_page(transaction.as_mut(), GLOBEX, PAGE).await.unwrap(), None);
    assert_eq!(store.look_up(transaction.as_mut(), GLOBEX, three()[0].id).await.unwrap(), None);
    transaction.rollback().await;
}

async fn two_actions_change_places_in_one_write(storage: Arc<dyn Storage>) {
    filled(&storage).await;
    let [first, second, third] = three().try_into().unwrap();
    let moved = |it: &PageAction, order| PageAction { order, version: 2, ..it.clone() };
    let (now_second, now_first) = (moved(&first, 1), moved(&second, 0));
    write(&storage, &[change(Some(&first), Some(&now_second)), change(Some(&second), Some(&now_first))])
        .await;
    let there = storage.page_action_store().of_page(ACME, PAGE).await.unwrap();
    assert_eq!(there, [now_first, now_second, third]);
}

async fn a_list_is_filtered_and_ordered_alike_everywhere(storage: Arc<dyn Storage>) {
    filled(&storage).await;
    add_page(&storage, ACME, OTHER_PAGE, "others").await.unwrap();
    let elsewhere = PageAction { page_id: OTHER_PAGE, ..action(9, 0, button("save later")) };
    write(&storage, &[change(None, Some(&elsewhere))]).await;

    let by = |order_by, descending| PageActionQuery { order_by, descending, ..everything() };
    for (order_by, up, down) in [
        (PageActionOrder::Place, [3, 1, 2, 9], [2, 1, 3, 9]),
        (PageActionOrder::Page, [1, 2, 3, 9], [9, 1, 2, 3]),
        (PageActionOrder::Id, [1, 2, 3, 9], [9, 3, 2, 1]),
        (PageActionOrder::Type, [1, 9, 2, 3], [3, 2, 1, 9]),
    ] {
        assert_eq!(list(&storage, by(order_by, false)).await, (up.to_vec(), 4), "{order_by:?}");
        assert_eq!(list(&storage, by(order_by, true)).await, (down.to_vec(), 4), "{order_by:?}, descending");
    }

    let label = |text: &str| PageActionQuery { label: Some(text.to_owned()), ..everything() };
    for (text, found) in [
        ("SAVE", vec![1, 9]),
        ("10%", vec![1]),
        ("%", vec![1]),
        ("_", vec![]),
        ("äö", vec![]),
        ("ÄÖ", vec![2]),
    ] {
        assert_eq!(list(&storage, label(text)).await.0, found, "{text}");
    }
    let one = PageActionQuery { id: Some(Uuid::from_u128(2)), ..everything() };
    assert_eq!(list(&storage, one).await, (vec![2], 1));
    let page = PageActionQuery { page_id: Some(OTHER_PAGE), ..everything() };
    assert_eq!(list(&storage, page).await, (vec![9], 1));
    let kind = PageActionQuery { action_type: Some(PageActionType::Separator), ..everything() };
    assert_eq!(list(&storage, kind).await, (vec![3], 1));
    let hidden = PageActionQuery { is_active: Some(false), ..everything() };
    assert_eq!(list(&storage, hidden).await, (vec![2], 1));
    let middle = PageActionQuery { offset: 1, limit: 2, ..everything() };
    assert_eq!(list(&storage, middle).await, (vec![1, 2], 4));
    let past_the_end = PageActionQuery { offset: 999_999_000, ..everything() };
    assert_eq!(list(&storage, past_the_end).await, (vec![], 4));
}

async fn a_history_is_newest_first_and_outlives_its_action(storage: Arc<dyn Storage>) {
    filled(&storage).await;
    let made = three().remove(1);
    let renamed = PageAction { kind: button("Renamed"), version: 2, ..made.clone() };
    let (second, third) = (change(Some(&made), Some(&renamed)), change(Some(&renamed), None));
    write(&storage, std::slice::from_ref(&second)).await;
    write(&storage, std::slice::from_ref(&third)).await;
    let store = storage.page_action_store();
    assert_eq!(store.find(ACME, made.id).await.unwrap(), None);
    let history = store.history(ACME, made.id).await.unwrap();
    // Versions are not a part of what a history keeps.
    let told = |it: &PageActionChange| serde_json::to_value(it).unwrap();
    assert_eq!(history.iter().take(2).map(told).collect::<Vec<_>>(), [told(&third), told(&second)]);
    assert_eq!(
        history.iter().map(|it| it.operation.name()).collect::<Vec<_>>(),
        ["deleted", "updated", "created"]
    );
}

async fn pages_come_by_name_in_the_order_of_their_code_points(storage: Arc<dyn Storage>) {
    for (n, name) in (1_u128..).zip(["b", "a", "Z", "a", "ä"]) {
        add_page(&storage, ACME, Uuid::from_u128(n), name).await.unwrap();
    }
    let store = storage.page_action_store();
    let ids = |pages: Vec<PageConfig>| pages.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>();
    assert_eq!(ids(store.pages(ACME, None).await.unwrap()), [3, 2, 4, 1, 5]);
    assert_eq!(ids(store.pages(ACME, Some("a")).await.unwrap()), [2, 4]);
    assert_eq!(ids(store.pages(ACME, Some("A")).await.unwrap()), [] as [u128; 0]);
    let mut transaction = storage.unit_of_work().begin(&writing()).await.unwrap();
    store.remove_page(transaction.as_mut(), ACME, Uuid::from_u128(2)).await.unwrap();
    store.remove_page(transaction.as_mut(), GLOBEX, Uuid::from_u128(4)).await.unwrap();
    transaction.commit(Ending::default()).await.unwrap();
    assert_eq!(ids(store.pages(ACME, Some("a")).await.unwrap()), [4]);
}

async fn an_id_of_a_page_is_taken_for_its_tenant_alone(storage: Arc<dyn Storage>) {
    filled(&storage).await;
    let taken = add_page(&storage, ACME, PAGE, "others").await.unwrap_err();
    assert!(matches!(&taken, StoreError::Taken { columns } if columns == &["tenant_id", "id"]), "{taken:?}");
    add_page(&storage, GLOBEX, PAGE, "others").await.unwrap();
    let store = storage.page_action_store();
    assert_eq!(store.of_page(GLOBEX, PAGE).await.unwrap(), []);
    assert_eq!(store.of_page(ACME, PAGE).await.unwrap().len(), 3);
}
