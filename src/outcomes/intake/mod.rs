//! What came of a programme, taken in as files.

pub mod employment;
pub mod sheets;

use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::LongText;

/// Why a record is corrected where the file does not say.
const CHANGED_THERE: &str = "Zmiana w systemie źródłowym";

/// Why a record is corrected: what the file says, or that it changed where it comes from; nothing of a record that is new.
fn correction_reason(corrects: bool, told: Option<&LongText>) -> Result<Option<LongText>, Problem> {
    match (corrects, told) {
        (false, _) => Ok(None),
        (true, Some(reason)) => Ok(Some(reason.clone())),
        (true, None) => {
            LongText::try_from(CHANGED_THERE.to_owned()).map(Some).map_err(|error| catalogue::INTERNAL.problem().because(error))
        }
    }
}
