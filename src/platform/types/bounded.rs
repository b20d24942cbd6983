//! Numbers and lists of a body within the bounds that its schema states.

use serde::de::{Deserialize, Deserializer, Error};

use crate::platform::hint::Hint;

/// A whole number, or none.
pub trait Whole {
    /// The number.
    fn whole(&self) -> Option<i64>;
}

macro_rules! whole {
    ($($number:ty),+) => {
        $(impl Whole for $number {
            fn whole(&self) -> Option<i64> {
                Some(i64::from(*self))
            }
        })+
    };
}
whole!(i16, i32, u8, u16, u32);

impl<T: Whole> Whole for Option<T> {
    fn whole(&self) -> Option<i64> {
        self.as_ref().and_then(Whole::whole)
    }
}

/// Reads a number from `MIN` to `MAX`, for `#[serde(deserialize_with)]`; an optional one also needs `default`.
///
/// # Errors
/// When the number is out of bounds.
pub fn between<'de, const MIN: i64, const MAX: i64, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Whole,
    D: Deserializer<'de>,
{
    let refused = || D::Error::custom(Hint::whole_number(MIN, MAX));
    // A number beyond the type is beyond the bounds too, which say more.
    let is_another = |error: &D::Error| error.to_string().starts_with("invalid ");
    let number = T::deserialize(deserializer).map_err(|error| if is_another(&error) { refused() } else { error })?;
    match number.whole() {
        Some(whole) if !(MIN..=MAX).contains(&whole) => Err(refused()),
        _ => Ok(number),
    }
}

/// Reads a list of `MIN` to `MAX` items, for `#[serde(deserialize_with)]`.
///
/// # Errors
/// When the list is shorter or longer.
pub fn count_between<'de, const MIN: usize, const MAX: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let items = Vec::deserialize(deserializer)?;
    if (MIN..=MAX).contains(&items.len()) { Ok(items) } else { Err(D::Error::custom(Hint::items(MIN, MAX))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Body {
        #[serde(deserialize_with = "between::<1, 9, _, _>")]
        places: i32,
        #[serde(default, deserialize_with = "between::<1, 9, _, _>")]
        months: Option<i16>,
        #[serde(default, deserialize_with = "count_between::<0, 2, _, _>")]
        goals: Vec<u8>,
    }

    #[test]
    fn only_what_lies_within_the_bounds_is_read() {
        for (json, taken) in [
            (r#"{"places":1}"#, true),
            (r#"{"places":9,"months":9,"goals":[1,2]}"#, true),
            (r#"{"places":1,"months":null}"#, true),
            (r#"{"places":0}"#, false),
            (r#"{"places":10}"#, false),
            (r#"{"places":1,"months":10}"#, false),
            (r#"{"places":1,"goals":[1,2,3]}"#, false),
        ] {
            assert_eq!(serde_json::from_str::<Body>(json).is_ok(), taken, "{json}");
        }
        let body: Body = serde_json::from_str(r#"{"places":2,"months":3,"goals":[4]}"#).expect("a body");
        assert_eq!((body.places, body.months, body.goals), (2, Some(3), vec![4]));
    }
}
