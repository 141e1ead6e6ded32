//! Mails in memory: those that wait, and a mailer that only remembers.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{InMemory, locked};
use crate::mail::OutgoingMail;
use crate::ports::{AttemptEnd, ListedMail, MailError, MailOutbox, MailState, Mailer, StoreError, TakenMail};

/// A mail and what became of it.
pub(super) struct Entry {
    mail: OutgoingMail,
    state: MailState,
    attempts: u32,
    /// When it is due, or comes free again.
    due: DateTime<Utc>,
    error: Option<String>,
}

impl Entry {
    pub(super) fn new(mail: OutgoingMail) -> Self {
        Self { mail, state: MailState::Queued, attempts: 0, due: Utc::now(), error: None }
    }
}

impl InMemory {
    fn with_mail(&self, id: Uuid, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = locked(&self.0.mails).iter_mut().find(|it| it.mail.id == id) {
            change(entry);
        }
    }
}

#[async_trait]
impl MailOutbox for InMemory {
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<TakenMail>, StoreError> {
        let now = Utc::now();
        let mut mails = locked(&self.0.mails);
        let mut due: Vec<_> =
            mails.iter_mut().filter(|it| it.state == MailState::Queued && it.due <= now).collect();
        due.sort_by_key(|it| (it.due, it.mail.id));
        let taken = due.into_iter().take(limit as usize).map(|it| {
            it.attempts += 1;
            it.due = now + TimeDelta::seconds(lease_seconds.into());
            TakenMail { mail: it.mail.clone(), attempt: it.attempts }
        });
        Ok(taken.collect())
    }

    async fn settle(&self, taken: &TakenMail, end: AttemptEnd<'_>) -> Result<(), StoreError> {
        self.with_mail(taken.mail.id, |it| {
            if it.state != MailState::Queued || it.attempts != taken.attempt {
                return;
            }
            match end {
                AttemptEnd::Sent => it.state = MailState::Sent,
                AttemptEnd::Retry { after_seconds, error } => {
                    it.due = Utc::now() + TimeDelta::seconds(after_seconds.into());
                    it.error = Some(error.to_owned());
                }
                AttemptEnd::Dead { error } => {
                    it.state = MailState::Dead;
                    it.error = Some(error.to_owned());
                }
            }
        });
        Ok(())
    }

    async fn requeue(&self, id: Uuid) -> Result<bool, StoreError> {
        let mut found = false;
        self.with_mail(id, |it| {
            if it.state == MailState::Dead {
                found = true;
                (it.state, it.attempts, it.due) = (MailState::Queued, 0, Utc::now());
            }
        });
        Ok(found)
    }

    async fn list(&self, state: MailState, limit: u32, offset: u64) -> Result<Vec<ListedMail>, StoreError> {
        let mails = locked(&self.0.mails);
        let mut listed: Vec<ListedMail> = mails
            .iter()
            .filter(|it| it.state == state)
            .map(|it| ListedMail {
                id: it.mail.id,
                tenant_id: it.mail.tenant_id,
                attempts: it.attempts,
                last_error: it.error.clone(),
                created_at: it.mail.created_at,
            })
            .collect();
        listed.sort_by_key(|it| std::cmp::Reverse((it.created_at, it.id)));
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(listed.into_iter().skip(from).take(limit as usize).collect())
    }
}

/// A mailer that remembers what it was given, for tests. Clones share it.
#[derive(Clone, Default)]
pub struct InMemoryMailer(Arc<Mutex<Vec<OutgoingMail>>>);

impl InMemoryMailer {
    /// What was sent, in order.
    pub fn sent(&self) -> Vec<OutgoingMail> {
        locked(&self.0).clone()
    }
}

#[async_trait]
impl Mailer for InMemoryMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        locked(&self.0).push(mail.clone());
        Ok(())
    }
}
