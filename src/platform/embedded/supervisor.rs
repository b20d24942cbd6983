//! The thread that starts the server, watches it, restarts it and stops it.
//!
//! Linux delivers a parent-death signal when the *thread* that spawned the child ends, not the
//! process. A server spawned from a short-lived worker would be shut down with that worker, so
//! one thread owns the child from its first start to its last stop.

use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection};

use super::error::EmbeddedError;
use super::launch::{self, Launcher};
use super::{Attached, MAINTENANCE_DATABASE, Role};

/// How often the server is looked at.
const POLL: Duration = Duration::from_millis(50);
/// How often a starting server is asked whether it is ready.
const READY_POLL: Duration = Duration::from_millis(10);
/// A server that a killed predecessor left behind needs a moment to end.
const PREDECESSOR_PATIENCE: Duration = Duration::from_secs(10);
const PREDECESSOR_POLL: Duration = Duration::from_millis(200);
/// Replaying a long log after a crash is work, not failure.
const READY_PATIENCE: Duration = Duration::from_mins(5);
/// After this a fast shutdown becomes an immediate one.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// After this an immediate shutdown becomes a kill.
const QUIT_PATIENCE: Duration = Duration::from_secs(5);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// Requests come back within seconds of a crash, also of the tenth in a row.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A server that ran this long is healthy again.
const HEALTHY_AFTER: Duration = Duration::from_mins(1);

/// What the supervised server is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It runs and has accepted a connection.
    Running {
        /// Its process id.
        pid: u32,
        /// How often it was restarted after an unexpected end.
        restarts: u32,
    },
    /// It ended unexpectedly and is being started again.
    Restarting,
    /// It was stopped on request.
    Stopped,
}

/// Status shared between the supervisor thread and the cluster's handle.
#[derive(Debug, Clone)]
pub(super) struct Board(Arc<Mutex<Status>>);

impl Board {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Status::Restarting)))
    }

    pub fn read(&self) -> Status {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, status: Status) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}

/// Why a wait ended early.
struct StopAsked;

pub(super) struct Supervisor {
    pub launcher: Launcher,
    pub endpoint: Attached,
    pub board: Board,
    /// A message or a hung-up sender both mean stop.
    pub stop: Receiver<()>,
}

impl Supervisor {
    /// Body of the thread: reports the first start through `started`, returns after the stop.
    pub fn run(self, started: &Sender<Result<(), EmbeddedError>>) {
        let first = self.first_start();
        let mut child = match first {
            Ok(child) => child,
            Err(error) => {
                self.board.write(Status::Stopped);
                // The receiver waits for exactly this message.
                let _ = started.send(Err(error));
                return;
            }
        };
        let mut restarts = 0;
        self.board.write(Status::Running { pid: child.id(), restarts });
        let _ = started.send(Ok(()));
        let mut pause = SHORTEST_PAUSE;
        loop {
            let since = Instant::now();
            let Ok(status) = self.watch(&mut child) else {
                break;
            };
            if since.elapsed() > HEALTHY_AFTER {
                pause = SHORTEST_PAUSE;
            }
            self.board.write(Status::Restarting);
            tracing::error!(%status, "PostgreSQL ended unexpectedly and is started again");
            let Ok(next) = self.restart(&mut pause) else {
                self.board.write(Status::Stopped);
                return;
            };
            child = next;
            restarts += 1;
            self.board.write(Status::Running { pid: child.id(), restarts });
        }
        self.shut_down(&mut child);
        self.board.write(Status::Stopped);
    }

    fn first_start(&self) -> Result<Child, EmbeddedError> {
        if !self.launcher.layout.data.exists() {
            self.launcher.initdb()?;
            launch::sync_in_background(&self.launcher.layout.data);
        }
        let deadline = Instant::now() + PREDECESSOR_PATIENCE;
        loop {
            let recorded = self.launcher.layout.data.join("postmaster.pid").exists();
            if self.launcher.layout.remove_stale_pid_files()? {
                tracing::warn!("removed the pid file of a PostgreSQL that no longer exists");
            }
            match self.start_once() {
                // Only a leftover of the last run passes by itself; a wrong setting does not.
                Err(EmbeddedError::Exited { .. }) if recorded && Instant::now() < deadline => {
                    std::thread::sleep(PREDECESSOR_POLL);
                }
                outcome => return outcome,
            }
        }
    }

    /// Starts the server and waits until it accepts a connection.
    fn start_once(&self) -> Result<Child, EmbeddedError> {
        let layout = &self.launcher.layout;
        let log_start = layout.log_length();
        let mut child = self.launcher.postgres()?;
        let deadline = Instant::now() + READY_PATIENCE;
        let url = self.endpoint.url(Role::Superuser, MAINTENANCE_DATABASE);
        loop {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(EmbeddedError::Exited { status, log: layout.log_tail(log_start) });
            }
            // The pid file says whose socket it is: a dying predecessor may still answer there.
            if layout.recorded_pid() == Some(child.id()) && PgConnection::establish(&url).is_ok() {
                return Ok(child);
            }
            if Instant::now() >= deadline {
                self.shut_down(&mut child);
                return Err(EmbeddedError::NotReady { seconds: READY_PATIENCE.as_secs(), log: layout.log_tail(log_start) });
            }
            if self.pause(READY_POLL).is_err() {
                self.shut_down(&mut child);
                return Err(EmbeddedError::Stopping);
            }
        }
    }

    /// Waits for the child to end.
    fn watch(&self, child: &mut Child) -> Result<ExitStatus, StopAsked> {
        loop {
            self.pause(POLL)?;
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "cannot watch PostgreSQL"),
            }
        }
    }

    /// Starts the server again, with growing pauses, until it runs or a stop is asked for.
    fn restart(&self, pause: &mut Duration) -> Result<Child, StopAsked> {
        loop {
            self.pause(*pause)?;
            *pause = (*pause * 2).min(LONGEST_PAUSE);
            match self.start_once() {
                Ok(child) => return Ok(child),
                Err(EmbeddedError::Stopping) => return Err(StopAsked),
                Err(error) => tracing::error!(%error, "PostgreSQL could not be restarted"),
            }
        }
    }

    fn pause(&self, duration: Duration) -> Result<(), StopAsked> {
        match self.stop.recv_timeout(duration) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(StopAsked),
        }
    }

    /// Fast shutdown, then immediate shutdown, then kill; always reaps.
    fn shut_down(&self, child: &mut Child) {
        for (signal, patience) in [("INT", STOP_PATIENCE), ("QUIT", QUIT_PATIENCE)] {
            if let Err(error) = self.launcher.signal(child, signal) {
                tracing::error!(%error, signal, "cannot signal PostgreSQL");
            }
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if matches!(child.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(READY_POLL);
            }
        }
        // Errors mean that it is gone already.
        let _ = child.kill();
        let _ = child.wait();
    }
}
