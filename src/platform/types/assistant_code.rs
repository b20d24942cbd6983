//! Codes under which a centre keeps its family assistants.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Text;

use super::{Code, InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

/// The centre's own code of a family assistant (Polish: asystent rodziny); no name.
///
/// As a [`Code`], but `ar-2` and `AR-2` are the same assistant: it is kept in upper case.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Text)]
pub struct AssistantCode(String);

impl AssistantCode {
    /// The code as text, in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AssistantCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for AssistantCode {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        text.parse().map(|code: Code| Self(code.as_str().to_ascii_uppercase()))
    }
}

json_from_text!(
    AssistantCode,
    StringSchema {
        description: "The centre's code of a family assistant, no name: 1 to 64 letters, digits, `_`, `.` or `-`. \
                      It is kept in upper case; `ar-2` and `AR-2` are the same."
            .into(),
        pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$".into(),
        min_length: 1,
        max_length: 64,
        format: None,
        example: "AR-2",
    },
    deserialize_free_text
);
json_to_text!(AssistantCode);
stored_as!(AssistantCode, Text, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_and_lower_case_are_the_same_assistant() {
        let code = |text: &str| text.parse::<AssistantCode>();
        assert_eq!(code("ar8de2"), code("AR8DE2"));
        assert_eq!(code("ar-2_x.1").map(|code| code.to_string()), Ok("AR-2_X.1".to_owned()));
        for wrong in ["", "a b", "ą", "-a"] {
            assert!(code(wrong).is_err(), "{wrong:?}");
        }
    }
}
