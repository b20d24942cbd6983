//! Cells of a listing: what is in them is known, so that each format writes it in its own way.

use std::fmt::Display;

use rust_decimal::Decimal;

use crate::platform::types::{Day, HourChange, Hours, Money, Percent};

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words or an id.
    Text(String),
    /// A word of a vocabulary: as programs read it, and in Polish.
    Word(&'static str, &'static str),
    /// A whole number.
    Whole(i64),
    /// Hours, or another number with two decimal places.
    Decimal(Decimal),
    /// A number with as many decimal places as it is told with.
    Exact(Decimal),
    /// An amount in zł.
    Money(Money),
    /// A share in per cent.
    Percent(Percent),
    /// A day.
    Day(Day),
}

impl Cell {
    /// Words or an id; no words leave the cell empty.
    pub fn text(value: impl Display) -> Self {
        let text = value.to_string();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// Whether it stands at the right end of its column.
    pub fn is_figure(&self) -> bool {
        matches!(self, Self::Whole(_) | Self::Decimal(_) | Self::Exact(_) | Self::Money(_) | Self::Percent(_))
    }

    /// As programs read it: a decimal point, days as `2020-11-30`.
    pub fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Word(code, _) => (*code).to_owned(),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(number) => format!("{number:.2}"),
            Self::Exact(number) => number.to_string(),
            Self::Money(amount) => amount.to_string(),
            Self::Percent(share) => share.to_string(),
            Self::Day(day) => day.to_string(),
        }
    }

    /// As Polish offices write it: a decimal comma, days as `30.11.2020`.
    pub fn polish(&self) -> String {
        match self {
            Self::Decimal(_) | Self::Exact(_) | Self::Money(_) | Self::Percent(_) => self.plain().replace('.', ","),
            Self::Day(day) => day.date().format("%d.%m.%Y").to_string(),
            Self::Word(_, polish) => (*polish).to_owned(),
            Self::Empty | Self::Text(_) | Self::Whole(_) => self.plain(),
        }
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<Hours> for Cell {
    fn from(hours: Hours) -> Self {
        Self::Decimal(hours.decimal())
    }
}

impl From<HourChange> for Cell {
    fn from(hours: HourChange) -> Self {
        Self::Decimal(hours.decimal())
    }
}

impl From<Money> for Cell {
    fn from(amount: Money) -> Self {
        Self::Money(amount)
    }
}

impl From<Percent> for Cell {
    fn from(share: Percent) -> Self {
        Self::Percent(share)
    }
}

impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_gets_its_spelling() {
        let money: Money = "-1234.50".parse().expect("an amount");
        for (cell, plain, polish) in [
            (Cell::from(money), "-1234.50", "-1234,50"),
            (Cell::from(Hours::from_minutes(135).expect("hours")), "2.25", "2,25"),
            (Cell::from(HourChange::from_minutes(-30).expect("hours")), "-0.50", "-0,50"),
            (Cell::from("55.5".parse::<Percent>().expect("per cent")), "55.50", "55,50"),
            (Cell::from("2020-11-03".parse::<Day>().expect("a day")), "2020-11-03", "03.11.2020"),
            (Cell::Exact(Decimal::new(-12_500, 4)), "-1.2500", "-1,2500"),
            (Cell::from(12), "12", "12"),
            (Cell::text("2.5 osoby"), "2.5 osoby", "2.5 osoby"),
            (Cell::text(""), "", ""),
        ] {
            assert_eq!((cell.plain().as_str(), cell.polish().as_str()), (plain, polish));
        }
        assert!(Cell::Whole(1).is_figure() && !Cell::text("1").is_figure() && !Cell::Empty.is_figure());
    }
}
