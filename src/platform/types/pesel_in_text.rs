//! A PESEL where none belongs: in the words that somebody wrote.

use std::ops::{Range, RangeInclusive};

use chrono::{Datelike, NaiveDate};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};
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
/// Where the zeros of decimal digits of other scripts stand, from Arabic to Mongolian. Those that are ours in another
/// dress (full width, mathematical, raised, lowered, circled) lose it by normalisation.
const ZEROS: [char; 19] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}', '\u{c66}', '\u{ce6}',
    '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{17e0}', '\u{1810}',
];
/// Digits one to nine on discs and in double circles, which Unicode does not take for ours; the first of each row.
const ONES: [char; 4] = ['\u{2776}', '\u{2780}', '\u{278a}', '\u{24f5}'];
/// Zeros of the same rows.
const ROUND_ZEROS: [char; 3] = ['\u{24ff}', '\u{1f10b}', '\u{1f10c}'];
/// Shows what follows from right to left.
const OVERRIDES: [char; 2] = ['\u{202e}', '\u{2067}'];
/// Signs between two parts of a number: two spaces, or one sign with spaces around it.
const MOST_BETWEEN: usize = 5;

/// Whether a text that is kept in the clear holds a PESEL, also one whose digits are set apart by single signs or disguised.
///
/// **Limits**: eleven digits that are neither part of a longer number nor of a date, a telephone number with `+`, the
/// number of a case that ends with its year, or a UUID. Every tenth number that merely looks like one is taken for one.
pub fn holds_pesel(text: &str) -> bool {
    let shown = plain(text);
    if shown.bytes().filter(u8::is_ascii_digit).count() < DIGITS {
        return false;
    }
    let is_turned = text.contains(OVERRIDES);
    plainly_holds_pesel(&shown) || (is_turned && plainly_holds_pesel(&shown.chars().rev().collect::<String>()))
}

fn plainly_holds_pesel(text: &str) -> bool {
    let text = without_ids(text.to_owned());
    sequences(&text).iter().any(|sequence| {
        let numbers: Vec<&str> = sequence.iter().map(|range| &text[range.clone()]).collect();
        let after_plus = sequence.first().is_some_and(|first| text[..first.start].ends_with('+'));
        numbers.iter().any(|number| is_pesel(number)) || (!after_plus && is_set_apart(&numbers))
    })
}

/// The value of a decimal digit of another script or on a disc.
fn foreign_digit(sign: char) -> Option<u8> {
    let code = u32::from(sign);
    let value = |first: char, most: u32| code.checked_sub(u32::from(first)).filter(|value| *value < most);
    let of_script = ZEROS.iter().find_map(|zero| value(*zero, 10));
    let on_disc = || ONES.iter().find_map(|one| value(*one, 9)).map(|value| value + 1);
    let zero = || ROUND_ZEROS.contains(&sign).then_some(0);
    of_script.or_else(on_disc).or_else(zero).and_then(|value| u8::try_from(value).ok())
}

/// The text with our digits and without what cannot be seen or only stands upon another sign.
///
/// Signs are taken apart as NFKD does, one by one: their order upon each other says nothing here, and sorting it could be made slow.
fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        decompose_compatible(sign, |part| {
            if !is_combining_mark(part) && !is_format(part) {
                plain.push(foreign_digit(part).map_or(part, |value| char::from(b'0' + value)));
            }
        });
    }
    plain
}

/// Signs that are there for the writing only: joiners, marks and overrides of direction, tags, the soft hyphen.
fn is_format(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
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

/// Whether what stands between two numbers is one sign of those that people group digits with, with spaces around it, or spaces.
fn is_separator(between: &str) -> bool {
    let separates = |sign: char| matches!(sign, '.' | '-' | '/' | '\\' | '_' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let signs = between.trim();
    !between.is_empty()
        && between.chars().take(MOST_BETWEEN + 1).count() <= MOST_BETWEEN
        && (signs.is_empty() || (signs.chars().count() == 1 && signs.chars().all(separates)))
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
    fn a_long_text_of_marks_is_answered_at_once() {
        let start = std::time::Instant::now();
        for part in ["1 ", "4\u{336}\u{301}", "\u{fdfa}", "\u{202e}1 / "] {
            assert!(!holds_pesel(&part.chars().cycle().take(4000).collect::<String>()), "{part}");
        }
        assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
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
            "440514 / 01359",
            "440514  01359",
            "440514 - 01359",
            "44\u{202e}051401359",
            "\u{202e}95310415044",
            "\u{2067}95310 415044\u{2069}",
            "4\u{336}4\u{336}0\u{336}5\u{336}1\u{336}4\u{336}0\u{336}1\u{336}3\u{336}5\u{336}9\u{336}",
            "4\u{20e3}4\u{fe0f}051401359",
            "₄₄₀₅₁₄₀₁₃₅₉",
            "⁴⁴⁰⁵¹⁴⁰¹³⁵⁹",
            "④④⓪⑤①④⓪①③⑤⑨",
            "❹❹⓿❺❶❹⓿❶❸❺❾",
            "४४०५१४०१३५९",
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
        fn a_dressed_number_is_noticed(serial: u16, dress in prop::sample::select(&['\u{ff10}', '\u{1d7d8}', '\u{2080}', '\u{966}'][..]), mark in "[\u{300}-\u{36f}\u{200b}-\u{200f}\u{202a}-\u{202d}]{0,3}") {
            let pesel = sample(serial);
            let dressed = pesel.chars().filter_map(|digit| char::from_u32(u32::from(dress) + digit.to_digit(10)?));
            let text: String = dressed.flat_map(|digit| [digit.to_string(), mark.clone()]).collect();
            prop_assert!(holds_pesel(&text), "{}", text);
        }

        #[test]
        fn any_text_is_answered_without_panic(text in "\\PC{0,60}|[0-9 ./-]{0,60}") {
            let _ = holds_pesel(&text);
        }
    }
}
