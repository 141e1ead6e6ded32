//! Tokens that were verified, until they expire.
//!
//! Verifying a token costs more than the rest of a small call. What is kept is the token's digest and whose it is,
//! never the token. Only valid tokens are kept, so nobody without one can fill it, and it is bounded all the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use action_core::ports::Identified;

/// SHA-256 of a token.
pub(super) type TokenDigest = [u8; 32];

/// A lock for each, so that requests rarely wait for one another.
const SHARDS: usize = 16;

/// Most tokens of a shard.
const MOST_IN_SHARD: usize = 256;

/// See the module.
pub(super) struct Cache([Mutex<HashMap<TokenDigest, Entry>>; SHARDS]);

struct Entry {
    /// Seconds since 1970.
    expires: f64,
    identified: Identified,
}

impl Default for Cache {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Cache {
    /// Whose token it is, provided that it has not expired.
    pub(super) fn get(&self, digest: &TokenDigest, now: f64) -> Option<Identified> {
        let shard = self.shard(digest)?.lock().unwrap_or_else(PoisonError::into_inner);
        shard.get(digest).filter(|it| now < it.expires).map(|it| it.identified.clone())
    }

    /// Remembers a valid token. A full shard first forgets what has expired, then everything: what is forgotten is
    /// only verified again.
    pub(super) fn put(&self, digest: TokenDigest, expires: f64, identified: Identified, now: f64) {
        let Some(shard) = self.shard(&digest) else { return };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= MOST_IN_SHARD {
            shard.retain(|_, it| now < it.expires);
            if shard.len() >= MOST_IN_SHARD {
                shard.clear();
            }
        }
        shard.insert(digest, Entry { expires, identified });
    }

    fn shard(&self, digest: &TokenDigest) -> Option<&Mutex<HashMap<TokenDigest, Entry>>> {
        let [first, ..] = digest;
        self.0.get(usize::from(*first) % SHARDS)
    }
}

#[cfg(test)]
mod tests {
    use action_core::{Caller, Identity};

    use super::*;

    fn somebody() -> Identified {
        Identified::by_token(Caller::new(Identity::default()))
    }

    fn digest(number: u32) -> TokenDigest {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_le_bytes());
        digest
    }

    #[test]
    fn a_token_is_forgotten_in_the_instant_in_which_it_expires() {
        let cache = Cache::default();
        cache.put(digest(1), 100.0, somebody(), 50.0);
        assert!(cache.get(&digest(1), 99.9).is_some());
        assert!(cache.get(&digest(1), 100.0).is_none());
        assert!(cache.get(&digest(2), 50.0).is_none());
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let cache = Cache::default();
        for number in 0..20_000 {
            cache.put(digest(number), 100.0, somebody(), 50.0);
        }
        let kept: usize = cache.0.iter().map(|it| it.lock().unwrap().len()).sum();
        assert!((1..=SHARDS * MOST_IN_SHARD).contains(&kept), "{kept}");
        assert!(cache.get(&digest(19_999), 50.0).is_some());
    }
}
