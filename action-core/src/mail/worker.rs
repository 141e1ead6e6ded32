//! Sends what is due, again and again until it is sent or dead.
//!
//! It wakes when a call of this process has queued a mail, and looks every few seconds for what others left. What it
//! takes it holds by a lease that outlasts the longest attempt, so that no other node attempts the same meanwhile. A
//! node that dies between the hand-over and writing it down leaves a mail that is sent twice: the same `Message-ID`
//! tells it.

use std::error::Error as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use uuid::Uuid;

use crate::engine::Inner;
use crate::ports::{AttemptEnd, ListedMail, MailError, MailOutbox, MailState, Mailer, StoreError, TakenMail};
use crate::refusal::Refusal;

/// How many mails are under way at once.
const BATCH: u32 = 16;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Longer than any attempt.
const LEASE_SECONDS: u32 = 120;

/// How often to look for mails that another node left.
const LOOK: Duration = Duration::from_secs(5);

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Longest error that is kept, in characters.
const LONGEST_ERROR: usize = 500;

/// How often a mail is tried, and how long to wait between.
///
/// The pause doubles with each attempt, up to an hour, and varies by a fifth, so that mails that failed together do not
/// come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailRetries {
    /// The pause after the first attempt.
    pub first_pause: Duration,
    /// As many attempts make a mail dead.
    pub attempts: u32,
}

impl Default for MailRetries {
    /// 16 attempts over about seven hours, the first pause ten seconds.
    fn default() -> Self {
        Self { first_pause: Duration::from_secs(10), attempts: 16 }
    }
}

impl MailRetries {
    fn pause(&self, attempt: u32, id: Uuid) -> u32 {
        let doubled =
            self.first_pause.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let pause = doubled.min(LONGEST_PAUSE);
        // Four fifths to six fifths, by the mail's own random bits.
        let fraction = 80 + u32::from(id.as_bytes().last().copied().unwrap_or_default()) * 40 / 255;
        u32::try_from((pause * fraction / 100).as_secs()).unwrap_or(u32::MAX)
    }
}

/// Works until the engine is gone or closed.
pub(crate) async fn run(engine: Weak<Inner>, mailer: Arc<dyn Mailer>, retries: MailRetries) {
    loop {
        let Some(strong) = engine.upgrade() else { return };
        if strong.running.is_closed() {
            return;
        }
        let wake = Arc::clone(&strong.mail_queued);
        let more = {
            // An engine that stops waits for what is under way.
            let _running = strong.running.token();
            match send_due(strong.mail_outbox.as_ref(), mailer.as_ref(), retries).await {
                Ok(sent) => sent == BATCH as usize,
                Err(error) => {
                    tracing::warn!(%error, "the mail outbox could not be looked at; trying again");
                    false
                }
            }
        };
        drop(strong);
        if !more {
            tokio::select! {
                () = wake.notified() => {}
                () = tokio::time::sleep(LOOK.min(retries.first_pause.max(Duration::from_millis(100)))) => {}
            }
        }
    }
}

/// One batch; how many there were.
async fn send_due(
    outbox: &dyn MailOutbox,
    mailer: &dyn Mailer,
    retries: MailRetries,
) -> Result<usize, StoreError> {
    let taken = outbox.take(BATCH, LEASE_SECONDS).await?;
    let attempts = taken.iter().map(|it| attempt(outbox, mailer, retries, it));
    join_all(attempts).await.into_iter().collect::<Result<(), _>>()?;
    Ok(taken.len())
}

async fn attempt(
    outbox: &dyn MailOutbox,
    mailer: &dyn Mailer,
    retries: MailRetries,
    taken: &TakenMail,
) -> Result<(), StoreError> {
    let id = taken.mail.id;
    // The process of the last attempt died at it. It may have been this mail that killed it, so it is not sent once more.
    let begun = taken.attempt.saturating_sub(1);
    if begun >= retries.attempts.max(1) {
        let error = format!("{begun} attempts began, and the last did not end");
        counted("dead");
        tracing::warn!(mail = %id, attempt = taken.attempt, error, "a mail was not sent");
        return outbox.settle(taken, AttemptEnd::Dead { error: &error }).await;
    }
    let sending = AssertUnwindSafe(mailer.send(&taken.mail)).catch_unwind();
    let sent = match tokio::time::timeout(PATIENCE, sending).await {
        Ok(Ok(sent)) => sent,
        // A mailer of the host's; the other mails must not wait for its mending.
        Ok(Err(_panic)) => Err(MailError::Transient("the mailer panicked".into())),
        Err(_elapsed) => Err(MailError::Transient("no answer within a minute".into())),
    };
    let (outcome, error) = match sent {
        Ok(()) => {
            counted("sent");
            tracing::info!(mail = %id, attempt = taken.attempt, "a mail was sent");
            return outbox.settle(taken, AttemptEnd::Sent).await;
        }
        Err(MailError::Transient(_)) if taken.attempt >= retries.attempts => ("dead", sent),
        Err(MailError::Transient(_)) => ("failed", sent),
        Err(MailError::Permanent(_)) => ("dead", sent),
    };
    let error = error.err().map(|it| told(&it)).unwrap_or_default();
    counted(outcome);
    tracing::warn!(mail = %id, attempt = taken.attempt, outcome, error, "a mail was not sent");
    let end = if outcome == "dead" {
        AttemptEnd::Dead { error: &error }
    } else {
        AttemptEnd::Retry { after_seconds: retries.pause(taken.attempt, id), error: &error }
    };
    outbox.settle(taken, end).await
}

fn counted(outcome: &'static str) {
    metrics::counter!("action_mails_total", "outcome" => outcome).increment(1);
}

fn told(error: &MailError) -> String {
    let text = error.source().map_or_else(|| error.to_string(), |it| format!("{error}: {it}"));
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).take(LONGEST_ERROR).collect()
}

/// The mails of an engine, for those who operate it: what waits, what is dead, and another chance for it.
#[derive(Clone)]
pub struct Mails(pub(crate) Arc<Inner>);

impl Mails {
    /// A page of the mails in a state, newest first: at most `limit` (1–1,000) after `offset`.
    pub async fn list(&self, state: MailState, limit: u32, offset: u64) -> Result<Vec<ListedMail>, Refusal> {
        Ok(self.0.mail_outbox.list(state, limit.clamp(1, 1_000), offset).await?)
    }

    /// Queues a dead mail again; [`Refusal::NotFound`] where there is none of this id.
    pub async fn requeue(&self, id: Uuid) -> Result<(), Refusal> {
        if !self.0.mail_outbox.requeue(id).await? {
            return Err(Refusal::NotFound);
        }
        self.0.mail_queued.notify_one();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::in_memory::InMemoryMailer;
    use crate::mail::{Mail, OutgoingMail};

    /// Remembers why mails are dead.
    #[derive(Default)]
    struct Deaths(Mutex<Vec<String>>);

    #[async_trait]
    impl MailOutbox for Deaths {
        async fn take(&self, _: u32, _: u32) -> Result<Vec<TakenMail>, StoreError> {
            Ok(Vec::new())
        }
        async fn settle(&self, _: &TakenMail, end: AttemptEnd<'_>) -> Result<(), StoreError> {
            if let AttemptEnd::Dead { error } = end {
                self.0.lock().unwrap().push(error.to_owned());
            }
            Ok(())
        }
        async fn requeue(&self, _: Uuid) -> Result<bool, StoreError> {
            Ok(false)
        }
        async fn list(&self, _: MailState, _: u32, _: u64) -> Result<Vec<ListedMail>, StoreError> {
            Ok(Vec::new())
        }
    }

    fn taken(attempt: u32) -> TakenMail {
        let mail = OutgoingMail {
            id: Uuid::from_u128(1),
            tenant_id: None,
            user_id: Uuid::nil(),
            request_id: "request-1".to_owned(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            mail: Mail::to("ada@example.com").subject("s").text("x"),
        };
        TakenMail { mail, attempt }
    }

    #[tokio::test]
    async fn a_mail_whose_attempts_are_used_up_is_dead_and_not_sent_again() {
        let (outbox, mailer) = (Deaths::default(), InMemoryMailer::default());
        let retries = MailRetries { attempts: 3, ..MailRetries::default() };
        attempt(&outbox, &mailer, retries, &taken(3)).await.unwrap();
        assert_eq!((mailer.sent().len(), outbox.0.lock().unwrap().len()), (1, 0));
        attempt(&outbox, &mailer, retries, &taken(4)).await.unwrap();
        assert_eq!(mailer.sent().len(), 1);
        assert_eq!(*outbox.0.lock().unwrap(), ["3 attempts began, and the last did not end"]);
        // One attempt is made whatever is set.
        let none = MailRetries { attempts: 0, ..retries };
        attempt(&outbox, &mailer, none, &taken(1)).await.unwrap();
        assert_eq!(mailer.sent().len(), 2);
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_vary_by_a_fifth() {
        let retries = MailRetries::default();
        for (attempt, seconds) in [(1, 10), (2, 20), (5, 160), (9, 2_560), (10, 3_600), (40, 3_600)] {
            for id in [Uuid::nil(), Uuid::max(), Uuid::from_u128(128)] {
                let pause = retries.pause(attempt, id);
                assert!((seconds * 4 / 5..=seconds * 6 / 5).contains(&pause), "{attempt}: {pause}");
            }
        }
    }
}
