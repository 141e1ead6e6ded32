//! What a caller may do.

use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::Caller;
use crate::permissions::{Grants, Rights};

/// Asked once a call; the answer is kept for the call's whole length, so that a change of rights in between never
/// shows one half of it.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// Everything the caller holds.
    async fn grants(&self, caller: &Caller) -> Result<Arc<Grants>, StoreError>;
}

/// A fixed set of rights.
#[async_trait]
impl Authorizer for Arc<Rights> {
    async fn grants(&self, caller: &Caller) -> Result<Arc<Grants>, StoreError> {
        Ok(Arc::new(self.grants_for(Some(caller.roles()), caller.permissions())))
    }
}

/// The rights of a watched file: each call takes the snapshot that is current when it begins.
#[cfg(feature = "config-files")]
#[async_trait]
impl Authorizer for Arc<crate::permissions::SecurityFile> {
    async fn grants(&self, caller: &Caller) -> Result<Arc<Grants>, StoreError> {
        Ok(Arc::new(self.current().grants_for(Some(caller.roles()), caller.permissions())))
    }
}
