//! Asking for a permission allocates nothing, and becoming a caller next to nothing: both happen on every request.

#![allow(unsafe_code, reason = "only a global allocator sees every allocation, and its trait is unsafe")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    error::Error,
    sync::Arc,
};

use action_core::permissions::{Effect, Permission, Required, Resource, Rights};
use uuid::Uuid;

struct Counting;

thread_local! {
    /// Of this thread alone, since tests run beside each other.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count_one() {
    // A thread that is ending has no counter any more, and nobody reads it.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from `System`, as all of ours do.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        // SAFETY: the block came from `System`, as all of ours do.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What the work returns, and how often it allocated.
fn counted<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATIONS.get();
    let done = work();
    (done, ALLOCATIONS.get() - before)
}

/// Ten rights for each group, with wildcards and denials among them.
fn rights(groups: u128) -> Result<Arc<Rights>, Box<dyn Error>> {
    let mut builder =
        Rights::builder().anonymous(Uuid::from_u128(9_000)).authenticated(Uuid::from_u128(9_001));
    for group in 0..groups {
        let id = Uuid::from_u128(group);
        builder = builder.group(id, [format!("Group {group}")]);
        for number in 0..8 {
            builder = builder.right(id, Resource::new(&format!("Act{number}/Entity{group}"))?, Effect::Grant);
        }
        builder = builder.right(id, Resource::new(&format!("*/Own{group}"))?, Effect::Grant);
        builder = builder.right(id, Resource::new("Purge/*")?, Effect::Denial);
    }
    Ok(Arc::new(builder.build()))
}

#[test]
fn the_counter_counts() {
    assert_eq!(counted(|| Box::new(1)).1, 1);
}

#[test]
fn asking_allocates_nothing() -> Result<(), Box<dyn Error>> {
    for groups in [3, 500] {
        let rights = rights(groups)?;
        let grants = rights.grants_for(Some(&["Group 1", "group 2"]), &["User.Edit", "x/y"]);
        for (text, allowed) in [
            ("ACT3/Entity1", true),
            ("Act3/Entity0", false),
            ("Anything/own2", true),
            ("Purge/Own2", false),
            ("user.EDIT", true),
            ("Größe/ΟΔΟΣ", false),
        ] {
            let permission = Permission::new(text)?;
            assert_eq!(counted(|| grants.allows(&permission)), (allowed, 0), "{text} of {groups} groups");
            let (all, any) = (Required::all([permission.clone()]), Required::any([permission]));
            assert_eq!(counted(|| (grants.satisfies(&all), grants.satisfies(&any))), ((allowed, allowed), 0));
        }
        assert_eq!(counted(|| grants.satisfies(&Required::authenticated())), (true, 0));
    }
    Ok(())
}

#[test]
fn a_permission_is_cloned_and_compared_without_allocating() -> Result<(), Box<dyn Error>> {
    let (one, other) = (Permission::new("Edit/Größe")?, Permission::new("EDIT/GRÖßE")?);
    assert_eq!(counted(|| one.clone() == other), (true, 0));
    Ok(())
}

#[test]
fn becoming_a_caller_allocates_at_most_twice() -> Result<(), Box<dyn Error>> {
    let few = rights(3)?;
    let many = rights(500)?;
    let none: &[&str] = &[];
    assert_eq!(counted(|| few.grants_for(Some(&["group 1", "group 2"]), none)).1, 0, "lower case");
    assert_eq!(counted(|| few.grants_for_anonymous()).1, 0, "not signed in");
    assert_eq!(
        counted(|| few.grants_for(Some(&["Group 1", "Group 2"]), none)).1,
        1,
        "lower-cased in one buffer"
    );
    assert_eq!(counted(|| many.grants_for(Some(&["Group 1", "Group 2"]), none)).1, 2, "more than 64 groups");
    Ok(())
}
