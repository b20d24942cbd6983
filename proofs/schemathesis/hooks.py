"""What the judge must know about this service, and checks of its own.

Loaded by schemathesis through schemathesis.toml.
"""

import json
import os
import pathlib

import schemathesis
from schemathesis.generation import GenerationMode

# Revoking the clients that call would end the run; each of these ids becomes one that nobody has.
PROTECTED = set(filter(None, os.environ.get("PAI_FUZZ_CLIENT_IDS", "").split(",")))
NOBODY = "01900000-0000-7000-8000-00000000dead"

# Parameters whose value a schema cannot tell to be right, with the reason.
OPAQUE_PARAMETERS = {
    "cursor": "belongs to one list, filter and caller",
    "asOf": "is a day or an instant that there was",
    "institutionId": "is the other side, never one's own",
    "definitionId": "some definitions exist for editions only, or for programmes only",
    "week": "is given alone, or from and to are",
    "from": "is given with to",
    "to": "is given with from, and is not before it",
    "by": "is given with group, for a breakdown that the figure has",
    "group": "is given with by",
    "": "filters that exclude each other",
    **dict.fromkeys(("until", "reason", "fromGroupId", "groupId", "fromPostId", "postId"), "belongs to one kind of change"),
}
# What a schema cannot say of a field: the address it must agree with, check digits, the calendar, and the size
# of a number that is a string because it must be exact.
BEYOND_SCHEMA = (
    "is not the id of the path",
    "is named twice",
    "is given twice",
    "has a wrong check digit",
    "does not contain a calendar date",
    "must be a day (2020-11-02) or an instant in RFC 3339 (2020-11-02T08:00:00Z)",
    "must be more than zero",
    "must be more than zero and at most 24 hours",
    "must not end before it starts",
)


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.path_parameters or {}
    if case.operation.path == "/api/v1/clients/{id}/revocation" and str(path.get("id")).lower() in PROTECTED:
        case.path_parameters["id"] = NOBODY


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(context, value):
    """A file of lines as it is, and whatever else was thought of as one line."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", errors="replace")


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


def is_whole_float(body, pointer):
    """Whether the field is a number such as 4.0: JSON Schema calls it an integer, most parsers do not."""
    for part in pointer.split("/")[1:]:
        try:
            body = body[int(part)] if isinstance(body, list) else body[part.replace("~1", "/").replace("~0", "~")]
        except (KeyError, IndexError, TypeError, ValueError):
            return False
    return isinstance(body, float) and body.is_integer()


@schemathesis.check
def refused_for_a_reason(ctx, response, case):
    """A request that fits the schema is refused for a rule of the field, never for its form."""
    if not is_positive(case) or response.status_code not in (400, 422):
        return
    problem = response.json()
    for error in problem.get("errors", []):
        if response.status_code == 400:
            # What has the look of a PESEL is kept out of every address; no schema can say what looks like one.
            of_pesel = error["code"] == "platform.pesel_in_text"
            accepted = of_pesel or (error["code"] == "platform.invalid_parameter" and error["pointer"] in OPAQUE_PARAMETERS)
        else:
            # Where a rule has a problem of its own, its fields are wrong together, as no schema of one of them can say.
            of_form = problem["code"] == "platform.invalid_body" and error["code"] in ("platform.invalid_field", "platform.unknown_field")
            # The schema of a payload follows from the kind of its message.
            of_kind = case.operation.label == "POST /api/v1/messages" and error["pointer"].startswith("/payload/")
            beyond = error["message"].endswith(BEYOND_SCHEMA) or is_whole_float(case.body, error["pointer"])
            # The form of XML is that of the published schema (XSD), of which OpenAPI says nothing.
            of_xml = case.media_type == "application/xml"
            accepted = not of_form or of_kind or beyond or of_xml
        if not accepted:
            raise AssertionError(f"the schema allows what the service refuses: {error}")
    if response.status_code == 400 and not problem.get("errors"):
        raise AssertionError(f"400 without a reason: {problem}")


@schemathesis.check
def problems_are_whole(ctx, response, case):
    """Every refusal is a problem document that says which request it belongs to."""
    if response.status_code < 400:
        return
    if response.headers.get("content-type") != ["application/problem+json"]:
        raise AssertionError(f"{response.status_code} as {response.headers.get('content-type')}")
    problem = response.json()
    if problem["status"] != response.status_code:
        raise AssertionError(f"status {problem['status']} in the body of a {response.status_code}")
    if problem["type"] != f"/api/v1/errors/{problem['code']}":
        raise AssertionError(f"type {problem['type']} of code {problem['code']}")
    if [problem["requestId"]] != response.headers.get("x-request-id"):
        raise AssertionError(f"requestId {problem['requestId']} beside X-Request-Id {response.headers.get('x-request-id')}")
    if response.status_code in (429, 503) and "retry-after" not in response.headers:
        raise AssertionError(f"{response.status_code} without Retry-After")


@schemathesis.check
def answers_name_their_version(ctx, response, case):
    """Every answer carries API-Version, X-Request-Id and traceparent."""
    for name in ("api-version", "x-request-id", "traceparent"):
        if name not in response.headers:
            raise AssertionError(f"no header {name}")


@schemathesis.check
class WhatSucceeded:
    """Notes which operations were answered with a success; a judge that is refused everywhere has seen nothing."""

    def __init__(self):
        self.succeeded = set()

    def after_response(self, ctx, response, case):
        if response.status_code < 300:
            self.succeeded.add(case.operation.definition.raw["operationId"])

    def after_run(self, ctx):
        pathlib.Path(os.environ["PAI_FUZZ_SUCCEEDED"]).write_text("\n".join(sorted(self.succeeded)))
