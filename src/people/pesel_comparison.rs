//! Does the PESEL agree with what else is recorded? Registers contain errors,
//! so a difference is worth a warning and never a refusal.

use chrono::Datelike;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::types::{Day, Pesel, Sex, text_enum};

text_enum! {
    /// What does not agree.
    pub enum WarningCode {
        /// The PESEL encodes another date of birth than the one recorded.
        PeselBirthDate = "peselBirthDate",
        /// The PESEL encodes another year of birth than the one recorded.
        PeselBirthYear = "peselBirthYear",
        /// The PESEL encodes another sex than the one recorded.
        PeselSex = "peselSex",
        /// The date of birth lies in another year than the year of birth.
        BirthDateBirthYear = "birthDateBirthYear",
    }
}

/// Something that was recorded as sent but deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityWarning {
    /// What does not agree.
    pub code: WarningCode,
}

/// What is compared.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// PESEL, where known.
    pub pesel: Option<&'a Pesel>,
    /// Date of birth, where known.
    pub birth_date: Option<Day>,
    /// Year of birth, where known.
    pub birth_year: Option<i16>,
    /// Sex as recorded.
    pub sex: Sex,
}

/// The differences between the parts of a record.
pub fn differences(record: Compared) -> Vec<IdentityWarning> {
    let year = record.birth_year.map(i32::from);
    let differs = |code: WarningCode| match (code, record.pesel, record.birth_date) {
        (WarningCode::PeselBirthDate, Some(pesel), Some(date)) => pesel.birth_date() != date.date(),
        (WarningCode::PeselBirthYear, Some(pesel), _) => year.is_some_and(|year| year != pesel.birth_date().year()),
        (WarningCode::PeselSex, Some(pesel), _) => record.sex != Sex::Unknown && record.sex != pesel.sex(),
        (WarningCode::BirthDateBirthYear, _, Some(date)) => year.is_some_and(|year| year != date.date().year()),
        _ => false,
    };
    WarningCode::ALL.iter().copied().filter(|code| differs(*code)).map(|code| IdentityWarning { code }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::types::fictitious_pesel;

    #[test]
    fn only_what_is_known_can_differ() {
        let born = Day::from_ymd(1985, 3, 14).expect("a day");
        let other = Day::from_ymd(1986, 3, 14).expect("a day");
        let pesel = fictitious_pesel(born, Sex::Female, 7);
        let record = |pesel, birth_date, birth_year, sex| Compared { pesel, birth_date, birth_year, sex };
        for (record, expected) in [
            (record(None, None, None, Sex::Unknown), vec![]),
            (record(None, None, Some(1985), Sex::Male), vec![]),
            (record(Some(&pesel), Some(born), Some(1985), Sex::Female), vec![]),
            (record(Some(&pesel), None, None, Sex::Unknown), vec![]),
            (record(Some(&pesel), None, None, Sex::Male), vec![WarningCode::PeselSex]),
            (record(Some(&pesel), Some(other), None, Sex::Female), vec![WarningCode::PeselBirthDate]),
            (record(Some(&pesel), None, Some(1984), Sex::Female), vec![WarningCode::PeselBirthYear]),
            (record(None, Some(other), Some(1985), Sex::Female), vec![WarningCode::BirthDateBirthYear]),
            (record(Some(&pesel), Some(other), Some(1987), Sex::Male), WarningCode::ALL.to_vec()),
        ] {
            let found: Vec<_> = differences(record).into_iter().map(|warning| warning.code).collect();
            assert_eq!(found, expected);
        }
    }
}
