use super::*;
use crate::outcomes::scale::ScaleLabel;
use crate::outcomes::scale::tests::scale;
use crate::outcomes::sheet_templates::CompetenceItem;
use crate::platform::types::{Code, ShortText};

fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

fn name() -> ShortText {
    "Nazwa".to_owned().try_into().expect("a name")
}

fn competence(of: &str, items: &[&str]) -> Competence {
    let items = items.iter().map(|item| CompetenceItem { code: code(item), text: name() }).collect();
    Competence { code: code(of), name: name(), items }
}

fn score(competence: &str, item: Option<&str>, number: &str) -> Score {
    Score { competence: code(competence), item: item.map(code), score: number.parse().expect("a number") }
}

#[test]
fn a_sound_template_has_no_fault() {
    let mut scale = scale("0", "3", "1");
    scale.labels = vec![ScaleLabel { value: scale.min, label: name() }, ScaleLabel { value: scale.max, label: name() }];
    // The same item code may occur in two competences.
    let competences = [competence("motivation", &["a", "b"]), competence("teamwork", &["a"]), competence("jobSearch", &[])];
    assert_eq!(template_faults(&scale, &competences), []);
}

#[test]
fn each_fault_of_a_template_is_found() {
    let competences = [competence("motivation", &["a", "a"]), competence("motivation", &[])];
    let mut labelled = scale("1", "5", "1");
    labelled.labels =
        ["1", "2.5", "1"].iter().map(|value| ScaleLabel { value: value.parse().expect("a number"), label: name() }).collect();
    assert_eq!(
        template_faults(&labelled, &competences),
        [
            TemplateFault::LabelOffScale { label: 1 },
            TemplateFault::LabelRepeated { label: 2 },
            TemplateFault::ItemRepeated { competence: 0, item: 1 },
            TemplateFault::CompetenceRepeated { competence: 1 },
        ]
    );
    assert_eq!(template_faults(&scale("1", "5", "3"), &[]), [TemplateFault::Empty, TemplateFault::Ungraduated]);
    let many: Vec<Competence> = (0..=MOST_PARTS).map(|number| competence(&format!("c{number}"), &[])).collect();
    assert_eq!(
        template_faults(&scale("1", "5", "1"), &many),
        [TemplateFault::TooMany { pointer: "/competences".to_owned(), most: MOST_PARTS }]
    );
}

#[test]
fn a_sheet_covers_each_competence_once_and_on_the_scale() {
    let repeated = |score, of: &str| ScoreFault::Repeated { score, of: of.to_owned() };
    let off_scale = |score, of: &str| {
        let scale = ["1", "5", "1"].map(|number| number.parse().expect("a number"));
        ScoreFault::OffScale { score, of: of.to_owned(), scale }
    };
    let missing = |competence: &str| ScoreFault::Missing { competence: competence.to_owned() };
    let whole = score("motivation", None, "3");
    let (first, second) = (score("teamwork", Some("a"), "1"), score("teamwork", Some("b"), "5"));
    let scale = scale("1", "5", "1");
    let competences = [competence("motivation", &[]), competence("teamwork", &["a", "b"])];
    for (scores, faults) in [
        (vec![whole.clone(), first.clone(), second.clone()], vec![]),
        (vec![score("teamwork", None, "2"), whole.clone()], vec![]),
        (vec![whole.clone(), first.clone()], vec![missing("teamwork")]),
        (vec![], vec![missing("motivation"), missing("teamwork")]),
        (
            vec![whole.clone(), whole.clone(), first.clone(), first.clone(), second.clone()],
            vec![repeated(1, "motivation"), repeated(3, "teamwork/a")],
        ),
        (vec![whole.clone(), score("teamwork", None, "2"), first.clone()], vec![repeated(2, "teamwork/a")]),
        (vec![whole.clone(), first.clone(), second.clone(), score("teamwork", None, "2")], vec![repeated(3, "teamwork")]),
        (
            vec![score("motivation", None, "6"), first.clone(), score("teamwork", Some("b"), "1.5")],
            vec![off_scale(0, "motivation"), off_scale(2, "teamwork/b")],
        ),
        (
            vec![whole, first, second, score("humour", None, "1"), score("motivation", Some("a"), "1")],
            vec![ScoreFault::UnknownCompetence { score: 3 }, ScoreFault::UnknownItem { score: 4 }],
        ),
    ] {
        assert_eq!(score_faults(&scale, &competences, &scores), faults, "{scores:?}");
    }
}

#[test]
fn assistants_and_facilitators_record_only_what_they_observed_themselves() {
    use ObserverRole as Observer;
    for (client, rater, observer, answer) in [
        (Role::SocialWorker, Rater::Own, None, Ok(())),
        (Role::SocialWorker, Rater::Observer, Some(Observer::FamilyAssistant), Ok(())),
        (Role::Coordinator, Rater::Observer, Some(Observer::SocialWorker), Ok(())),
        (Role::Coordinator, Rater::Observer, None, Err(RaterFault::RoleMismatch)),
        (Role::Coordinator, Rater::Own, Some(Observer::SocialWorker), Err(RaterFault::RoleMismatch)),
        (Role::FamilyAssistant, Rater::Observer, Some(Observer::FamilyAssistant), Ok(())),
        (Role::FamilyAssistant, Rater::Observer, Some(Observer::SocialWorker), Err(RaterFault::NotOwn)),
        (Role::FamilyAssistant, Rater::Own, None, Err(RaterFault::NotOwn)),
        (Role::Facilitator, Rater::Observer, Some(Observer::Facilitator), Ok(())),
        (Role::Facilitator, Rater::Observer, Some(Observer::FamilyAssistant), Err(RaterFault::NotOwn)),
    ] {
        assert_eq!(check_rater(client, rater, observer), answer, "{client:?} {rater} {observer:?}");
    }
}

#[test]
fn only_the_sheet_of_the_end_must_follow_the_start() {
    let day = |day| NaiveDate::from_ymd_opt(2020, 10, day).expect("a day");
    for (moment, filled_on, in_order) in [
        (SheetMoment::Before, day(1), true),
        (SheetMoment::Before, day(20), true),
        (SheetMoment::After, day(14), false),
        (SheetMoment::After, day(15), true),
    ] {
        assert_eq!(is_in_order(moment, filled_on, day(15)), in_order, "{moment} on {filled_on}");
    }
}
