//! Files of an embedded cluster, and the user they belong to.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::error::{EmbeddedError, io};

/// `sun_path` has 108 bytes; one is the final NUL and one is kept in hand.
const LONGEST_SOCKET_PATH: usize = 106;

/// Only a file name: the server listens on no TCP port.
pub(super) const PORT: u16 = 5432;

/// Name of the cluster's directory.
pub(super) const DATA: &str = "postgres";

/// A log larger than this is set aside at the next start.
const LARGEST_LOG_BYTES: u64 = 16 * 1024 * 1024;

/// How much of the log an error message repeats.
const LOG_TAIL_BYTES: u64 = 2_000;

/// A predecessor killed a moment ago may still be on its way out.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);

/// Where everything of one cluster lies.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The directory the caller named, absolute.
    pub root: PathBuf,
    /// The cluster itself; exists only once `initdb` has finished.
    pub data: PathBuf,
    /// Where `initdb` works; renamed to `data` at its end.
    pub unfinished: PathBuf,
    /// Directory of the socket.
    pub run: PathBuf,
    /// What the server prints.
    pub log: PathBuf,
}

impl Layout {
    /// Names the files below `root`, which must exist.
    pub fn of(root: &Path) -> Result<Self, EmbeddedError> {
        let root = root.canonicalize().map_err(io("find", root))?;
        let layout = Self {
            data: root.join(DATA),
            unfinished: root.join("postgres.unfinished"),
            run: root.join("run"),
            log: root.join("postgres.log"),
            root,
        };
        let path = layout.socket();
        let length = path.as_os_str().as_bytes().len();
        if length > LONGEST_SOCKET_PATH {
            return Err(EmbeddedError::SocketPathTooLong { path, length, limit: LONGEST_SOCKET_PATH });
        }
        Ok(layout)
    }

    /// Makes the root directory if it is missing and names the files below it.
    pub fn create(root: &Path) -> Result<Self, EmbeddedError> {
        // Only the directory itself is private: the database's user must pass through the others.
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(io("create", parent))?;
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(root).map_err(io("create", root))?;
        Self::of(root)
    }

    pub fn socket(&self) -> PathBuf {
        self.run.join(format!(".s.PGSQL.{PORT}"))
    }

    /// Takes the lock that keeps a second service away; it lasts as long as the file is open.
    ///
    /// The kernel drops it when the process dies in whatever way, so it is never stale.
    pub fn lock(&self) -> Result<File, EmbeddedError> {
        let path = self.root.join("postgres.lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        let file = options.open(&path).map_err(io("open", &path))?;
        let deadline = Instant::now() + LOCK_PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(source)) => return Err(io("lock", &path)(source)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(EmbeddedError::Locked(self.root.clone()));
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Makes a directory that only the database's user may enter.
    pub fn private_dir(path: &Path, user: Option<User>) -> Result<(), EmbeddedError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io("create", path))?;
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(io("protect", path))?;
        match user {
            Some(user) => chown(path, Some(user.uid), Some(user.gid)).map_err(io("hand over", path)),
            None => Ok(()),
        }
    }

    /// Lets the database's group pass through a root directory that belongs to root alone.
    ///
    /// Passing is not listing: other files in it keep whatever protection they have.
    pub fn let_pass(&self, user: User) -> Result<(), EmbeddedError> {
        let metadata = fs::metadata(&self.root).map_err(io("inspect", &self.root))?;
        let mode = metadata.permissions().mode();
        if metadata.uid() != 0 || mode & 0o001 != 0 {
            return Ok(());
        }
        chown(&self.root, None, Some(user.gid)).map_err(io("hand over", &self.root))?;
        let mode = mode & 0o7707 | 0o010;
        fs::set_permissions(&self.root, Permissions::from_mode(mode)).map_err(io("protect", &self.root))
    }

    /// Opens the log for appending and sets an overgrown one aside.
    pub fn open_log(&self) -> Result<File, EmbeddedError> {
        if fs::metadata(&self.log).is_ok_and(|m| m.len() > LARGEST_LOG_BYTES) {
            fs::rename(&self.log, self.root.join("postgres.log.old")).map_err(io("rename", &self.log))?;
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600);
        options.open(&self.log).map_err(io("open", &self.log))
    }

    pub fn log_length(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |m| m.len())
    }

    /// The end of what was logged after `from` bytes.
    pub fn log_tail(&self, from: u64) -> String {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(&self.log)?;
            let start = from.max(file.metadata()?.len().saturating_sub(LOG_TAIL_BYTES));
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    /// Removes the pid files of a server that no longer exists.
    ///
    /// The server itself refuses to start when the recorded pid is taken, be it by an unreaped
    /// zombie or, after a power cut, by any other program of the same user. Every process of a
    /// server works inside the data directory, so if none does, the files are stale.
    /// Must be called under the lock.
    pub fn remove_stale_pid_files(&self) -> Result<bool, EmbeddedError> {
        let pid_file = self.data.join("postmaster.pid");
        if !pid_file.exists() || self.in_use() {
            return Ok(false);
        }
        let socket_lock = self.run.join(format!(".s.PGSQL.{PORT}.lock"));
        for path in [&pid_file, &socket_lock] {
            match fs::remove_file(path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(io("remove", path)(e));
                }
                _ => {}
            }
        }
        Ok(true)
    }

    /// The pid of the server that owns the data directory, if one does.
    pub fn recorded_pid(&self) -> Option<u32> {
        let text = fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// Whether some process works inside the data directory; when in doubt, yes.
    fn in_use(&self) -> bool {
        let (Ok(data), Ok(processes)) = (self.data.canonicalize(), fs::read_dir("/proc")) else {
            return true;
        };
        let mut visible = false;
        for process in processes.flatten() {
            let Ok(cwd) = fs::read_link(process.path().join("cwd")) else {
                continue;
            };
            visible = true;
            if cwd == data {
                return true;
            }
        }
        !visible
    }
}

/// The unprivileged user that a service started by root gives the database to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    pub uid: u32,
    pub gid: u32,
}

impl User {
    /// The user to drop to, or `None` when the service itself is unprivileged.
    ///
    /// Existing data keep their owner: user ids differ between machines and container images.
    pub fn to_drop_to(data: &Path) -> Result<Option<Self>, EmbeddedError> {
        let status = Path::new("/proc/self/status");
        let text = fs::read_to_string(status).map_err(io("read", status))?;
        if effective_uid(&text) != Some(0) {
            return Ok(None);
        }
        if let Ok(owner) = fs::metadata(data)
            && owner.uid() != 0
        {
            return Ok(Some(Self { uid: owner.uid(), gid: owner.gid() }));
        }
        let path = Path::new("/etc/passwd");
        let passwd = fs::read_to_string(path).map_err(io("read", path))?;
        let user = ["postgres", "nobody"].iter().find_map(|name| Self::named(name, &passwd));
        user.map(Some).ok_or(EmbeddedError::NoUser)
    }

    fn named(name: &str, passwd: &str) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == name).then_some(())?;
            let uid = fields.nth(1)?.parse().ok()?;
            Some(Self { uid, gid: fields.next()?.parse().ok()? })
        })
    }
}

/// The second number of the line `Uid: real effective saved filesystem`.
fn effective_uid(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_exact_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:8::/:/x\npostgres:x:101:104:a,b:/var:/bin/sh\n";
        assert_eq!(User::named("postgres", passwd), Some(User { uid: 101, gid: 104 }));
        assert_eq!(User::named("nobody", passwd), None);
    }

    #[test]
    fn the_effective_user_decides_not_the_real_one() {
        assert_eq!(effective_uid("Name:\tpai\nUid:\t1000\t0\t0\t0\n"), Some(0));
    }
}
