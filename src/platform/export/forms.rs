//! In which form a list is wanted.

use actix_web::http::header::HeaderMap;

use crate::platform::accept::weight;
use crate::platform::hint::Hint;
use crate::platform::listing::CsvDialect;
use crate::platform::permit::invalid_parameter;
use crate::platform::problem::Problem;
use crate::platform::workbook::Workbook;
use crate::platform::xml;

/// Media type of the pages themselves.
const JSON: &str = "application/json";

/// A form of a list as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON object in a line, as in the pages.
    Ndjson,
    /// Values separated by semicolons or commas.
    Csv(CsvDialect),
    /// A workbook of a spreadsheet program.
    Xlsx,
    /// One document of XML; only of lists that have one.
    Xml,
}

impl Form {
    /// The media types, in the order of preference where a caller has none.
    pub(super) const MEDIA: [(&'static str, Self); 3] = [
        ("application/x-ndjson", Self::Ndjson),
        ("text/csv", Self::Csv(CsvDialect::ExcelPl)),
        (Workbook::MEDIA_TYPE, Self::Xlsx),
    ];

    /// Its `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv(_) => "text/csv; charset=utf-8",
            Self::Xlsx => Workbook::MEDIA_TYPE,
            Self::Xml => xml::MEDIA_TYPE,
        }
    }

    /// Ending of the file's name.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv(_) => "csv",
            Self::Xlsx => "xlsx",
            Self::Xml => "xml",
        }
    }
}

/// The form that a caller prefers to JSON; nothing where it takes JSON as gladly.
///
/// # Errors
/// `platform.invalid_parameter` for an unknown dialect and for a page of a file.
pub(crate) fn form_of(headers: &HeaderMap, query: &str, has_xml: bool) -> Result<Option<Form>, Problem> {
    let dialect = parameter(query, "dialect").map(|dialect| dialect.parse().map_err(|_| invalid_dialect())).transpose()?;
    let mut best = (weight(headers, JSON), None);
    let xml = has_xml.then_some((xml::MEDIA_TYPE, Form::Xml));
    for (media, form) in Form::MEDIA.into_iter().chain(xml) {
        let wanted = weight(headers, media);
        if wanted > best.0 {
            best = (wanted, Some(form));
        }
    }
    let Some(form) = best.1 else { return Ok(None) };
    for name in ["cursor", "limit"] {
        if parameter(query, name).is_some() {
            return Err(invalid_parameter(
                name,
                Hint::new("plik ma wszystkie strony wykazu", "a file has all pages of the list"),
            ));
        }
    }
    Ok(Some(match (form, dialect) {
        (Form::Csv(_), Some(dialect)) => Form::Csv(dialect),
        (form, _) => form,
    }))
}

fn parameter(query: &str, wanted: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

fn invalid_dialect() -> Problem {
    invalid_parameter("dialect", Hint::one_of(CsvDialect::ALL.iter().map(|dialect| dialect.as_str())))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT, HeaderValue};

    use super::*;

    fn asked(accept: &'static str, query: &str) -> Result<Option<Form>, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        form_of(&headers, query, true).map_err(|problem| problem.code())
    }

    #[test]
    fn json_is_answered_unless_something_else_is_preferred() {
        let excel = Form::Csv(CsvDialect::ExcelPl);
        for (accept, form) in [
            ("*/*", None),
            ("application/json", None),
            ("application/json, text/csv", None),
            ("text/csv, */*;q=0.1", Some(excel)),
            ("application/json;q=0.5, application/x-ndjson", Some(Form::Ndjson)),
            ("text/*", Some(excel)),
            (Workbook::MEDIA_TYPE, Some(Form::Xlsx)),
            (xml::MEDIA_TYPE, Some(Form::Xml)),
            ("text/csv;q=0, application/json;q=0.1", None),
        ] {
            assert_eq!(asked(accept, "editionId=1"), Ok(form), "{accept}");
        }
        assert_eq!(form_of(&HeaderMap::new(), "", false).map_err(|problem| problem.code()), Ok(None));
    }

    #[test]
    fn csv_has_dialects_and_files_have_no_pages() {
        let refused = Err("platform.invalid_parameter");
        assert_eq!(asked("text/csv", "dialect=rfc4180"), Ok(Some(Form::Csv(CsvDialect::Rfc4180))));
        assert_eq!(asked("text/csv", "dialect=other"), refused);
        assert_eq!(asked("application/x-ndjson", "dialect=rfc4180"), Ok(Some(Form::Ndjson)));
        assert_eq!(asked("application/json", "dialect=other"), refused);
        assert_eq!(asked("text/csv", "cursor=x"), refused);
        assert_eq!(asked("text/csv", "limit=10"), refused);
        assert_eq!(asked("application/json", "limit=10&cursor=x"), Ok(None));
    }
}
