//! Competence sheets from files.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{commit, counts, found, plan, rows, worker};
use crate::support::{TestApp, taking_part};

const HEAD: &str = "system;externalId;participationId;template;rater;observerRole;moment;filledOn;scores;correctionReason\n";

fn template(app: &TestApp) {
    let body = json!({ "code": "competences", "version": 1, "name": "Arkusz", "scale": { "min": "1", "max": "5", "step": "1", "higherIsBetter": true, "labels": [] },
        "competences": [{ "code": "jobSearch", "name": "Szukanie pracy" },
            { "code": "teamwork", "name": "Współpraca", "items": [{ "code": "listens", "text": "Słucha" }, { "code": "helps", "text": "Pomaga" }] }] });
    app.api(Role::Coordinator).post("/sheet-templates", &body).expect(201);
}

#[test]
fn sheets_are_recorded_found_again_and_corrected() {
    let app = TestApp::start();
    template(&app);
    let who = taking_part(&app, "2020-10-15", "2020-12-14").participation;
    let api = worker(&app);
    let scores = "\"jobSearch=2; teamwork/listens=3; teamwork/helps=4\"";
    let own = format!("badanie;S1;{who};competences;samoocena;;początek;15.10.2020;{scores};\n");
    let seen = format!(";;{who};competences;obserwator;pracownik socjalny;before;2020-10-16;jobSearch=1; teamwork=2;\n");
    let seen = seen.replace("jobSearch=1; teamwork=2", "\"jobSearch=1; teamwork=2\"");
    let import = plan(&api, "sheets", &format!("{HEAD}{own}{seen}"));
    assert_eq!(counts(&import), [2, 0, 0, 0, 0], "{:?}", rows(&api, &import));
    commit(&api, &import, &json!({})).expect(200);
    let list = |query: &str| {
        api.get(&format!("/sheets?participationId={who}{query}")).expect(200)["items"].as_array().expect("sheets").clone()
    };
    let recorded = list("");
    assert_eq!(recorded.len(), 2);
    let of_self = recorded.iter().find(|sheet| sheet["rater"] == "self").expect("the own sheet");
    assert_eq!(of_self["scores"][1], json!({ "competence": "teamwork", "item": "listens", "score": "3" }));
    assert_eq!(counts(&plan(&api, "sheets", &format!("{HEAD}{own}{seen}"))), [0, 0, 2, 0, 0]);
    // By its id a sheet is corrected, without one only with a reason.
    let better = own.replace("jobSearch=2", "jobSearch=3");
    let other = seen.replace("jobSearch=1", "jobSearch=2");
    let import = plan(&api, "sheets", &format!("{HEAD}{better}{other}"));
    assert_eq!(counts(&import), [0, 1, 0, 1, 0], "{:?}", rows(&api, &import));
    assert_eq!(found(&rows(&api, &import)[1]), ("scores", "outcomes.sheet_exists"));
    let reasoned = other.trim_end().to_owned() + "Pomyłka przy wpisywaniu\n";
    let import = plan(&api, "sheets", &format!("{HEAD}{better}{reasoned}"));
    assert_eq!(counts(&import), [0, 2, 0, 0, 0]);
    commit(&api, &import, &json!({})).expect(200);
    let (now, all) = (list(""), list("&includeSuperseded=true"));
    assert_eq!((now.len(), all.len()), (2, 4));
    assert!(now.iter().all(|sheet| sheet["supersedesId"].is_string() && sheet["correctionReason"].is_string()));
    let named = api.get("/external-ids?externalId=S1").expect(200);
    assert_eq!(named["items"][0]["recordId"], now.iter().find(|sheet| sheet["rater"] == "self").expect("one")["id"]);
}

#[test]
fn sheets_that_do_not_fit_their_template_are_refused_row_by_row() {
    let app = TestApp::start();
    template(&app);
    let who = taking_part(&app, "2020-10-15", "2020-12-14").participation;
    let api = worker(&app);
    let row = |template: &str, role: &str, moment: &str, day: &str, scores: &str| {
        let rater = if role.is_empty() { "self" } else { "observer" };
        format!(";;{who};{template};{rater};{role};{moment};{day};\"{scores}\";\n")
    };
    let good = "jobSearch=2; teamwork=3";
    let text = [
        row("competences", "", "before", "2020-10-15", "jobSearch=2"),
        row("competences", "", "mid", "2020-11-01", "jobSearch=9; teamwork=3"),
        row("competences", "", "mid", "2020-11-02", "jobSearch; teamwork=3"),
        row("competences", "", "mid", "2020-11-03", "jobSearch=2; teamwork=3; other=1"),
        row("competences", "", "mid", "2020-11-07", "{x}=2"),
        row("other", "", "mid", "2020-11-04", good),
        row("competences", "", "after", "2020-10-01", good),
        row("competences", "social_worker", "mid", "2020-11-05", good),
        row("competences", "social_worker", "mid", "2020-11-05", good),
        format!(";;{who};competences;self;social_worker;mid;2020-11-06;\"{good}\";\n"),
        format!(";;01900000-0000-7000-8000-00000000ffff;competences;self;;mid;2020-11-06;\"{good}\";\n"),
    ];
    let import = plan(&api, "sheets", &format!("{HEAD}{}", text.concat()));
    let rows = rows(&api, &import);
    let outcomes: Vec<(&Value, _)> = rows.iter().map(|row| (&row["outcome"], found(row))).collect();
    let error = json!("error");
    assert_eq!(
        outcomes,
        [
            (&error, ("scores", "outcomes.competence_not_scored")),
            (&error, ("scores", "outcomes.score_off_scale")),
            (&error, ("scores", "imports.value_invalid")),
            (&error, ("scores", "outcomes.competence_unknown")),
            (&error, ("scores", "imports.value_invalid")),
            (&error, ("template", "platform.reference_not_found")),
            (&error, ("filledOn", "outcomes.sheet_before_participation")),
            (&json!("created"), ("", "")),
            (&error, ("participationId", "imports.row_repeated")),
            (&error, ("observerRole", "outcomes.observer_role_mismatch")),
            (&error, ("participationId", "platform.reference_not_found")),
        ]
    );
    let hints = [1, 3, 4].map(|place: usize| rows[place]["findings"][0]["hint"].as_str().expect("a hint"));
    assert!(hints[0].ends_with("ocena jobSearch nie leży na skali od 1 do 5 co 1"), "{}", hints[0]);
    assert!(hints[1].ends_with("3. ocena dotyczy nieznanej kompetencji"), "{}", hints[1]);
    assert!(
        hints[2].ends_with("Dozwolone: oceny oddzielone średnikami: kompetencja=ocena lub kompetencja/pytanie=ocena."),
        "{}",
        hints[2]
    );
}

#[test]
fn two_templates_for_one_moment_are_two_sheets_however_they_are_named() {
    let app = TestApp::start();
    template(&app);
    let other = json!({ "code": "health", "version": 1, "name": "Zdrowie", "competences": [{ "code": "sleep", "name": "Sen" }],
        "scale": { "min": "1", "max": "5", "step": "1", "higherIsBetter": true, "labels": [] } });
    let other = app.api(Role::Coordinator).post("/sheet-templates", &other).id();
    let who = taking_part(&app, "2020-10-15", "2020-12-14").participation;
    let api = worker(&app);
    let row = |template: &str, scores: &str| format!(";;{who};{template};self;;before;2020-10-15;\"{scores}\";\n");
    let both = format!("{HEAD}{}{}", row("competences", "jobSearch=2; teamwork=3"), row("health", "sleep=3"));
    let import = plan(&api, "sheets", &both);
    assert_eq!(counts(&import), [2, 0, 0, 0, 0], "{:?}", rows(&api, &import));
    let import = plan(&api, "sheets", &format!("{both}{}", row(&other, "sleep=3")));
    assert_eq!(counts(&import)[..1], [2]);
    assert_eq!(found(&rows(&api, &import)[2]).1, "imports.row_repeated");
}
