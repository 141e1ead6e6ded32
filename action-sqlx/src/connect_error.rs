//! Why a storage could not be opened, told to the person who starts the program.

/// What stood in the way, and what to do about it. No password of the URL is part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL's scheme is none of ours.
    #[error(
        "{scheme} names no database this storage knows; write `sqlite://file.db`, `sqlite::memory:` or \
         `postgres://user:password@host/database`"
    )]
    Scheme {
        /// What stands before the first colon, in backticks, where that can be shown.
        scheme: String,
    },
    /// The library was built without the feature for this database.
    #[error("this program was built without {database}; turn on the feature `{feature}` of action-sqlx")]
    Feature {
        /// The database.
        database: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// The URL cannot be read.
    #[error("the database URL cannot be read: {problem}")]
    Url {
        /// What is wrong with it.
        problem: String,
    },
    /// The database does not answer, or turns us away.
    #[error(
        "cannot open {place}: {problem}; check that the server runs there and that user and password are right"
    )]
    Unreachable {
        /// Where it was looked for.
        place: String,
        /// What happened.
        problem: String,
    },
    /// The file cannot be opened.
    #[error(
        "cannot open the SQLite file `{file}`: {problem}; check that its folder exists and may be written"
    )]
    File {
        /// The file.
        file: String,
        /// What happened.
        problem: String,
    },
    /// The linked SQLite is too old.
    #[error(
        "SQLite {found} is linked, and {needed} is the first that does not corrupt its write-ahead log; use the \
         bundled one, or a newer library"
    )]
    Version {
        /// The version that is linked.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
    /// The tables could not be brought up to date.
    #[error(
        "cannot bring the tables of action-sqlx up to date: {problem}; where this user may not create tables, run \
         the SQL of `Storage::migrations` as one who may, and connect with `.migrate(false)`"
    )]
    Migration {
        /// What happened.
        problem: String,
    },
    /// The tables are not there, and the program was told not to make them.
    #[error("the tables of action-sqlx are missing: {problem}; run the SQL of `Storage::migrations` first")]
    NotMigrated {
        /// What happened.
        problem: String,
    },
}
