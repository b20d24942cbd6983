#!/usr/bin/env python3
"""No town learns of another, seen from outside with nothing but the OpenAPI document and the demonstration's clients.

Everything that the clients of a town can list is gathered; then the other town's clients of every role try those ids, at
random, wherever the document lets an id stand: in paths, queries and bodies, also as the id of a new record. The answer must
be that for an id which nobody has, and no answer or header may hold an id of the town that was not asked with. PAI_CALLS
sets how many pairs of calls each direction gets.
"""

import collections
import concurrent.futures
import copy
import http.client
import json
import os
import re
import threading
import uuid

import support
from support import DICE, SEED, say

CALLS = int(os.environ.get("PAI_CALLS", "3000"))
SENDERS = 4
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
SECRET = re.compile(r'"clientSecret": "[^"]*"')
# The address of a calendar is a secret of its own, another for each call.
CALENDAR = re.compile(r"/calendar/[\w-]+\.ics")
OF_THE_CALL = {"connection", "date", "x-request-id", "traceparent", "content-length"}
#: Reference data that every town may read.
SHARED = {"get_institution", "update_institution"}
LOCAL = threading.local()


class Town:
    """A tenant's clients by role, with their tokens."""

    def __init__(self, service, tenant, clients):
        self.tenant = tenant
        self.tokens = {client["role"]: service.token(client) for client in clients}
        self.ids = {client["clientId"] for client in clients}


def send(service, token, method, path, body=None, headers=None):
    """One call on this thread's connection; answers status, comparable headers and the body as text."""
    for _ in range(50):
        if not hasattr(LOCAL, "connection"):
            LOCAL.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=15)
        try:
            status, answered, parsed = service.call(method, path, body, token, headers, connection=LOCAL.connection)
        except (http.client.HTTPException, OSError):
            LOCAL.connection.close()
            del LOCAL.connection
            continue
        if status != 503:
            kept = {name: value for name, value in answered.items() if name not in OF_THE_CALL}
            request_id = answered.get("x-request-id", "")
            text = json.dumps([kept, parsed if isinstance(parsed, (dict, list)) else str(parsed)], sort_keys=True, ensure_ascii=False)
            return status, text.replace(request_id, "(request)") if request_id else text
    support.fail(f"{method} {path} is not answered")


def resolve(document, part):
    while isinstance(part, dict) and "$ref" in part:
        target = document
        for name in part["$ref"].lstrip("#/").split("/"):
            target = target[name.replace("~1", "/").replace("~0", "~")]
        part = target
    return part


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete") and operation.get("security") != []:
                yield path, method.upper(), operation


def body_slots(document, schema, example, at=()):
    """Where ids can stand in a body."""
    schema = resolve(document, schema)
    for option in [part for keyword in ("oneOf", "anyOf", "allOf") for part in schema.get(keyword, [])]:
        yield from body_slots(document, option, example, at)
    if schema.get("format") == "uuid":
        yield at
    for name, member in schema.get("properties", {}).items():
        inner = example.get(name) if isinstance(example, dict) else None
        yield from body_slots(document, member, inner, (*at, name))
    if "items" in schema:
        first = example[0] if isinstance(example, list) and example else None
        yield from body_slots(document, schema["items"], first, (*at, 0))


def put(body, slot, value):
    """The body with a value in a slot; what is missing on the way is made."""
    body = copy.deepcopy(body)
    holder = body
    for name, following in zip(slot, slot[1:]):
        empty = [] if following == 0 else {}
        if name == 0:
            if not holder:
                holder.append(empty)
            holder[0] = holder[0] if isinstance(holder[0], (dict, list)) else empty
            holder = holder[0]
        else:
            holder[name] = holder[name] if isinstance(holder.get(name), (dict, list)) else empty
            holder = holder[name]
    if slot[-1] == 0:
        holder[:1] = [value]
    else:
        holder[slot[-1]] = value
    return body


class Slot:
    """An operation and one place in its requests for an id."""

    def __init__(self, document, path, method, operation, where, name):
        self.path, self.method, self.operation, self.where, self.name = path, method, operation, where, name
        parameters = [resolve(document, parameter) for parameter in operation.get("parameters", [])]
        self.path_examples = {p["name"]: str(p.get("example", uuid.UUID(int=0))) for p in parameters if p["in"] == "path"}
        self.query = {p["name"]: str(p["example"]) for p in parameters if p["in"] == "query" and "example" in p}
        if any(p["name"] == "dryRun" for p in parameters):
            self.query["dryRun"] = "true"
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        schema = resolve(document, media["schema"]) if media else {}
        examples = [(media or {}).get("example"), schema.get("example"), *schema.get("examples", [])]
        self.body = next((example for example in examples if example is not None), {}) if media else None

    def call(self, service, token, given, own_ids, spare):
        """Calls with an id in the slot; a path id of the document's that is not the caller's gives way to a spare one."""
        path_ids, query, body = dict(self.path_examples), dict(self.query), self.body
        for name, value in path_ids.items():
            if ID.fullmatch(value) and value not in own_ids:
                path_ids[name] = spare
        if self.where == "path":
            path_ids[self.name] = given
        elif self.where == "query":
            query[self.name] = given
        else:
            body = put(body, self.name, given)
        path = self.path.format(**path_ids)
        if query:
            path += "?" + "&".join(f"{name}={value}" for name, value in query.items())
        headers = {"Pai-Purpose": "recruitment"}
        if self.method == "PUT":
            headers["If-Match"] = '"1"'
        status, text = send(service, token, self.method, path, body, headers)
        return status, text, f"{path} {json.dumps(body)}"


def slots(document):
    for path, method, operation in operations(document):
        if operation["operationId"] in SHARED:
            continue
        for parameter in (resolve(document, parameter) for parameter in operation.get("parameters", [])):
            if resolve(document, parameter["schema"]).get("format") == "uuid" and parameter["in"] in ("path", "query"):
                yield Slot(document, path, method, operation, parameter["in"], parameter["name"])
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if media:
            example = Slot(document, path, method, operation, "body", ()).body
            for place in dict.fromkeys(body_slots(document, media["schema"], example)):
                yield Slot(document, path, method, operation, "body", place)


def gather(service, document, town):
    """Every id that the town's clients can list, to the last page."""
    found, calls, waiting, seen = set(town.ids), 0, collections.deque(), set()
    lists = [(path, operation) for path, method, operation in operations(document) if method == "GET"]
    waiting.extend((path, role) for path, _ in lists if "{" not in path for role in town.tokens)
    nested = [path for path, _ in lists if path.endswith("}") is False and path.count("{") == 1]
    while waiting:
        path, role = waiting.popleft()
        if (path, role) in seen:
            continue
        seen.add((path, role))
        joint = "&" if "?" in path else "?"
        target = path if "cursor=" in path or "limit" in path else f"{path}{joint}limit=200"
        status, text = send(service, town.tokens[role], "GET", target)
        if status == 400:
            status, text = send(service, town.tokens[role], "GET", path)
        calls += 1
        if status != 200:
            continue
        found.update(ID.findall(text))
        page = json.loads(text)[1]
        if isinstance(page, dict) and page.get("nextCursor"):
            waiting.append((f"{path.split('?')[0]}?limit=200&cursor={page['nextCursor']}", role))
        if isinstance(page, dict) and "{" not in path and role in ("coordinator", "auditor"):
            base = path.split("?")[0]
            for item in page.get("items", []):
                for inner in nested:
                    if isinstance(item, dict) and inner.startswith(f"{base}/{{") and ID.fullmatch(str(item.get("id"))):
                        waiting.append((re.sub(r"\{\w+\}", item["id"], inner), role))
    return found, calls


def comparable(text, sent, known):
    text = CALENDAR.sub("/calendar/(new).ics", SECRET.sub('"clientSecret": "…"', text))
    text = INSTANT.sub("(instant)", text).replace(sent, "(sent)")
    return ID.sub(lambda match: match.group() if match.group() in known else "(new)", text)


def attack(service, places, attacker, secrets, known):
    """Tries ids of the other town; answers how many calls and the findings."""
    targets, own, roles = sorted(secrets), sorted(attacker.ids), sorted(attacker.tokens)

    def step(place, role):
        return place, role, DICE.choice(targets), str(uuid.UUID(int=DICE.getrandbits(128), version=4)), DICE.choice(own)

    # Every place is tried by every role at least once, whatever the dice say.
    plan = [step(place, role) for place in places for role in roles]
    plan += [step(DICE.choice(places), DICE.choice(roles)) for _ in range(CALLS)]
    statuses, findings = collections.Counter(), []

    def one(step):
        place, role, foreign, missing, spare = step
        name = place.operation["operationId"]
        status, text, sent = place.call(service, attacker.tokens[role], foreign, attacker.ids, spare)
        other_status, other_text, _ = place.call(service, attacker.tokens[role], missing, attacker.ids, spare)
        statuses[status] += 1
        told = {told for told in ID.findall(text) if told in secrets and told not in sent}
        if told:
            findings.append(f"{name} as {role}, {place.where} {place.name}: tells {sorted(told)[:3]}")
        if 429 in (status, other_status):
            return
        with_foreign, with_missing = comparable(text, foreign, known), comparable(other_text, missing, known)
        if (status, with_foreign) != (other_status, with_missing):
            at = next((at for at, pair in enumerate(zip(with_foreign, with_missing)) if pair[0] != pair[1]), 0)
            differ = f"{status} {with_foreign[max(at - 80, 0):at + 200]!r} but {other_status} {with_missing[max(at - 80, 0):at + 200]!r}"
            findings.append(f"{name} as {role}, {place.where} {place.name} = {foreign}: {differ}")

    with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(one, plan))
    return 2 * len(plan), statuses, findings


def main():
    service = support.Service()
    try:
        # A debug build on a busy machine takes its time to load the demonstration.
        service.start(patience=300)
        prove(service)
    finally:
        service.remove()


def prove(service):
    _, _, document = service.call("GET", "/openapi.json")
    by_tenant = collections.defaultdict(list)
    for client in service.credentials():
        by_tenant[client["tenant"]].append(client)
    towns = [Town(service, tenant, clients) for tenant, clients in list(by_tenant.items())[:2]]
    gathered = [gather(service, document, town) for town in towns]
    (first, _), (second, _) = gathered
    common, known = first & second, first | second
    places = list(slots(document))
    say(f"isolation: seed {SEED}, {len({place.operation['operationId'] for place in places})} operations with {len(places)} places for an id")
    say(f"isolation: {len(first - common)} and {len(second - common)} ids of one town only, {len(common)} shared, {sum(calls for _, calls in gathered)} calls to gather them")
    calls, found = 0, []
    for attacker, own, other in ((towns[1], second, first), (towns[0], first, second)):
        attacker.ids = own - common
        sent, statuses, findings = attack(service, places, attacker, other - common, known)
        calls += sent
        found += findings
        say(f"isolation: {sent} calls as {len(attacker.tokens)} roles of {attacker.tenant}: {dict(sorted(statuses.items()))}")
    for finding in found[:10]:
        say(finding)
    if found:
        support.fail(f"{len(found)} leaks in {calls} calls")
    say(f"isolation: {calls} calls, 0 leaks")


if __name__ == "__main__":
    main()
