//! The demonstration: loaded once for the whole run through a service, then copied for each test that needs it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use pai::demo::{self, Demo};
use pai::platform::clock::Clock;

use super::cluster::{Urls, clone_of, clone_template, close_database};
use super::{serve, test_settings};

const TEMPLATE: &str = "template_demonstration";

/// A database and a directory of a test's own with the demonstration, as on the day of the first clock that asks.
pub fn copy(database: &str, data_dir: &Path, clock: &Clock) -> Urls {
    static LOADED: OnceLock<PathBuf> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| load(clock));
    copy_files(loaded, data_dir);
    clone_of(TEMPLATE, database)
}

fn load(clock: &Clock) -> PathBuf {
    let data_dir = std::env::temp_dir().join(format!("pai-tests-{}", std::process::id())).join("demonstration");
    fs::create_dir_all(&data_dir).expect("a data directory");
    let urls = clone_template(TEMPLATE);
    let Demo::Load(load) = demo::prepare(&data_dir, Some(&urls.owner), clock).expect("an empty database") else {
        panic!("the template of the demonstration is not empty")
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("address"));
    let settings = test_settings(&data_dir);
    let shared = pai::startup::share(&settings, &urls.service, clock.clone()).expect("shared state");
    shared.readiness.set(true);
    let (server, thread) = serve(shared, listener, settings);
    load.run(&address).expect("the demonstration data");
    drop(server.stop(false));
    thread.join().expect("a server that stops");
    close_database(TEMPLATE);
    data_dir
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a data directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_files(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy with the same rights");
        }
    }
}
