//! Watches the key file, so that a rotation reaches running services within seconds, and reports
//! to the database which ring this service works with.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::keys::{FILE_NAME, KeyError, KeyId, KeyRing};
use super::permit::Service;
use super::problem::Problem;

/// How often the key file is looked at.
const LOOKED_AT: Duration = Duration::from_secs(1);
/// How often an unchanged ring is reported; well within the lease.
const REPORTED: Duration = Duration::from_secs(4);

/// What tells one state of the key file from another without reading it.
type Stamp = (u64, u64, i64, i64);

/// Looks after the keys of one running service.
pub struct KeyWatch {
    service: Arc<Service>,
    instance: Uuid,
    /// Nothing when the ring stands in the environment, which does not change.
    file: Option<PathBuf>,
    seen: Option<Stamp>,
    reported: Option<(String, Instant)>,
}

impl KeyWatch {
    /// Watches the key file of `data_dir`, or with `None` only reports.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn new(service: Arc<Service>, data_dir: Option<&Path>) -> Result<Self, KeyError> {
        let mut bytes = [0; 16];
        for part in bytes.chunks_exact_mut(4) {
            part.copy_from_slice(&KeyId::random()?.to_bytes());
        }
        let instance = uuid::Builder::from_random_bytes(bytes).into_uuid();
        service.db.keys.watch();
        // Unseen at first: the file may have changed since the start read it.
        Ok(Self { service, instance, file: data_dir.map(|dir| dir.join(FILE_NAME)), seen: None, reported: None })
    }

    /// Watches until the service ends.
    pub async fn run(mut self) {
        loop {
            self.look().await;
            tokio::time::sleep(LOOKED_AT).await;
        }
    }

    /// Takes over a changed ring and reports what this service works with.
    pub async fn look(&mut self) {
        if let Some(path) = self.file.clone() {
            let stamp = stamp(&path);
            if stamp != self.seen {
                self.seen = stamp;
                self.take_over(path).await;
            }
        }
        let Some(ring) = self.service.db.keys.in_force() else { return };
        let known = self.reported.as_ref().is_some_and(|(reported, at)| *reported == ring && at.elapsed() < REPORTED);
        if known {
            return;
        }
        let (instance, wanted, began) = (self.instance, ring.clone(), Instant::now());
        match self.service.db.without_tenant(move |conn| report(conn, instance, &wanted)).await {
            Ok(()) => {
                self.service.db.keys.reported(began);
                self.reported = Some((ring, began));
            }
            Err(problem) => tracing::warn!(cause = ?problem.cause, "the key ring in use could not be reported"),
        }
    }

    /// Forgets this service, which ends; a rotation need not wait for it.
    pub async fn end(service: &Service, instance: Uuid) {
        let _ = service.db.without_tenant(move |conn| forget(conn, instance)).await;
    }

    /// By what name this service reports.
    pub fn instance(&self) -> Uuid {
        self.instance
    }

    async fn take_over(&self, path: PathBuf) {
        let service = Arc::clone(&self.service);
        let outcome = actix_web::web::block(move || {
            let ring = KeyRing::load(&path).map_err(|error| error.to_string())?;
            let fingerprint = ring.fingerprint();
            if service.db.keys.in_force().as_ref() == Some(&fingerprint) {
                return Ok(None);
            }
            service.renew_keys(ring).map_err(|error| error.to_string()).map(|()| Some(fingerprint))
        })
        .await;
        match outcome {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(ring))) => tracing::info!(ring, "the key ring has changed"),
            // The ring of before stays in force, and a rotation waits for this service.
            Ok(Err(cause)) => tracing::error!(cause, "a changed key ring could not be taken over whole"),
            Err(error) => tracing::error!(%error, "the key ring could not be read"),
        }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let data = std::fs::metadata(path).ok()?;
    Some((data.dev(), data.ino(), data.mtime(), data.mtime_nsec()))
}

diesel::define_sql_function! {
    /// Notes the ring of a running service; see the migration.
    fn report_key_ring(instance: SqlUuid, ring: Text);
}
diesel::define_sql_function! {
    /// Strikes a service that has ended off the list.
    fn forget_key_ring(instance: SqlUuid);
}

fn report(conn: &mut PgConnection, instance: Uuid, ring: &str) -> Result<(), Problem> {
    diesel::select(report_key_ring(instance, ring)).execute(conn)?;
    Ok(())
}

fn forget(conn: &mut PgConnection, instance: Uuid) -> Result<(), Problem> {
    diesel::select(forget_key_ring(instance)).execute(conn)?;
    Ok(())
}
