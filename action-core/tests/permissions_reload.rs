//! A running host follows its `security.json`, however it is edited, and keeps the last good one when it breaks.

#![cfg(feature = "config-files")]
#![allow(clippy::unwrap_used, reason = "what cannot be set up, or is not refused, is a failed test")]

use std::{
    cell::RefCell,
    error::Error,
    fmt::{self, Write as _},
    fs,
    path::PathBuf,
    sync::{Arc, Once},
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

use action_core::{
    config_file::{Refreshed, Unreadable, Watched, watch},
    permissions::{Permission, SecurityFile},
};
use tempfile::TempDir;
use tracing::{
    Level, Metadata,
    field::{Field, Visit},
    span,
};

type Tested = Result<(), Box<dyn Error>>;

/// A folder with a file in it, and who holds what under it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Result<Self, Box<dyn Error>> {
        Log::install();
        Ok(Self(tempfile::tempdir()?))
    }

    /// With a file that grants `Read/Car`.
    fn granting_read() -> Result<Self, Box<dyn Error>> {
        let folder = Self::new()?;
        fs::write(folder.path(), granting("Read/Car"))?;
        Ok(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("security.json")
    }
}

/// A file in which every signed-in caller holds one permission. Any two of the resources used here are equally long.
fn granting(resource: &str) -> String {
    format!(
        r#"{{ "wellKnown": {{ "authenticated": "a0000000-0000-4000-8000-0000000000f1" }},
             "rights": [ {{ "id": "b0000000-0000-4000-8000-000000000001", "resource": "{resource}",
                            "groupId": "a0000000-0000-4000-8000-0000000000f1" }} ] }}"#
    )
}

/// Which of `Read/Car` and `Edit/Car` a signed-in caller holds now.
fn held(file: &SecurityFile) -> Result<Vec<&'static str>, Box<dyn Error>> {
    let grants = file.current().grants_for(Some(&[] as &[&str]), &[] as &[&str]);
    let mut held = Vec::new();
    for text in ["Read/Car", "Edit/Car"] {
        if grants.allows(&Permission::new(text)?) {
            held.push(text);
        }
    }
    Ok(held)
}

/// Keeps what each thread logged at `info` and above: the level, and the event's fields.
///
/// One subscriber for all tests. Were it set for one thread only, a log line that another thread reaches first would
/// be switched off for good: `tracing` asks that thread's subscriber, and it has none.
struct Log;

thread_local! {
    static LOGGED: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
}

impl Log {
    fn install() {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
    }

    /// What this thread logged since the last time.
    fn taken() -> Vec<(Level, String)> {
        LOGGED.take()
    }

    fn levels() -> Vec<Level> {
        Self::taken().into_iter().map(|(level, _)| level).collect()
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                // Writing into a `String` never fails.
                let _ = write!(self.0, "{field}={value:?} ");
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        LOGGED.with_borrow_mut(|logged| logged.push((*event.metadata().level(), text.0)));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn a_host_without_the_file_does_not_start_and_learns_what_to_do() -> Tested {
    let folder = Folder::new()?;
    let error = SecurityFile::open(folder.path()).map(|_| ()).unwrap_err().to_string();
    let path = folder.path().display().to_string();
    assert!(error.starts_with(&format!("`{path}` cannot be read: ")), "{error}");
    assert!(error.ends_with("Put the file there, or write `{}` into it to grant nothing"), "{error}");
    Ok(())
}

#[test]
fn a_host_with_a_malformed_file_does_not_start_and_learns_where() -> Tested {
    let folder = Folder::new()?;
    fs::write(folder.path(), "{\n  \"rights\": {}\n}")?;
    let error = SecurityFile::open(folder.path()).map(|_| ()).unwrap_err().to_string();
    let place = format!("{}:2:13: rights: an object stands where an array belongs", folder.path().display());
    assert!(error.contains(&place), "{error}");
    fs::write(folder.path(), b"\"\xff\"")?;
    let error = SecurityFile::open(folder.path()).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("it is not UTF-8: invalid utf-8 sequence of 1 bytes from index 1"), "{error}");
    Ok(())
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_file() -> Tested {
    let folder = Folder::new()?;
    fs::write(folder.path(), format!("\u{feff}{}", granting("Read/Car")))?;
    assert_eq!(held(&SecurityFile::open(folder.path())?)?, ["Read/Car"]);
    Ok(())
}

#[test]
fn an_edit_and_a_replacement_by_rename_come_into_force() -> Tested {
    let folder = Folder::granting_read()?;
    let file = SecurityFile::open(folder.path())?;
    let before = file.current();
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::Unchanged, vec!["Read/Car"]));

    fs::write(folder.path(), granting("Edit/Car"))?;
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::Loaded, vec!["Edit/Car"]));

    let beside = folder.0.path().join("security.json.new");
    fs::write(&beside, granting("*/Car"))?;
    fs::rename(&beside, folder.path())?;
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::Loaded, vec!["Read/Car", "Edit/Car"]));

    let of_the_running_request = before.grants_for(Some(&[] as &[&str]), &[] as &[&str]);
    assert!(of_the_running_request.allows(&Permission::new("Read/Car")?));
    assert!(!of_the_running_request.allows(&Permission::new("Edit/Car")?));
    Ok(())
}

#[test]
fn an_edit_that_keeps_size_and_modification_time_is_seen() -> Tested {
    let folder = Folder::granting_read()?;
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let set_time = || fs::File::options().write(true).open(folder.path())?.set_modified(long_ago);
    set_time()?;
    let file = SecurityFile::open(folder.path())?;
    let length = fs::metadata(folder.path())?.len();

    fs::write(folder.path(), granting("Edit/Car"))?;
    set_time()?;
    let metadata = fs::metadata(folder.path())?;
    assert_eq!((metadata.len(), metadata.modified()?), (length, long_ago));
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::Loaded, vec!["Edit/Car"]));
    Ok(())
}

#[test]
fn a_deleted_file_keeps_the_last_good_rights_until_it_is_created_again() -> Tested {
    let folder = Folder::granting_read()?;
    let file = SecurityFile::open(folder.path())?;
    fs::remove_file(folder.path())?;
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::KeptLastGood, vec!["Read/Car"]));
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::Unchanged, vec!["Read/Car"]));
    fs::write(folder.path(), granting("Edit/Car"))?;
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::Loaded, vec!["Edit/Car"]));
    Ok(())
}

#[test]
fn a_broken_edit_keeps_the_last_good_rights_and_is_logged_once() -> Tested {
    let folder = Folder::granting_read()?;
    let file = SecurityFile::open(folder.path())?;

    fs::write(folder.path(), granting("Read"))?;
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::KeptLastGood, vec!["Read/Car"]));
    let logged = Log::taken();
    assert_eq!(logged.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::ERROR]);
    let text: String = logged.into_iter().map(|(_, text)| text).collect();
    assert!(text.contains("rights[0].resource: `Read` is not `action/target`"), "{text}");
    assert!(text.contains(&folder.path().display().to_string()), "{text}");

    assert_eq!((file.refresh(), Log::levels()), (Refreshed::Unchanged, vec![]), "the same breakage");
    fs::write(folder.path(), "{")?;
    assert_eq!(
        (file.refresh(), Log::levels()),
        (Refreshed::KeptLastGood, vec![Level::ERROR]),
        "another breakage"
    );
    fs::remove_file(folder.path())?;
    assert_eq!((file.refresh(), Log::levels()), (Refreshed::KeptLastGood, vec![Level::ERROR]), "a third");
    assert_eq!(held(&file)?, ["Read/Car"]);

    fs::write(folder.path(), granting("Edit/Car"))?;
    assert_eq!(file.refresh(), Refreshed::Loaded);
    let logged = Log::taken();
    assert_eq!(logged.len(), 1);
    assert!(
        logged.iter().all(|(level, text)| *level == Level::INFO && text.contains("good again")),
        "{logged:?}"
    );
    assert_eq!(held(&file)?, ["Edit/Car"]);
    Ok(())
}

#[test]
fn the_good_file_put_back_unchanged_is_good_again() -> Tested {
    let folder = Folder::granting_read()?;
    let file = SecurityFile::open(folder.path())?;
    fs::write(folder.path(), "{")?;
    assert_eq!(file.refresh(), Refreshed::KeptLastGood);
    fs::write(folder.path(), granting("Read/Car"))?;
    assert_eq!((file.refresh(), held(&file)?), (Refreshed::Loaded, vec!["Read/Car"]));
    Ok(())
}

#[test]
fn the_watcher_sees_an_edit_within_two_seconds_and_ends_with_its_file() -> Tested {
    let folder = Folder::granting_read()?;
    let file = SecurityFile::open(folder.path())?;
    let watcher = file.watch(SecurityFile::PERIOD)?;
    fs::write(folder.path(), granting("Edit/Car"))?;
    let edited = Instant::now();
    while held(&file)? != ["Edit/Car"] {
        assert!(edited.elapsed() < Duration::from_secs(2), "the edit was not seen");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!watcher.is_finished());

    drop(file);
    wait_for_the_end_of(&watcher);
    Ok(())
}

#[test]
fn an_optional_file_may_come_and_go() -> Tested {
    let folder = Folder::new()?;
    let open = || {
        Watched::open_optional(
            folder.path(),
            || "default".to_owned(),
            |text, _| if text == "bad" { Err(Broken("bad".to_owned())) } else { Ok(text.to_owned()) },
        )
    };
    let file = Arc::new(open()?);
    assert_eq!((file.refresh(), file.current().as_str()), (Refreshed::Unchanged, "default"));
    for (content, found) in [
        (Some("one"), (Refreshed::Loaded, "one")),
        (Some("bad"), (Refreshed::KeptLastGood, "one")),
        (None, (Refreshed::Loaded, "default")),
        (Some("two"), (Refreshed::Loaded, "two")),
    ] {
        match content {
            Some(content) => fs::write(folder.path(), content)?,
            None => fs::remove_file(folder.path())?,
        }
        assert_eq!((file.refresh(), file.current().as_str()), found);
    }
    fs::write(folder.path(), "bad")?;
    assert_eq!(open().map(|_| ()).unwrap_err().to_string(), "bad");

    // A folder in its place is no absence.
    fs::remove_file(folder.path())?;
    fs::create_dir(folder.path())?;
    assert_eq!((file.refresh(), file.current().as_str()), (Refreshed::KeptLastGood, "two"));
    assert!(open().is_err());

    let watcher = watch(&file, Duration::ZERO)?;
    drop(file);
    wait_for_the_end_of(&watcher);
    Ok(())
}

fn wait_for_the_end_of(watcher: &JoinHandle<()>) {
    let dropped = Instant::now();
    while !watcher.is_finished() {
        assert!(dropped.elapsed() < Duration::from_secs(2), "the watcher outlived its file");
        thread::sleep(Duration::from_millis(20));
    }
}

#[derive(Debug)]
struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for Broken {}

impl From<Unreadable> for Broken {
    fn from(unreadable: Unreadable) -> Self {
        Self(unreadable.to_string())
    }
}
