//! Messages as XML: which elements and operations there are, and the published schema.

use actix_web::get;
use actix_web::web::Data;

use super::payload::MessagePayload;
use crate::platform::body::PathId;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::FileReply;
use crate::platform::routes::ServiceConfig;
use crate::platform::xml::{Choice, Dialect, Interchange, MEDIA_TYPE};

/// What of the exchange is written as XML; types and bounds are those of the contract.
pub const XML: Dialect = Dialect {
    namespace: "urn:pai:exchange:1",
    version: 1,
    about: "Messages between a town and a labour office. The element of the payload is named as the kind of the message. Written from the types of the JSON interface: the same fields, the same bounds.",
    roots: &[
        ("newMessage", "MessageBody"),
        ("message", "MessageDetailView"),
        ("messageHead", "MessageView"),
        ("subjects", "NamedSubjectsView"),
        ("step", "MessageStepBody"),
        ("answer", "AnswerBody"),
        ("answeredMessage", "AnsweredView"),
    ],
    lists: &[("messages", "messageHead", "MessageView"), ("messageSteps", "messageStep", "MessageStepView")],
    items: &[
        ("effects", "effect"),
        ("erasedSubjectIds", "erasedSubjectId"),
        ("needs", "need"),
        ("people", "person"),
        ("proposalIds", "proposalId"),
        ("proposals", "proposal"),
        ("records", "record"),
        ("refused", "record"),
    ],
    choices: &[Choice { schema: "MessagePayload", by: "kind", alternatives: payloads }],
    operations: &[
        "create_message",
        "list_messages",
        "list_message_steps",
        "get_message",
        "get_message_subjects",
        "send_message",
        "receive_message",
        "answer_message",
        "settle_message",
        "discard_message",
    ],
};

fn payloads() -> Vec<(&'static str, String)> {
    MessagePayload::schemas().into_iter().map(|(kind, schema)| (kind.as_str(), schema)).collect()
}

/// Answers the schema (XSD 1.0) by which messages are written as XML
///
/// Needs no token. It is written from the types of this contract: the same fields with the same bounds, and for each kind
/// of message an element of its own.
#[utoipa::path(tag = "exchange-schemas",
    params(("version" = u32, Path, description = "Version of the schema", example = 1, minimum = 1, maximum = 1000)),
    responses((status = 200, description = "The schema", content((String = "application/xml")))))]
#[get("/exchange-schemas/{version}")]
async fn get_exchange_schema(version: PathId<u32>, interchange: Data<Interchange>) -> Result<FileReply, Problem> {
    let schema = interchange.schema(version.0).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    Ok(FileReply { media: MEDIA_TYPE, name: format!("exchange-{}.xsd", version.0), content: schema.as_bytes().to_vec() })
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_exchange_schema);
}
