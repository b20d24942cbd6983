//! A folder through which an office exchanges files with the service.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::program::{DataDir, pai};
use crate::support::scene::Scene;

const HEAD: &str = "system;externalId;personId;startsOn;kind;source\n";

struct Folder {
    dir: DataDir,
}

impl Folder {
    fn new() -> Self {
        let folder = Self { dir: DataDir::new() };
        fs::create_dir_all(&folder.dir.0).expect("a folder");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.0.join(name)
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.path("in").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    fn look(&self, service: &str, app: &TestApp, role: Role) -> Output {
        let (client, secret) = &app.town.clients[role.as_str()];
        let file = self.path("secret");
        fs::write(&file, secret).expect("a file");
        let (client, file, folder) = (client.to_string(), file.display().to_string(), self.dir.0.display().to_string());
        let args = [
            "exchange-folder",
            "--service",
            service,
            "--client-id",
            &client,
            "--client-secret-file",
            &file,
            "--folder",
            &folder,
            "--once",
        ];
        pai(&args, None).output().expect("the program runs")
    }

    fn receipt(&self, name: &str) -> Value {
        let path = self.path("out").join(format!("{name}.receipt.json"));
        serde_json::from_str(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
            .expect("JSON")
    }

    fn lies(&self, name: &str) -> bool {
        Path::exists(&self.path(name))
    }
}

#[test]
fn files_are_taken_in_once_and_lists_come_back() {
    let app = TestApp::start();
    let person = Scene::of(&app).person();
    let folder = Folder::new();
    let jobs = format!("{HEAD}syriusz;Z/1;{person};2020-11-06;umowa o pracę;PUP\n");
    folder.put("imports/employmentSpells/jobs.csv", &jobs);
    folder.put("imports/employmentSpells/wrong.csv", &format!("{HEAD}syriusz;Z/2;{person};wczoraj;umowa o pracę;PUP\n"));
    folder.put("imports/employmentSpells/later.csv.part", "unfinished");
    folder.put("imports/nothing/x.csv", "a;b\n1;2\n");
    folder.put("other/x.json", "{}");
    let output = folder.look(&app.address, &app, Role::Coordinator);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let taken = folder.receipt("imports/employmentSpells/jobs.csv");
    assert_eq!(
        (&taken["outcome"], &taken["answer"]["state"], &taken["answer"]["counts"]["created"]),
        (&json!("taken"), &json!("committed"), &json!(1))
    );
    assert!(folder.lies("done/imports/employmentSpells/jobs.csv") && !folder.lies("in/imports/employmentSpells/jobs.csv"));
    assert_eq!(folder.receipt("imports/employmentSpells/wrong.csv")["outcome"], "refused");
    assert!(folder.lies("refused/imports/employmentSpells/wrong.csv"));
    let annotated = fs::read_to_string(folder.path("out/imports/employmentSpells/wrong.csv")).expect("the file with its faults");
    assert!(annotated.contains("błąd") && annotated.contains("imports.value_invalid"), "{annotated}");
    assert_eq!(folder.receipt("imports/nothing/x.csv")["answer"]["code"], "platform.invalid_parameter");
    assert_eq!(folder.receipt("other/x.json")["outcome"], "refused");
    assert!(folder.lies("in/imports/employmentSpells/later.csv.part"));
    // The same content under another name is the same file.
    folder.put("imports/employmentSpells/again.csv", &jobs);
    folder.put("lists/jobs.ndjson-list", "/employment-spells\n");
    folder.put("lists/secret.csv-list", "/audit-entries");
    assert!(folder.look(&app.address, &app, Role::Coordinator).status.success());
    let again = folder.receipt("imports/employmentSpells/again.csv");
    assert_eq!(again["answer"]["id"], taken["answer"]["id"], "the first answer once more");
    assert_eq!(app.api(Role::Coordinator).get("/employment-spells").expect(200)["items"].as_array().map(Vec::len), Some(1));
    let list = fs::read_to_string(folder.path("out/lists/jobs.ndjson")).expect("the list");
    assert_eq!((list.lines().count(), &folder.receipt("lists/jobs.ndjson-list")["answer"]["rows"]), (1, &json!(1)));
    assert_eq!(folder.receipt("lists/secret.csv-list")["answer"]["code"], "platform.forbidden");
}

#[test]
fn what_cannot_be_sent_stays_until_it_can() {
    let app = TestApp::start();
    let person = Scene::of(&app).person();
    let folder = Folder::new();
    folder.put("imports/employmentSpells/jobs.csv", &format!("{HEAD}syriusz;Z/1;{person};2020-11-06;umowa o pracę;PUP\n"));
    // Nobody listens there.
    let output = folder.look("http://127.0.0.1:9", &app, Role::Coordinator);
    assert_eq!(output.status.code(), Some(1));
    assert!(folder.lies("in/imports/employmentSpells/jobs.csv") && !folder.lies("out/imports"));
    assert!(folder.look(&app.address, &app, Role::Coordinator).status.success());
    assert!(folder.lies("done/imports/employmentSpells/jobs.csv"));
}
