//! What was fetched and is on its way into the folder: each file gets there once, wherever this is stopped.
//!
//! A parcel is a directory of its own. It is packed under another name and renamed when it is whole; from then on a file
//! that is still in it has not been put out, and one that is gone has, even if somebody took it from there at once. It is
//! dissolved only after the service has been told.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::wire::{Receipt, receipt_name};
use crate::platform::private_files::{create_private_dir, new_private_file, replace_file};
use crate::platform::secrets::digest_hex;

/// What a parcel says of itself.
const ABOUT: &str = "about.json";
/// Ending of a parcel that is being packed.
const UNFINISHED: &str = "part";

/// A file in a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Enclosed {
    name: String,
    sha256: String,
}

/// What a parcel holds and where that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct About {
    place: String,
    message: Uuid,
    files: Vec<Enclosed>,
}

/// A message on its way into the folder.
#[derive(Debug)]
pub(super) struct Parcel {
    dir: PathBuf,
    about: About,
}

/// Makes the names in a directory durable.
fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

impl Parcel {
    /// Packs files, of which the last is the message; the others are put out before it.
    pub(super) fn pack(parcels: &Path, place: &str, message: Uuid, files: &[(String, Vec<u8>)]) -> io::Result<Self> {
        create_private_dir(parcels)?;
        let dir = parcels.join(message.to_string());
        let packed = dir.with_extension(UNFINISHED);
        remove_dir(&packed)?;
        create_private_dir(&packed)?;
        let enclosed = files.iter().map(|(name, content)| Enclosed { name: name.clone(), sha256: digest_hex(content) });
        let about = About { place: place.to_owned(), message, files: enclosed.collect() };
        let about_text = serde_json::to_vec(&about)?;
        for (name, content) in files.iter().map(|(name, content)| (name.as_str(), content)).chain([(ABOUT, &about_text)]) {
            let mut file = new_private_file(&packed.join(name))?;
            file.write_all(content)?;
            file.sync_all()?;
        }
        sync(&packed)?;
        fs::rename(&packed, &dir)?;
        sync(parcels)?;
        Ok(Self { dir, about })
    }

    /// Parcels that were packed before. What was stopped while it was packed or dissolved is cleared away.
    pub(super) fn waiting(parcels: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(parcels) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let dir = entry?.path();
            let is_unfinished = dir.extension().is_some_and(|ending| ending == UNFINISHED);
            match fs::read(dir.join(ABOUT)) {
                Ok(about) if !is_unfinished => found.push(Self { about: serde_json::from_slice(&about)?, dir }),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => remove_dir(&dir)?,
            }
        }
        found.sort_by_key(|parcel| parcel.about.message);
        Ok(found)
    }

    /// The message.
    pub(super) fn message(&self) -> Uuid {
        self.about.message
    }

    /// Where its files go.
    pub(super) fn place(&self) -> &str {
        &self.about.place
    }

    /// Name of the message's file below `out`.
    pub(super) fn name(&self) -> PathBuf {
        let last = self.about.files.last().map(|file| file.name.as_str()).unwrap_or_default();
        Path::new(&self.about.place).join(last)
    }

    /// Puts out what is still in it.
    pub(super) fn deliver(&self, out: &Path) -> io::Result<()> {
        let place = out.join(&self.about.place);
        create_private_dir(&place)?;
        for file in &self.about.files {
            match fs::rename(self.dir.join(&file.name), place.join(&file.name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => done?,
            }
            sync(&place)?;
            sync(&self.dir)?;
        }
        Ok(())
    }

    /// Writes the receipt, and then dissolves the parcel; the service has been told before.
    pub(super) fn dissolve(self, out: &Path, answer: Value) -> io::Result<()> {
        let name = self.name();
        let sha256 = self.about.files.last().map(|file| file.sha256.clone()).unwrap_or_default();
        let receipt = out.join(receipt_name(&name));
        replace_file(&receipt, &Receipt::fetched(&name, sha256, answer).to_json())?;
        fs::remove_file(self.dir.join(ABOUT))?;
        remove_dir(&self.dir)
    }
}

fn remove_dir(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("pai-parcels-{name}-{}", std::process::id()));
            remove_dir(&dir).expect("a fresh directory");
            create_private_dir(&dir.join("out")).expect("a directory");
            Self(dir)
        }

        fn pack(&self) -> Parcel {
            let files = [("m.subjects.json".to_owned(), b"names".to_vec()), ("m.json".to_owned(), b"message".to_vec())];
            Parcel::pack(&self.0.join("parcels"), "incoming", message(), &files).expect("packed")
        }

        fn waiting(&self) -> Vec<Parcel> {
            Parcel::waiting(&self.0.join("parcels")).expect("parcels")
        }

        fn out(&self) -> PathBuf {
            self.0.join("out")
        }

        /// What lies in the folder, which somebody takes away.
        fn take(&self) -> Vec<String> {
            let Ok(entries) = fs::read_dir(self.out().join("incoming")) else { return Vec::new() };
            let mut names: Vec<String> = entries
                .map(|entry| {
                    let entry = entry.expect("an entry");
                    fs::remove_file(entry.path()).expect("taken");
                    entry.file_name().to_string_lossy().into_owned()
                })
                .collect();
            names.sort();
            names
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = remove_dir(&self.0);
        }
    }

    fn message() -> Uuid {
        Uuid::from_u128(7)
    }

    #[test]
    fn what_was_put_out_is_not_put_out_again_though_it_was_taken_away() {
        let scratch = Scratch::new("once");
        scratch.pack().deliver(&scratch.out()).expect("delivered");
        assert_eq!(scratch.take(), ["m.json", "m.subjects.json"]);
        // Stopped before the service was told: the next run finds the parcel, and nothing in it.
        let [parcel] = scratch.waiting().try_into().expect("one parcel");
        parcel.deliver(&scratch.out()).expect("nothing to deliver");
        assert_eq!(scratch.take(), [""; 0]);
        parcel.dissolve(&scratch.out(), json!({ "state": "received" })).expect("dissolved");
        assert_eq!(scratch.take(), ["m.json.receipt.json"]);
        assert!(scratch.waiting().is_empty());
    }

    #[test]
    fn a_delivery_that_was_stopped_half_way_goes_on_where_it_was() {
        let scratch = Scratch::new("half");
        let parcel = scratch.pack();
        // Only the first of two renames was done.
        create_private_dir(&scratch.out().join("incoming")).expect("a directory");
        fs::rename(parcel.dir.join("m.subjects.json"), scratch.out().join("incoming/m.subjects.json")).expect("moved");
        assert_eq!(scratch.take(), ["m.subjects.json"]);
        let [parcel] = scratch.waiting().try_into().expect("one parcel");
        parcel.deliver(&scratch.out()).expect("delivered");
        assert_eq!(scratch.take(), ["m.json"]);
    }

    #[test]
    fn what_was_stopped_while_it_was_packed_or_dissolved_is_cleared_away() {
        let scratch = Scratch::new("unfinished");
        let parcels = scratch.0.join("parcels");
        create_private_dir(&parcels.join(format!("{}.part", message()))).expect("a directory");
        fs::write(parcels.join(format!("{}.part", message())).join(ABOUT), "{}").expect("a file");
        create_private_dir(&parcels.join(Uuid::from_u128(8).to_string())).expect("a directory");
        assert!(scratch.waiting().is_empty());
        assert_eq!(fs::read_dir(&parcels).expect("the directory").count(), 0);
        // And a rest of packing is in nobody's way.
        create_private_dir(&parcels.join(format!("{}.part", message()))).expect("a directory");
        assert_eq!(scratch.pack().message(), message());
        assert_eq!(scratch.waiting().len(), 1);
    }
}
