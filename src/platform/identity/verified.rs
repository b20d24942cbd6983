//! Remembers verified tokens by digest, because a signature check costs more than a look-up.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

use super::Identity;

/// The identities behind the tokens seen last; a full cache forgets its oldest tokens.
///
/// What depends on the moment (the token's times, the key that it was signed with) is judged on every use by
/// whoever asks.
pub(super) struct VerifiedTokens {
    capacity: usize,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    identities: HashMap<[u8; 32], Arc<Identity>>,
    order: VecDeque<[u8; 32]>,
}

impl VerifiedTokens {
    /// An empty cache for at most `capacity` tokens.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), known: RwLock::default() }
    }

    /// The identity behind the token of this digest, if it was verified before.
    pub(super) fn find(&self, digest: &[u8; 32]) -> Option<Arc<Identity>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).identities.get(digest).cloned()
    }

    /// Remembers a verified token.
    pub(super) fn keep(&self, digest: [u8; 32], identity: Arc<Identity>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.identities.insert(digest, identity).is_none() {
            known.order.push_back(digest);
        }
        while known.order.len() > self.capacity {
            if let Some(oldest) = known.order.pop_front() {
                known.identities.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Holder, Origin, Stated};
    use super::*;
    use crate::platform::tokens::{MAX_TTL, Validity};

    fn identity(subject: u8) -> Arc<Identity> {
        let holder = Arc::new(Holder { issuer: Arc::from("issuer"), subject: subject.to_string() });
        let validity = Validity { not_before: 0, expires_at: 1, longest: MAX_TTL };
        Arc::new(Identity { holder, stated: Stated::default(), validity, origin: Origin::BuiltIn })
    }

    #[test]
    fn a_full_cache_forgets_the_oldest_token_and_stays_bounded() {
        let cache = VerifiedTokens::new(2);
        for number in [1, 2, 2, 3] {
            cache.keep([number; 32], identity(number));
            assert_eq!(cache.find(&[number; 32]).expect("kept").holder.subject, number.to_string());
        }
        assert!(cache.find(&[1; 32]).is_none());
        assert!(cache.find(&[2; 32]).is_some());
        let known = cache.known.read().expect("lock");
        assert_eq!((known.identities.len(), known.order.len()), (2, 2));
    }
}
