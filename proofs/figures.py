#!/usr/bin/env python3
"""Recomputes every figure of random programmes from the lists that the API gives, and replays them as of a past moment.

Each programme has two editions with candidates, decisions, replacements, early ends, classes with sheets of attendance, socially
useful work with corrections and monthly caps, competence sheets of four moments, jobs and answers about jobs, money, expected
effects and households: drawn from PAI_SEED and entered over HTTP. Then its lists are read again, page by page, and `recount.py`,
which shares nothing with the service, counts every figure from them. Counted records are compared with the numbers they stand
for. At last the programmes are changed, and their figures as of the moment before must be the same to the byte.
"""

import datetime
import time

import recount
from clients import SCALE
from support import DICE, SEED, Service, fail, say

PROGRAMMES = max(2, int(8 * SCALE))
EDITIONS = [("2020-10-05", "2020-12-04"), ("2021-01-11", "2021-03-10")]
KINDS = ["applications", "participations", "attendance", "psuHours", "sheets", "employment", "declarations", "decisions", "money", "households"]
#: What an agreement may expect: measured by a figure, by a recorded result, or found in words.
EFFECTS = [
    {"code": "completion", "text": "ukończenie", "target": "0.5", "definitionId": "M-11.strict"},
    {"code": "delivery", "text": "godziny zajęć", "target": "12.5", "definitionId": "M-14.delivery_hours"},
    {"code": "cost", "text": "koszt osoby", "target": "250", "definitionId": "M-26.cost_per_participant"},
    {"code": "contacts", "text": "kontakty z pracodawcami", "target": "4"},
    {"code": "calls", "text": "rozmowy", "target": "7.5"},
    {"code": "nothing", "text": "cel równy zeru", "target": "0"},
    {"code": "bonds", "text": "więzi społeczne"},
    {"code": "trust", "text": "zaufanie"},
]


def once_in(times):
    return DICE.randrange(times) == 0


def work_days(first, last):
    on, last = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    while on <= last:
        if on.weekday() < 5:
            yield on.isoformat()
        on += datetime.timedelta(1)


def add_days(day, days):
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days)).isoformat()


class Town:
    """Calls of a coordinator."""

    def __init__(self, service):
        self.service = service
        self.token = service.token(service.credential("coordinator"))
        self.refused = {}

    def call(self, method, path, body=None, headers=None):
        status, told, answer = self.service.call(method, "/api/v1" + path, body, self.token, headers)
        if status >= 500:
            fail(f"{method} {path}: {status} {answer}")
        return status, told, answer

    def get(self, path):
        status, _, answer = self.call("GET", path)
        if status != 200:
            fail(f"GET {path}: {status} {answer}")
        return answer

    def post(self, path, body):
        """What was made, or nothing where a rule refused it: random acts need not be allowed."""
        status, _, answer = self.call("POST", path, body)
        if status not in (200, 201):
            code = answer["code"]
            if not code.startswith(("participation.", "recruitment.", "outcomes.", "programmes.", "people.")):
                fail(f"POST {path}: {status} {answer}")
            self.refused[code] = self.refused.get(code, 0) + 1
            return None
        return answer

    def all(self, path):
        rows, cursor = [], ""
        joint = "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{joint}limit=200{cursor}")
            rows += page["items"]
            if not page.get("nextCursor"):
                return rows
            cursor = "&cursor=" + page["nextCursor"]


class Programme:
    def __init__(self, town):
        self.town = town
        regimes = town.get("/regimes")["items"]
        self.regime = next(regime for regime in regimes if regime["code"] == "PAI-2019")
        self.id = town.post("/programmes", {"name": "Program próby", "kind": "pai"})["id"]
        self.cap, self.effects = DICE.choice([None, "8", "20.25"]), DICE.sample(EFFECTS, DICE.randint(0, len(EFFECTS)))
        agreement = {
            "kind": "implementation", "signedOn": "2020-09-01", "regimeId": self.regime["id"], "refundPercent": "60",
            "monthlyCap": self.cap, "expectedEffects": self.effects,
        }
        self.agreement = town.post("/agreements", agreement)["id"]
        # The benefit is the minimum of the day, of which the share of the agreement is refunded.
        town.post(f"/agreements/{self.agreement}/rates", {"from": "2010-01-01", "refundPercent": "60"})
        scale = {"min": "1", "max": "5", "step": "1", "higherIsBetter": True, "labels": []}
        competences = [{"code": code, "name": code} for code in ("search", "team")]
        code = f"proof{DICE.randrange(10**9)}"
        body = {"code": code, "version": 1, "name": "Arkusz próby", "scale": scale, "competences": competences}
        self.template = town.post("/sheet-templates", body)
        self.people = [town.post("/people", {"sex": DICE.choice(["female", "male"])})["id"] for _ in range(DICE.randint(8, 14))]
        self.households = self.families()
        self.editions = [self.edition(first, last) for first, last in EDITIONS]

    def families(self):
        """Households in which some of the people live, and from which some of those move."""
        town = self.town
        households = [town.post("/households", {})["id"] for _ in range(DICE.randint(3, 5))]
        for person in self.people:
            if once_in(4):
                continue
            first, second = DICE.sample(households, 2)
            moved = DICE.choice([None, None, "2020-10-04", "2020-10-05", "2020-12-31", "2021-02-01"])
            town.post(f"/households/{first}/members", {"personId": person, "from": "2020-01-01", "to": moved})
            if moved and once_in(2):
                town.post(f"/households/{second}/members", {"personId": person, "from": "2021-02-02"})
        return households

    def edition(self, first, last):
        town, places = self.town, DICE.randint(5, 9)
        body = {
            "programmeId": self.id, "agreementId": self.agreement, "name": first, "startsOn": first, "endsOn": last, "places": places,
            "plannedMonths": 2, "recruitment": {"from": "2020-09-01", "to": first},
        }
        if once_in(2):
            body["completionAttendancePercent"] = DICE.choice(["40", "66.67"])
        edition = town.post("/editions", body)["id"]
        if once_in(2):
            revision = {"effectiveOn": first[:8] + "20", "places": places + 1, "plannedCost": "9000.00", "reason": "Aneks"}
            town.post(f"/editions/{edition}/plan-revisions", revision)
        asked = DICE.choice([({}, {}), ({"completionHours": "6"}, {}), ({"completionAttendancePercent": "12.5"}, {"completionHours": "3"}),
                             ({}, {"completionAttendancePercent": "50"})])
        blocks = [
            town.post(f"/editions/{edition}/blocks", {"kind": kind, "name": name, "plannedHours": planned, **minimum})["id"]
            for kind, name, planned, minimum in [
                ("activation", "PSU", "60", asked[0]), ("integration", "Warsztaty", "24.25", asked[1]), ("social", "Grupa", None, {})]
        ]
        stays = self.recruit(edition, first, last)
        self.hold(edition, blocks, first, last)
        for stay in stays:
            self.take_part(stay, first, last)
        self.follow(edition, first, last)
        self.assess(edition, last)
        for household in self.households:
            if once_in(3):
                work = {"assistant": f"AR{DICE.randint(1, 9)}", "editionId": edition, "from": first}
                town.post(f"/households/{household}/assistants", work)
        statements = [{"kind": kind, "completeness": "complete", "statedBy": "MOPS", "statedOn": "2022-01-31"} for kind in KINDS]
        town.post(f"/editions/{edition}/collection-statements", {"statements": statements})
        return edition

    def recruit(self, edition, first, last):
        town, reserve, stays = self.town, [], []
        for person in DICE.sample(self.people, DICE.randint(6, len(self.people))):
            body = {"editionId": edition, "personId": person, "receivedOn": "2020-09-15"}
            application = (town.post("/applications", body) or {}).get("id")
            if not application:
                continue
            decision = DICE.choice(["selected", "selected", "selected", "reserve", "reserve", "rejected", None])
            if decision:
                decided = {"decision": decision, "effectiveOn": first, "reason": "Kryteria porozumienia"}
                town.post(f"/applications/{application}/decisions", decided)
            if decision == "selected":
                stay = town.post("/participations", {"applicationId": application, "startsOn": first})
                stays += [stay["id"]] if stay else []
            elif decision == "reserve":
                reserve.append(application)
            if decision != "selected" and once_in(3):
                left = {"reason": DICE.choice(["employed", "health", "other"]), "effectiveOn": first}
                town.post(f"/applications/{application}/withdrawal", left)
        for stay in list(stays):
            reason = DICE.choice(["completed"] * 4 + ["employed", "health", "interruptedOwnFault", None])
            day = last if reason == "completed" else DICE.choice(list(work_days(first, last))[8:30])
            if reason and reason != "completed" and reserve and once_in(2):
                following = (datetime.date.fromisoformat(day) + datetime.timedelta(3)).isoformat()
                body = {"applicationId": reserve.pop(), "effectiveOn": following, "end": {"reason": reason, "effectiveOn": day}}
                came = town.post(f"/participations/{stay}/substitution", body)
                stays += [came["id"]] if came and "id" in came else []
            elif reason:
                town.post(f"/participations/{stay}/end", {"reason": reason, "effectiveOn": day})
        # Where nobody's end is on file, completions are not known: at least one is, unless it was refused as recorded already.
        for stay in stays[:1]:
            town.post(f"/participations/{stay}/end", {"reason": "completed", "effectiveOn": last})
        return stays

    def hold(self, edition, blocks, first, last):
        town = self.town
        for place, day in enumerate(list(work_days(first, last))[::5]):
            length = {"lessonHours": 2} if once_in(3) else {"hours": DICE.choice(["1.25", "3"])}
            session = town.post("/sessions", {"blockId": blocks[1 + place % 2], "heldOn": day, "form": "group", **length})
            if not session or once_in(8):
                continue
            rows = []
            for row in town.all(f"/participations?editionId={edition}"):
                if row["startsOn"] <= day <= (row["endedOn"] or row["plannedEndOn"]):
                    status = DICE.choice(["present", "present", "late", "excused", "unexcused"])
                    hours = {"hours": "0.75"} if status == "late" else {}
                    cause = {"reasonClass": "health"} if status == "excused" else {}
                    rows.append({"participationId": row["id"], "status": status, **hours, **cause})
            status, _, answer = town.call("PUT", f"/sessions/{session['id']}/attendance", {"rows": rows})
            if status != 200:
                fail(f"a sheet: {status} {answer}")

    def take_part(self, stay, first, last):
        town = self.town
        for day in work_days(first, last):
            if once_in(3):
                body = {"participationId": stay, "workedOn": day, "hours": DICE.choice(["0.25", "0.75", "2", "2", "4"])}
                entry = town.post("/psu-entries", body)
                if entry and once_in(9):
                    town.post(f"/psu-entries/{entry['id']}/correction", {"hours": "0.50", "reason": "Kontrola"})
        middle, later = list(work_days(first, last))[20], add_days(last, 60)
        for moment, day in (("before", first), ("mid", middle), ("after", last), ("followUp", later)):
            for rater in ({"rater": "self"}, {"rater": "observer", "observerRole": "social_worker"}):
                if not once_in(4):
                    scores = [{"competence": code, "score": str(DICE.randint(1, 5))} for code in ("search", "team")]
                    sheet = {"participationId": stay, "templateId": self.template["id"], "moment": moment, "filledOn": day}
                    town.post("/sheets", {**sheet, **rater, "scores": scores})

    def assess(self, edition, last):
        """Results and findings of what the agreement expects, of some of it."""
        for effect in self.effects:
            if "definitionId" in effect or once_in(3):
                continue
            found = {"result": DICE.choice(["0", "3.5", "4", "9"])} if "target" in effect else {
                "finding": DICE.choice(["reached", "partlyReached", "notReached"])
            }
            body = {"editionId": edition, "effectCode": effect["code"], "assessedOn": last, "basis": "Arkusze", **found}
            self.town.post("/effect-results", body)

    def follow(self, edition, first, last):
        town, end = self.town, datetime.date.fromisoformat(last)
        for stay in town.all(f"/participations?editionId={edition}"):
            if once_in(3):
                started = datetime.date.fromisoformat(first) + datetime.timedelta(DICE.randint(-10, 250))
                ends = (started + datetime.timedelta(DICE.choice([10, 28, 29, 30, 200]))).isoformat() if once_in(2) else None
                job = {"personId": stay["personId"], "startsOn": started.isoformat(), "endsOn": ends, "kind": "employmentContract"}
                verified = (started + datetime.timedelta(40)).isoformat() if not ends and once_in(2) else None
                town.post("/employment-spells", {**job, "source": "labourOffice", "verifiedOn": verified})
            for window, days in (("within4Weeks", 29), ("within3Months", 95), ("within6Months", 190)):
                if once_in(5):
                    checked = (end + datetime.timedelta(days)).isoformat()
                    result = DICE.choice(["employed", "notEmployed", "unknown"])
                    body = {"participationId": stay["id"], "window": window, "result": result, "checkedOn": checked}
                    town.post("/employment-checks", {**body, "source": "participant"})
            if once_in(3):
                town.post("/declarations", {"participationId": stay["id"], "kind": "psuAfter", "declaredOn": last})
            if once_in(3):
                town.post("/post-decisions", {"participationId": stay["id"], "kind": "repeat", "decidedOn": last})
            if once_in(3):
                town.post("/onward-referrals", {"participationId": stay["id"], "destination": "training", "referredOn": last})
            if once_in(2):
                change = {"area": "motivation", "change": DICE.choice(["better", "same"]), "assessedOn": last, "source": "socialWorker"}
                town.post("/progress-assessments", {"participationId": stay["id"], **change})
        for source in ("FP", "GMINA"):
            line = {"editionId": edition, "source": source, "kind": "cash", "purpose": "całość"}
            town.post("/budget-lines", {**line, "planned": f"{DICE.randint(1000, 9000)}.{DICE.randint(10, 99)}"})
            spent = f"{DICE.randint(100, 3000)}.{DICE.randint(10, 99)}"
            town.post("/expenditures", {**line, "spentOn": last, "amount": spent})

    def living(self):
        """Who lives where and when."""
        return [row for one in self.households for row in self.town.get(f"/households/{one}")["members"]]

    def lists(self, edition):
        """Everything of an edition that the API lists."""
        town = self.town
        of = lambda what: town.all(f"/{what}?editionId={edition}")
        sessions = of("sessions")
        participations = of("participations")
        people = {row["personId"] for row in participations} | {row["personId"] for row in of("applications")}
        spells = [spell for person in people for spell in town.all(f"/employment-spells?personId={person}")]
        return {
            "edition": town.get(f"/editions/{edition}"), "plans": town.all(f"/editions/{edition}/plan-revisions"),
            "blocks": town.all(f"/editions/{edition}/blocks"), "applications": of("applications"), "participations": participations,
            "programme_participations": [row for one in self.editions for row in town.all(f"/participations?editionId={one}")],
            "sessions": sessions,
            "attendance": {row["id"]: town.get(f"/sessions/{row['id']}/attendance")["rows"] for row in sessions if row["attendanceVersion"]},
            "entries": of("psu-entries"),
            "agreement_entries": [row for one in self.editions for row in town.all(f"/psu-entries?editionId={one}")],
            "cap": self.cap, "effects": self.effects, "results": of("effect-results"), "stays": self.living(),
            "assistances": [row for one in self.households for row in town.all(f"/households/{one}/assistants")],
            "sheets": of("sheets"), "templates": [self.template], "spells": spells,
            "checks": of("employment-checks"), "declarations": of("declarations"), "decisions": of("post-decisions"),
            "referrals": of("onward-referrals"), "progress": of("progress-assessments"), "budget": of("budget-lines"),
            "costs": of("expenditures"), "regime": self.regime["parameters"], "refund_percent": "60",
            "rates": [rate for rate in town.all("/minimum-rates") if not rate["supersededAt"]], "today": datetime.date.today(),
        }


def compare(told, counted, where):
    """Each figure against its recount; answers how many were compared."""
    compared = 0
    for figure in told["figures"]:
        wanted = figure["definitionId"]
        if wanted not in counted:
            continue
        if figure["value"] != counted[wanted]:
            fail(f"{where} {wanted}: the API tells {figure['value']} ({figure['status']}), the lists say {counted[wanted]}")
        compared += 1
    return compared


def open_records(town, told):
    """As many records as a count says; answers how many figures were opened."""
    opened = 0
    measures = {one["id"]: one["measure"] for one in town.get("/metric-definitions")["items"]}
    for figure in told["figures"]:
        if measures[figure["definitionId"]] == "count" and figure["value"] is not None:
            records = town.all(figure["records"].removeprefix("/api/v1"))
            if len(records) != figure["value"]:
                fail(f"{figure['definitionId']}: {figure['value']} counted, {len(records)} records")
            opened += 1
    return opened


def main():
    with Service() as service:
        town = Town(service)
        programmes = [Programme(town) for _ in range(PROGRAMMES)]
        compared = opened = 0
        missed = set()
        frozen = []
        for programme in programmes:
            all_lists = [programme.lists(edition) for edition in programme.editions]
            for edition, lists in zip(programme.editions, all_lists):
                told, counted = town.get(f"/editions/{edition}/figures"), recount.of_edition(lists)
                compared += compare(told, counted, f"edition {edition}")
                opened += open_records(town, told)
                missed |= {figure["definitionId"] for figure in told["figures"]} - set(counted)
                frozen.append((f"/editions/{edition}/figures", told["asOf"]))
            told = town.get(f"/programmes/{programme.id}/figures")
            compared += compare(told, recount.of_programme(all_lists, programme.regime["parameters"]), f"programme {programme.id}")
            frozen.append((f"/programmes/{programme.id}/figures", told["asOf"]))
        if missed:
            fail(f"nobody recounts {sorted(missed)}")
        # A moment is settled two seconds after it.
        time.sleep(2.5)
        before = [town.get(f"{path}?asOf={at}") for path, at in frozen]
        for programme in programmes:
            for edition in programme.editions:
                programme.follow(edition, *DICE.choice(EDITIONS))
                for entry in town.all(f"/psu-entries?editionId={edition}")[::3]:
                    town.post(f"/psu-entries/{entry['id']}/correction", {"hours": "0.25", "reason": "Korekta po kontroli"})
        changed = sum(town.get(path)["figures"] != told["figures"] for (path, _), told in zip(frozen, before))
        for (path, at), told in zip(frozen, before):
            if town.get(f"{path}?asOf={at}") != told:
                fail(f"{path} as of {at} is not what it was")
        if changed < len(frozen) // 2:
            fail("hardly anything changed, so nothing was replayed")
        say(f"figures: {compared} figures of {len(programmes)} programmes are what the lists say (PAI_SEED={SEED})")
        say(f"figures: {opened} counts have as many records; {len(frozen)} answers replayed, {changed} of which are others now")
        say(f"figures: acts that a rule refused: {dict(sorted(town.refused.items()))}")


if __name__ == "__main__":
    main()
