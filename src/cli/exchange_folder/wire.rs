//! The wire format of the folder: what its parts mean, and what a receipt says. Nothing else in the program knows it.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// Media type of JSON.
pub(super) const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// As JSON.
    Json,
    /// As XML, by the schema that the service publishes.
    Xml,
}

impl MessageFormat {
    /// Its media type.
    pub(super) const fn media(self) -> &'static str {
        match self {
            Self::Json => JSON,
            Self::Xml => XML,
        }
    }

    /// The ending of its files.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// The format of a file by its ending.
    fn of(ending: &str) -> Option<Self> {
        [Self::Json, Self::Xml].into_iter().find(|format| format.ending() == ending)
    }
}

/// What is to be done with a file, by where it lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// `imports/<kind>/<file>.csv|xlsx|ndjson`: bulk intake.
    Import { kind: String, media: &'static str },
    /// `month-statements/<file>.json`: sent as it is.
    Post { path: &'static str },
    /// `messages/<file>.json|xml`: written and sent to the other side.
    Message { media: &'static str },
    /// `answers/<id of the message>.json|xml`: the answer to a message.
    Answer { message: Uuid, media: &'static str },
    /// `lists/<file>.csv-list|xlsx-list|ndjson-list`: asks for a list as a file.
    List { accept: &'static str, ending: &'static str },
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl Errand {
    /// The errand of a file by its path below `in`.
    pub(super) fn of(name: &Path) -> Option<Self> {
        let parts: Vec<&str> = name.iter().filter_map(|part| part.to_str()).collect();
        let ending = name.extension()?.to_str()?.to_ascii_lowercase();
        match (parts.as_slice(), ending.as_str()) {
            (["imports", kind, _], ending) => {
                let media = match ending {
                    "csv" => "text/csv",
                    "xlsx" => XLSX,
                    "ndjson" => "application/x-ndjson",
                    _ => return None,
                };
                let known = kind.bytes().all(|sign| sign.is_ascii_alphanumeric());
                known.then(|| Self::Import { kind: (*kind).to_owned(), media })
            }
            (["month-statements", _], "json") => Some(Self::Post { path: "/month-statements" }),
            (["messages", _], ending) => Some(Self::Message { media: MessageFormat::of(ending)?.media() }),
            (["answers", _], ending) => {
                let media = MessageFormat::of(ending)?.media();
                let message = Uuid::try_parse(name.file_stem()?.to_str()?).ok()?;
                Some(Self::Answer { message, media })
            }
            (["lists", _], "csv-list") => Some(Self::List { accept: "text/csv", ending: "csv" }),
            (["lists", _], "xlsx-list") => Some(Self::List { accept: XLSX, ending: "xlsx" }),
            (["lists", _], "ndjson-list") => Some(Self::List { accept: "application/x-ndjson", ending: "ndjson" }),
            _ => None,
        }
    }
}

/// What came of a file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    file: String,
    sha256: String,
    outcome: &'static str,
    /// What the service answered: the record, the counts of an import, the manifest of a list, or the problem.
    answer: Value,
}

const TAKEN: &str = "taken";

impl Receipt {
    /// The service has done what the file asks for.
    pub(super) fn taken(name: &Path, sha256: String, answer: Value) -> Self {
        Self { file: name.display().to_string(), sha256, outcome: TAKEN, answer }
    }

    /// Nothing was done.
    pub(super) fn refused(name: &Path, sha256: String, answer: Value) -> Self {
        Self { outcome: "refused", ..Self::taken(name, sha256, answer) }
    }

    /// The file was put into the folder, and the service knows it.
    pub(super) fn fetched(name: &Path, sha256: String, answer: Value) -> Self {
        Self { outcome: "fetched", ..Self::taken(name, sha256, answer) }
    }

    pub(super) fn is_taken(&self) -> bool {
        self.outcome == TAKEN
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }
}

/// Where the receipt of a file lies below `out`.
pub(super) fn receipt_name(name: &Path) -> PathBuf {
    let mut file = name.as_os_str().to_owned();
    file.push(".receipt.json");
    file.into()
}

/// Messages that wait for something which a folder does.
pub(super) struct Queue {
    /// Where their files lie below `out`.
    pub place: &'static str,
    /// Filters of the lists that hold them.
    pub filters: &'static [&'static str],
    /// The step by which the service is told that the file is there.
    pub step: &'static str,
    /// Whether the people are told by name, in a file beside, where the law demands names.
    pub with_names: bool,
}

/// Messages to the institution that nobody has received, and messages of it whose answer nobody has noted.
pub(super) const QUEUES: [Queue; 2] = [
    Queue { place: "incoming", filters: &["box=incoming&state=sent"], step: "receipt", with_names: true },
    Queue {
        place: "answered",
        filters: &["box=outgoing&state=accepted", "box=outgoing&state=acceptedInPart", "box=outgoing&state=refused"],
        step: "settlement",
        with_names: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_file_says_what_is_to_be_done() {
        let import = |kind: &str, media| Some(Errand::Import { kind: kind.to_owned(), media });
        let message = "0190a000-0000-7000-8000-000000000001";
        let answer = |media| Some(Errand::Answer { message: message.parse().expect("an id"), media });
        for (name, errand) in [
            ("imports/people/lista.CSV", import("people", "text/csv")),
            ("imports/psuEntries/a.xlsx", import("psuEntries", XLSX)),
            ("imports/psu/../a.csv", None),
            ("imports/a&b/a.csv", None),
            ("imports/people/a.pdf", None),
            ("imports/a.csv", None),
            ("month-statements/2026-05.json", Some(Errand::Post { path: "/month-statements" })),
            ("messages/1.json", Some(Errand::Message { media: JSON })),
            ("messages/1.XML", Some(Errand::Message { media: XML })),
            ("messages/1.xsd", None),
            (&format!("answers/{message}.json"), answer(JSON)),
            (&format!("answers/{message}.xml"), answer(XML)),
            ("answers/1.xml", None),
            ("lists/hours.csv-list", Some(Errand::List { accept: "text/csv", ending: "csv" })),
            ("lists/hours.txt", None),
            ("other/a.json", None),
            ("a", None),
        ] {
            assert_eq!(Errand::of(Path::new(name)), errand, "{name}");
        }
        assert_eq!(receipt_name(Path::new("imports/people/a.csv")), Path::new("imports/people/a.csv.receipt.json"));
    }
}
