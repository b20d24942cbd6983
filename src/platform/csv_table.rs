//! Tables as CSV files, as Polish spreadsheets or as other programs read them.

use std::fmt::Display;

use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::{Problem, catalogue};
use super::types::text_enum;

text_enum! {
    /// How a CSV file is written.
    pub enum CsvDialect {
        /// Semicolons, decimal commas and a byte order mark, as Polish spreadsheets open it.
        ExcelPl = "excelPl",
        /// Commas and decimal points (RFC 4180), for other programs.
        Rfc4180 = "rfc4180",
    }
}

#[expect(clippy::derivable_impls, reason = "the words come from a macro that takes no attributes of one variant")]
impl Default for CsvDialect {
    fn default() -> Self {
        Self::ExcelPl
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct CsvQuery {
    /// Dialect of the file; that of Polish spreadsheets when left out.
    #[param(inline)]
    pub dialect: Option<CsvDialect>,
}

/// What a spreadsheet may take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words, a day or an id.
    Text(String),
    /// A number with a decimal point.
    Number(String),
}

impl Cell {
    /// Words, a day or an id.
    pub fn text(value: impl Display) -> Self {
        Self::Text(value.to_string())
    }

    /// A number.
    pub fn number(value: impl Display) -> Self {
        Self::Number(value.to_string())
    }

    fn written(self, dialect: CsvDialect) -> String {
        match (self, dialect) {
            // A minus at the head of a number is no formula.
            (Self::Number(number), CsvDialect::ExcelPl) => number.replace('.', ","),
            (Self::Number(number), CsvDialect::Rfc4180) => number,
            (Self::Text(text), _) if text.starts_with(FORMULA) => format!("'{text}"),
            (Self::Text(text), _) => text,
        }
    }
}

/// Writes a table: heads, then rows; lines end with CR LF.
///
/// # Errors
/// `platform.internal` when a row cannot be written.
pub fn write_csv(dialect: CsvDialect, heads: &[&str], rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, Problem> {
    let (separator, begin) = match dialect {
        CsvDialect::ExcelPl => (b';', "\u{feff}"),
        CsvDialect::Rfc4180 => (b',', ""),
    };
    let failed = |error: csv::Error| catalogue::INTERNAL.problem().because(error);
    let mut writer =
        csv::WriterBuilder::new().delimiter(separator).terminator(csv::Terminator::CRLF).from_writer(begin.as_bytes().to_vec());
    writer.write_record(heads).map_err(failed)?;
    for row in rows {
        writer.write_record(row.into_iter().map(|cell| cell.written(dialect))).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| catalogue::INTERNAL.problem().because(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(dialect: CsvDialect) -> String {
        let rows = vec![
            vec![Cell::text("Żak; Łoś"), Cell::number("-17.40")],
            vec![Cell::text("=1+1"), Cell::number("656.40")],
            vec![Cell::text("O'Hara, \"Ann\""), Cell::number(3)],
        ];
        String::from_utf8(write_csv(dialect, &["Osoba", "Kwota (zł)"], rows).expect("a table")).expect("UTF-8")
    }

    #[test]
    fn a_polish_spreadsheet_gets_its_separators_and_mark() {
        let wanted = "\u{feff}Osoba;Kwota (zł)\r\n\"Żak; Łoś\";-17,40\r\n'=1+1;656,40\r\n\"O'Hara, \"\"Ann\"\"\";3\r\n";
        assert_eq!(table(CsvDialect::default()), wanted);
    }

    #[test]
    fn other_programs_get_rfc_4180() {
        let wanted = "Osoba,Kwota (zł)\r\nŻak; Łoś,-17.40\r\n'=1+1,656.40\r\n\"O'Hara, \"\"Ann\"\"\",3\r\n";
        assert_eq!(table(CsvDialect::Rfc4180), wanted);
    }
}
