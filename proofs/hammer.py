#!/usr/bin/env python3
"""Sixty-four clients at once on what must hold for all of them: no rule is broken, and the hammer bites.

Places of an edition, seats offered to the reserve list, the weekly limit and the monthly cap of hours, overlapping participations, one successor per
place, versions (If-Match), one key sent by many, corrections of hours and sheets, an edition closed while it is
written to. Answers and database are checked. Then the same hammer meets a naive service: the same program behind a
proxy that strips row locks and guards out of its SQL, on a database without the constraints that have the last word.
Every rule must be seen broken there; otherwise the hammer would not have noticed here either.

PAI_HAMMER_SECONDS sets how long the sound service is hammered (600 by default, before PAI_PROVE_SCALE).
"""

import os
import time
import uuid

import proxy
import writes
from clients import SCALE, Caller, Gone, Scene, at_once
from support import SEED, Cluster, Database, Service, fail, say

CLIENTS, PROCESSES = 64, 4
SECONDS = float(os.environ.get("PAI_HAMMER_SECONDS", "600")) * SCALE
NAIVE_SECONDS = max(15.0, 40.0 * min(SCALE, 1))
PLACES = 5
# Seats that are offered, and candidates who wait for them.
SEATS, WAITING = 3, 12
# Rounds in which all clients meet at the same records; a new round, new records.
ROUND = 2.0
REFUSALS = (409, 412, 422, 428)

# What the proxy takes out of the service's SQL; the blanks keep the length of the message.
NAIVE_SQL = [(text, b"") for text in (b" FOR NO KEY UPDATE", b" FOR UPDATE", b" FOR KEY SHARE", b" FOR SHARE")] + [
    (b'AND ("psu_entries"."superseded_at" IS NULL)', b""),
]
# What has the last word in the database, taken away.
NAIVE_SCHEMA = """
    ALTER TABLE psu_weeks DROP CONSTRAINT psu_weeks_limit_check; ALTER TABLE psu_months DROP CONSTRAINT psu_months_limit_check;
    ALTER TABLE participations DROP CONSTRAINT participations_overlap_excl, DROP CONSTRAINT participations_group_overlap_excl,
        DROP CONSTRAINT participations_replaces_key;
    ALTER TABLE offers DROP CONSTRAINT offers_freed_by_offer_key, DROP CONSTRAINT offers_freed_by_participation_key,
        DROP CONSTRAINT offers_participation_key;
    DROP INDEX offers_live_key;
    ALTER TABLE psu_entries DROP CONSTRAINT psu_entries_supersedes_key;
    ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
    ALTER TABLE attendance DROP CONSTRAINT attendance_supersedes_key; DROP INDEX attendance_current_key;
    -- The version of a sheet is counted up by the statement that locks it: a view that only says so does not lock.
    ALTER TABLE sessions RENAME TO kept_sessions;
    CREATE VIEW sessions WITH (security_invoker = true) AS SELECT * FROM kept_sessions;
    GRANT ALL ON sessions TO PUBLIC;
    CREATE FUNCTION no_lock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER no_lock INSTEAD OF UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION no_lock();
    -- The guard of the ledger is part of its statement: the limit itself must give way.
    CREATE FUNCTION no_limit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.limit_minutes := 100000; RETURN NEW; END $$;
    CREATE TRIGGER no_limit BEFORE INSERT OR UPDATE ON psu_weeks FOR EACH ROW EXECUTE FUNCTION no_limit();
    CREATE FUNCTION no_cap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.used_minutes := 15; RETURN NEW; END $$;
    CREATE TRIGGER no_cap BEFORE INSERT OR UPDATE ON psu_months FOR EACH ROW EXECUTE FUNCTION no_cap();
    CREATE TRIGGER no_cap BEFORE INSERT OR UPDATE ON psu_weeks FOR EACH ROW EXECUTE FUNCTION no_cap();
"""

HELD = "superseded_at IS NULL"
PROMISED = "(o.state = 'open' OR (o.state = 'accepted' AND o.participation_id IS NULL))"
RULES = {
    "a day with more participants than places": f"""SELECT count(*) FROM (SELECT p.edition_id, d.day, count(*) AS taken FROM participations p
        JOIN editions e ON e.id = p.edition_id CROSS JOIN LATERAL (SELECT p.starts_on AS day) d
        JOIN participations o ON o.edition_id = p.edition_id AND d.day BETWEEN o.starts_on AND coalesce(o.ended_on, o.planned_end_on)
        WHERE e.name LIKE 'hammer%' GROUP BY p.id, p.edition_id, d.day) t WHERE taken > {PLACES}""",
    "a seat promised to two": f"""SELECT (SELECT count(*) FROM (SELECT (SELECT count(*) FROM participations p WHERE p.edition_id = e.id
            AND d.day BETWEEN p.starts_on AND coalesce(p.ended_on, p.planned_end_on))
          + (SELECT count(*) FROM offers o WHERE o.edition_id = e.id AND d.day >= o.seat_from_on AND {PROMISED}) AS taken
        FROM editions e CROSS JOIN LATERAL (SELECT seat_from_on AS day FROM offers WHERE edition_id = e.id
            UNION SELECT starts_on FROM participations WHERE edition_id = e.id) d WHERE e.name LIKE 'seats%') t WHERE taken > {SEATS})
        + (SELECT count(*) FROM (SELECT 1 FROM offers WHERE cause <> 'neverTaken' AND freed_by_revision_id IS NULL
            GROUP BY coalesce(freed_by_participation_id, freed_by_offer_id) HAVING count(*) > 1) f)""",
    # One who takes part in the edition needs no offer any more.
    "a candidate with two offers": f"""SELECT count(*) FROM (SELECT a.id FROM applications a
        JOIN LATERAL (SELECT o.id FROM offers o WHERE o.application_id = a.id AND {PROMISED}
            UNION ALL SELECT p.id FROM participations p WHERE p.application_id = a.id AND p.state = 'active') live ON true
        GROUP BY a.id HAVING count(*) > 1) c""",
    "a week above its limit": f"""SELECT count(*) FROM (SELECT person_id, date_trunc('week', worked_on) FROM psu_entries WHERE {HELD}
        GROUP BY 1, 2 HAVING sum(minutes) > 600) w""",
    "a month above its cap": f"""SELECT count(*) FROM (SELECT e.person_id, a.id, date_trunc('month', e.worked_on) FROM psu_entries e
        JOIN editions d ON d.id = e.edition_id JOIN agreements a ON a.id = d.agreement_id WHERE {HELD}
        GROUP BY 1, 2, 3 HAVING sum(minutes) > min(a.monthly_cap_minutes)) m""",
    "a person twice in one place": """SELECT count(*) FROM participations a JOIN participations b ON a.edition_id = b.edition_id
        AND a.person_id = b.person_id AND a.id < b.id
        AND daterange(a.starts_on, coalesce(a.ended_on, a.planned_end_on), '[]') && daterange(b.starts_on, coalesce(b.ended_on, b.planned_end_on), '[]')""",
    "a place with two successors": "SELECT count(*) FROM (SELECT replaces_id FROM participations WHERE replaces_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1) r",
    "a version that swallowed another": "",
    "a key that worked twice": "",
    "an entry corrected twice": "SELECT count(*) FROM (SELECT supersedes_id FROM psu_entries WHERE supersedes_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1) c",
    "a sheet with two rows of one person": f"SELECT count(*) FROM (SELECT session_id, participation_id FROM attendance WHERE {HELD} GROUP BY 1, 2 HAVING count(*) > 1) s",
    "a closed edition with somebody in it": """SELECT count(*) FROM participations p JOIN editions e ON e.id = p.edition_id
        WHERE coalesce(p.ended_on, p.planned_end_on) > e.closed_on""",
}


class Round:
    """The records that all clients meet in one round, made beforehand."""

    def __init__(self, scene, number):
        caller = scene.caller
        self.edition = scene.further_edition(PLACES, "2024-01-01", "2025-12-31")
        self.overlapping, *self.closing = [scene.further_edition(1000, "2024-01-01", "2025-12-31") for _ in range(6)]
        # As long as anybody may take part at all: whoever waits can stay to the end.
        self.offering = scene.further_edition(SEATS, "2024-01-01", "2024-06-30", automaticOffers=True)
        for _ in range(WAITING):
            body = {"editionId": self.offering, "personId": scene.person(), "receivedOn": "2023-12-01"}
            application = caller.wanted("POST", "/applications", body)["id"]
            caller.wanted("POST", f"/applications/{application}/decisions", {"decision": "reserve", "effectiveOn": "2023-12-10", "reason": "Kolejność"})
        people = [scene.person() for _ in range(12)]
        self.people = people[:10]
        self.leaving, self.successors = [], people[2:10]
        for person in people[10:]:
            self.leaving.append(caller.wanted("POST", "/participations", scene.admission(person))["id"])
        # Hours of two participations that share a person, so that week and month are met from two sides.
        self.worker = people[10]
        self.working = self.leaving[0]
        host = caller.wanted("POST", "/hosts", {"name": f"hammer {uuid.uuid4()}"})
        self.host = host["id"]
        entry = {"participationId": self.working, "workedOn": f"2025-0{number % 6 + 1}-0{number % 7 + 1}", "hours": "1.00"}
        self.entry = caller.wanted("POST", "/psu-entries", entry)["id"]
        body = {"blockId": scene.block, "heldOn": "2024-02-05", "hours": "2", "form": "group", "participationIds": [self.working]}
        self.session = caller.wanted("POST", "/sessions", body)["id"]
        self.key = str(uuid.uuid4())


class Striker:
    """One client with its answers."""

    def __init__(self, port, token, dice):
        self.caller, self.dice = Caller(port, token, patience=15), dice
        self.count, self.refused, self.busy, self.wrong = 0, 0, 0, []
        self.renamed, self.keyed = [], {}

    def call(self, method, path, body=None, headers=None):
        self.count += 1
        try:
            answer = self.caller.call(method, path, body, headers)
        except Gone as gone:
            self.wrong.append(f"{method} {path}: {gone}")
            return None
        if answer.status in (200, 201):
            return answer
        if answer.status in (429, 503):
            self.busy += 1
        elif answer.status in REFUSALS:
            self.refused += 1
        else:
            self.wrong.append(f"{method} {path}: {answer}")
        return None

    def strike(self, records):
        self.dice.choice([self.seat, self.week, self.month, self.overlap, self.successor, self.version, self.version, self.key,
                          self.correction, self.sheet, self.sheet, self.closing, self.closing, self.closing, self.offer, self.offer, self.offer])(records)

    def admit(self, edition, person, day, last):
        self.call("POST", "/participations", {"editionId": edition, "personId": person, "startsOn": day, "plannedEndOn": last})

    def seat(self, records):
        self.admit(records.edition, self.dice.choice(records.people), f"2024-{self.dice.randrange(6, 10):02}-01", "2024-09-30")

    def offer(self, records):
        # Seats are filled, refused, taken up and freed again; each of these offers what stays free.
        day = f"2024-02-{self.dice.randrange(1, 29):02}"
        act = self.dice.random()
        if act < 0.4:
            self.call("POST", f"/editions/{records.offering}/offers", {"effectiveOn": day})
        elif act < 0.45:
            running = self.call("GET", f"/participations?editionId={records.offering}&state=active")
            for one in running.json()["items"][:1] if running else []:
                self.call("POST", f"/participations/{one['id']}/end", {"reason": "employed", "effectiveOn": one["startsOn"]})
        else:
            offers = self.call("GET", f"/editions/{records.offering}/offers?state=open")
            live = offers.json()["items"] if offers else []
            if live:
                offer = self.dice.choice(live)
                # Few refuse: what was promised twice would be one promise again.
                if act < 0.5:
                    self.call("POST", f"/offers/{offer['id']}/refusal", {"reason": "other", "effectiveOn": offer["offeredOn"]})
                else:
                    self.call("POST", "/participations", {"offerId": offer["id"], "acceptedOn": offer["offeredOn"], "startsOn": offer["seatFrom"]})

    def overlap(self, records):
        self.admit(records.overlapping, self.dice.choice(records.people), f"2024-01-{self.dice.randrange(1, 29):02}", "2024-02-20")

    def week(self, records):
        body = {"participationId": records.working, "workedOn": f"2024-03-{self.dice.randrange(4, 11):02}", "hours": self.dice.choice(["0.50", "1.75", "3.00"])}
        self.call("POST", "/psu-entries", body)

    def month(self, records):
        body = {"participationId": records.working, "workedOn": f"2024-05-{self.dice.randrange(1, 32):02}", "hours": self.dice.choice(["1.00", "2.50"])}
        self.call("POST", "/psu-entries", body)

    def successor(self, records):
        body = {"personId": self.dice.choice(records.successors), "effectiveOn": "2025-10-01", "plannedEndOn": "2025-10-31",
                "override": {"reason": "Próba"}, "end": {"reason": "employed", "effectiveOn": "2025-09-30"}}
        self.call("POST", f"/participations/{records.leaving[1]}/substitution", body)

    def version(self, records):
        read = self.call("GET", f"/hosts/{records.host}")
        if read:
            name = f"hammer {uuid.uuid4()}"
            if self.call("PUT", f"/hosts/{records.host}", {"name": name}, {"If-Match": read.headers["etag"]}):
                self.renamed.append((records.host, read.headers["etag"]))

    def key(self, records):
        answer = self.call("POST", "/people", {"sex": "male", "note": records.key}, {"Idempotency-Key": records.key})
        if answer:
            self.keyed.setdefault(records.key, set()).add(answer.json()["id"])

    def correction(self, records):
        self.call("POST", f"/psu-entries/{records.entry}/correction", {"hours": self.dice.choice(["0.50", "2.00"]), "reason": "Próba"})

    def sheet(self, records):
        path = f"/sessions/{records.session}/attendance"
        read = self.call("GET", path)
        if read:
            row = self.dice.choice([{"status": "present"}, {"status": "unexcused"}, {"status": "excused", "reasonClass": "health"}])
            body = {"rows": [{"participationId": records.working, **row}], "correctionReason": "Próba"}
            first = read.headers["etag"] == '"0"'
            self.call("PUT", path, {"rows": body["rows"]} if first else body, {} if first else {"If-Match": read.headers["etag"]})

    def closing(self, records):
        # Most who come at the same moment want to stay longer than the closing allows; the rest makes it wait for them.
        edition = self.dice.choice(records.closing)
        if self.dice.random() < 0.3:
            self.call("POST", f"/editions/{edition}/closure", {"effectiveOn": "2024-04-20"})
        else:
            self.admit(edition, self.dice.choice(records.people), "2024-04-01", self.dice.choice(["2024-04-20", "2024-05-31", "2024-05-31"]))


def hammer(service, database, seconds):
    """Hammers; answers the number of operations and of violations of each rule."""
    token = service.token(service.credential("coordinator"))
    scene = Scene(Caller(service.port, token), people=0, cap="20.00")
    rounds = [Round(scene, number) for number in range(max(2, int(seconds / ROUND)))]
    start = time.time() + 1

    def client(_, dice):
        striker = Striker(service.port, token, dice)
        time.sleep(max(0.0, start - time.time()))
        while (passed := time.time() - start) < seconds:
            striker.strike(rounds[min(int(passed / ROUND), len(rounds) - 1)])
        return striker.count, striker.refused, striker.busy, striker.wrong, striker.renamed, striker.keyed

    results = at_once(PROCESSES, CLIENTS // PROCESSES, client)
    for word, editions in (("hammer", [one.edition for one in rounds]), ("seats", [one.offering for one in rounds])):
        database.run(f"UPDATE editions SET name = '{word} ' || id WHERE id IN (" + ", ".join(f"'{edition}'" for edition in editions) + ");")
    violations = database.numbers({rule: query for rule, query in RULES.items() if query})
    # Two changes of one version were both acknowledged: the first of them is lost.
    changed = [version for result in results for version in result[4]]
    violations["a version that swallowed another"] = len(changed) - len(set(changed))
    violations["a key that worked twice"] = sum(
        database.number(f"SELECT count(*) FROM people WHERE note = '{one.key}'") > 1 or len(set().union(*(result[5].get(one.key, set()) for result in results))) > 1
        for one in rounds)
    count, refused, busy = (sum(result[index] for result in results) for index in range(3))
    return count, refused, busy, sum((result[3] for result in results), []), violations


def main():
    say(f"hammer: seed {SEED}, {CLIENTS} clients")
    with Cluster() as cluster:
        with Service(settings={**cluster.service_settings(), "database.pool_size": 16}) as service:
            began = time.monotonic()
            count, refused, busy, wrong, violations = hammer(service, cluster.database(), SECONDS)
            say(f"  sound: {count} operations in {time.monotonic() - began:.0f} s, {refused} refused by a rule, {busy} told to come back, {sum(violations.values())} violations")
            sums = cluster.database().numbers(writes.WRONG)
            if wrong:
                fail(f"{len(wrong)} wrong answers, the first: {wrong[0]}")
            if any(violations.values()) or any(sums.values()):
                fail(f"rules were broken: {violations} {sums}")
    with Cluster() as cluster, proxy.Proxy(cluster.port, NAIVE_SQL) as naive:
        with Service(settings={**cluster.service_settings(naive.port), "database.pool_size": 16}) as service:
            Database(cluster.conninfo("postgres")).run(NAIVE_SCHEMA)
            count, _, _, _, violations = hammer(service, cluster.database(), NAIVE_SECONDS)
            say(f"  naive: {count} operations; violations seen:")
            for rule in RULES:
                say(f"    {rule}: {violations[rule]}")
            unseen = [rule for rule in RULES if not violations[rule]]
            if unseen:
                fail(f"the hammer does not notice {', '.join(unseen)}")


main()
