//! An answer that says the same whenever it is given, but for the moment for which it is given.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::problem::{Problem, catalogue};
use super::reply::{Reply, to_json};
use super::secrets::digest_hex;

/// JSON without the moments that stand in it, and the tag of all the rest.
///
/// It is kept compressed: figures say much with the same words, so that the answers of a whole town take the room of a few.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Timeless {
    compressed: Box<[u8]>,
    /// Where the moments stand in what was compressed, which is without them.
    cuts: Box<[usize]>,
    /// How long that is. **Units**: bytes.
    length: usize,
    /// The moment, where it is a past one and does not move.
    past: Option<DateTime<Utc>>,
    tag: String,
}

impl Timeless {
    /// What a view is made with in place of the moment.
    pub const MOMENT: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// Cuts a view that was made with [`Self::MOMENT`] as its `asOf`, wherever that stands.
    ///
    /// # Errors
    /// When the view cannot be written as JSON.
    pub fn of(view: &impl Serialize, past: Option<DateTime<Utc>>) -> Result<Self, Problem> {
        let json = String::from_utf8(to_json(view)?).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
        // No text of a caller looks like that: within a text of JSON each quotation mark bears a backslash.
        let member = format!("\"asOf\":{}", moment_in_json(Self::MOMENT));
        let cut = member.len();
        let cuts: Box<[usize]> =
            json.match_indices(&member).enumerate().map(|(before, (place, _))| place - before * cut).collect();
        let text = json.replace(&member, "");
        let compressed = lz4_flex::block::compress(text.as_bytes()).into_boxed_slice();
        Ok(Self { compressed, cuts, length: text.len(), past, tag: digest_hex(json.as_bytes()) })
    }

    /// The answer given now, and with it for this moment unless it is for a past one; its tag is the same for all.
    ///
    /// # Errors
    /// When what was compressed is damaged.
    pub fn at(&self, now: DateTime<Utc>) -> Result<Reply, Problem> {
        let text = lz4_flex::block::decompress(&self.compressed, self.length)
            .map_err(|error| catalogue::INTERNAL.problem().because(error))?;
        let member = format!("\"asOf\":{}", moment_in_json(self.past.unwrap_or(now)));
        let mut body = Vec::with_capacity(text.len() + self.cuts.len() * member.len());
        let mut start = 0;
        for cut in &self.cuts {
            body.extend_from_slice(&text[start..*cut]);
            body.extend_from_slice(member.as_bytes());
            start = *cut;
        }
        body.extend_from_slice(&text[start..]);
        Ok(Reply::repeatable(body, &self.tag))
    }

    /// **Units**: bytes.
    pub fn size(&self) -> usize {
        self.tag.len() + self.compressed.len() + size_of_val(&*self.cuts)
    }
}

/// A moment as views write it.
fn moment_in_json(moment: DateTime<Utc>) -> String {
    serde_json::json!(moment).to_string()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_moment_is_filled_in_and_nothing_that_only_looks_like_one() {
        let named = r#""asOf":"1970-01-01T00:00:00Z""#;
        let view = |moment: DateTime<Utc>| json!({ "asOf": moment, "named": named, "inner": [{ "asOf": moment }, { "since": Timeless::MOMENT }] });
        let answer = Timeless::of(&view(Timeless::MOMENT), None).expect("an answer");
        assert_eq!(answer.cuts.len(), 2);
        for micros in [0, 1, 1_606_000_000_000_000, 1_606_000_000_123_456] {
            let moment = Timeless::MOMENT + TimeDelta::microseconds(micros);
            let reply = answer.at(moment).expect("an answer");
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&reply.body).expect("JSON"), view(moment));
            assert_eq!(reply.etag, answer.at(Timeless::MOMENT).expect("an answer").etag);
        }
    }
}
