//! The papers of participation, printed from what is recorded: sign-in sheet, attendance list, time card, certificate.
//!
//! They name people, so that each is asked for with a purpose and stands in the access register with everybody on it.

mod attendance_form;
mod attendance_list;
mod certificate;
mod monthly;
mod row_codes;
mod sign_in_sheet;
mod time_card;

use std::collections::HashMap;

use chrono::{Datelike as _, Weekday};
use diesel::prelude::*;
use uuid::Uuid;

pub use row_codes::row_code;

use crate::people::names_of;
use crate::platform::db::{Tx, own};
use crate::platform::paper::{Orientation, Paper};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::FileReply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, ShortText};
use crate::schema::{editions, institutions, participations, programmes};

/// Room for a signature in a row, in points.
const ROOM_TO_SIGN: f32 = 27.0;
/// Stands where a name is not recorded, erased or unreadable, so that it can be written in.
const NO_NAME: &str = "……………………………………";

/// Somebody on a paper.
#[derive(Debug)]
struct Named {
    participation: Uuid,
    /// Surname and given names.
    name: String,
}

/// Who some participations are of, by name, and says so to the access register.
fn named(tx: &mut Tx, wanted: &[Uuid]) -> Result<Vec<Named>, Problem> {
    let rows: Vec<(Uuid, Uuid)> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq_any(wanted))
        .select((participations::id, participations::person_id))
        .load(tx.conn)?;
    let people: Vec<Uuid> = rows.iter().map(|(_, person)| *person).collect();
    tx.touch_too(people.iter().copied());
    let names: HashMap<Uuid, String> = names_of(tx, &people)?
        .into_iter()
        .filter_map(|(person, names)| {
            let parts: Vec<&str> = [&names.surname, &names.given_names].into_iter().flatten().map(ShortText::as_str).collect();
            (!parts.is_empty()).then(|| (person, parts.join(" ")))
        })
        .collect();
    let mut people: Vec<Named> = rows
        .into_iter()
        .map(|(participation, person)| Named {
            participation,
            name: names.get(&person).map_or(NO_NAME, String::as_str).to_owned(),
        })
        .collect();
    // Names by which a person in the room finds the row; the id decides where nobody has one.
    people.sort_by_cached_key(|row| (in_the_alphabet(&row.name), row.participation));
    Ok(people)
}

/// Orders names as Polish registers do: ć follows every c, and a space comes before the letters.
fn in_the_alphabet(name: &str) -> Vec<(usize, char)> {
    const ALPHABET: &str = " aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż";
    let place = |letter: char| ALPHABET.chars().position(|known| known == letter).unwrap_or(usize::MAX);
    name.chars().flat_map(char::to_lowercase).map(|letter| (place(letter), letter)).collect()
}

/// An edition as its papers name it.
#[derive(Debug, Queryable)]
struct Heading {
    programme: String,
    edition: String,
    starts_on: Day,
    ends_on: Day,
}

impl Heading {
    fn of(tx: &mut Tx, edition: Uuid) -> Result<Self, Problem> {
        Ok(editions::table
            .inner_join(
                programmes::table
                    .on(programmes::tenant_id.eq(editions::tenant_id).and(programmes::id.eq(editions::programme_id))),
            )
            .filter(own(tx, editions::tenant_id))
            .filter(editions::id.eq(edition))
            .select((programmes::name, editions::name, editions::starts_on, editions::ends_on))
            .first(tx.conn)?)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let term = format!("{} ({} – {})", self.edition, polish_day(self.starts_on), polish_day(self.ends_on));
        vec![fact("Program", &self.programme), fact("Edycja", &term)]
    }
}

fn fact(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// A paper of this institution, made now; its blocks follow.
fn blank(tx: &mut Tx, title: &str, orientation: Orientation) -> Result<Paper, Problem> {
    let issuer: Option<String> =
        institutions::table.filter(institutions::id.eq(tx.tenant())).select(institutions::name).first(tx.conn).optional()?;
    Ok(Paper {
        title: title.to_owned(),
        issuer: issuer.into_iter().collect(),
        source: format!("Stan zapisów na {}", tx.now().with_timezone(&chrono_tz::Europe::Warsaw).format("%d.%m.%Y, %H:%M")),
        made_at: tx.now(),
        orientation,
        blocks: Vec::new(),
    })
}

fn printed(name: String, paper: &Paper) -> Result<FileReply, Problem> {
    Ok(FileReply { media: Paper::MEDIA_TYPE, name, content: paper.to_pdf()? })
}

/// A day as Polish offices write it.
fn polish_day(day: Day) -> String {
    day.date().format("%d.%m.%Y").to_string()
}

/// Hours with a decimal comma.
fn polish_hours(hours: Hours) -> String {
    hours.to_string().replace('.', ",")
}

/// A sum of hours.
fn whole(hours: impl IntoIterator<Item = Hours>) -> Result<Hours, Problem> {
    Hours::checked_sum(hours).ok_or_else(|| catalogue::INTERNAL.problem().because("more hours than can be stated"))
}

fn weekday(day: Day) -> &'static str {
    match day.date().weekday() {
        Weekday::Mon => "poniedziałek",
        Weekday::Tue => "wtorek",
        Weekday::Wed => "środa",
        Weekday::Thu => "czwartek",
        Weekday::Fri => "piątek",
        Weekday::Sat => "sobota",
        Weekday::Sun => "niedziela",
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    sign_in_sheet::routes(config);
    attendance_form::routes(config);
    attendance_list::routes(config);
    time_card::routes(config);
    certificate::routes(config);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_polish_alphabet() {
        let ordered =
            ["Cyga Zenon", "Ćwik Anna", "Dąb Ewa", "Kos", "Kos Ala", "Kosa", "Łoś Jan", "Mak Ewa", "Żak Jan", "Ødegaard Ida"];
        let mut sorted = ordered;
        sorted.reverse();
        sorted.sort_by_cached_key(|name| in_the_alphabet(name));
        assert_eq!(sorted, ordered);
    }
}
