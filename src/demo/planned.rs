//! The edition that recruits on the day of loading.

use super::DemoError;
use super::edition::{Outline, on};
use super::town::Town;
use crate::platform::examples;

pub(super) fn load(town: &mut Town) -> Result<(), DemoError> {
    let place = town.place;
    let edition = town.edition(&Outline {
        id: place.fixed(examples::RECRUITING_EDITION),
        block: None,
        name: "Edycja III (rekrutacja)",
        from: on(2026, 9, 1),
        to: on(2026, 10, 31),
        recruitment: (on(2026, 5, 4), on(2026, 7, 31)),
        places: 8,
    })?;
    let decisions = [None, None, Some("selected"), Some("reserve"), Some("rejected")];
    for (number, decision) in decisions.into_iter().enumerate() {
        let person = town.person(None)?;
        let id = (number == 0).then(|| place.fixed(examples::APPLICATION)).flatten();
        let application = town.application(&edition, &person, on(2026, 5, 12), id)?;
        if let Some(decision) = decision {
            town.decide(&application, decision, on(2026, 6, 1))?;
        }
    }
    Ok(())
}
