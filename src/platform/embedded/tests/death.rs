//! The service itself is killed, which takes a process of its own.

use std::process::{Child, Command, Stdio};

use super::*;

/// Names the directory for the process that is started and killed.
const VICTIM_DIR: &str = "PAI_TEST_EMBEDDED_VICTIM_DIR";

/// Not a test of its own: the process that the next test kills.
#[test]
fn victim_of_the_kill_test() {
    let Some(dir) = std::env::var_os(VICTIM_DIR) else {
        return;
    };
    let cluster = Cluster::start(Path::new(&dir), None).expect("the cluster starts");
    fs::write(Path::new(&dir).join("ready"), pid_of(&cluster).to_string()).expect("the directory is ours");
    thread::sleep(Duration::from_mins(1));
}

fn start_victim(dir: &Path) -> (Child, u32) {
    let ready = dir.join("ready");
    let _ = fs::remove_file(&ready);
    let victim = Command::new(std::env::current_exe().expect("a test binary"))
        .args(["--exact", "platform::embedded::tests::death::victim_of_the_kill_test"])
        .env(VICTIM_DIR, dir)
        .stdout(Stdio::null())
        .spawn()
        .expect("the test binary runs");
    let pid = || fs::read_to_string(&ready).ok()?.parse().ok();
    wait_until("the victim is ready", || pid().is_some());
    (victim, pid().expect("it was just there"))
}

#[test]
fn a_killed_service_takes_its_database_along_and_can_start_again_at_once() {
    let dir = TempDir::new();
    let (mut victim, pid) = start_victim(&dir.0);
    victim.kill().and_then(|()| victim.wait()).expect("it was ours");
    let cluster = dir.start();
    assert_ne!(pid_of(&cluster), pid);
    wait_until("the old server is gone", || !is_running(pid));
    connect(&cluster, Role::Service);
}

#[test]
fn service_and_database_killed_together_recover() {
    let dir = TempDir::new();
    let (mut victim, pid) = start_victim(&dir.0);
    kill_hard(pid);
    victim.kill().and_then(|()| victim.wait()).expect("it was ours");
    connect(&dir.start(), Role::Service);
}
