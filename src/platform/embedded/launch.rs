//! Commands that run as the database's user and die with the thread that started them.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::binaries::Binaries;
use super::error::{EmbeddedError, io};
use super::layout::{Layout, User};

/// Settings given on the command line, so that no configuration file can undo them.
const SETTINGS: [&str; 15] = [
    // Reachable only through the socket, and the socket only by its owner (and root).
    "listen_addresses=",
    "unix_socket_permissions=0700",
    // Acknowledged means stored.
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    // One call instead of one per file: restart after a crash takes 2 s instead of 4 to 8 s.
    "recovery_init_sync_method=syncfs",
    "restart_after_crash=on",
    "logging_collector=off",
    "log_destination=stderr",
    "log_timezone=UTC",
    "timezone=UTC",
    // Statements, parameters and the DETAIL of a violated constraint hold personal data.
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
];

/// Starts programs of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Launcher {
    pub binaries: Binaries,
    pub layout: Layout,
    pub user: Option<User>,
}

impl Launcher {
    /// A command for `program` that runs as the database's user.
    ///
    /// `setpriv` sets the parent-death signal *after* the change of user, which would clear it.
    /// SIGINT is `PostgreSQL`'s fast shutdown: kill -9 of the service ends the database cleanly.
    /// The kernel ties the signal to the *thread* that called `spawn`, hence the supervisor
    /// thread. Supplementary groups are dropped rather than initialised: the database needs none,
    /// and the owner of older data may be missing from this machine's user list.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        if let Some(User { uid, gid }) = self.user {
            command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
        }
        command.args(["--no-new-privs", "--pdeathsig", "INT", "--"]).arg(program);
        // The service's environment holds its secrets; only PATH is needed, to find setpriv.
        command.env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        // The service's own directory may be closed to the database's user.
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    /// Starts the server; the caller's thread must live as long as the server shall.
    pub fn postgres(&self) -> Result<Child, EmbeddedError> {
        let mut command = self.command(&self.binaries.program("postgres"));
        command.arg("-D").arg(&self.layout.data).args(["-p", &super::layout::PORT.to_string()]);
        // A list-valued setting: the quotes keep a comma or blank in the path.
        let run = self.layout.run.display().to_string().replace('"', "\"\"");
        command.arg("-c").arg(format!("unix_socket_directories=\"{run}\""));
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let log = self.layout.open_log()?;
        let errors = log.try_clone().map_err(io("open", &self.layout.log))?;
        // A process group of its own: Ctrl-C must reach the service's drain, not the database.
        command.stdout(log).stderr(errors).process_group(0).spawn().map_err(tool("setpriv"))
    }

    /// Makes a new cluster; an interrupted attempt is thrown away and made anew.
    ///
    /// `trust` lets everybody in who reaches the socket, and that is the point: there is no TCP,
    /// and the socket lies in a directory of mode 0700. Passwords would have to be kept on the
    /// same disk under the same protection and so add nothing.
    pub fn initdb(&self) -> Result<(), EmbeddedError> {
        let target = &self.layout.unfinished;
        if target.exists() {
            std::fs::remove_dir_all(target).map_err(io("remove", target))?;
        }
        Layout::private_dir(target, self.user)?;
        let mut command = self.command(&self.binaries.program("initdb"));
        command.args(["-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-A", "trust", "-U", super::SUPERUSER]);
        let output = command.arg("-D").arg(target).output().map_err(tool("setpriv"))?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            let output_text = String::from_utf8_lossy(&text).trim().to_owned();
            return Err(EmbeddedError::Initdb { status: output.status, output: output_text });
        }
        // The rename is the done-marker: `data` never holds a half-made cluster.
        std::fs::rename(target, &self.layout.data).map_err(io("rename", target))
    }

    /// Asks the server for a fast (`INT`) or an immediate (`QUIT`) shutdown.
    pub fn signal(&self, child: &Child, signal: &str) -> Result<(), EmbeddedError> {
        // pg_ctl comes with the server, /bin/kill does not come with every system.
        let mut command = self.command(&self.binaries.program("pg_ctl"));
        command.args(["kill", signal, &child.id().to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().map(|_| ()).map_err(tool("setpriv"))
    }

    /// Makes sure that the database's user can enter the data directory.
    pub fn check_reachable(&self) -> Result<(), EmbeddedError> {
        let Some(user) = self.user else { return Ok(()) };
        let mut ancestors: Vec<&Path> = self.layout.root.ancestors().collect();
        if self.can_enter(&self.layout.root)? {
            return Ok(());
        }
        ancestors.reverse();
        for path in ancestors {
            if !self.can_enter(path)? {
                return Err(EmbeddedError::Unreachable { path: path.to_path_buf(), uid: user.uid });
            }
        }
        Ok(())
    }

    fn can_enter(&self, path: &Path) -> Result<bool, EmbeddedError> {
        let status = self.command(Path::new("test")).arg("-x").arg(path).status();
        status.map(|s| s.success()).map_err(tool("setpriv"))
    }
}

/// Flushes a new cluster to disk in the background; `initdb` itself was told not to wait.
pub(super) fn sync_in_background(data: &Path) {
    let data = data.to_path_buf();
    std::thread::spawn(move || {
        let status = Command::new("sync").arg("-f").arg(&data).status();
        if !status.as_ref().is_ok_and(std::process::ExitStatus::success) {
            tracing::warn!(?status, "the new database could not be flushed to disk");
        }
    });
}

fn tool(program: &'static str) -> impl FnOnce(std::io::Error) -> EmbeddedError {
    move |source| EmbeddedError::Tool { program: program.to_owned(), source }
}
