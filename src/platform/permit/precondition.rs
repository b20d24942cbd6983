//! If-Match: which version a caller means to change.

use super::invalid_header;
use crate::platform::db::Tx;
use crate::platform::hint::Hint;
use crate::platform::policy::Access;
use crate::platform::problem::{Problem, catalogue};

/// What the caller says about the version that it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// Nothing, and nothing is needed.
    #[default]
    None,
    /// Nothing, but something is needed where there is something to replace.
    Missing,
    /// This version.
    Version(i32),
    /// A tag that no version of ours has.
    Foreign,
}

impl Precondition {
    pub(super) fn parse(access: Access, if_match: Option<&str>) -> Result<Self, Problem> {
        let needed = matches!(access, Access::Change | Access::ChangeIdentity);
        match if_match.map(str::trim) {
            None | Some("*") if needed => Err(catalogue::PRECONDITION_REQUIRED.problem()),
            None if access == Access::Put => Ok(Self::Missing),
            None => Ok(Self::None),
            Some("*") => Err(catalogue::PRECONDITION_REQUIRED.problem()),
            Some(tag) => Self::of_tag(tag).ok_or_else(|| {
                let hint = Hint::new(
                    "musi być jednym ETagiem w cudzysłowie, na przykład \"1\"",
                    "must be one ETag in its quotes, such as \"1\"",
                );
                invalid_header("If-Match", hint)
            }),
        }
    }

    /// Reads an entity tag. A weak one never matches here (RFC 9110, section 13.1.1).
    fn of_tag(tag: &str) -> Option<Self> {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
        if !opaque.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'~')) {
            return None;
        }
        let version = if tag.starts_with("W/") { None } else { opaque.parse().ok() };
        Some(version.map_or(Self::Foreign, Self::Version))
    }
}

impl Tx<'_> {
    /// Refuses a change of another version than the current one.
    ///
    /// # Errors
    /// `platform.precondition_required` where If-Match is missing, `platform.precondition_failed` where it names another version.
    pub fn expect_version(&self, current: i32) -> Result<(), Problem> {
        self.compared.set(true);
        match self.precondition {
            Precondition::None => Ok(()),
            Precondition::Version(version) if version == current => Ok(()),
            Precondition::Missing => Err(catalogue::PRECONDITION_REQUIRED.problem()),
            Precondition::Version(_) | Precondition::Foreign => {
                Err(catalogue::PRECONDITION_FAILED.problem().with("currentVersion", current))
            }
        }
    }

    /// As [`Self::expect_version`], but the first version of something needs no If-Match: there is nothing to replace yet.
    ///
    /// # Errors
    /// As [`Self::expect_version`].
    pub fn expect_version_or_first(&self, current: i32) -> Result<(), Problem> {
        if current == 0 && self.precondition == Precondition::Missing { Ok(()) } else { self.expect_version(current) }
    }

    /// Takes If-Match as met: it was, by the first of two like calls, whose answer this one repeats.
    pub fn repeat_the_first(&self) {
        self.compared.set(true);
    }

    /// Refuses an If-Match that the work had nothing to compare with: a new record has no version yet (RFC 9110, section 13.1.1).
    pub(super) fn refuse_an_idle_precondition(&self) -> Result<(), Problem> {
        let stated = matches!(self.precondition, Precondition::Version(_) | Precondition::Foreign);
        if stated && !self.compared.get() { Err(catalogue::NOTHING_TO_MATCH.problem()) } else { Ok(()) }
    }
}
