#!/usr/bin/env python3
"""Takes in 10,000 people as CSV, XLSX and NDJSON, and kills the service in the middle of commits.

Planning and committing each take seconds; the same file again changes nothing. A commit that a kill (-9) cut off is
there as a whole or not at all, and its plan can be committed afterwards. A cancellation in the middle leaves nothing.
"""

import datetime
import http.client
import io
import json
import threading
import time
import zipfile

from support import DICE, SEED, Service, fail, say

ROWS = 10_000
# Seconds for planning or committing 10,000 rows.
PROMISED = 5.0
KILLS = 6
HEAD = ["Imiona", "Nazwisko", "PESEL", "Adres", "Kontakt", "Numer własny"]
NAMES = ["givenNames", "surname", "pesel", "address", "contact", "localReference"]
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "ndjson": "application/x-ndjson"}


def pesel(number):
    """A valid fictitious PESEL; another for every number."""
    day = datetime.date(1940, 1, 1) + datetime.timedelta(days=number % 20000)
    ten = f"{day:%y%m%d}{number // 20000 * 10 + number % 10:04d}"
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return ten + str(-sum(int(digit) * weight for digit, weight in zip(ten, weights)) % 10)


def people(first, count):
    return [
        [f"Anna{number}", f"Zmyślona{number}", pesel(number), f"ul. Zmyślona {number}", f"tel. {number}", f"L/{number}"]
        for number in range(first, first + count)
    ]


def csv(rows):
    return "\ufeff" + "".join(";".join(row) + "\r\n" for row in [HEAD, *rows])


def ndjson(rows):
    return "".join(json.dumps(dict(zip(NAMES, row))) + "\n" for row in rows)


def xlsx(rows):
    """A workbook as plain as can be, with its texts in the cells."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    cell = lambda line, place, text: f'<c r="{chr(65 + place)}{line}" t="inlineStr"><is><t>{text}</t></is></c>'
    line = lambda number, row: f'<row r="{number}">{"".join(cell(number, place, text) for place, text in enumerate(row))}</row>'
    sheet = "".join(line(number, row) for number, row in enumerate([HEAD, *rows], 1))
    relations = lambda kind, target: f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/></Relationships>'
    parts = {
        "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


class Office:
    """A social worker of the demonstration's first town."""

    def __init__(self, service):
        self.service = service
        self.sign_in()

    def sign_in(self):
        self.token = self.service.token(self.service.credential("social_worker"))

    def call(self, method, path, body=None, headers=None, expected=200):
        headers = {"Pai-Purpose": "recruitment", **(headers or {})}
        status, _, answer = self.service.call(method, f"/api/v1{path}", body, self.token, headers, timeout=60)
        if status != expected:
            fail(f"{method} {path}: {status} {str(answer)[:400]}")
        return answer

    def plan(self, text, kind="csv"):
        body = text.encode() if isinstance(text, str) else text
        return self.call("POST", "/imports?kind=people", body, {"Content-Type": MEDIA[kind]}, 201)

    def commit(self, plan, expected=200):
        return self.call("POST", f"/imports/{plan['id']}/commit", {}, {"If-Match": '"1"'}, expected)

    def read(self, plan):
        return self.call("GET", f"/imports/{plan['id']}")

    def known(self):
        return int(self.service.database().run("SELECT count(*) FROM people")[0])


def timed(work):
    began = time.monotonic()
    answer = work()
    return answer, time.monotonic() - began


def speed(office):
    for place, (kind, write) in enumerate({"csv": csv, "xlsx": xlsx, "ndjson": ndjson}.items()):
        rows = people(place * ROWS, ROWS)
        plan, planned = timed(lambda: office.plan(write(rows), kind))
        if plan["counts"]["created"] != ROWS:
            fail(f"{kind}: {plan['counts']}")
        done, committed = timed(lambda: office.commit(plan))
        again, compared = timed(lambda: office.plan(write(rows), kind))
        if again["counts"]["unchanged"] != ROWS:
            fail(f"{kind} again: {again['counts']}")
        _, page = timed(lambda: office.call("GET", f"/imports/{plan['id']}/rows?limit=200"))
        _, file = timed(lambda: office.call("GET", f"/imports/{plan['id']}/file"))
        say(f"  {kind}: {ROWS} people planned in {planned:.2f} s, committed in {committed:.2f} s; "
            f"the same file compared in {compared:.2f} s; a page of rows {page * 1000:.0f} ms, the annotated file {file:.2f} s")
        if max(planned, committed, compared) > PROMISED:
            fail(f"{kind}: more than {PROMISED} s")
    changed = [[*row[:4], "tel. nowy", row[5]] for row in people(0, ROWS)]
    plan, planned = timed(lambda: office.plan(csv(changed)))
    if plan["counts"]["changed"] != ROWS:
        fail(f"changed: {plan['counts']}")
    _, committed = timed(lambda: office.commit(plan))
    say(f"  {ROWS} changes planned in {planned:.2f} s, committed in {committed:.2f} s")
    if max(planned, committed) > PROMISED:
        fail(f"changed: more than {PROMISED} s")


def during(office, plan, act):
    """Commits in a thread of its own and acts while the commit runs; answers how far it was seen."""
    outcome = {}

    def commit():
        try:
            status, _, answer = office.service.call(
                "POST", f"/api/v1/imports/{plan['id']}/commit", {}, office.token, {"If-Match": '"1"'}, timeout=60
            )
            outcome["status"], outcome["answer"] = status, answer
        except (OSError, http.client.HTTPException):
            outcome["status"] = None

    thread = threading.Thread(target=commit)
    thread.start()
    wanted = DICE.randrange(1, ROWS)
    seen = 0
    while thread.is_alive():
        try:
            seen = max(seen, office.read(plan)["rowsDone"])
        except (OSError, http.client.HTTPException):
            break
        if seen >= wanted:
            break
    act()
    thread.join()
    return seen, outcome["status"]


def kills(office, first):
    whole = 0
    for number in range(KILLS):
        before = office.known()
        plan = office.plan(csv(people(first + number * ROWS, ROWS)))
        seen, status = during(office, plan, office.service.kill)
        office.service.start()
        office.sign_in()
        after, state = office.known(), office.read(plan)["state"]
        if (after - before, state) not in [(0, "planned"), (ROWS, "committed")]:
            fail(f"killed at {seen} rows: {after - before} people, {state}")
        if status == 200 and state != "committed":
            fail("an acknowledged commit is gone")
        whole += state == "committed"
        if state == "planned":
            office.commit(plan)
        if office.known() - before != ROWS:
            fail("the plan could not be committed after the kill")
        say(f"  killed when {seen} rows were done: {state}; then {office.known() - before} people")
    say(f"  {KILLS} kills, {whole} of them after the commit: never half")


def cancellation(office, first):
    before = office.known()
    plan = office.plan(csv(people(first, ROWS)))
    seen, status = during(office, plan, lambda: office.call("POST", f"/imports/{plan['id']}/cancellation", {}))
    if (status, office.known() - before, office.read(plan)["state"]) != (409, 0, "cancelled"):
        fail(f"cancelled at {seen} rows: {status}, {office.known() - before} people")
    say(f"  cancelled when {seen} of {ROWS} rows were done: nothing is left")


def main():
    say(f"imports, PAI_SEED={SEED}")
    with Service() as service:
        office = Office(service)
        speed(office)
        cancellation(office, 3 * ROWS)
        kills(office, 4 * ROWS)
        if warnings := [line for line in service.warnings() if "ERROR" in line]:
            fail(f"the log has errors: {warnings[:2]}")


main()
