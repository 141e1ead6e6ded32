//! A call outlives its client.
//!
//! The future of a request is dropped when its client hangs up. A transaction that is cut off there may be left in
//! any state, and a client that repeats the call would find no kept answer. So a call is polled in the request's own
//! task, which costs nothing, and only when the request is dropped is what is left of it moved into a task of its own.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future that, once started, is finished by the runtime if its owner drops it.
pub(crate) struct Detach<T: Send + 'static> {
    rest: Option<Boxed<T>>,
    started: bool,
}

impl<T: Send + 'static> Detach<T> {
    pub(crate) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self { rest: Some(Box::pin(future)), started: false }
    }
}

impl<T: Send + 'static> Future for Detach<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.started = true;
        // Taken out while it is polled: one that panics is not to be polled again by a task of its own.
        let Some(mut rest) = self.rest.take() else { return Poll::Pending };
        let poll = rest.as_mut().poll(cx);
        if poll.is_pending() {
            self.rest = Some(rest);
        }
        poll
    }
}

impl<T: Send + 'static> Drop for Detach<T> {
    fn drop(&mut self) {
        if let Some(rest) = self.rest.take()
            && self.started
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::Detach;

    #[tokio::test]
    async fn what_was_started_ends_though_its_owner_is_gone() {
        let (done, ended) = oneshot::channel();
        let call = Detach::new(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = done.send(());
        });
        assert!(tokio::time::timeout(Duration::from_millis(1), call).await.is_err());
        assert!(tokio::time::timeout(Duration::from_secs(5), ended).await.is_ok_and(|it| it.is_ok()));
    }

    #[tokio::test]
    async fn what_was_never_started_does_not_run() {
        let (done, ended) = oneshot::channel::<()>();
        drop(Detach::new(async move {
            let _ = done.send(());
        }));
        assert!(ended.await.is_err());
    }
}
