//! Calls that wait at the same moment are done together by a thread of a crew.
//!
//! A thread takes one waiting call and with it all others that wait, and there is no timer: a call that
//! comes alone is done at once, and the more there are, the more share one round trip and one commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use super::deadline::DEADLINE;
use super::problem::{Problem, catalogue};

/// Calls that may wait for one thread; more are refused at once.
const WAITING: usize = 1024;

/// What became of a call.
pub(crate) enum Outcome<C, A> {
    /// It is done.
    Answered(A),
    /// Nothing was done; it wants to be done by itself.
    Alone(C),
}

/// A call whose caller waits. Dropping it answers 503.
pub(crate) struct Waiting<C, A> {
    pub call: C,
    answer: oneshot::Sender<Result<Outcome<C, A>, Problem>>,
}

impl<C, A> Waiting<C, A> {
    /// Answers the caller.
    pub fn answer(self, answer: Result<A, Problem>) {
        // A caller that has gone needs no answer.
        let _ = self.answer.send(answer.map(Outcome::Answered));
    }

    /// Gives the call back undone.
    pub fn alone(self) {
        let _ = self.answer.send(Ok(Outcome::Alone(self.call)));
    }
}

/// Threads that do calls together.
pub(crate) struct Crew<C, A>(Vec<SyncSender<Waiting<C, A>>>);

impl<C: Send + 'static, A: Send + 'static> Crew<C, A> {
    /// Starts `threads` that hand at most `most` calls at a time to `work`. They end with the crew.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start<F>(name: &str, threads: usize, most: usize, work: F) -> std::io::Result<Self>
    where
        F: Fn(Vec<Waiting<C, A>>) + Send + Sync + 'static,
    {
        let work = Arc::new(work);
        let start = |number: usize| {
            let (queue, calls) = sync_channel(WAITING);
            let work = Arc::clone(&work);
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || serve(&calls, most, work.as_ref()))?;
            Ok(queue)
        };
        Ok(Self((0..threads).map(start).collect::<std::io::Result<_>>()?))
    }

    /// Waits until the call is done or given back; calls of the same `lane` are done in their order by the same thread.
    ///
    /// # Errors
    /// `platform.unavailable` at once when too many wait, after [`DEADLINE`], or when the thread failed: only in the last
    /// two cases may the call be done nevertheless.
    pub async fn call(&self, lane: u128, call: C) -> Result<Outcome<C, A>, Problem> {
        let busy = |seconds| move |why| catalogue::UNAVAILABLE.problem().retry_after(seconds).because(why);
        let threads = u128::try_from(self.0.len()).unwrap_or(u128::MAX);
        let queue = usize::try_from(lane.checked_rem(threads).unwrap_or_default()).ok().and_then(|index| self.0.get(index));
        let queue = queue.ok_or("a crew without a thread").map_err(busy(1))?;
        let (answer, answered) = oneshot::channel();
        queue.try_send(Waiting { call, answer }).map_err(|error| match error {
            TrySendError::Full(_) => busy(1)("too many calls wait"),
            TrySendError::Disconnected(_) => busy(1)("the thread has ended"),
        })?;
        let answer = tokio::time::timeout(DEADLINE, answered).await.map_err(|_| busy(2)("deadline of the store passed"))?;
        answer.map_err(|_| busy(1)("the thread failed"))?
    }
}

fn serve<C, A>(calls: &Receiver<Waiting<C, A>>, most: usize, work: &(impl Fn(Vec<Waiting<C, A>>) + ?Sized)) {
    while let Ok(first) = calls.recv() {
        let mut together: Vec<_> = std::iter::once(first).chain(calls.try_iter().take(most - 1)).collect();
        // Whoever no longer waits was told that nothing is certain; it is not done behind the caller's back.
        together.retain(|waiting| !waiting.answer.is_closed());
        // What panics drops its calls, and so answers them; the next ones are done as ever.
        if !together.is_empty() && catch_unwind(AssertUnwindSafe(|| work(together))).is_err() {
            tracing::error!("a thread failed and goes on");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    /// Doubles even numbers, gives odd ones back, fails at thirteen.
    fn doubling(largest: Arc<AtomicUsize>) -> Crew<u64, u64> {
        Crew::start("test", 1, 8, move |calls: Vec<Waiting<u64, u64>>| {
            largest.fetch_max(calls.len(), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(5));
            assert!(calls.iter().all(|waiting| waiting.call != 13), "unlucky");
            for waiting in calls {
                let number = waiting.call;
                if number % 2 == 0 { waiting.answer(Ok(number * 2)) } else { waiting.alone() }
            }
        })
        .expect("threads")
    }

    #[actix_web::test]
    async fn each_caller_gets_its_own_answer() {
        let largest = Arc::new(AtomicUsize::new(0));
        let crew = doubling(Arc::clone(&largest));
        let calls = (0..200_u64).filter(|number| *number != 13).map(|number| {
            let crew = &crew;
            async move { (number, crew.call(0, number).await.expect("an answer")) }
        });
        for (number, outcome) in futures_util::future::join_all(calls).await {
            match outcome {
                Outcome::Answered(answer) => assert_eq!((answer, number % 2), (number * 2, 0)),
                Outcome::Alone(call) => assert_eq!((call, number % 2), (number, 1)),
            }
        }
        assert_eq!(largest.load(Ordering::Relaxed), 8, "calls are done together, but not too many");
    }

    #[actix_web::test]
    async fn a_failure_answers_its_callers_and_the_thread_goes_on() {
        let crew = doubling(Arc::new(AtomicUsize::new(0)));
        let problem = crew.call(0, 13).await.err().expect("a refusal");
        assert_eq!((problem.definition.status, problem.retry_after), (503, Some(1)));
        assert!(matches!(crew.call(0, 4).await, Ok(Outcome::Answered(8))));
    }

    #[actix_web::test]
    async fn what_nobody_waits_for_is_not_done() {
        let done = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&done);
        let crew = Crew::start("test", 1, 1, move |calls: Vec<Waiting<u64, ()>>| {
            for waiting in calls {
                std::thread::sleep(Duration::from_millis(50));
                seen.lock().expect("list").push(waiting.call);
                waiting.answer(Ok(()));
            }
        })
        .expect("threads");
        let first = crew.call(0, 1);
        let gone = async { tokio::time::timeout(Duration::from_millis(10), crew.call(0, 2)).await.is_err() };
        let (first, gone) = futures_util::future::join(first, gone).await;
        assert!(first.is_ok() && gone);
        assert!(crew.call(0, 3).await.is_ok());
        assert_eq!(*done.lock().expect("list"), [1, 3]);
    }

    #[actix_web::test]
    async fn too_many_callers_are_refused_at_once() {
        let crew: Crew<usize, ()> = Crew::start("test", 1, 1, |calls| {
            std::thread::sleep(Duration::from_millis(100));
            for waiting in calls {
                waiting.alone();
            }
        })
        .expect("threads");
        let outcomes = futures_util::future::select_all((0..WAITING + 10).map(|number| Box::pin(crew.call(0, number)))).await.0;
        let refused = outcomes.err().expect("a refusal");
        assert_eq!((refused.definition.status, refused.retry_after), (503, Some(1)));
    }
}
