//! The credentials of the demonstration clients, in a file that only its owner can read.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::DemoError;
use crate::platform::private_files::replace_file;

const FILE: &str = "demo-credentials.json";

/// One client of the demonstration.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// Institution that it acts for.
    pub tenant: Uuid,
    /// What it may do.
    pub role: String,
    /// `client_id` at the token endpoint.
    pub client_id: Uuid,
    /// `client_secret`; opens fictitious data only.
    pub client_secret: String,
}

/// All clients of the demonstration, and the file that lists them.
pub struct Credentials {
    path: PathBuf,
    clients: Vec<Credential>,
}

impl Credentials {
    /// Reads the file of an earlier load, if there is one.
    pub(super) fn read(data_dir: &Path) -> Result<Option<Self>, DemoError> {
        let path = data_dir.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(clients) => Ok(Some(Self { path, clients })),
                Err(error) => Err(DemoError::Damaged(path, error)),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(DemoError::File(path, error)),
        }
    }

    /// Writes the file, whole or not at all: a client a line, so that line tools find one too.
    pub(super) fn write(data_dir: &Path, clients: Vec<Credential>) -> Result<Self, DemoError> {
        let path = data_dir.join(FILE);
        let lines: Result<Vec<String>, _> = clients.iter().map(serde_json::to_string).collect();
        let lines = lines.map_err(|error| DemoError::Damaged(path.clone(), error))?;
        replace_file(&path, format!("[\n{}\n]\n", lines.join(",\n")).as_bytes())
            .map_err(|error| DemoError::File(path.clone(), error))?;
        Ok(Self { path, clients })
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "\nFictitious data are loaded. Clients, also in {}:", self.path.display())?;
        let mut tenant = None;
        for client in &self.clients {
            if tenant.replace(client.tenant) != Some(client.tenant) {
                writeln!(out, "\n  tenant {}", client.tenant)?;
            }
            writeln!(out, "    {:<16} {}  {}", client.role, client.client_id, client.client_secret)?;
        }
        Ok(())
    }
}
