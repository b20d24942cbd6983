//! What came of a programme, taken in as files.

pub mod employment;
pub mod sheets;

/// Why a record is corrected where the file does not say.
const CHANGED_THERE: &str = "Zmiana w systemie źródłowym";
