#!/usr/bin/env python3
"""Ranks crowds of candidates over HTTP: 1,000, 10,000 and as many as one call may rank (20,000).

Each crowd has people with six facts. A protocol is rehearsed, drawn up, verified and adopted, 10,000 within the usual
limit of a request (5 s) and 20,000 within that of a call for thousands (25 s), and its order is computed again here, from what the protocol says of its rows.
"""

import time
from decimal import Decimal

from support import Service, fail, say

# Seconds that a call may take.
LIMITS = {1_000: 5.0, 10_000: 5.0, 20_000: 25.0}
TOWN = "01900000-0000-7000-8000-000000000001"
RULES = {
    "legalSource": "Regulamin rekrutacji § 5",
    "content": {
        "criteria": [
            {"code": "women", "labelPl": "Kobiety", "labelEn": "Women", "points": "15", "source": "sex", "sex": "female"},
            {"code": "over12", "labelPl": "Bez pracy ponad 12 miesięcy", "labelEn": "Unemployed for over 12 months", "points": "10", "source": "condition", "rule": "unemployedForMonths", "months": 12},
            {"code": "over50", "labelPl": "Wiek 50+", "labelEn": "Aged 50 or over", "points": "10", "source": "ageAtLeast", "years": 50},
            {"code": "disabled", "labelPl": "Niepełnosprawność", "labelEn": "Disability", "points": "5", "source": "condition", "rule": "disability"},
            {"code": "rural", "labelPl": "Obszar wiejski", "labelEn": "Rural area", "points": "4", "source": "condition", "rule": "residence", "places": ["1013032"]},
        ],
        "tieBreakers": [{"rule": "unemployedLonger"}, {"rule": "receivedEarlier"}],
    },
}
# Straight into the tables: what is measured is the ranking, not the way of the facts.
CROWD = """
SET app.tenant = '{town}'; SET app.client = '{client}'; SET app.now = '2026-01-01T00:00:00Z';
CREATE TEMPORARY TABLE crowd AS SELECT i, gen_random_uuid() AS person, gen_random_uuid() AS application FROM generate_series(1, {many}) AS g (i);
INSERT INTO people (id, sex, birth_year) SELECT person, CASE WHEN i % 3 = 0 THEN 'male' ELSE 'female' END, 1950 + i % 50 FROM crowd;
INSERT INTO person_facts (id, person_id, kind, value, valid_from_on, source, source_kind, evidence_on)
SELECT gen_random_uuid(), person, f.kind, f.value, '2015-01-01', 'PUP w Przykładowie', 'labourOffice', '2020-09-20' FROM crowd,
  LATERAL (VALUES ('registeredUnemployed', 'true'), ('benefitRight', 'false'), ('socialAssistance', 'true'),
    ('unemployedSince', (date '2012-01-01' + i % 3000)::text), ('disability', CASE WHEN i % 4 = 0 THEN 'true' ELSE 'false' END),
    ('residence', CASE WHEN i % 5 = 0 THEN '1013032' ELSE '1013011' END)) AS f (kind, value);
INSERT INTO applications (id, edition_id, person_id, received_on, received_precision, outside_recruitment, state)
SELECT application, '{edition}', person, date '2020-09-01' + i % 30, 'day', false, 'applied' FROM crowd ORDER BY random();
ANALYZE person_facts; ANALYZE applications; ANALYZE people;
"""


class Office:
    """A coordinator of the demonstration's first town."""

    def __init__(self, service):
        self.service = service
        self.client = service.credential("coordinator")
        self.token = service.token(self.client)

    def ask(self, method, path, body=None, expect=201):
        start = time.monotonic()
        status, headers, answer = self.service.call(method, f"/api/v1{path}", body, self.token, timeout=30)
        self.took = time.monotonic() - start
        if status != expect:
            fail(f"{method} {path}: {status} after {self.took:.2f} s: {str(answer)[:400]}")
        return answer


def edition(office, places):
    programme = office.ask("POST", "/programmes", {"name": "PAI", "kind": "pai"})["id"]
    regime = next(one["id"] for one in office.ask("GET", "/regimes?limit=200", expect=200)["items"] if one["code"] == "PAI-2019")
    agreement = office.ask("POST", "/agreements", {"kind": "implementation", "signedOn": "2020-07-22", "regimeId": regime})["id"]
    body = {"programmeId": programme, "agreementId": agreement, "name": "I", "startsOn": "2020-10-15", "endsOn": "2020-12-14", "places": places}
    made = office.ask("POST", "/editions", body)["id"]
    office.ask("POST", f"/editions/{made}/scoring-rules", RULES)
    return made


def rank(office, many):
    made = edition(office, many // 4)
    office.service.database().run(CROWD.format(town=TOWN, client=office.client["clientId"], many=many, edition=made))
    body = {"effectiveOn": "2020-10-08", "reservePlaces": many // 2}
    path = f"/editions/{made}/ranking-protocols"
    office.ask("POST", f"{path}?dryRun=true", body, expect=200)
    rehearsed = office.took
    protocol = office.ask("POST", path, body)
    ranked = office.took
    verified = office.ask("GET", f"/ranking-protocols/{protocol['id']}/verification", expect=200)
    if not (verified["verified"] and verified["rowsAgree"]):
        fail(f"{many}: the protocol does not agree with its inputs")
    checked = office.took
    points = [Decimal(row["points"]) for row in protocol["rows"] if row["list"] in ("basic", "reserve")]
    if points != sorted(points, reverse=True) or protocol["counts"]["basic"] != many // 4:
        fail(f"{many}: not in the order of points, or not the places: {protocol['counts']}")
    adoption = {"adoptedOn": "2020-10-09", "commissionMembers": 3, "reason": "Protokół komisji"}
    office.ask("POST", f"/ranking-protocols/{protocol['id']}/adoption", adoption, expect=200)
    adopted = office.took
    say(f"{many} candidates: rehearsed in {rehearsed:.2f} s, ranked in {ranked:.2f} s, verified in {checked:.2f} s, adopted in {adopted:.2f} s")
    if (slowest := max(rehearsed, ranked, checked, adopted)) > LIMITS[many]:
        fail(f"a call took {slowest:.2f} s, allowed {LIMITS[many]} s")


with Service() as service:
    office = Office(service)
    for crowd in LIMITS:
        rank(office, crowd)
    say(f"memory of the service {service.memory():.0f} MB")
