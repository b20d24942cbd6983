//! What spreadsheet programs do to values, told by what is left of them.

use super::kind::CellKind;

/// As such a text: a formula that was never calculated.
pub(super) const NOT_CALCULATED: &str = "#FORMULA!";

/// What is no value of any column, with what to do about it in Polish.
pub(super) fn anywhere(text: &str) -> Option<&'static str> {
    if is_fault(text) {
        return Some("Komórka zawiera błąd arkusza lub formułę bez wyniku: popraw formułę albo wpisz wartość.");
    }
    is_exponential(text).then_some(
        "Arkusz zapisał liczbę w postaci wykładniczej i zgubił cyfry: sformatuj kolumnę jako tekst i wpisz wartość ponownie.",
    )
}

/// What became of a value that should have stood in such a column, with what to do about it in Polish.
pub(super) fn within(holds: CellKind, text: &str) -> Option<&'static str> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match holds {
        // Who was born from 2000 on has one or two zeros at the beginning.
        CellKind::Pesel if is_number && matches!(text.len(), 9 | 10) => {
            Some("Numer ma za mało cyfr: arkusz zgubił zero lub zera na początku. Sformatuj kolumnę jako tekst.")
        }
        CellKind::Day if is_number && text.len() == 5 => {
            Some("Arkusz zapisał dzień jako liczbę: sformatuj kolumnę jako datę lub wpisz dzień jako tekst RRRR-MM-DD.")
        }
        CellKind::Day if is_written_day(text) => Some("Takiego dnia nie ma w kalendarzu."),
        _ => None,
    }
}

/// Whether it is written as a day, `RRRR-MM-DD` or `DD.MM.RRRR`.
fn is_written_day(text: &str) -> bool {
    let form: String = text.chars().map(|sign| if sign.is_ascii_digit() { '9' } else { sign }).collect();
    matches!(form.as_str(), "9999-99-99" | "99.99.9999")
}

/// Whether this stands where a formula has failed or a column was too narrow: `#N/D!`, `#REF!`, `####`, `Err:502`.
fn is_fault(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|sign| sign.is_uppercase() || sign.is_ascii_digit() || sign == '/');
    if let Some(rest) = text.strip_prefix('#') {
        let name = rest.strip_suffix(['!', '?']).or_else(|| matches!(rest, "N/A" | "N/D").then_some(rest));
        return name.is_some_and(is_name) || (rest.len() > 1 && rest.bytes().all(|byte| byte == b'#'));
    }
    let number = text.strip_prefix("Err:").or_else(|| text.strip_prefix("Błąd:"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `8,50101E+10`.
fn is_exponential(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once("E+") else { return false };
    let is_mantissa = mantissa.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.' | b'-'));
    let starts = mantissa.bytes().any(|byte| byte.is_ascii_digit());
    is_mantissa && starts && !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
}
