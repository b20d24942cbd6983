//! The sex of a person as registers record it.

use super::text_enum;

text_enum! {
    /// Sex of a person as recorded in a register.
    pub enum Sex {
        /// A woman.
        Female = "female",
        /// A man.
        Male = "male",
        /// Not recorded.
        Unknown = "unknown",
    }
}
