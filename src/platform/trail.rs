//! What a transaction tells of itself to the access register and to other systems.

use serde_json::Value;
use uuid::Uuid;

/// What a transaction leaves behind about itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    pub record_kind: Option<&'static str>,
    pub record_ids: Vec<Uuid>,
    pub events: Vec<Event>,
    pub override_reason: Option<String>,
    pub purpose: Option<String>,
}

/// Something that happened, for other systems.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub aggregate_kind: &'static str,
    pub aggregate_id: Uuid,
    pub kind: &'static str,
    pub data: Value,
}
