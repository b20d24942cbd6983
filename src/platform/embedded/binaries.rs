//! Finds the `PostgreSQL` server programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::EmbeddedError;

/// Oldest major version that knows `recovery_init_sync_method`.
const OLDEST: u32 = 14;

/// Where distributions install the server programs, by major version; PATH rarely has them.
const VERSIONED: [(&str, &str, &str); 2] = [
    ("/usr/lib/postgresql", "", "bin"), // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),          // the PostgreSQL project's RPM packages
];

/// A directory of server programs of one major version.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the programs: the configured directory, else the newest installed version, else PATH.
    ///
    /// Data of an existing cluster decide the major version: a newer server refuses them.
    pub(super) fn find(configured: Option<&Path>, data: &Path) -> Result<Self, EmbeddedError> {
        let (candidates, searched) = match configured {
            Some(dir) => (at(dir).into_iter().collect(), dir.display().to_string()),
            None => (installed(), "/usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, PATH".to_owned()),
        };
        choose(candidates, written_by(data), data, searched)
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

fn choose(candidates: Vec<Binaries>, wanted: Option<u32>, data: &Path, searched: String) -> Result<Binaries, EmbeddedError> {
    let found: Vec<String> = candidates.iter().map(|b| b.major.to_string()).collect();
    if found.is_empty() {
        return Err(EmbeddedError::NoBinaries { searched });
    }
    let fits = |b: &Binaries| wanted.is_none_or(|major| b.major == major);
    candidates.into_iter().find(fits).ok_or_else(|| EmbeddedError::VersionMismatch {
        data: data.to_path_buf(),
        wanted: wanted.unwrap_or_default(),
        found: found.join(", "),
    })
}

/// Every usable version, newest first, then whatever PATH offers.
fn installed() -> Vec<Binaries> {
    let mut found: Vec<Binaries> = VERSIONED
        .iter()
        .flat_map(|(root, prefix, bin)| {
            let entries = fs::read_dir(root).into_iter().flatten().flatten();
            entries.filter_map(move |entry| {
                entry.file_name().to_str()?.strip_prefix(prefix)?.parse::<u32>().ok()?;
                at(&entry.path().join(bin))
            })
        })
        .collect();
    found.sort_by_key(|b| std::cmp::Reverse(b.major));
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path).filter_map(|dir| at(&dir)));
    found
}

/// The programs in `dir`, if all are there and new enough.
fn at(dir: &Path) -> Option<Binaries> {
    // An absolute path, because the child starts in another directory.
    let dir = dir.canonicalize().ok()?;
    if !["postgres", "initdb", "pg_ctl"].iter().all(|name| dir.join(name).is_file()) {
        return None;
    }
    let output = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
    let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
    (major >= OLDEST).then_some(Binaries { dir, major })
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn written_by(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("something else"), None);
    }

    #[test]
    fn missing_programs_are_reported_with_the_package_to_install() {
        let error =
            Binaries::find(Some(Path::new("/nonexistent")), Path::new("/nonexistent")).expect_err("there are no programs");
        assert!(error.to_string().contains("apt-get install postgresql-15"), "{error}");
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }

    #[test]
    fn data_of_another_major_version_are_refused_by_name() {
        let candidates = vec![Binaries { dir: PathBuf::from("/x"), major: 17 }];
        let error = choose(candidates, Some(15), Path::new("/d"), String::new()).expect_err("17 cannot read data of 15");
        assert!(error.to_string().contains("install postgresql-15"), "{error}");
    }

    #[test]
    fn the_version_that_wrote_the_data_wins_over_the_newest() {
        let candidates = [17, 15].map(|major| Binaries { dir: PathBuf::from("/x"), major }).to_vec();
        let chosen = choose(candidates, Some(15), Path::new("/d"), String::new()).expect("15 is there");
        assert_eq!(chosen.major, 15);
    }
}
