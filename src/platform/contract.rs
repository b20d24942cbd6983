//! What the service reads off its contract when it starts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use actix_web::web::Data;
use serde_json::Value;

use super::accept::OtherMedia;
use super::export::Lists;
use super::openapi::{operations, path_matches, query_parameters};
use super::swagger_ui::Shown;
use super::xml::{Dialect, Interchange};

/// What has been read; the tree takes many times the memory and is not kept.
pub struct Contract {
    /// Query parameters that each operation knows.
    pub(crate) parameters: Arc<HashMap<String, HashSet<String>>>,
    /// What each list looks like as a file.
    pub(crate) lists: Arc<Lists>,
    /// The operations as XML.
    pub interchange: Data<Interchange>,
    /// The operations that answer something else than JSON.
    pub other_media: Data<OtherMedia>,
    /// The contract as it is shown.
    pub shown: Data<Shown>,
    /// The methods of each path.
    pub methods: Methods,
}

impl Contract {
    /// Reads all of it.
    pub fn of(document: &Value, dialect: &Dialect) -> Self {
        let interchange = Interchange::of(document, dialect);
        Self {
            parameters: Arc::new(query_parameters(document)),
            lists: Arc::new(Lists::of(document, &interchange)),
            interchange: Data::new(interchange),
            other_media: Data::new(OtherMedia::of(document)),
            shown: Data::new(Shown::new(document)),
            methods: Methods::of(document),
        }
    }
}

/// The methods of each path of the contract.
pub struct Methods(Vec<(String, String)>);

impl Methods {
    fn of(document: &Value) -> Self {
        Self(operations(document).map(|(path, method, _)| (path.to_owned(), method.to_uppercase())).collect())
    }

    /// The methods that a path has, as `Allow` lists them; none where the contract has no such path.
    pub fn allowed(&self, path: &str) -> Option<String> {
        let methods = self.0.iter().filter(|(template, _)| path_matches(template, path)).map(|(_, method)| method.as_str());
        Some(methods.collect::<Vec<_>>().join(", ")).filter(|methods| !methods.is_empty())
    }
}
