//! Who may do what: permissions, the rights that grant or deny them, and one caller's view of those rights.
//!
//! The road of a check has three stations, and each makes the next one cheap:
//!
//! 1. [`Rights`] is the compiled, immutable snapshot of a `security.json` (or of any other source, through
//!    [`RightsBuilder`]). Combined names are expanded and wildcards sorted into their own tables once, at load.
//! 2. [`Grants`] is one caller's view of one snapshot: the groups their role keys put them in, and the permissions
//!    their token claims. It is made once a request and keeps its snapshot, so a reload never changes a running call.
//! 3. [`Grants::allows`] answers for one [`Permission`], and [`Grants::satisfies`] for all that an action
//!    [`Required`]. Neither allocates, and both cost a few hash look-ups whatever the number of rights.
//!
//! Nothing configured means refused: an empty file, an unknown role and an empty list of permissions all say no.
//!
//! What is left to others: who the caller is (the authenticator), the role `admin` that some routes want beside a
//! right, which rows a caller may see (the row gate), and the status and text of a refusal.
//!
//! ```
//! use std::sync::Arc;
//! use action_core::permissions::{Permission, Rights};
//!
//! let rights = Arc::new(Rights::from_json(
//!     r#"{
//!         "groups": { "a0000000-0000-4000-8000-000000000003": { "en": "Viewers", "nl": "Kijkers" } },
//!         "rights": [ { "id": "b0000000-0000-4000-8000-000000000007",
//!                       "resource": "QueryRead/Car",
//!                       "groupId": "a0000000-0000-4000-8000-000000000003" } ]
//!     }"#,
//!     "security.json",
//! )?);
//! let grants = rights.grants_for(Some(&["kijkers"]), &["user.edit"]);
//!
//! assert!(grants.allows(&Permission::new("Read/Car")?));
//! assert!(grants.allows(&Permission::new("user.edit")?));
//! assert!(!grants.allows(&Permission::new("Edit/Car")?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod combined;
mod grammar;
mod grants;
mod group_set;
mod groups;

mod lower_case;
mod permission;
#[cfg(feature = "config-files")]
mod reload;
mod required;
mod resource;
mod rights;
mod rights_builder;
mod security_file;
mod security_problem;
mod tiers;

pub use combined::{COMBINED_NAMES, CRUD_VERBS, combined_parts};
pub(crate) use grammar::{check_permission, check_target};
pub use grants::Grants;
pub use permission::{Permission, PermissionError};
#[cfg(feature = "config-files")]
pub use reload::SecurityFile;
pub use required::Required;
pub use resource::{Resource, ResourceError};
pub use rights::Rights;
pub use rights_builder::{Effect, RightsBuilder};
pub use security_problem::{SecurityCause, SecurityFileError, SecurityProblem};
