//! What a change does to the classes of a participant, without SQL and HTTP: the schedule before and after it, compared.

use uuid::Uuid;

use super::views::{ChangeWarningCode, ChangeWarningView, ChangedClassView, ClassesEffectView};
use crate::participation::class_register::{Class, ClassRegister, Membership, Schedule, hours_of};
use crate::participation::completion::MinimumOutlook;
use crate::platform::types::{Day, Hours, Period};

/// A change by what it does to a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Rests on these days.
    Rest(Period),
    /// Lasts until this day.
    Last(Day),
    /// Leaves a group for another from this day on.
    Group { from: Uuid, to: Uuid, on: Day },
    /// Classes stay as they are.
    Nothing,
}

impl Change {
    /// The schedule with the change.
    pub(super) fn applied(self, before: &Schedule) -> Schedule {
        let mut after = before.clone();
        match self {
            Self::Rest(days) => after.rests.push(days),
            Self::Last(day) => after.last = day,
            Self::Group { from, to, on } => {
                let left = after.groups.iter_mut().find(|one| one.group == from && one.covers(on));
                let until = left.and_then(|left| {
                    let until = left.to;
                    left.to = on.minus_days(1).ok();
                    until
                });
                after.groups.push(Membership { group: to, from: on, to: until });
            }
            Self::Nothing => {}
        }
        after
    }
}

/// Classes without a row of the participant at which only one of the schedules expects them.
pub(super) fn changed_classes(register: &ClassRegister, before: &Schedule, after: &Schedule) -> ClassesEffectView {
    let open = |class: &&Class| register.mark(class.id, before.participation).is_none();
    let only = |wanted: &Schedule, other: &Schedule| -> Vec<ChangedClassView> {
        let expected = |class: &&Class| register.expects(class, wanted) && !register.expects(class, other);
        let classes = register.classes.iter().filter(open).filter(expected);
        classes.map(|class| ChangedClassView { session_id: class.id, held_on: class.held_on, hours: class.hours }).collect()
    };
    let (lost, gained) = (only(before, after), only(after, before));
    ClassesEffectView { lost_hours: sum(&lost), gained_hours: sum(&gained), lost, gained }
}

fn sum(classes: &[ChangedClassView]) -> Hours {
    hours_of(classes.iter().map(|class| i64::from(class.hours.minutes())).sum())
}

/// What somebody should know before.
pub(super) fn warnings(
    before: &[MinimumOutlook],
    after: &[MinimumOutlook],
    ends_early: bool,
    left: (bool, bool),
) -> Vec<ChangeWarningView> {
    let out_of_reach = before.iter().zip(after).any(|(before, after)| before.outlook.reachable && !after.outlook.reachable);
    let codes = [
        (out_of_reach && !ends_early, ChangeWarningCode::MinimumOutOfReach),
        (ends_early, ChangeWarningCode::EndsEarly),
        (left == (true, false) && !ends_early, ChangeWarningCode::NoClassAhead),
    ];
    codes.into_iter().filter(|(applies, _)| *applies).map(|(_, code)| in_words(code)).collect()
}

fn in_words(code: ChangeWarningCode) -> ChangeWarningView {
    let (pl, en) = match code {
        ChangeWarningCode::MinimumOutOfReach => (
            "Wymaganej obecności nie dałoby się już osiągnąć, więc edycji nie można by ukończyć.",
            "The attendance asked for could not be reached any more, so the edition could not be completed.",
        ),
        ChangeWarningCode::EndsEarly => (
            "Uczestnictwo skończyłoby się przed planowanym końcem, więc nie byłoby ukończone.",
            "The participation would end before its planned end, so it would not be completed.",
        ),
        ChangeWarningCode::NoClassAhead => {
            ("Przed uczestnikiem nie byłoby już żadnych zajęć.", "No class would be ahead of the participant any more.")
        }
    };
    ChangeWarningView { code, reason_pl: pl.to_owned(), reason_en: en.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::participation::class_register::fixture::{day, period, register};

    const DAYS: [(&str, Option<&str>); 4] =
        [("2020-11-03", Some("5")), ("2020-11-10", Some("0")), ("2020-11-17", None), ("2020-11-24", None)];

    fn lost_and_gained(change: Change) -> (Vec<String>, Vec<String>) {
        let register = register(&DAYS);
        let before = register.schedule(Uuid::from_u128(1)).expect("known");
        let effect = changed_classes(&register, before, &change.applied(before));
        let days = |classes: &[ChangedClassView]| classes.iter().map(|class| class.held_on.to_string()).collect();
        (days(&effect.lost), days(&effect.gained))
    }

    #[test]
    fn only_classes_without_a_row_are_lost() {
        for (change, lost) in [
            (Change::Rest(period("2020-11-09", "2020-11-20")), vec!["2020-11-17"]),
            (Change::Last(day("2020-11-05")), vec!["2020-11-17", "2020-11-24"]),
            (Change::Last(day("2020-11-24")), vec![]),
            (Change::Nothing, vec![]),
        ] {
            assert_eq!(lost_and_gained(change), (lost.into_iter().map(str::to_owned).collect(), vec![]), "{change:?}");
        }
    }

    #[test]
    fn a_move_exchanges_the_classes_of_two_groups_from_the_day_on() {
        let [first, second] = [Uuid::from_u128(8), Uuid::from_u128(9)];
        let mut register = register(&[("2020-11-17", None), ("2020-11-18", None), ("2020-11-24", None), ("2020-11-25", None)]);
        for (number, class) in register.classes.iter_mut().enumerate() {
            class.roster_limited = true;
            class.group_id = Some(if number % 2 == 0 { first } else { second });
        }
        let mut before = register.schedule(Uuid::from_u128(1)).expect("known").clone();
        before.groups = vec![Membership { group: first, from: day("2020-11-02"), to: Some(day("2020-11-24")) }];
        let after = Change::Group { from: first, to: second, on: day("2020-11-18") }.applied(&before);
        let effect = changed_classes(&register, &before, &after);
        let days = |classes: &[ChangedClassView]| classes.iter().map(|class| class.held_on.to_string()).collect::<Vec<_>>();
        // The new membership lasts as long as the other was to, so the class of the 25th is not gained.
        assert_eq!((days(&effect.lost), days(&effect.gained)), (vec!["2020-11-24".to_owned()], vec!["2020-11-18".to_owned()]));
    }

    #[test]
    fn rests_are_cut_out_of_the_working_days() {
        let register = register(&DAYS);
        let schedule = register.schedule(Uuid::from_u128(1)).expect("known").clone();
        let with = |rests: &[(&str, &str)]| Schedule {
            rests: rests.iter().map(|(from, to)| period(from, to)).collect(),
            ..schedule.clone()
        };
        for (rests, from, expected) in [
            (vec![], "2020-12-01", vec![("2020-12-01", "2020-12-31")]),
            (vec![], "2021-01-01", vec![]),
            (
                vec![("2020-12-20", "2020-12-31"), ("2020-12-05", "2020-12-06")],
                "2020-12-01",
                vec![("2020-12-01", "2020-12-04"), ("2020-12-07", "2020-12-19")],
            ),
            (vec![("2020-11-20", "2020-12-06")], "2020-12-01", vec![("2020-12-07", "2020-12-31")]),
        ] {
            let expected: Vec<Period> = expected.into_iter().map(|(from, to)| period(from, to)).collect();
            assert_eq!(with(&rests).working_periods(day(from)), expected, "{rests:?} from {from}");
        }
    }
}
