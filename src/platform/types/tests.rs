//! What holds for all value types alike: columns, schemas and examples.

use diesel::prelude::*;
use serde_json::Value;
use utoipa::{PartialSchema, ToSchema};

use super::*;

diesel::table! {
    samples (code) {
        code -> Text,
        regon -> Nullable<Text>,
        nip -> Text,
        area -> Text,
        title -> Text,
        sex -> Text,
        precision -> Nullable<Text>,
        started_on -> Date,
        ended_on -> Nullable<Date>,
        starts_at -> Time,
        week_on -> Date,
        month_on -> Date,
        worked_minutes -> Integer,
        amount -> Numeric,
        refund_percent -> Numeric,
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = samples, check_for_backend(diesel::pg::Pg))]
struct Sample {
    code: Code,
    regon: Option<Regon>,
    nip: Nip,
    area: Teryt,
    title: ShortText,
    sex: Sex,
    precision: Option<DatePrecision>,
    started_on: Day,
    ended_on: Option<Day>,
    starts_at: ClockTime,
    week_on: IsoWeek,
    month_on: Month,
    worked_minutes: Hours,
    amount: Money,
    refund_percent: Percent,
}

#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is looked at")]
struct SampleBody {
    pesel: Pesel,
    code: Code,
    regon: Option<Regon>,
    nip: Nip,
    area: Vec<Teryt>,
    reason: Option<LongText>,
    sex: Sex,
    period: Period,
    starts_at: ClockTime,
    week: IsoWeek,
    month: Month,
    hours: Hours,
    amount: Money,
    refund: Percent,
}

fn parse<T: std::str::FromStr<Err = InvalidValue>>(text: &str) -> T {
    text.parse().expect("a valid example")
}

#[test]
fn every_type_goes_into_its_column_and_into_a_filter() {
    let sample = Sample {
        code: parse("a"),
        regon: None,
        nip: parse("8567346215"),
        area: parse("1013"),
        title: parse("Tytuł"),
        sex: Sex::Female,
        precision: Some(DatePrecision::Day),
        started_on: parse("2020-10-15"),
        ended_on: None,
        starts_at: parse("08:30"),
        week_on: parse("2020-W46"),
        month_on: parse("2020-11"),
        worked_minutes: parse("2.5"),
        amount: parse("696"),
        refund_percent: parse("60"),
    };
    let insert = diesel::insert_into(samples::table).values(&sample);
    let written = diesel::debug_query::<diesel::pg::Pg, _>(&insert).to_string();
    // The bound values are shown by their `Debug`, which keeps free text out of logs.
    assert!(written.contains("Text(5 characters)") && !written.contains("Tytuł"), "{written}");
    let select = samples::table
        .filter(samples::sex.eq(Sex::Female))
        .filter(samples::week_on.eq_any([sample.week_on]))
        .filter(samples::worked_minutes.le(Hours::ZERO))
        .filter(samples::ended_on.ge(sample.started_on))
        .select(Sample::as_select());
    assert!(diesel::debug_query::<diesel::pg::Pg, _>(&select).to_string().contains("week_on"));
}

#[test]
fn every_type_is_a_bounded_component_with_an_example() {
    let mut schemas = Vec::new();
    SampleBody::schemas(&mut schemas);
    let names: std::collections::BTreeSet<_> = schemas.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 15, "{names:?}");
    for (name, schema) in &schemas {
        let schema = serde_json::to_value(schema).expect("serializes");
        if schema["type"] == "object" {
            continue;
        }
        assert_eq!(schema["type"], "string", "{name}");
        assert!(schema["description"].is_string(), "{name}");
        assert!(schema["examples"][0].is_string(), "{name}");
        let bounded = schema["pattern"].is_string() && schema["maxLength"].is_u64();
        assert!(bounded || schema["enum"].is_array(), "{name}");
    }
}

#[test]
fn the_example_of_each_type_is_accepted_by_it() {
    fn check<T: PartialSchema + serde::de::DeserializeOwned>() {
        let schema = serde_json::to_value(T::schema()).expect("serializes");
        let example: Value = schema["examples"][0].clone();
        let accepted = serde_json::from_value::<T>(example).map(|_| ());
        assert!(accepted.is_ok(), "{accepted:?}");
        // A number or a structure in place of the string is refused without being quoted.
        for other in [serde_json::json!(90_010_100_009_u64), serde_json::json!(["Anna"]), Value::Null] {
            let error = serde_json::from_value::<T>(other).map(|_| ()).expect_err("refused").to_string();
            assert_eq!(error, "must be a string / po polsku: musi być tekstem");
        }
    }
    check::<Pesel>();
    check::<Code>();
    check::<Regon>();
    check::<Nip>();
    check::<Teryt>();
    check::<ShortText>();
    check::<Sex>();
    check::<Day>();
    check::<ClockTime>();
    check::<IsoWeek>();
    check::<Month>();
    check::<Hours>();
    check::<Money>();
    check::<Percent>();
}
