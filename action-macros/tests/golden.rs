//! What each accepted spelling expands to.
//!
//! A file of `golden/` shows one spelling as its author writes it, and behind the line `// expands to` what the macro
//! makes of it. `UPDATE_GOLDEN=1 cargo test -p action-macros --test golden` writes the second part anew; to add a
//! spelling, write a file with the first part only and run that.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::path::PathBuf;
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, File, Item, Meta};

// A crate of macros exports nothing else, so the test reads its sources.
#[path = "../src/custom_action/mod.rs"]
mod custom_action;
#[path = "../src/entity/mod.rs"]
mod entity;
#[path = "../src/errors.rs"]
mod errors;
#[path = "../src/members/mod.rs"]
mod members;
#[path = "../src/names.rs"]
mod names;
#[path = "../src/similar.rs"]
mod similar;
#[path = "../src/text.rs"]
mod text;

const MARK: &str = "// expands to\n";

#[test]
fn every_accepted_spelling_expands_as_shown() {
    let update = env::var_os("UPDATE_GOLDEN").is_some();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut differing = Vec::new();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let shown = fs::read_to_string(&path).unwrap();
        let source = shown.split(MARK).next().unwrap().trim_end();
        let made = format!("{source}\n\n{MARK}\n{}", expanded(source));
        if made != shown && update {
            fs::write(&path, &made).unwrap();
        } else if made != shown {
            differing.push(format!("{}: {}", path.display(), first_difference(&shown, &made)));
        }
        files += 1;
    }
    assert!(files > 0, "there are no files in golden/");
    assert!(differing.is_empty(), "set UPDATE_GOLDEN=1 if this is as it should be\n{}", differing.join("\n"));
}

/// The expansion of every item of a source, laid out for reading.
fn expanded(source: &str) -> String {
    let items = syn::parse_file(source).unwrap().items.into_iter().map(expand);
    let file: File = syn::parse2(items.collect()).unwrap();
    prettyplease::unparse(&file)
}

fn expand(mut item: Item) -> TokenStream {
    let attributes = match &mut item {
        Item::Fn(it) => &mut it.attrs,
        Item::Struct(it) => &mut it.attrs,
        Item::Enum(it) => &mut it.attrs,
        _ => return item.into_token_stream(),
    };
    if let Some(at) = attributes.iter().position(|it| it.path().is_ident("custom_action")) {
        let Meta::List(list) = attributes.remove(at).meta else { panic!("an attribute without parentheses") };
        return custom_action::expand(list.tokens, &item.into_token_stream());
    }
    if attributes.iter().any(derives_entity) {
        return entity::expand(item.into_token_stream());
    }
    item.into_token_stream()
}

fn derives_entity(attribute: &Attribute) -> bool {
    attribute.path().is_ident("derive") && attribute.to_token_stream().to_string().contains("Entity")
}

fn first_difference(shown: &str, made: &str) -> String {
    let at = shown.lines().zip(made.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").trim().to_owned();
    format!("line {}\n  shown: {}\n  made:  {}", at + 1, line(shown), line(made))
}

#[test]
fn the_authors_item_comes_out_as_it_went_in_even_under_a_mistake() {
    let item = quote!(
        /// Greets.
        async fn greet(ctx: &mut ActionContext<'_>) -> ActionResult<String> {
            Ok("hello".to_owned())
        }
    );
    for args in [quote!(id = "greet", authenticated), quote!(id = 5, unknown), quote!()] {
        let expansion = custom_action::expand(args, &item).to_string();
        assert!(expansion.contains(&item.to_string()), "{expansion}");
    }
}
