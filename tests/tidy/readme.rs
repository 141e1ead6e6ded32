//! The front page shows the smallest example word for word, so that one test proves both.

use std::fs;

use crate::workspace::root;

#[test]
fn the_readme_shows_the_quickstart_as_it_is() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shown = readme.split("standalone_crate\n").nth(1).and_then(|it| it.split("```").next()).unwrap();
    let quickstart = fs::read_to_string(root().join("examples/quickstart/src/main.rs")).unwrap();
    let (_story, code) = quickstart.split_once("\n\n").unwrap();
    assert_eq!(shown, code, "copy the code of examples/quickstart/src/main.rs into README.md");
}
