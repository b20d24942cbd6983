"""Keyed writes of four kinds by many clients, and the comparison of what was acknowledged with what is stored."""

import datetime
import os
import pathlib
import time
import uuid

from clients import Caller, Scene, at_once
from support import fail, say

WEEK = datetime.timedelta(days=7)
# Mondays; every day of such a week lies within the edition and in one month at most once at its edge.
FIRST_MONDAY = datetime.date(2024, 1, 1)
WEEKS = 100
# A quarter of an hour each: forty fill a week of ten hours.
A_WEEK = 40

WRONG = {
    "weeks that are not the sum of their entries": """SELECT count(*) FROM psu_weeks w WHERE used_minutes > limit_minutes OR used_minutes <>
        (SELECT coalesce(sum(minutes), 0) FROM psu_entries e WHERE e.tenant_id = w.tenant_id AND e.person_id = w.person_id
         AND superseded_at IS NULL AND worked_on BETWEEN week_on AND week_on + 6)""",
    "months that are not the sum of their entries": """SELECT count(*) FROM psu_months m WHERE used_minutes > limit_minutes OR used_minutes <>
        (SELECT coalesce(sum(e.minutes), 0) FROM psu_entries e JOIN editions d ON d.tenant_id = e.tenant_id AND d.id = e.edition_id
         WHERE e.tenant_id = m.tenant_id AND e.person_id = m.person_id AND d.agreement_id = m.agreement_id
         AND superseded_at IS NULL AND date_trunc('month', worked_on) = month_on)""",
    "hours of a week without its row": """SELECT count(*) FROM psu_entries e WHERE superseded_at IS NULL AND NOT EXISTS
        (SELECT FROM psu_weeks w WHERE w.tenant_id = e.tenant_id AND w.person_id = e.person_id AND e.worked_on BETWEEN week_on AND week_on + 6)""",
    "gaps in the events of an aggregate": """SELECT count(*) FROM (SELECT tenant_id, aggregate_id FROM outbox_events
        GROUP BY tenant_id, aggregate_id HAVING min(sequence) <> 1 OR max(sequence) <> count(*)) g""",
    "event counters that differ from the events": """SELECT count(*) FROM outbox_sequences s WHERE last_sequence <>
        (SELECT count(*) FROM outbox_events e WHERE e.tenant_id = s.tenant_id AND e.aggregate_id = s.aggregate_id)""",
    "keys without an answer": "SELECT count(*) FROM idempotency_keys WHERE status IS NULL",
}

# table of the created rows, operation in the access register
KINDS = {
    "psu": ("psu_entries", "record_psu_entry"),
    "person": ("people", "create_person"),
    "application": ("applications", "create_application"),
    "session": ("sessions", "create_session"),
    "sheet": ("attendance", "record_attendance"),
}
MIX = ("psu", "psu", "psu", "psu", "psu", "person", "application", "sheet")


class Writer:
    """One client: what it wrote and when that was acknowledged."""

    def __init__(self, scene, caller, dice, people, patience):
        self.scene, self.caller, self.dice, self.people, self.patience = scene, caller, dice, people, patience
        self.slots = [(person, week) for person in people for week in range(WEEKS)]
        dice.shuffle(self.slots)
        self.in_slot, self.waiting_people = 0, []
        self.acknowledged = []
        self.repeats = 0

    def write(self, kind, method, path, body, expected):
        began = time.monotonic()
        answer, attempts = self.caller.keyed(method, path, body, began + self.patience, key=str(uuid.UUID(int=self.dice.getrandbits(128))))
        if answer.status != expected:
            raise AssertionError(f"{method} {path} answered {answer}")
        if answer.headers.get("idempotent-replayed"):
            self.repeats += 1
        made = answer.json().get("id") or path.split("/")[2]
        self.acknowledged.append((kind, made, began, time.monotonic(), attempts))
        return made

    def step(self):
        getattr(self, self.dice.choice(MIX))()

    def psu(self):
        (_, participation), week = self.slots[0]
        day = FIRST_MONDAY + week * WEEK + datetime.timedelta(days=self.dice.randrange(7))
        self.write("psu", "POST", "/psu-entries", {"participationId": participation, "hostId": self.scene.host,
                                                  "workedOn": day.isoformat(), "hours": "0.25"}, 201)
        self.in_slot += 1
        if self.in_slot == A_WEEK:
            self.slots.append(self.slots.pop(0))
            self.in_slot = 0

    def person(self):
        self.waiting_people.append(self.write("person", "POST", "/people", {"sex": "female", "birthYear": self.dice.randrange(1950, 2005)}, 201))

    def application(self):
        if not self.waiting_people:
            return self.person()
        person = self.waiting_people.pop()
        return self.write("application", "POST", "/applications", {"editionId": self.scene.edition, "personId": person, "receivedOn": "2023-12-11"}, 201)

    def sheet(self):
        day = FIRST_MONDAY + datetime.timedelta(days=self.dice.randrange(700))
        session = self.write("session", "POST", "/sessions", {
            "blockId": self.scene.block, "heldOn": day.isoformat(), "hours": "2", "form": "group",
            "participationIds": [participation for _, participation in self.people]}, 201)
        rows = [{"participationId": participation, "status": "present"} for _, participation in self.people]
        self.write("sheet", "PUT", f"/sessions/{session}/attendance", {"rows": rows}, 200)


def prepare(port, token, clients, people_each=3):
    """The scene for so many clients, each with people of its own."""
    scene = Scene(Caller(port, token), people=clients * people_each)
    pairs = list(zip(scene.people, scene.participations, strict=True))
    return scene, [pairs[number * people_each:(number + 1) * people_each] for number in range(clients)]


def run(port, token, scene, shares, wanted, progress: pathlib.Path, processes, patience=120.0, stop_at=None):
    """Writes until `wanted` writes are acknowledged together; each client says in `progress` how far it is."""
    each = -(-wanted // len(shares))
    progress.mkdir(exist_ok=True)

    def client(number, dice):
        writer = Writer(scene, Caller(port, token), dice, shares[number], patience)
        while len(writer.acknowledged) < each and not (stop_at and time.monotonic() > stop_at):
            writer.step()
            if len(writer.acknowledged) % 20 < 2:
                (progress / str(number)).write_text(str(len(writer.acknowledged)))
        writer.caller.close()
        return writer.acknowledged, writer.repeats

    return at_once(processes, len(shares) // processes, client)


def done(progress):
    return sum(int((progress / name).read_text() or 0) for name in os.listdir(progress))


def baseline(database):
    return {table: database.number(f"SELECT count(*) FROM {table}") for table in [*(table for table, _ in KINDS.values()), "idempotency_keys"]} | {
        operation: database.number(f"SELECT count(*) FROM audit_entries WHERE operation = '{operation}'") for _, operation in KINDS.values()}


def compare(database, before, results, people_each=3):
    """Fails unless exactly what was acknowledged is stored, once, with its audit row and its events."""
    written = [entry for acknowledged, _ in results for entry in acknowledged]
    counts = {kind: [made for name, made, *_ in written if name == kind] for kind in KINDS}
    lost = doubled = unlogged = 0
    for kind, (table, operation) in KINDS.items():
        ids = counts[kind]
        column = "session_id" if kind == "sheet" else "id"
        values = ",".join(f"('{made}'::uuid)" for made in ids)
        if ids:
            lost += database.number(f"SELECT count(*) FROM (VALUES {values}) v (id) WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.{column} = v.id)")
            unlogged += database.number(f"""SELECT count(*) FROM (VALUES {values}) v (id) WHERE 1 <>
                (SELECT count(*) FROM audit_entries a WHERE a.record_ids @> ARRAY[v.id] AND operation = '{operation}' AND NOT dry_run)""")
        rows = database.number(f"SELECT count(*) FROM {table}") - before[table]
        doubled += rows - len(ids) * (people_each if kind == "sheet" else 1)
        doubled += database.number(f"SELECT count(*) FROM audit_entries WHERE operation = '{operation}'") - before[operation] - len(ids)
    keys = database.number("SELECT count(*) FROM idempotency_keys") - before["idempotency_keys"]
    wrong = database.numbers(WRONG)
    repeats, attempts = sum(repeats for _, repeats in results), sum(entry[4] for entry in written)
    say(f"  {len(written)} acknowledged writes ({', '.join(f'{len(ids)} {kind}' for kind, ids in counts.items())})")
    say(f"  {attempts} requests for them; {repeats} were answered from the first answer after its loss")
    say(f"  lost {lost}, doubled {doubled}, without their one audit row {unlogged}, keys stored {keys}")
    for name, count in wrong.items():
        say(f"  {name}: {count}")
    if lost or doubled or unlogged or keys != len(written) or any(wrong.values()):
        fail("an acknowledged write was lost, doubled or only half done")
    return written
