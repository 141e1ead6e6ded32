//! What ties an answer to its question, without the server keeping anything: a signature over both.
//!
//! A state is the time at which it ends and a keyed hash (HMAC-SHA-256, RFC 2104) over that time and everything the
//! question was bound to. None of what it is bound to travels in it: when the call comes again, the server knows it
//! all anew, and the state fits or does not. So a state tells nothing, and cannot be moved to another question, call,
//! caller or tenant, nor to rows that have changed since.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde_json::Map;
use sha2::{Digest as _, Sha256};

use super::{Question, SentAnswer};
use crate::Caller;
use crate::idempotency;

/// How long a question may wait for its answer, in seconds.
const LIFETIME: i64 = 10 * 60;

/// Shortest key that is taken, in bytes.
pub(crate) const SHORTEST_KEY: usize = 32;

/// The secret that questions are signed with. It is the same on every node, and is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Box<[u8]>);

impl SigningKey {
    /// From secret bytes; 32 random ones are as good as any.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Everything that a question is bound to, as one digest.
pub(crate) struct Binding([u8; 32]);

impl Binding {
    /// `call` is over target, parameters and what the request says of its rows; `rows` over what is stored of them.
    /// `earlier` are the answers before this one: a client that goes back and chooses otherwise is asked again.
    pub(crate) fn of(
        question: &Question,
        step: u32,
        caller: &Caller,
        call: &[u8; 32],
        rows: Option<&[u8; 32]>,
        earlier: &[SentAnswer],
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"a question of an action, 1");
        hash.update(caller.user_id());
        hash.update([u8::from(caller.tenant_id().is_some())]);
        hash.update(caller.tenant_id().unwrap_or_default());
        hash.update(call);
        hash.update(rows.unwrap_or(&[0; 32]));
        hash.update(step.to_le_bytes());
        idempotency::texts(&mut hash, &[&question.title]);
        hash.update(question.options.len().to_le_bytes());
        for option in &question.options {
            idempotency::texts(&mut hash, &[option]);
        }
        // In the order of the questions, whatever that of the request; an empty form is as good as none.
        let mut earlier: Vec<_> = earlier.iter().filter(|it| it.step < step).collect();
        earlier.sort_by_key(|it| it.step);
        for answer in earlier {
            hash.update(answer.step.to_le_bytes());
            idempotency::texts(&mut hash, &[&answer.option]);
            idempotency::object(&mut hash, answer.values.as_ref().unwrap_or(&Map::new()));
        }
        Self(hash.finalize().into())
    }

    /// A state that holds from now on for ten minutes. `now` is in seconds since 1970.
    pub(crate) fn sign(&self, key: &SigningKey, now: i64) -> String {
        let ends = (now + LIFETIME).to_be_bytes();
        let mut state = ends.to_vec();
        state.extend_from_slice(&self.mac(key, ends).finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(state)
    }

    /// Whether a state that came back was signed for this, and has not ended.
    pub(crate) fn fits(&self, key: &SigningKey, state: &str, now: i64) -> bool {
        let Ok(state) = URL_SAFE_NO_PAD.decode(state) else { return false };
        let Some((ends, signature)) = state.split_first_chunk::<8>() else { return false };
        // In constant time. The end is looked at afterwards: only then is it known to be ours.
        self.mac(key, *ends).verify_slice(signature).is_ok() && now < i64::from_be_bytes(*ends)
    }

    fn mac(&self, key: &SigningKey, ends: [u8; 8]) -> Hmac<Sha256> {
        // A key of any length is taken; that it is long enough is seen to when the engine is built.
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).unwrap_or_else(|_| unreachable!());
        mac.update(&ends);
        mac.update(&self.0);
        mac
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::Identity;

    fn caller(user: u128, tenant: Option<u128>) -> Caller {
        let tenant_id = tenant.map(Uuid::from_u128);
        Caller::new(Identity { tenant_id, ..Identity::of(Uuid::from_u128(user)) })
    }

    fn binding(question: &Question, step: u32, call: u8, earlier: &[SentAnswer]) -> Binding {
        Binding::of(question, step, &caller(1, Some(2)), &[call; 32], Some(&[3; 32]), earlier)
    }

    fn answer(step: u32, option: &str) -> SentAnswer {
        SentAnswer { step, option: option.to_owned(), ..SentAnswer::default() }
    }

    #[test]
    fn a_state_holds_for_ten_minutes() {
        let (question, key) = (Question::new("Sure?"), SigningKey::new([7; 32]));
        let state = binding(&question, 0, 1, &[]).sign(&key, 1_000);
        let fits = |now| binding(&question, 0, 1, &[]).fits(&key, &state, now);
        assert!(fits(1_000) && fits(1_599));
        assert!(!fits(1_600));
    }

    #[test]
    fn a_state_holds_for_its_question_its_call_and_its_earlier_answers_alone() {
        let (question, key) = (Question::new("Sure?").options(["Yes", "No"]), SigningKey::new([7; 32]));
        let earlier = [answer(0, "Yes")];
        let state = binding(&question, 1, 1, &earlier).sign(&key, 0);
        assert!(binding(&question, 1, 1, &earlier).fits(&key, &state, 0));
        // The answer itself, and those to later questions, are none of it.
        assert!(binding(&question, 1, 1, &[answer(0, "Yes"), answer(1, "No")]).fits(&key, &state, 0));
        let others = [
            binding(&question, 0, 1, &earlier),
            binding(&question, 1, 2, &earlier),
            binding(&question, 1, 1, &[answer(0, "No")]),
            binding(&question, 1, 1, &[]),
            binding(&question.clone().options(["YesNo"]), 1, 1, &earlier),
            binding(&question.clone().options(["Yes"]), 1, 1, &earlier),
            binding(&Question::new("Sure").options(["Yes", "No"]), 1, 1, &earlier),
            Binding::of(&question, 1, &caller(9, Some(2)), &[1; 32], Some(&[3; 32]), &earlier),
            Binding::of(&question, 1, &caller(1, Some(9)), &[1; 32], Some(&[3; 32]), &earlier),
            Binding::of(&question, 1, &caller(1, None), &[1; 32], Some(&[3; 32]), &earlier),
            Binding::of(&question, 1, &caller(1, Some(2)), &[1; 32], Some(&[9; 32]), &earlier),
            Binding::of(&question, 1, &caller(1, Some(2)), &[1; 32], None, &earlier),
        ];
        for (at, other) in others.iter().enumerate() {
            assert!(!other.fits(&key, &state, 0), "{at}");
        }
        assert!(!binding(&question, 1, 1, &earlier).fits(&SigningKey::new([8; 32]), &state, 0));
    }

    #[test]
    fn the_order_of_earlier_answers_in_the_request_says_nothing_nor_does_an_empty_form() {
        let (question, key) = (Question::new("Sure?"), SigningKey::new([7; 32]));
        let state = binding(&question, 2, 1, &[answer(0, "a"), answer(1, "b")]).sign(&key, 0);
        let mut with_form = answer(0, "a");
        with_form.values = Some(Map::new());
        assert!(binding(&question, 2, 1, &[answer(1, "b"), answer(2, "c"), with_form]).fits(&key, &state, 0));
        assert!(!binding(&question, 2, 1, &[answer(1, "a"), answer(0, "b")]).fits(&key, &state, 0));
    }

    #[test]
    fn what_is_no_state_does_not_fit() {
        let (question, key) = (Question::new("Sure?"), SigningKey::new([7; 32]));
        let binding = binding(&question, 0, 1, &[]);
        let state = binding.sign(&key, 0);
        let mut longer = URL_SAFE_NO_PAD.decode(&state).unwrap();
        // Another end, under the signature of the first.
        *longer.get_mut(6).unwrap() ^= 1;
        for forged in ["", "a", "\u{e9}", &state[1..], &format!("{state}AA"), &URL_SAFE_NO_PAD.encode(longer)]
        {
            assert!(!binding.fits(&key, forged, 0), "{forged}");
        }
    }
}
