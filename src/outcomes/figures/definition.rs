//! What a figure is: its number, version, names, unit, source and the facts it needs.

use crate::platform::types::text_enum;
pub use crate::programmes::FactKind;

text_enum! {
    /// Unit of a figure's value.
    pub enum Unit {
        /// People, each once.
        Person = "person",
        /// Applications.
        Application = "application",
        /// Participations.
        Participation = "participation",
        /// Planned places.
        Place = "place",
        /// A share of one; `0.5` is a half.
        Ratio = "ratio",
        /// Hours.
        Hour = "hour",
        /// Lesson hours of 45 minutes.
        LessonHour = "lessonHour",
        /// Hours per participant and ISO week.
        HourPerWeek = "hourPerWeek",
        /// ISO weeks of one person.
        PersonWeek = "personWeek",
        /// Calendar months of one person.
        PersonMonth = "personMonth",
        /// Złoty.
        Zloty = "zloty",
        /// Competences of a template, each counted per source.
        CompetenceBySource = "competenceBySource",
        /// Days.
        Day = "day",
        /// Declarations.
        Declaration = "declaration",
        /// Decisions of the labour office.
        Decision = "decision",
        /// Households, each once.
        Household = "household",
        /// Pairs of sheets.
        SheetPair = "sheetPair",
        /// Expected effects of an agreement.
        Effect = "effect",
        /// Onward referrals.
        Referral = "referral",
    }
}

text_enum! {
    /// Over what a figure can be counted.
    pub enum Scope {
        /// One edition only.
        Edition = "edition",
        /// All editions of a programme only.
        Programme = "programme",
        /// One edition or all editions of a programme.
        Both = "both",
    }
}

text_enum! {
    /// How a value comes from the records that it counts.
    pub enum Measure {
        /// The number of the records.
        Count = "count",
        /// A sum or another function over the records.
        Sum = "sum",
        /// One part divided by another.
        Ratio = "ratio",
    }
}

/// The definition of a figure; a changed rule is a new version.
#[derive(Debug)]
pub struct Definition {
    /// Number of the metric, with the variant and the denominator where it has one.
    pub id: &'static str,
    /// Version of the counting rule.
    pub version: u32,
    /// Name in Polish.
    pub name_pl: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// What is counted.
    pub description: &'static str,
    /// Unit of the value.
    pub unit: Unit,
    /// How the value comes from the records.
    pub measure: Measure,
    /// Over what it can be counted.
    pub scope: Scope,
    /// Kinds of fact that must have been collected.
    pub kinds: &'static [FactKind],
    /// Act and article, form or practice.
    pub source: &'static str,
    /// Counting rules that do not depend on the edition.
    pub parameters: &'static [(&'static str, &'static str)],
}

/// Lists definitions as named items and as one table.
macro_rules! definitions {
    ($table:ident; $($name:ident = $id:literal $measure:ident $unit:ident $scope:ident [$($kind:ident)*]
        $pl:literal $en:literal $description:literal $source:ident $([$($parameter:literal: $value:literal),*])?;)*) => {
        $(
            #[doc = $description]
            pub static $name: Definition = Definition {
                id: $id, version: 1, name_pl: $pl, name_en: $en, description: $description,
                unit: Unit::$unit, measure: Measure::$measure, scope: Scope::$scope, kinds: &[$(FactKind::$kind),*],
                source: $source, parameters: &[$($(($parameter, $value)),*)?],
            };
        )*
        /// The definitions listed here.
        pub static $table: &[&Definition] = &[$(&$name),*];
    };
}
pub(super) use definitions;
