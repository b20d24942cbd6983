//! Cursor paging: stable order by id, the cursor bound to filter and caller.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::hint::Hint;
use super::keys::KeyList;
use super::permit::invalid_parameter;
use super::problem::Problem;

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 200;

/// The paging part of every list's query.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Records per page.
    #[param(minimum = 1, maximum = 200, default = 50, format = Int32)]
    pub limit: Option<i64>,
    /// Where the page before ended: `nextCursor` of its answer.
    #[param(max_length = 200)]
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<V> {
    /// The records, ordered by id.
    #[schema(max_items = 200)]
    pub items: Vec<V>,
    /// Send as `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub next_cursor: Option<String>,
}

/// Where to read from and how much, after the cursor has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Records after this id.
    pub after: Uuid,
    /// Records per page.
    pub limit: i64,
}

impl Window {
    /// How many rows to ask for: one more than the page, to see whether there is a next one.
    pub fn rows(self) -> i64 {
        self.limit + 1
    }
}

/// Signs cursors, so that one works only with the filter and the caller it was made for.
pub(crate) struct Cursors(RwLock<Arc<[hmac::Key]>>);

impl Cursors {
    /// Seals with the first key and opens with any.
    pub(crate) fn new(keys: &KeyList) -> Self {
        Self(RwLock::new(cursor_keys(keys)))
    }

    /// Takes the keys of a changed ring.
    pub(crate) fn renew(&self, keys: &KeyList) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = cursor_keys(keys);
    }

    fn keys(&self) -> Arc<[hmac::Key]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the window of a list request; `context` is its filter and caller.
    pub(crate) fn window(&self, limit: Option<i64>, cursor: Option<&str>, context: &[u8]) -> Result<Window, Problem> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(invalid_limit());
        }
        let after = match cursor {
            None => Uuid::nil(),
            Some(cursor) => self.open(cursor, context).ok_or_else(|| {
                invalid_parameter(
                    "cursor",
                    Hint::new("nie należy do tej listy, filtra i klienta", "is not of this list, filter and caller"),
                )
            })?,
        };
        Ok(Window { after, limit })
    }

    /// The page of the rows read, with the cursor of the next one.
    pub(crate) fn page<V>(&self, mut items: Vec<V>, window: Window, context: &[u8], id: impl Fn(&V) -> Uuid) -> Page<V> {
        let wanted = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let next_cursor = (items.len() > wanted).then(|| {
            items.truncate(wanted);
            items.last().map(|last| self.seal(id(last), context))
        });
        Page { items, next_cursor: next_cursor.flatten() }
    }

    fn seal(&self, id: Uuid, context: &[u8]) -> String {
        let mut bytes = id.as_bytes().to_vec();
        bytes.extend_from_slice(&tag(&self.keys()[0], id, context).as_ref()[..16]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, cursor: &str, context: &[u8]) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().filter(|bytes| bytes.len() == 32)?;
        let id = Uuid::from_slice(&bytes[..16]).ok()?;
        let fits = |key: &hmac::Key| tag(key, id, context).as_ref()[..16] == bytes[16..];
        self.keys().iter().any(fits).then_some(id)
    }
}

fn cursor_keys(keys: &KeyList) -> Arc<[hmac::Key]> {
    keys.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.expose())).collect()
}

fn tag(key: &hmac::Key, id: Uuid, context: &[u8]) -> hmac::Tag {
    let mut signing = hmac::Context::with_key(key);
    signing.update(id.as_bytes());
    signing.update(context);
    signing.sign()
}

/// A number of records per page that is none, or out of bounds.
pub(crate) fn invalid_limit() -> Problem {
    invalid_parameter("limit", Hint::whole_number(1, MAX_LIMIT))
}
