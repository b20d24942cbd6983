//! People who do not exist.

use chrono::{Datelike as _, Days, NaiveDate};
use serde_json::{Value, json};

use crate::platform::types::{Day, InvalidValue, Sex, fictitious_pesel};

const WOMEN: [&str; 8] = ["Anna", "Barbara", "Celina", "Danuta", "Ewelina", "Felicja", "Grażyna", "Halina"];
const MEN: [&str; 8] = ["Adam", "Bogdan", "Czesław", "Damian", "Emil", "Feliks", "Grzegorz", "Henryk"];
/// Invented surnames in their male and female form.
const SURNAMES: [(&str, &str); 11] = [
    ("Przykładowski", "Przykładowska"),
    ("Zmyślony", "Zmyślona"),
    ("Próbny", "Próbna"),
    ("Wzorcowy", "Wzorcowa"),
    ("Fikcyjny", "Fikcyjna"),
    ("Domyślny", "Domyślna"),
    ("Pokazowy", "Pokazowa"),
    ("Ćwiczebny", "Ćwiczebna"),
    ("Umowny", "Umowna"),
    ("Szkicowy", "Szkicowa"),
    ("Żartobliwy", "Żartobliwa"),
];
const BORN_FROM: Option<NaiveDate> = NaiveDate::from_ymd_opt(1966, 2, 11);

/// The body of a new person; every number gives another one.
pub(super) fn person(number: u16, id: Option<&str>, place: &str) -> Result<Value, InvalidValue> {
    let woman = number % 3 != 2;
    let at = usize::from(number);
    let (sex, given, surname) = if woman {
        (Sex::Female, WOMEN[at % WOMEN.len()], SURNAMES[at % SURNAMES.len()].1)
    } else {
        (Sex::Male, MEN[at % MEN.len()], SURNAMES[at % SURNAMES.len()].0)
    };
    // Neighbouring numbers give people of very different ages.
    let born = BORN_FROM.unwrap_or_default() + Days::new(u64::from(number) * 4_721 % 13_000);
    Ok(json!({
        "id": id,
        "sex": if woman { "female" } else { "male" },
        "birthYear": born.year(),
        "identity": {
            "givenNames": given,
            "surname": surname,
            "pesel": fictitious_pesel(Day::try_from(born)?, sex, number).expose(),
            "birthDate": born,
            "address": format!("ul. Zmyślona {}, 00-000 {place}", number + 1),
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn everybody_is_somebody_else() {
        let numbers: HashSet<String> = (0..200)
            .map(|number| person(number, None, "Przykładowo").expect("a person")["identity"]["pesel"].to_string())
            .collect();
        assert_eq!(numbers.len(), 200);
    }
}
