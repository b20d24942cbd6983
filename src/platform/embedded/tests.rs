//! Each test runs a cluster of its own below the temporary directory.

mod death;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::*;

struct TempDir(PathBuf);

impl TempDir {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("pai-embedded-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a fresh directory");
        Self(path)
    }

    fn start(&self) -> Cluster {
        Cluster::start(&self.0, None).expect("the cluster starts")
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(QueryableByName)]
struct Fact {
    #[diesel(sql_type = Bool)]
    holds: bool,
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

fn connect(cluster: &Cluster, role: Role) -> PgConnection {
    PgConnection::establish(&cluster.url(role, DATABASE)).expect("the role may connect")
}

fn setting(conn: &mut PgConnection, name: &str) -> String {
    let row = diesel::sql_query("SELECT current_setting($1) AS value").bind::<Text, _>(name);
    row.get_result::<Setting>(conn).expect("the setting exists").value
}

fn pid_of(cluster: &Cluster) -> u32 {
    match cluster.status() {
        Status::Running { pid, .. } => pid,
        other => panic!("the server should run, but is {other:?}"),
    }
}

fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended, even if nobody has reaped it yet.
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

fn kill_hard(pid: u32) {
    let script = format!("kill -9 {pid}");
    assert!(Command::new("sh").args(["-c", &script]).status().expect("sh runs").success());
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_fresh_directory_becomes_a_running_database_and_keeps_its_rows() {
    let dir = TempDir::new();
    let cluster = dir.start();
    connect(&cluster, Role::Owner).batch_execute("CREATE TABLE t AS SELECT 1 AS n").expect("owner creates");
    cluster.stop().expect("it stops");
    let cluster = dir.start();
    let count = diesel::sql_query("SELECT count(*) AS rows FROM t")
        .get_result::<Count>(&mut connect(&cluster, Role::Owner))
        .expect("the table is there");
    assert_eq!(count.rows, 1);
}

#[test]
fn the_service_role_has_few_rights_and_time_limits() {
    let dir = TempDir::new();
    let cluster = dir.start();
    let conn = &mut connect(&cluster, Role::Service);
    assert_eq!(setting(conn, "is_superuser"), "off");
    assert_eq!(setting(conn, "statement_timeout"), "4s");
    assert_eq!(setting(conn, "lock_timeout"), "1s");
    assert_eq!(setting(conn, "idle_in_transaction_session_timeout"), "10s");
    assert!(conn.batch_execute("CREATE TABLE public.mine ()").is_err());
    assert!(conn.batch_execute("CREATE TEMP TABLE mine ()").is_err());
    let query = "SELECT NOT rolbypassrls AND NOT rolcreaterole AND NOT rolcreatedb AS holds \
                 FROM pg_roles WHERE rolname = current_user";
    assert!(diesel::sql_query(query).get_result::<Fact>(conn).expect("a row").holds);
}

#[test]
fn writes_are_durable_and_nothing_listens_on_tcp() {
    let dir = TempDir::new();
    let cluster = dir.start();
    let conn = &mut connect(&cluster, Role::Service);
    for (name, value) in [("fsync", "on"), ("synchronous_commit", "on"), ("listen_addresses", "")] {
        assert_eq!(setting(conn, name), value, "{name}");
    }
    let mode = fs::metadata(dir.0.join("run")).expect("the socket directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn the_owner_creates_extensions_and_tables_but_no_roles() {
    let dir = TempDir::new();
    let cluster = dir.start();
    let conn = &mut connect(&cluster, Role::Owner);
    assert_eq!(setting(conn, "is_superuser"), "off");
    let table = "CREATE TABLE spans (a int, r daterange, EXCLUDE USING gist (a WITH =, r WITH &&))";
    conn.batch_execute(table).expect("btree_gist is installed");
    assert!(conn.batch_execute("CREATE ROLE another").is_err());
}

#[test]
fn further_databases_get_the_same_rights_and_may_have_odd_names() {
    let dir = TempDir::new();
    let cluster = dir.start();
    let name = "test \"quoted\"/żółw";
    for _ in 0..2 {
        cluster.endpoint().ensure_database(name).expect("it is made once and kept");
    }
    PgConnection::establish(&cluster.url(Role::Service, name)).expect("the service may connect");
}

#[test]
fn a_second_start_on_the_same_directory_says_who_is_in_the_way() {
    let dir = TempDir::new();
    let _cluster = dir.start();
    let error = Cluster::start(&dir.0, None).expect_err("the directory is taken");
    assert!(matches!(error, EmbeddedError::Locked(_)), "{error}");
    assert!(error.to_string().contains(dir.0.to_str().expect("UTF-8")), "{error}");
}

#[test]
fn a_command_attaches_to_a_running_database_only() {
    let dir = TempDir::new();
    let not_running = |error: &EmbeddedError| matches!(error, EmbeddedError::NotRunning(_));
    assert!(not_running(&Cluster::attach(&dir.0).expect_err("nothing was started")));
    assert!(not_running(&Cluster::attach(&dir.0.join("missing")).expect_err("no such directory")));
    let cluster = dir.start();
    let attached = Cluster::attach(&dir.0).expect("it runs");
    PgConnection::establish(&attached.url(Role::Service, DATABASE)).expect("it answers");
    cluster.stop().expect("it stops");
    assert!(not_running(&Cluster::attach(&dir.0).expect_err("it was stopped")));
}

#[test]
fn stopping_or_dropping_leaves_no_process() {
    let dir = TempDir::new();
    let cluster = dir.start();
    let pid = pid_of(&cluster);
    let _open = connect(&cluster, Role::Service);
    cluster.stop().expect("it stops");
    assert!(!is_running(pid));
    let cluster = dir.start();
    let pid = pid_of(&cluster);
    drop(cluster);
    assert!(!is_running(pid));
    assert!(!dir.0.join("postgres/postmaster.pid").exists(), "a clean shutdown removes its pid file");
}

#[test]
fn the_database_survives_the_end_of_the_thread_that_asked_for_it() {
    let dir = TempDir::new();
    let cluster = thread::scope(|scope| scope.spawn(|| dir.start()).join().expect("it starts"));
    let pid = pid_of(&cluster);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(pid_of(&cluster), pid);
    connect(&cluster, Role::Service);
}

#[test]
fn a_killed_server_is_started_again() {
    let dir = TempDir::new();
    let cluster = dir.start();
    for restarts in 1..=2 {
        kill_hard(pid_of(&cluster));
        wait_until("the server is back", || matches!(cluster.status(), Status::Running { restarts: n, .. } if n == restarts));
        connect(&cluster, Role::Service);
    }
}

#[test]
fn a_stop_during_a_restart_is_obeyed() {
    let dir = TempDir::new();
    let cluster = dir.start();
    let pid = pid_of(&cluster);
    // Without its control file the server cannot come back.
    let control = dir.0.join("postgres/global/pg_control");
    fs::rename(&control, dir.0.join("pg_control")).expect("it is there");
    kill_hard(pid);
    wait_until("the end is noticed", || !cluster.is_alive());
    thread::sleep(Duration::from_millis(300));
    assert_eq!(cluster.status(), Status::Restarting);
    let before = Instant::now();
    cluster.stop().expect("it stops");
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_interrupted_initialisation_is_made_anew() {
    let dir = TempDir::new();
    fs::create_dir_all(dir.0.join("postgres.unfinished/base")).expect("half a cluster");
    dir.start();
}

#[test]
fn a_pid_file_that_names_a_foreign_process_does_not_block_the_start() {
    let dir = TempDir::new();
    dir.start().stop().expect("it stops");
    let uid = fs::metadata(dir.0.join("postgres")).map(|m| std::os::unix::fs::MetadataExt::uid(&m));
    let uid = uid.expect("the data are there").to_string();
    // A process of the database's user that is no database, as after a power cut.
    let mut other = Command::new("setpriv");
    other.args([&format!("--reuid={uid}"), "--clear-groups", "--", "sleep", "60"]).current_dir("/");
    let Ok(mut other) = other.stderr(Stdio::null()).spawn() else { panic!("setpriv is part of util-linux") };
    let text = format!("{}\n{}\n0\n5432\n\n\n0 0\n", other.id(), dir.0.join("postgres").display());
    fs::write(dir.0.join("postgres/postmaster.pid"), text).expect("the file is ours to write");
    let outcome = Cluster::start(&dir.0, None);
    other.kill().and_then(|()| other.wait()).expect("it was ours");
    outcome.expect("the stale file is recognised");
}

#[test]
fn a_long_path_is_refused_before_anything_is_made() {
    let dir = TempDir::new();
    let long = dir.0.join("d".repeat(100));
    let error = Cluster::start(&long, None).expect_err("the socket path would be cut off");
    assert!(error.to_string().contains("allows 106"), "{error}");
    assert_eq!(fs::read_dir(&long).map(Iterator::count).unwrap_or_default(), 0);
}

#[test]
fn a_wrong_configuration_is_reported_with_the_log() {
    let dir = TempDir::new();
    dir.start().stop().expect("it stops");
    let path = dir.0.join("postgres/postgresql.conf");
    let text = fs::read_to_string(&path).expect("it is there") + "\nno_such_setting = 1\n";
    fs::write(&path, text).expect("it is ours to write");
    let error = Cluster::start(&dir.0, None).expect_err("the server refuses");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn a_directory_that_does_not_exist_yet_is_made_and_kept_from_strangers() {
    let dir = TempDir::new();
    let nested = dir.0.join("var/lib");
    let _cluster = Cluster::start(&nested, None).expect("the cluster starts");
    let mode = fs::metadata(&nested).expect("it was made").permissions().mode();
    assert_eq!(mode & 0o067, 0, "{mode:o}");
}

#[test]
fn a_directory_closed_to_the_database_user_is_named() {
    let dir = TempDir::new();
    if User::to_drop_to(&dir.0.join("postgres")).expect("users are known").is_none() {
        // An unprivileged service and its database are the same user.
        return;
    }
    fs::set_permissions(&dir.0, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let error = Cluster::start(&dir.0.join("data"), None).expect_err("the way is barred");
    assert!(matches!(&error, EmbeddedError::Unreachable { path, .. } if *path == dir.0), "{error}");
}
