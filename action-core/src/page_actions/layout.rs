//! The places of a page's actions: each its own, and no more than a page can show.
//!
//! A change of a page holds the page first, so whoever judges here sees all of its actions, and two changes of one page
//! come one after the other. The unique index of the table is the net below.

use std::collections::HashSet;

use uuid::Uuid;

use super::{PageAction, PageActionKind};
use crate::{FieldError, Refusal};

/// Most actions of a page.
pub(crate) const MOST_ACTIONS: usize = 200;

/// Highest place.
pub(crate) const LAST_PLACE: i64 = 1_000_000;

/// Gives each of `new`, in their order, the place it asks for, or one behind the last. `there` are the page's actions
/// without those that are being changed, and `under` is where each of the new ones stands in the body.
pub(crate) fn place(
    there: &[PageAction],
    new: &mut [PageAction],
    asked: &[Option<i64>],
    under: impl Fn(usize) -> String,
) -> Result<(), Refusal> {
    if there.len() + new.len() > MOST_ACTIONS {
        let told = format!("a page takes at most {MOST_ACTIONS} actions");
        return Err(Refusal::conflict("too_many_actions", told));
    }
    let mut last = there.iter().map(|it| it.order).max();
    let mut taken: HashSet<i64> = there.iter().map(|it| it.order).collect();
    for (at, (action, asked)) in new.iter_mut().zip(asked).enumerate() {
        let place = asked.unwrap_or_else(|| last.map_or(0, |it| it + 1));
        if place > LAST_PLACE {
            let told = format!("the last place of a page is {LAST_PLACE}; say where it belongs");
            return Err(Refusal::field(format!("{}actionOrder", under(at)), "out_of_range", told));
        }
        if !taken.insert(place) {
            return Err(taken_place(&under(at), place));
        }
        action.order = place;
        if let PageActionKind::Dropdown(dropdown) = &mut action.kind {
            dropdown.items.sort_by_key(|it| it.order);
        }
        last = last.max(Some(place));
    }
    Ok(())
}

/// 409 `conflict`.
fn taken_place(under: &str, order: i64) -> Refusal {
    let told = format!("actionOrder {order} is taken on this page");
    Refusal::Conflict {
        code: "conflict".into(),
        errors: FieldError::new(format!("{under}actionOrder"), "taken", told.clone()).into(),
        message: told.into(),
    }
}

/// Gives the page's actions the places in which `order` names them, from 0.
pub(crate) fn reorder(actions: &mut [PageAction], order: &[Uuid]) -> Result<(), Refusal> {
    let named: HashSet<&Uuid> = order.iter().collect();
    if named.len() != order.len() {
        return Err(Refusal::field("order", "duplicate", "order names an action twice"));
    }
    if actions.len() != order.len() || !actions.iter().all(|it| named.contains(&it.id)) {
        let told = "order must name every action of the page, and no other";
        return Err(Refusal::field("order", "incomplete", told));
    }
    for action in actions.iter_mut() {
        let place = order.iter().position(|it| *it == action.id).and_then(|it| i64::try_from(it).ok());
        action.order = place.unwrap_or(action.order);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page_actions::PageActionKind;

    fn at(order: i64) -> PageAction {
        let kind = PageActionKind::Separator;
        PageAction { id: Uuid::now_v7(), page_id: Uuid::nil(), order, is_active: true, kind, version: 1 }
    }

    fn placed(there: &[i64], asked: &[Option<i64>]) -> Result<Vec<i64>, String> {
        let there: Vec<_> = there.iter().map(|it| at(*it)).collect();
        let mut new: Vec<_> = asked.iter().map(|_| at(-1)).collect();
        place(&there, &mut new, asked, |_| String::new()).map_err(|it| it.code().to_owned())?;
        Ok(new.iter().map(|it| it.order).collect())
    }

    #[test]
    fn who_asks_for_no_place_stands_behind_the_last() {
        assert_eq!(placed(&[], &[None, None]), Ok(vec![0, 1]));
        assert_eq!(placed(&[7], &[None, Some(3), None]), Ok(vec![8, 3, 9]));
        assert_eq!(placed(&[], &[Some(9), None]), Ok(vec![9, 10]));
        assert_eq!(placed(&[], &[None, Some(0)]), Err("conflict".to_owned()), "0 on an empty page");
    }

    #[test]
    fn a_place_is_taken_once_and_a_page_ends() {
        assert_eq!(placed(&[3], &[Some(3)]), Err("conflict".to_owned()));
        assert_eq!(placed(&[], &[Some(3), Some(3)]), Err("conflict".to_owned()));
        assert_eq!(placed(&[LAST_PLACE], &[None]), Err("validation_failed".to_owned()));
        let full: Vec<i64> = (0..200).collect();
        assert_eq!(placed(&full, &[None]), Err("too_many_actions".to_owned()));
        assert!(placed(&full[..199], &[None]).is_ok());
    }

    #[test]
    fn an_order_names_all_once() {
        let mut actions = [at(5), at(9)];
        let [a, b] = [actions[0].id, actions[1].id];
        assert!(reorder(&mut actions, &[b, a]).is_ok());
        assert_eq!((actions[0].order, actions[1].order), (1, 0));
        for wrong in [vec![], vec![a], vec![a, a], vec![a, b, Uuid::nil()], vec![a, Uuid::nil()]] {
            assert!(reorder(&mut actions, &wrong).is_err(), "{wrong:?}");
        }
    }
}
