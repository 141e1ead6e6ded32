//! New identifiers.

use uuid::Uuid;

/// Makes ids. Tests make them predictable; everything else uses [`SystemIds`].
pub trait Ids: Send + Sync {
    /// An id that sorts by the time it was made (UUID v7): rows, audit records.
    fn ordered(&self) -> Uuid;
    /// An id that tells nothing (UUID v4): whatever is shared by link.
    fn random(&self) -> Uuid;
}

/// Ids from the clock and the operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn ordered(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn random(&self) -> Uuid {
        Uuid::new_v4()
    }
}
