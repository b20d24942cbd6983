//! Kinds of facts about people, with the values that each may have.

use crate::platform::types::{Day, Teryt, text_enum};

text_enum! {
    /// Kind of a fact about a person.
    pub enum PersonFactKind {
        /// Registered as unemployed at the labour office: `true` or `false`.
        RegisteredUnemployed = "registeredUnemployed",
        /// Unemployed without a break since a day: that day, `YYYY-MM-DD`.
        UnemployedSince = "unemployedSince",
        /// Has a right to unemployment benefit: `true` or `false`.
        BenefitRight = "benefitRight",
        /// Uses social assistance: `true` or `false`.
        SocialAssistance = "socialAssistance",
        /// Help profile (Polish: profil pomocy, 2014 to 2019): `I`, `II` or `III`.
        HelpProfile = "helpProfile",
        /// Unemployed for more than 12 of the last 24 months: `true` or `false`.
        LongTermUnemployed = "longTermUnemployed",
        /// Has a disability: `true`, `false` or `refused`.
        Disability = "disability",
        /// Lives in an area of revitalisation: `true` or `false`.
        RevitalisationArea = "revitalisationArea",
        /// Cares for a child or a dependent person: `true` or `false`.
        CaringDuties = "caringDuties",
        /// Is of working age (Polish: wiek aktywności zawodowej): `true` or `false`.
        WorkingAge = "workingAge",
        /// Education completed: `none`, `primary`, `lowerSecondary`, `basicVocational`, `generalSecondary`, `vocationalSecondary`, `postSecondary` or `tertiary`.
        Education = "education",
        /// Status on the labour market: `unemployed`, `inactive`, `inactiveInEducation`, `employed`, `selfEmployed` or `farmer`.
        EmploymentStatus = "employmentStatus",
        /// A special situation on the labour market (art. 49 of the Act of 20 April 2004): `under30`, `over50`, `longTermUnemployed`, `socialAssistance`, `childUnder6`, `disabledChildUnder18`, `disabled`, or `none` where it was asked and there is none. Several may hold at a time, each a fact of its own.
        SpecialSituation = "specialSituation",
        /// Has a social contract (Polish: kontrakt socjalny): `true` or `false`.
        SocialContract = "socialContract",
        /// Lives in this territorial unit: its TERC code.
        Residence = "residence",
        /// Is on an internship or adult vocational preparation (Polish: staż, przygotowanie zawodowe dorosłych), which long-term unemployment leaves out: `true` or `false`.
        Internship = "internship",
        /// The household, as the European Social Fund tells households apart (annex I to regulations (EU) 1304/2013 and 2021/1057): `jobless` and `joblessWithChildren` where no adult works, without and with dependent children, `joblessSingleAdultWithChildren` where the one adult has no work, `singleAdultWithChildren` where the one adult works, `none` of these, or `refused`.
        HouseholdSituation = "householdSituation",
        /// Citizenship, in the groups of the European Social Fund: `polish`, `otherEu`, `thirdCountry` (outside the European Union, or stateless), or `refused`.
        Citizenship = "citizenship",
        /// Degree of urbanisation of the place of residence (DEGURBA, regulation (EU) 2017/2391): `cities` (1), `townsAndSuburbs` (2) or `rural` (3).
        Urbanisation = "urbanisation",
        /// Is a migrant, of foreign background or of a minority, marginalised communities included (European Social Fund): `true`, `false` or `refused`.
        MinorityOrMigrant = "minorityOrMigrant",
        /// Is homeless or affected by housing exclusion (European Social Fund): `true`, `false` or `refused`.
        Homelessness = "homelessness",
        /// Is disadvantaged otherwise (European Social Fund): `true`, `false` or `refused`.
        OtherDisadvantage = "otherDisadvantage",
    }
}

text_enum! {
    /// How a fact came to be known.
    pub enum FactSource {
        /// The person says so.
        Applicant = "applicant",
        /// A social worker's interview at home (Polish: rodzinny wywiad środowiskowy).
        Interview = "interview",
        /// An answered survey form, named by code and version.
        Survey = "survey",
        /// A diagnosis of needs.
        NeedsDiagnosis = "needsDiagnosis",
        /// The labour office: a certificate, or its data.
        LabourOffice = "labourOffice",
        /// Anything else; the words of `source` say what.
        Other = "other",
    }
}

const YES_NO: &[&str] = &["true", "false"];
/// The answer of somebody who does not want to say (records of the European Social Fund know it).
pub const REFUSED: &str = "refused";
const YES_NO_REFUSED: &[&str] = &["true", "false", REFUSED];
const PROFILES: &[&str] = &["I", "II", "III"];
const EDUCATION: &[&str] = &[
    "none",
    "primary",
    "lowerSecondary",
    "basicVocational",
    "generalSecondary",
    "vocationalSecondary",
    "postSecondary",
    "tertiary",
];
const EMPLOYMENT_STATUS: &[&str] = &["unemployed", "inactive", "inactiveInEducation", "employed", "selfEmployed", "farmer"];
const SPECIAL_SITUATIONS: &[&str] =
    &["under30", "over50", "longTermUnemployed", "socialAssistance", "childUnder6", "disabledChildUnder18", "disabled", "none"];

const HOUSEHOLDS: &[&str] =
    &["jobless", "joblessWithChildren", "joblessSingleAdultWithChildren", "singleAdultWithChildren", "none", REFUSED];
const CITIZENSHIPS: &[&str] = &["polish", "otherEu", "thirdCountry", REFUSED];
const URBANISATION: &[&str] = &["cities", "townsAndSuburbs", "rural"];

/// A value does not fit its kind; the text says what would.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct WrongValue(pub String);

impl PersonFactKind {
    /// The words that a value of this kind is one of; none where it is a day or a code.
    pub fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Self::RegisteredUnemployed
            | Self::BenefitRight
            | Self::SocialAssistance
            | Self::LongTermUnemployed
            | Self::RevitalisationArea
            | Self::CaringDuties
            | Self::WorkingAge
            | Self::SocialContract
            | Self::Internship => Some(YES_NO),
            Self::Disability | Self::MinorityOrMigrant | Self::Homelessness | Self::OtherDisadvantage => Some(YES_NO_REFUSED),
            Self::HouseholdSituation => Some(HOUSEHOLDS),
            Self::Citizenship => Some(CITIZENSHIPS),
            Self::Urbanisation => Some(URBANISATION),
            Self::HelpProfile => Some(PROFILES),
            Self::Education => Some(EDUCATION),
            Self::EmploymentStatus => Some(EMPLOYMENT_STATUS),
            Self::SpecialSituation => Some(SPECIAL_SITUATIONS),
            Self::UnemployedSince | Self::Residence => None,
        }
    }

    /// Whether several different values may hold at a time.
    pub fn holds_several(self) -> bool {
        self == Self::SpecialSituation
    }

    /// Checks a value of this kind.
    ///
    /// # Errors
    /// [`WrongValue`] with what is allowed.
    pub fn check(self, value: &str) -> Result<(), WrongValue> {
        let (fits, allowed) = match (self.words(), self) {
            (Some(words), _) => (words.contains(&value), words.join(", ")),
            (None, Self::UnemployedSince) => (value.parse::<Day>().is_ok(), "YYYY-MM-DD".to_owned()),
            (None, _) => (value.parse::<Teryt>().is_ok(), "TERC 14, 1465, 1465011".to_owned()),
        };
        if fits { Ok(()) } else { Err(WrongValue(allowed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_values() {
        for (kind, value, fits) in [
            (PersonFactKind::RegisteredUnemployed, "true", true),
            (PersonFactKind::RegisteredUnemployed, "yes", false),
            (PersonFactKind::UnemployedSince, "2019-02-28", true),
            (PersonFactKind::UnemployedSince, "2019-02-29", false),
            (PersonFactKind::UnemployedSince, "true", false),
            (PersonFactKind::SocialContract, "refused", false),
            (PersonFactKind::Disability, "refused", true),
            (PersonFactKind::HelpProfile, "III", true),
            (PersonFactKind::HelpProfile, "3", false),
            (PersonFactKind::Education, "tertiary", true),
            (PersonFactKind::Education, "true", false),
            (PersonFactKind::EmploymentStatus, "inactiveInEducation", true),
            (PersonFactKind::EmploymentStatus, "farmer", true),
            (PersonFactKind::SpecialSituation, "childUnder6", true),
            (PersonFactKind::SpecialSituation, "true", false),
            (PersonFactKind::HouseholdSituation, "joblessWithChildren", true),
            (PersonFactKind::HouseholdSituation, "true", false),
            (PersonFactKind::Citizenship, "PL", false),
            (PersonFactKind::Citizenship, "thirdCountry", true),
            (PersonFactKind::Urbanisation, "rural", true),
            (PersonFactKind::Urbanisation, "refused", false),
            (PersonFactKind::Homelessness, "refused", true),
            (PersonFactKind::Residence, "1013011", true),
            (PersonFactKind::Residence, "true", false),
        ] {
            assert_eq!(kind.check(value).is_ok(), fits, "{kind} {value}");
        }
    }
}
