//! The text of a calendar. **Source**: RFC 5545, with REFRESH-INTERVAL of RFC 7986.
//!
//! Events carry theme, form, time and place of sessions, and nobody's name. Times are in UTC, so that no description
//! of a time zone is needed.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::clock::moment_in_warsaw;
use crate::platform::types::{ClockTime, Day};

/// Longest line. **Units**: bytes, without the end of the line. **Source**: RFC 5545, section 3.1.
const LINE: usize = 75;

/// When an event is.
#[derive(Clone, Copy, Debug)]
pub enum Span {
    /// From one time of a day to another.
    Times(Day, ClockTime, ClockTime),
    /// On a day of which no time is known.
    WholeDay(Day),
}

/// A session as calendars show it.
#[derive(Clone, Debug)]
pub struct Event {
    /// The session; never changes.
    pub id: Uuid,
    /// How often it was moved or cancelled.
    pub sequence: i32,
    /// When it was first recorded.
    pub created: DateTime<Utc>,
    /// When it was last moved or cancelled, or recorded.
    pub modified: DateTime<Utc>,
    /// When it is.
    pub span: Span,
    /// Whether it is not held.
    pub is_cancelled: bool,
    /// Theme or form.
    pub summary: String,
    /// Building and room.
    pub location: Option<String>,
}

/// The calendar of these events.
pub fn calendar(events: &[Event]) -> String {
    let mut text = String::new();
    for head in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//pai//timetable//PL",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Harmonogram zajęć",
        "X-WR-TIMEZONE:Europe/Warsaw",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ] {
        line(&mut text, head);
    }
    for event in events {
        event.write(&mut text);
    }
    line(&mut text, "END:VCALENDAR");
    text
}

impl Event {
    fn write(&self, text: &mut String) {
        line(text, "BEGIN:VEVENT");
        line(text, &format!("UID:{}", self.id));
        line(text, &format!("DTSTAMP:{}", utc(self.modified)));
        line(text, &format!("CREATED:{}", utc(self.created)));
        line(text, &format!("LAST-MODIFIED:{}", utc(self.modified)));
        line(text, &format!("SEQUENCE:{}", self.sequence));
        match self.span {
            Span::Times(day, from, to) => {
                line(text, &format!("DTSTART:{}", utc(moment_in_warsaw(day.date(), from.time()))));
                line(text, &format!("DTEND:{}", utc(moment_in_warsaw(day.date(), to.time()))));
            }
            Span::WholeDay(day) => line(text, &format!("DTSTART;VALUE=DATE:{}", day.date().format("%Y%m%d"))),
        }
        line(text, &format!("SUMMARY:{}", escaped(&self.summary)));
        if let Some(location) = &self.location {
            line(text, &format!("LOCATION:{}", escaped(location)));
        }
        line(text, if self.is_cancelled { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        line(text, if self.is_cancelled { "TRANSP:TRANSPARENT" } else { "TRANSP:OPAQUE" });
        line(text, "CLASS:PRIVATE");
        line(text, "END:VEVENT");
    }
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Text of a property (RFC 5545, section 3.3.11); control characters go.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' | ';' | ',' => escaped.extend(['\\', sign]),
            '\n' => escaped.push_str("\\n"),
            control if control.is_control() => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

/// A content line, folded between characters so that no line is too long (RFC 5545, section 3.1).
fn line(text: &mut String, content: &str) {
    let mut used = 0;
    for sign in content.chars() {
        if used + sign.len_utf8() > LINE {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(sign);
        used += sign.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(summary: &str) -> Event {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
        Event {
            id: Uuid::from_u128(7),
            sequence: 2,
            created: at("2026-06-01T10:00:00Z"),
            modified: at("2026-06-02T11:30:15Z"),
            span: Span::Times(
                "2026-06-08".parse().expect("a day"),
                "09:00".parse().expect("a time"),
                "12:15".parse().expect("a time"),
            ),
            is_cancelled: true,
            summary: summary.to_owned(),
            location: Some("ul. Długa 1, sala 2".to_owned()),
        }
    }

    #[test]
    fn an_event_says_when_where_and_what() {
        let text = calendar(&[event("Asertywność; \\ cz. 1,\r\n2")]);
        for expected in [
            "UID:00000000-0000-0000-0000-000000000007\r\n",
            "DTSTAMP:20260602T113015Z\r\n",
            "SEQUENCE:2\r\n",
            "DTSTART:20260608T070000Z\r\n",
            "DTEND:20260608T101500Z\r\n",
            "SUMMARY:Asertywność\\; \\\\ cz. 1\\,\\n2\r\n",
            "LOCATION:ul. Długa 1\\, sala 2\r\n",
            "STATUS:CANCELLED\r\n",
        ] {
            assert!(text.contains(expected), "{expected:?} in {text}");
        }
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    }

    #[test]
    fn winter_and_summer_time_both_become_utc() {
        for (day, utc) in [("2026-01-12", "DTSTART:20260112T080000Z"), ("2026-03-29", "DTSTART:20260329T070000Z")] {
            let nine = "09:00".parse().expect("a time");
            let span = Span::Times(day.parse().expect("a day"), nine, "10:00".parse().expect("a time"));
            assert!(calendar(&[Event { span, ..event("x") }]).contains(utc), "{day}");
        }
        let span = Span::WholeDay("2026-01-12".parse().expect("a day"));
        assert!(calendar(&[Event { span, ..event("x") }]).contains("DTSTART;VALUE=DATE:20260112\r\n"));
    }

    /// Reads content lines as RFC 5545 says: unfolds first, then takes the escapes away.
    fn summary_in(text: &str) -> String {
        let unfolded = text.replace("\r\n ", "");
        let value = unfolded.split("\r\n").find_map(|line| line.strip_prefix("SUMMARY:")).expect("a summary");
        let mut read = String::new();
        let mut signs = value.chars();
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => match signs.next() {
                    Some('n') => read.push('\n'),
                    Some(other) => read.push(other),
                    None => panic!("an open escape"),
                },
                sign => read.push(sign),
            }
        }
        read
    }

    proptest! {
        #[test]
        fn every_text_reads_back_and_no_line_is_too_long(summary in "[ -~ąćęłńóśźż€😀\n]{1,200}") {
            let text = calendar(&[event(&summary)]);
            prop_assert!(text.split("\r\n").all(|line| line.len() <= LINE));
            prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert_eq!(summary_in(&text), summary);
        }
    }
}
