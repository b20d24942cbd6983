//! A list as one document, record by record.

use std::sync::Arc;

use serde_json::Value;

use super::vocabulary::{Content, Vocabulary};
use super::writing::{DECLARATION, element};
use crate::platform::problem::{Problem, catalogue};

/// What a list looks like as XML.
#[derive(Debug)]
pub(crate) struct ListAsXml {
    vocabulary: Arc<Vocabulary>,
    list: &'static str,
    record: &'static str,
    content: Content,
}

impl ListAsXml {
    pub(super) fn of(vocabulary: Arc<Vocabulary>, (list, record, schema): &(&'static str, &'static str, &'static str)) -> Self {
        Self { vocabulary, list, record, content: Content::Named((*schema).to_owned()) }
    }

    /// What stands before the first record.
    pub(crate) fn head(&self) -> String {
        format!("{DECLARATION}<{} xmlns=\"{}\">\n", self.list, self.vocabulary.namespace)
    }

    /// A record.
    ///
    /// # Errors
    /// `platform.internal` when the record is not what the contract says.
    pub(crate) fn record(&self, record: &Value) -> Result<String, Problem> {
        element(&self.vocabulary, self.record, &self.content, record)
            .map_err(|error| catalogue::INTERNAL.problem().because(error))
    }

    /// What stands after the last record.
    pub(crate) fn foot(&self) -> String {
        format!("</{}>\n", self.list)
    }
}
