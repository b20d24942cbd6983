//! A PESEL where none belongs: in the words that somebody wrote.

use std::ops::{Range, RangeInclusive};

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::Pesel;

/// What a refused free text is told; the body of a request turns it into a code of its own.
pub const PESEL_IN_TEXT: &str = "must not hold a PESEL";

/// Digits of a PESEL.
const DIGITS: usize = 11;
/// With its hyphens.
const UUID_LEN: usize = 36;
/// When the people of a programme may be born. Numbers of other centuries are mostly telephone numbers.
const BIRTHS: RangeInclusive<i32> = 1900..=2039;
/// Years that stand in dates and in the numbers of cases.
const YEARS: RangeInclusive<u32> = 1900..=2099;
/// Where the zeros of the decimal digits stand that look like ours: full width, Arabic, Persian, mathematical.
const ZEROS: [char; 8] = ['\u{ff10}', '\u{660}', '\u{6f0}', '\u{1d7ce}', '\u{1d7d8}', '\u{1d7e2}', '\u{1d7ec}', '\u{1d7f6}'];

/// Whether a text that is kept in the clear holds a PESEL, also one whose digits are set apart by single signs or disguised.
///
/// **Limits**: eleven digits that are neither part of a longer number nor of a date, a telephone number with `+`, the
/// number of a case that ends with its year, or a UUID. Every tenth number that merely looks like one is taken for one.
pub fn holds_pesel(text: &str) -> bool {
    if text.chars().filter(|sign| digit(*sign).is_some()).count() < DIGITS {
        return false;
    }
    let text = without_ids(plain(text));
    sequences(&text).iter().any(|sequence| {
        let numbers: Vec<&str> = sequence.iter().map(|range| &text[range.clone()]).collect();
        let after_plus = sequence.first().is_some_and(|first| text[..first.start].ends_with('+'));
        numbers.iter().any(|number| is_pesel(number)) || (!after_plus && is_set_apart(&numbers))
    })
}

/// The value of a decimal digit, in whatever writing.
fn digit(sign: char) -> Option<u8> {
    if sign.is_ascii() {
        return sign.is_ascii_digit().then(|| u8::try_from(sign).unwrap_or(b'0') - b'0');
    }
    let zeros = ZEROS.iter().map(|zero| u32::from(*zero));
    zeros
        .filter_map(|zero| u32::from(sign).checked_sub(zero))
        .find(|value| *value < 10)
        .and_then(|value| u8::try_from(value).ok())
}

/// The text with our digits and without what cannot be seen.
fn plain(text: &str) -> String {
    let invisible = |sign: &char| matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    text.chars().filter(|sign| !invisible(sign)).map(|sign| digit(sign).map_or(sign, |value| char::from(b'0' + value))).collect()
}

/// One of some ten thousand random UUIDs holds eleven digits that would pass; within a UUID they are nobody's.
fn without_ids(mut text: String) -> String {
    let mut start = 0;
    while start + UUID_LEN <= text.len() {
        if text.get(start..start + UUID_LEN).is_some_and(|part| Uuid::try_parse(part).is_ok()) {
            text.replace_range(start..start + UUID_LEN, &"·".repeat(UUID_LEN / 2));
            start += UUID_LEN;
        } else {
            start += 1;
        }
    }
    text
}

/// The numbers of a text, those together that only a single sign sets apart. A date ends a sequence.
fn sequences(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut numbers: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.char_indices().filter(|(_, sign)| sign.is_ascii_digit()) {
        match numbers.last_mut().filter(|number| number.end == at) {
            Some(number) => number.end += 1,
            None => numbers.push(at..at + 1),
        }
    }
    let mut sequences: Vec<Vec<Range<usize>>> = Vec::new();
    let mut goes_on = false;
    let mut next = 0;
    while let Some(number) = numbers.get(next) {
        let of_date = length_of_date(text, &numbers[next..]);
        if of_date > 0 {
            next += of_date;
            goes_on = false;
            continue;
        }
        let before = next.checked_sub(1).and_then(|before| numbers.get(before));
        let joined = goes_on && before.is_some_and(|before| is_separator(&text[before.end..number.start]));
        match sequences.last_mut().filter(|_| joined) {
            Some(sequence) => sequence.push(number.clone()),
            None => sequences.push(vec![number.clone()]),
        }
        goes_on = true;
        next += 1;
    }
    sequences
}

/// Whether what stands between two numbers is one sign of those that people group digits with.
fn is_separator(between: &str) -> bool {
    let mut signs = between.chars();
    let separates = |sign: char| {
        sign.is_whitespace() || matches!(sign, '.' | '-' | '/' | '\\' | '_' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    signs.next().is_some_and(separates) && signs.next().is_none()
}

/// How many of the next numbers are a date: three in a row, or one of eight digits.
fn length_of_date(text: &str, numbers: &[Range<usize>]) -> usize {
    let value = |range: Range<usize>| text[range].parse::<u32>().unwrap_or(u32::MAX);
    let is_date = |year, month, day| {
        YEARS.contains(&year) && i32::try_from(year).is_ok_and(|year| NaiveDate::from_ymd_opt(year, month, day).is_some())
    };
    let Some(first) = numbers.first() else { return 0 };
    if first.len() == 8 {
        let (start, end) = (first.start, first.end);
        let compact = is_date(value(start..start + 4), value(start + 4..start + 6), value(start + 6..end))
            || is_date(value(start + 4..end), value(start + 2..start + 4), value(start..start + 2));
        return usize::from(compact);
    }
    let [a, b, c, ..] = numbers else { return 0 };
    if !is_separator(&text[a.end..b.start]) || text[a.end..b.start] != text[b.end..c.start] {
        return 0;
    }
    let lengths = [a, b, c].map(ExactSizeIterator::len);
    let [a, b, c] = [a, b, c].map(|range| value(range.clone()));
    match lengths {
        [4, 1..=2, 1..=2] if is_date(a, b, c) => 3,
        [1..=2, 1..=2, 4] if is_date(c, b, a) => 3,
        _ => 0,
    }
}

/// Whether numbers with one sign between them are the parts of a PESEL: all of them, or some next to each other that are
/// grouped as people group it.
fn is_set_apart(numbers: &[&str]) -> bool {
    let year = numbers.last().filter(|last| last.len() == 4).and_then(|last| last.parse().ok());
    let of_case = numbers.len() > 2 && year.is_some_and(|year: u32| YEARS.contains(&year));
    let grouped =
        |groups: &[&str]| matches!(groups.iter().map(|group| group.len()).collect::<Vec<_>>()[..], [6, 5] | [2, 2, 2, 5]);
    (!of_case && is_pesel(&numbers.concat()))
        || [2, 4].iter().any(|size| numbers.windows(*size).any(|groups| grouped(groups) && is_pesel(&groups.concat())))
}

fn is_pesel(digits: &str) -> bool {
    digits.parse::<Pesel>().is_ok_and(|pesel| BIRTHS.contains(&pesel.birth_date().year()))
}

#[cfg(test)]
mod tests {
    use super::super::{Day, Sex, fictitious_pesel};
    use super::*;
    use proptest::prelude::*;

    /// Texts that people write, with numbers of every kind but a PESEL.
    const USUAL: &[&str] = &[
        "12.05.2020 44/051",
        "z dnia 2021-05-12 145",
        "decyzja OPS.4012.123.2021 z 12.05.2021 r.",
        "rachunek 12 1020 5558 1111 1234 5678 9012",
        "PL12102055581111123456789012",
        "tel. +48 12 234 56 78, +48 501 234 567, 22 621 30 05",
        "kwota 1 234 567,89 zł, 656.40 zł i 12 345.00",
        "umowa 20261122-001, klucz 2026-11-22-000021",
        "REGON 000331501, NIP 525-000-12-34, TERYT 0211011",
        "od 2020-11-02 do 2020-12-31, 8:00-10:00, sala 12",
        "01.03.2020-31.05.2020, 15 osób, 8 h/tydz.",
        "Dz.U. 2025 poz. 620, art. 62a ust. 7 pkt 3",
        "00-950 Warszawa, ul. Marszałkowska 10/12 m. 44",
    ];

    fn sample(serial: u16) -> String {
        fictitious_pesel(Day::from_ymd(1975, 6, 15).expect("in range"), Sex::Male, serial).expose().to_owned()
    }

    #[test]
    fn usual_texts_pass() {
        for text in USUAL {
            assert!(!holds_pesel(text), "{text}");
        }
    }

    #[test]
    fn a_disguised_number_is_noticed() {
        for text in [
            "x44051401359y",
            "440514 01359",
            "44 05 14 01359",
            "4 4 0 5 1 4 0 1 3 5 9",
            "440514-01359",
            "440514/01359",
            "44.05.14.013.59",
            "44051 401359",
            "４４０５１４０１３５９",
            "440514\u{200b}01359",
            "4\u{200d}4051401359",
            "٤٤٠٥١٤٠١٣٥٩",
            "PESEL: 440514 01359 2020",
            "12.05.2020 440514-01359",
            "pani 44051401359 tel. 600 100 200",
        ] {
            assert!(holds_pesel(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_pesel_within_a_text_is_noticed(serial: u16, before in "[a-z /:]{0,9}", after in "([a-z ,;:-]\\PC{0,9})?") {
            let pesel = sample(serial);
            let text = format!("{before}{pesel}{after}");
            prop_assert!(holds_pesel(&text), "{}", text);
            prop_assert!(!holds_pesel(&format!("{before}7{pesel}")), "a longer number is another");
        }

        #[test]
        fn a_pesel_in_a_usual_text_is_noticed_however_it_is_grouped(
            serial in 300..900_u16, usual in prop::sample::select(USUAL), sign in prop::sample::select(&[" ", ".", "-", "/", "\u{a0}"][..]),
            breaks in prop::collection::btree_set(1..11_usize, 0..10),
        ) {
            let pesel = sample(serial);
            let mut grouped = String::new();
            for (place, digit) in pesel.chars().enumerate() {
                if breaks.contains(&place) {
                    grouped.push_str(sign);
                }
                grouped.push(digit);
            }
            // What ends like the number of a case is taken for one.
            prop_assume!(!(breaks.len() > 1 && breaks.last() == Some(&7)));
            let text = format!("{usual}; p. {grouped}, {usual}");
            prop_assert!(holds_pesel(&text), "{}", text);
        }

        #[test]
        fn within_a_uuid_eleven_digits_are_nobodys(serial: u16, before in "[a-z/:]{0,4}", after in "[a-z/:]{0,4}") {
            let key = format!("{before}0190a5c1-7d3e-4f2a-9b1c-a{}{after}", sample(serial));
            prop_assert!(!holds_pesel(&key), "{}", key);
            let beside = format!("{key}:{}", sample(serial));
            prop_assert!(holds_pesel(&beside), "{}", beside);
        }

        #[test]
        fn dates_amounts_and_accounts_pass(
            year in 1990..2040_u32, month in 1..13_u32, day in 1..29_u32, number in 1..1000_u32, whole in 1..100_000_u32,
            account in "[0-9]{26}",
        ) {
            for text in [
                format!("{year}-{month:02}-{day:02} {number}"),
                format!("{day:02}.{month:02}.{year} {number}/{whole}"),
                format!("{whole},{day:02} zł za {month:02}/{year}"),
                format!("{year}{month:02}{day:02}-{number:03}"),
                account.clone(),
                account.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join(" "),
            ] {
                prop_assert!(!holds_pesel(&text), "{}", text);
            }
        }

        #[test]
        fn any_text_is_answered_without_panic(text in "\\PC{0,60}|[0-9 ./-]{0,60}") {
            let _ = holds_pesel(&text);
        }
    }
}
