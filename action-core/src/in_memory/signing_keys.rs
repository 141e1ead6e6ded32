//! A key for the process, made of random bytes when it is first asked for.

use async_trait::async_trait;
use uuid::Uuid;

use super::InMemory;
use crate::SigningKey;
use crate::ports::{SigningKeys, StoreError, Transaction};

#[async_trait]
impl SigningKeys for InMemory {
    async fn load(&self, _: &mut dyn Transaction) -> Result<SigningKey, StoreError> {
        let made = self.0.signing_key.get_or_init(|| {
            // Four random UUIDs have more than 32 bytes of randomness.
            let random: Vec<u8> = (0..4).flat_map(|_| Uuid::new_v4().into_bytes()).collect();
            SigningKey::new(random)
        });
        Ok(made.clone())
    }
}
