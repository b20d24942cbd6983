//! A PESEL where none belongs: in the words that somebody wrote.

use std::ops::{Range, RangeInclusive};

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::Pesel;
use super::shown_digits::shown;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod usual_texts;

/// What a refused free text is told; the body of a request turns it into a code of its own.
pub const PESEL_IN_TEXT: &str = "must not hold a PESEL";

/// Digits of a PESEL.
const DIGITS: usize = 11;
/// With its hyphens.
const UUID_LEN: usize = 36;
/// Hexadecimal digits of the shortest ids that systems make.
const SHORTEST_ID: usize = 16;
/// When the people of a programme may be born. Numbers of other centuries are mostly telephone numbers.
const BIRTHS: RangeInclusive<i32> = 1900..=2039;
/// Years that stand in dates and in the numbers of cases.
const YEARS: RangeInclusive<u32> = 1900..=2099;
/// Shows what follows from right to left.
const OVERRIDES: [char; 2] = ['\u{202e}', '\u{2067}'];
/// Signs between two parts of a number.
const MOST_BETWEEN: usize = 8;
/// Signs between two parts of a date: one, with spaces around it.
const MOST_IN_DATE: usize = 5;
/// Digits before the year in the number of a case of two parts.
const MOST_OF_CASE: usize = 5;
/// Poland, before a telephone number.
const COUNTRY: &str = "48";

/// Whether a text that is kept in the clear holds a PESEL, also one whose digits are set apart or disguised.
///
/// Between two digits may stand up to eight signs of any kind that are neither letters nor digits, of which the eye sees
/// none, one or several. **Limits**: the digits are no part of a longer number, which a number before or after them
/// makes of them only where the same signs stand between. What has the look of a date, a time, a telephone number with
/// `+`, the number of a case that ends with its year, a UUID or another hexadecimal id is taken for one; after `+48`, which nine digits follow in a
/// telephone number, eleven are none. Of numbers that merely look like a PESEL
/// by date and length every tenth is taken for one: of usual texts fewer than one in a thousand.
pub fn holds_pesel(text: &str) -> bool {
    let seen = shown(text);
    if seen.bytes().filter(u8::is_ascii_digit).count() < DIGITS {
        return false;
    }
    let is_turned = text.contains(OVERRIDES);
    plainly_holds_pesel(&seen) || (is_turned && plainly_holds_pesel(&seen.chars().rev().collect::<String>()))
}

/// Whether a key that a system made holds a PESEL in one piece.
///
/// Parts that are joined by signs (the number of a process and a counter) are no groups of a PESEL here: such a key is made
/// anew for each write, and would be refused now and then for nothing that its maker can see.
pub fn holds_whole_pesel(key: &str) -> bool {
    Numbers::of(&without_ids(&shown(key))).holds_unbroken()
}

fn plainly_holds_pesel(text: &str) -> bool {
    let text = without_ids(text);
    let numbers = Numbers::of(&text);
    numbers.holds_unbroken() || numbers.holds_grouped() || numbers.holds_set_apart()
}

/// One of some ten thousand random ids holds eleven digits that would pass; within an id they are nobody's.
fn without_ids(text: &str) -> String {
    let (mut rest, mut before) = (text, '·');
    let mut left = String::with_capacity(text.len());
    while let Some(sign) = rest.chars().next() {
        let length = if before.is_alphanumeric() { uuid_length(rest) } else { uuid_length(rest).max(word_length(rest)) };
        before = if length == 0 { sign } else { '·' };
        left.push(before);
        rest = &rest[length.max(sign.len_utf8())..];
    }
    left
}

fn uuid_length(text: &str) -> usize {
    text.get(..UUID_LEN).filter(|part| Uuid::try_parse(part).is_ok()).map_or(0, str::len)
}

/// How long a hexadecimal id is that a text begins with, and of which it is the first word.
fn word_length(text: &str) -> usize {
    let end = text.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(text.len());
    let word = &text.as_bytes()[..end];
    let is_id = word.len() >= SHORTEST_ID && word.iter().all(u8::is_ascii_hexdigit) && word.iter().any(u8::is_ascii_alphabetic);
    if is_id { word.len() } else { 0 }
}

/// What a number of a text is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Nothing that is known.
    Unknown,
    /// A date or a time: never of a PESEL.
    OfDate,
    /// The country before a telephone number of Poland: never of a PESEL either.
    OfCountry,
    /// The number of a case, so far as nobody groups a PESEL in it as people do.
    OfCase,
}

/// The numbers of a text, in their order.
struct Numbers<'t> {
    text: &'t str,
    at: Vec<Range<usize>>,
    parts: Vec<Part>,
}

impl<'t> Numbers<'t> {
    fn of(text: &'t str) -> Self {
        let mut at: Vec<Range<usize>> = Vec::new();
        for (place, _) in text.char_indices().filter(|(_, sign)| sign.is_ascii_digit()) {
            match at.last_mut().filter(|number| number.end == place) {
                Some(number) => number.end += 1,
                None => at.push(place..place + 1),
            }
        }
        let at: Vec<Range<usize>> = at.into_iter().flat_map(|number| without_country(text, number)).collect();
        let parts = vec![Part::Unknown; at.len()];
        let mut numbers = Self { text, at, parts };
        numbers.tell_countries();
        numbers.tell_dates();
        numbers.tell_cases();
        numbers
    }

    fn tell_countries(&mut self) {
        for place in 0..self.at.len() {
            if self.digits(place) == COUNTRY && self.follows_plus(place) {
                self.parts[place] = Part::OfCountry;
            }
        }
    }

    fn tell_dates(&mut self) {
        let mut next = 0;
        while next < self.at.len() {
            let length = self.length_of_date(next).max(self.length_of_time(next));
            self.parts[next..next + length].fill(Part::OfDate);
            next += length.max(1);
        }
    }

    fn tell_cases(&mut self) {
        let tight = self.runs(|numbers, place| numbers.joins(place) && numbers.is_tight(place));
        for run in tight.into_iter().filter(|run| self.is_case(run)).collect::<Vec<_>>() {
            self.parts[run].fill(Part::OfCase);
        }
    }

    fn digits(&self, place: usize) -> &'t str {
        self.at.get(place).map_or("", |range| &self.text[range.clone()])
    }

    fn value(&self, place: usize) -> u32 {
        self.digits(place).parse().unwrap_or(u32::MAX)
    }

    /// What stands between a number and the next.
    fn between(&self, place: usize) -> &'t str {
        match (self.at.get(place), self.at.get(place + 1)) {
            (Some(one), Some(next)) => &self.text[one.end..next.start],
            _ => "",
        }
    }

    /// Whether a number and the next may be parts of one.
    fn joins(&self, place: usize) -> bool {
        let is_free = |place: usize| self.parts.get(place).is_some_and(|part| matches!(part, Part::Unknown | Part::OfCase));
        let between = self.between(place);
        is_free(place)
            && is_free(place + 1)
            && between.chars().take(MOST_BETWEEN + 1).count() <= MOST_BETWEEN
            && !between.chars().any(char::is_alphanumeric)
    }

    fn is_tight(&self, place: usize) -> bool {
        !self.between(place).contains(char::is_whitespace)
    }

    /// The longest rows of numbers of which each is joined to the next.
    fn runs(&self, joined: impl Fn(&Self, usize) -> bool) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for place in 0..self.at.len() {
            match runs.last_mut().filter(|_| place > 0 && joined(self, place - 1)) {
                Some(run) => run.end += 1,
                None => runs.push(place..place + 1),
            }
        }
        runs
    }

    /// The longest rows with the same signs between any two; where the signs change, a number ends one and begins the next.
    fn runs_of_one_sign(&self) -> Vec<Range<usize>> {
        let (mut runs, mut start) = (Vec::new(), 0);
        while start < self.at.len() {
            let goes_on = |end: usize| self.joins(end - 1) && self.between(end - 1) == self.between(start);
            let end = (start + 1..self.at.len()).find(|end| !goes_on(*end)).unwrap_or(self.at.len());
            runs.push(start..end);
            start = if end - start > 1 && self.joins(end - 1) { end - 1 } else { end };
        }
        runs
    }

    fn concat(&self, run: &Range<usize>) -> String {
        run.clone().map(|place| self.digits(place)).collect()
    }

    fn holds_unbroken(&self) -> bool {
        (0..self.at.len()).any(|place| is_pesel(self.digits(place)))
    }

    /// Whether some numbers next to each other are grouped as people group a PESEL.
    fn holds_grouped(&self) -> bool {
        let is_grouped = |run: &Range<usize>| {
            matches!(run.clone().map(|place| self.digits(place).len()).collect::<Vec<_>>()[..], [6, 5] | [2, 2, 2, 5])
        };
        let holds = |run: Range<usize>| is_grouped(&run) && is_pesel(&self.concat(&run));
        let runs = self.runs(Self::joins).into_iter().filter(|run| !self.is_of_abroad(run));
        runs.into_iter()
            .any(|run| [2, 4].iter().any(|size| run.clone().any(|from| from + size <= run.end && holds(from..from + size))))
    }

    /// Whether a row of numbers is a PESEL: a whole one, one without spaces, or one with the same signs throughout.
    fn holds_set_apart(&self) -> bool {
        let is_part = |numbers: &Self, place: usize| {
            let is_case = [place, place + 1].iter().any(|place| numbers.parts.get(*place) == Some(&Part::OfCase));
            numbers.joins(place) && !is_case
        };
        let whole = self.runs(is_part);
        let tight = self.runs(|numbers, place| is_part(numbers, place) && numbers.is_tight(place));
        // With other signs between, what follows a telephone number of nine digits is another number.
        let apart = whole.into_iter().chain(tight).filter(|run| !self.follows_country(run));
        let mut runs = apart.chain(self.runs_of_one_sign());
        runs.any(|run| {
            let length: usize = run.clone().map(|place| self.digits(place).len()).sum();
            let is_free = || !self.parts[run.clone()].contains(&Part::OfCase) && !self.is_of_abroad(&run);
            run.len() > 1 && length == DIGITS && is_free() && is_pesel(&self.concat(&run))
        })
    }

    fn follows_plus(&self, place: usize) -> bool {
        self.at.get(place).is_some_and(|number| self.text[..number.start].ends_with('+'))
    }

    fn follows_country(&self, run: &Range<usize>) -> bool {
        run.start.checked_sub(1).is_some_and(|before| self.parts.get(before) == Some(&Part::OfCountry))
    }

    /// Whether a plus stands before a row, which is no number of Poland then, and none in it.
    fn is_of_abroad(&self, run: &Range<usize>) -> bool {
        self.follows_plus(run.start)
            && !run.clone().take(run.len().saturating_sub(1)).any(|place| self.between(place).contains('+'))
    }

    /// Whether a row without spaces ends with the year of a case.
    fn is_case(&self, run: &Range<usize>) -> bool {
        let last = run.end.saturating_sub(1);
        let of_two = || self.digits(run.start).len() <= MOST_OF_CASE && self.between(run.start).contains('/');
        let ends_with_year = self.digits(last).len() == 4 && YEARS.contains(&self.value(last));
        ends_with_year && (run.len() > 2 || (run.len() == 2 && of_two()))
    }

    /// How many numbers from a place on are a date: three in a row, or one of eight digits.
    fn length_of_date(&self, place: usize) -> usize {
        let part = |digits: &str, range: Range<usize>| digits.get(range).and_then(|part| part.parse().ok()).unwrap_or(u32::MAX);
        let is_date = |year, month, day| {
            YEARS.contains(&year) && i32::try_from(year).is_ok_and(|year| NaiveDate::from_ymd_opt(year, month, day).is_some())
        };
        let first = self.digits(place);
        if first.len() == 8 {
            let compact = is_date(part(first, 0..4), part(first, 4..6), part(first, 6..8))
                || is_date(part(first, 4..8), part(first, 2..4), part(first, 0..2));
            return usize::from(compact);
        }
        let signs = self.between(place);
        if place + 3 > self.at.len() || !sets_dates_apart(signs) || signs != self.between(place + 1) {
            return 0;
        }
        let lengths = [place, place + 1, place + 2].map(|place| self.digits(place).len());
        let [a, b, c] = [place, place + 1, place + 2].map(|place| self.value(place));
        match lengths {
            [4, 1..=2, 1..=2] if is_date(a, b, c) => 3,
            [1..=2, 1..=2, 4] if is_date(c, b, a) => 3,
            _ => 0,
        }
    }

    /// How many numbers from a place on are a time: hours and minutes with a colon or a point, with a colon also seconds.
    fn length_of_time(&self, place: usize) -> usize {
        let sign = self.between(place);
        let is_two = |place: usize| self.digits(place).len() == 2 && self.value(place) < 60;
        let before = place.checked_sub(1).map_or("", |before| self.between(before));
        let begins = [":", "."].contains(&sign) && before != sign && self.digits(place).len() <= 2 && self.value(place) < 24;
        if !begins || !is_two(place + 1) {
            return 0;
        }
        match (self.between(place + 1), self.between(place + 2)) {
            (next, _) if next != sign => 2,
            (":", after) if after != ":" && is_two(place + 2) => 3,
            _ => 0,
        }
    }
}

/// A number, and the country that is written together with it apart.
fn without_country(text: &str, number: Range<usize>) -> Vec<Range<usize>> {
    let is_after_country = number.len() == COUNTRY.len() + DIGITS
        && text[number.clone()].starts_with(COUNTRY)
        && text[..number.start].ends_with('+');
    if !is_after_country {
        return vec![number];
    }
    let middle = number.start + COUNTRY.len();
    vec![number.start..middle, middle..number.end]
}

/// Whether what stands between two numbers is one sign of those that dates are written with, with spaces around it, or spaces.
fn sets_dates_apart(between: &str) -> bool {
    let separates = |sign: char| matches!(sign, '.' | '-' | '/' | '\\' | '_' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let signs = between.trim();
    !between.is_empty()
        && between.chars().take(MOST_IN_DATE + 1).count() <= MOST_IN_DATE
        && (signs.is_empty() || (signs.chars().count() == 1 && signs.chars().all(separates)))
}

fn is_pesel(digits: &str) -> bool {
    digits.parse::<Pesel>().is_ok_and(|pesel| BIRTHS.contains(&pesel.birth_date().year()))
}
