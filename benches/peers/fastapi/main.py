"""FastAPI with asyncpg: uvicorn with a process per processor, pydantic at the edge, SQL in the handlers."""

import hashlib
import hmac
import json
import os
import time
import urllib.request
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
import jwt
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic.alias_generators import to_camel

import sql
from bodies import EntryBody, PageQuery, SheetBody


class Refusal(Exception):
    def __init__(self, status, code, **more):
        self.status, self.content = status, {"status": status, "code": code, **more}


@asynccontextmanager
async def lifespan(app):
    with urllib.request.urlopen(os.environ["JWKS"]) as answer:
        app.state.key = jwt.PyJWK(json.load(answer)["keys"][0]).key
    app.state.verified, app.state.clients = {}, {}
    size = int(os.environ["POOL"])
    async with asyncpg.create_pool(min_size=size, max_size=size) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.exception_handler(Refusal)
async def refuse(request, refusal):
    return JSONResponse(refusal.content, refusal.status, media_type="application/problem+json")


@app.exception_handler(RequestValidationError)
async def refuse_invalid(request, error):
    return await refuse(request, Refusal(422, "platform.invalid_field"))


def claims_of(authorization):
    """A verified token is remembered until it expires, because a signature check costs more than a look-up."""
    token = authorization.removeprefix("Bearer ")
    claims = app.state.verified.get(token)
    if claims is None:
        try:
            claims = jwt.decode(token, app.state.key, algorithms=["EdDSA"], audience="pai", issuer="pai", options={"require": ["exp", "sub"]})
        except jwt.InvalidTokenError:
            raise Refusal(401, "platform.unauthenticated") from None
        if len(app.state.verified) > 4096:
            app.state.verified.clear()
        app.state.verified[token] = claims
    if claims["exp"] <= time.time():
        raise Refusal(401, "platform.unauthenticated")
    return claims


def permit(*roles):
    async def check(authorization: Annotated[str, Header()] = ""):
        subject = claims_of(authorization)["sub"]
        known = app.state.clients.get(subject)
        if known is None or known[1] < time.monotonic() - 20:
            row = await app.state.pool.fetchrow(sql.CLIENT, subject)
            if row is None or row["revoked_at"]:
                raise Refusal(401, "platform.unauthenticated")
            app.state.clients[subject] = known = (row, time.monotonic())
        if known[0]["role"] not in roles:
            raise Refusal(403, "platform.forbidden")
        return known[0]

    return Depends(check)


HOUR_LOGGER = permit("coordinator", "social_worker", "host_supervisor")
HOUR_READER = permit("coordinator", "social_worker", "family_assistant", "host_supervisor", "auditor")
CLASS_LEADER = permit("coordinator", "social_worker", "facilitator")
FIGURE_READER = permit("administrator", "coordinator", "social_worker", "family_assistant", "auditor", "statistician")


@asynccontextmanager
async def transaction(caller, readonly=False):
    async with app.state.pool.acquire() as db, db.transaction(readonly=readonly):
        await db.execute(sql.CONTEXT, str(caller["tenant_id"]), str(caller["id"]))
        yield db


async def write(request, caller, work):
    """The key first, then the work, then audit row, event and stored answer."""
    raw, key = await request.body(), request.headers.get("idempotency-key")
    async with transaction(caller) as db:
        if key:
            digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + raw).digest()
            if await db.execute(sql.TAKE_KEY, key, digest) == "INSERT 0 0":
                first = await db.fetchrow(sql.FIRST_ANSWER, caller["tenant_id"], caller["id"], key)
                if first["request_hash"] != digest:
                    raise Refusal(422, "platform.idempotency_key_reused")
                return Response(first["body"], first["status"], {"Idempotent-Replayed": "true"}, "application/json")
        done = await work(db)
        body = JSONResponse(done["answer"]).body
        await db.execute(
            sql.FINISH, uuid4(), done["operation"], caller["role"], done["kind"], done["record"], list(json.loads(raw)), uuid4(),
            uuid4(), *done["aggregate"], done["event"], json.dumps([done["data"]]), key, done["status"], done.get("location"), done.get("etag"), body,
        )
    headers = {"Location": done.get("location"), "ETag": done.get("etag")}
    return Response(body, done["status"], {name: value for name, value in headers.items() if value}, "application/json")


def to_minutes(hours):
    return round(float(hours) * 60)


def to_hours(minutes):
    return f"{minutes // 60}.{minutes % 60 * 100 // 60:02}"


def view(row):
    """A row as JSON has it: camel case, hours instead of minutes."""
    shown = {to_camel(name): value if value is None or isinstance(value, str) else str(value) for name, value in row.items() if name != "minutes"}
    shown.update({name: row[column].isoformat() for column, name in (("recorded_at", "recordedAt"), ("superseded_at", "supersededAt")) if row[column]})
    return shown | {"hours": to_hours(row["minutes"])}


@app.get("/health/ready")
async def ready():
    return {"status": "ok"}


@app.post("/api/v1/psu-entries")
async def record_psu_entry(request: Request, body: EntryBody, caller=HOUR_LOGGER):
    async def work(db):
        minutes = to_minutes(body.hours)
        if minutes == 0:
            raise Refusal(422, "platform.invalid_body")
        if caller["role"] == "host_supervisor" and caller["host_id"] != body.host_id:
            raise Refusal(422, "platform.reference_not_found")
        terms = await db.fetchrow(sql.TERMS, caller["tenant_id"], body.participation_id, body.worked_on)
        if terms is None:
            raise Refusal(422, "platform.reference_not_found")
        if not terms["starts_on"] <= body.worked_on <= terms["ends_on"] or terms["rests"]:
            raise Refusal(422, "participation.outside_period")
        limit = to_minutes(terms["weekly_limit"] or "168.00")
        if minutes > limit or await db.execute(sql.BOOK_WEEK, terms["person_id"], body.worked_on, minutes, limit) == "INSERT 0 0":
            raise Refusal(422, "participation.psu_weekly_limit", limitHours=to_hours(limit))
        row = await db.fetchrow(
            sql.INSERT_ENTRY, body.id or uuid4(), terms["edition_id"], body.participation_id, terms["person_id"], body.host_id, body.worked_on, minutes, body.kind_of_work
        )
        answer = view(row)
        data = {"psuEntryId": answer["id"], **{name: answer[name] for name in ("participationId", "editionId", "workedOn", "supersedesId")}}
        return {
            "answer": answer, "status": 201, "location": f"/api/v1/psu-entries/{row['id']}", "operation": "record_psu_entry", "kind": "psuEntry",
            "record": row["id"], "aggregate": ("participation", row["participation_id"]), "event": "psu_entry.recorded", "data": data,
        }

    return await write(request, caller, work)


@app.get("/api/v1/psu-entries/{id}")
async def get_psu_entry(id: UUID, caller=HOUR_READER):
    async with transaction(caller, readonly=True) as db:
        row = await db.fetchrow(sql.ENTRY, caller["tenant_id"], id)
    if row is None or (caller["role"] == "host_supervisor" and caller["host_id"] != row["host_id"]):
        raise Refusal(404, "platform.not_found")
    return JSONResponse(view(row))


@app.get("/api/v1/psu-entries")
async def list_psu_entries(query: Annotated[PageQuery, Query()], caller=HOUR_READER):
    def sign(after):
        return hmac.new(os.environ["CURSOR_KEY"].encode(), f"{after} {query.edition_id} {caller['id']}".encode(), "sha256").hexdigest()

    after, _, tag = (query.cursor or "").partition(".")
    if query.cursor and not hmac.compare_digest(sign(after), tag):
        raise Refusal(400, "platform.invalid_parameter")
    async with transaction(caller, readonly=True) as db:
        rows = await db.fetch(sql.PAGE, caller["tenant_id"], UUID(after) if after else UUID(int=0), query.edition_id, query.limit + 1)
    page = {"items": [view(row) for row in rows[: query.limit]]}
    if len(rows) > query.limit:
        last = page["items"][-1]["id"]
        page["nextCursor"] = f"{last}.{sign(last)}"
    return JSONResponse(page)


@app.put("/api/v1/sessions/{id}/attendance")
async def record_attendance(request: Request, id: UUID, body: SheetBody, caller=CLASS_LEADER):
    async def work(db):
        session = await db.fetchrow(sql.BEGIN_SHEET, caller["tenant_id"], id)
        if session is None:
            raise Refusal(404, "platform.not_found")
        if session["version"] > 1:
            raise Refusal(428, "platform.precondition_required")
        expected = [row["id"] for row in await db.fetch(sql.EXPECTED, caller["tenant_id"], session["edition_id"], session["held_on"])]
        if sorted(row.participation_id for row in body.rows) != expected:
            raise Refusal(422, "participation.sheet_incomplete")
        minutes = [to_minutes(row.hours) if row.hours else session["minutes"] if row.status == "present" else 0 for row in body.rows]
        rows = await db.fetch(
            sql.INSERT_SHEET, id, session["edition_id"], [uuid4() for _ in body.rows], [row.participation_id for row in body.rows],
            [row.status for row in body.rows], minutes, [row.reason_class for row in body.rows],
        )
        version = session["version"]
        answer = {"sessionId": str(id), "version": version, "recorded": True, "expected": [str(one) for one in expected], "rows": [view(row) for row in rows]}
        data = {"sessionId": str(id), "editionId": str(session["edition_id"]), "heldOn": str(session["held_on"]), "version": version}
        return {
            "answer": answer, "status": 200, "etag": f'"{version}"', "operation": "record_attendance", "kind": "session", "record": id,
            "aggregate": ("session", id), "event": "attendance.recorded", "data": data,
        }

    return await write(request, caller, work)


@app.get("/api/v1/editions/{id}/figures")
async def get_edition_figures(id: UUID, caller=FIGURE_READER):
    async with transaction(caller, readonly=True) as db:
        row = await db.fetchrow(sql.FIGURES, caller["tenant_id"], id)
    if row is None:
        raise Refusal(404, "platform.not_found")

    def figure(definition, value, numerator=None, denominator=None):
        return {"definitionId": definition, "value": value, "numerator": numerator or value, "denominator": denominator}

    rate = f"{row['attended'] / row['scheduled']:.6f}"
    return JSONResponse({"editionId": str(id), "figures": [
        figure("M-06", row["started"]),
        figure("M-13.attendance_rate", rate, to_hours(row["attended"]), to_hours(row["scheduled"])),
        figure("M-14.delivery_hours", to_hours(row["delivered"])),
        figure("M-15.psu_hours", to_hours(row["worked"])),
    ]})
