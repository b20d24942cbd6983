"""Every figure of an edition, counted once more from the lists that the API gives: nothing of the service's own counting.

A number is told as the API tells it: counts as whole numbers, hours with two decimal places, shares with six, amounts with two.
`None` stands for a figure that is not defined.
"""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def day(text):
    return datetime.date.fromisoformat(text) if text else None


def minutes(hours):
    return int(Decimal(hours) * 60)


def hours(number):
    return f"{Decimal(number) / 60:.2f}"


def grosze(number):
    """A fraction of a zloty rounded half-up to grosze."""
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def places(number):
    """A fraction rounded to six places, half away from zero."""
    scaled = abs(number) * 10**6
    whole = int(scaled + Fraction(1, 2))
    text = f"{whole // 10**6}.{whole % 10**6:06d}"
    return "-" + text if number < 0 and whole else text


def ratio(above, below):
    return places(Fraction(above, below)) if below else None


def add_months(first, months):
    """The same day so many months later; in a shorter month its last."""
    month = first.month - 1 + months
    year, month = first.year + month // 12, month % 12 + 1
    for last in (31, 30, 29, 28):
        try:
            return datetime.date(year, month, min(first.day, last))
        except ValueError:
            continue
    raise ValueError(first)


def weeks(first, last):
    """Mondays of the ISO weeks touched."""
    monday = first - datetime.timedelta(first.weekday())
    while monday <= last:
        yield monday
        monday += datetime.timedelta(7)


def months(first, last):
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = add_months(month, 1)


def length(first, last):
    """Whole calendar months and the days left over, as months of thirty days."""
    whole = 0
    while add_months(first, whole + 1) - datetime.timedelta(1) <= last:
        whole += 1
    left = (last - add_months(first, whole)).days + 1
    return whole + Fraction(left, 30)


class Edition:
    """The lists of one edition, with days as days."""

    def __init__(self, lists):
        self.__dict__.update(lists)
        self.first, self.last = day(self.edition["startsOn"]), day(self.edition["endsOn"])
        self.applications = [row for row in self.applications if not row["duplicateOfId"] and not row["appliedAgain"]]
        self.by_id = {row["id"]: row for row in self.participations}
        self.sessions = [row for row in self.sessions if not row["cancelledOn"]]
        self.held = {row["id"]: row for row in self.sessions}
        self.rows = [(row, self.held[session]) for session, rows in self.attendance.items() if session in self.held for row in rows]
        self.started = {row["personId"] for row in self.participations}
        self.positive = set(self.regime["positiveExits"])
        self.limit = self.regime["psuWeeklyLimit"]
        self.least_days = self.regime["jobMinDays"]

    def left(self, row):
        return day(row["endedOn"]) or day(row["plannedEndOn"])

    def plan_on(self, on):
        holding = [plan for plan in self.plans if plan["number"] == 1 or day(plan["effectiveOn"]) <= on]
        key = lambda plan: (plan["number"] > 1, day(plan["effectiveOn"]) if plan["number"] > 1 else on, plan["number"])
        return max(holding, key=key)["places"]

    def initial(self):
        starts = [day(row["startsOn"]) for row in self.participations]
        replaced = [day(row["startsOn"]) for row in self.participations if row["replacesId"]]
        first_of = {}
        for row in self.participations:
            first_of[row["personId"]] = min(first_of.get(row["personId"], row["startsOn"]), row["startsOn"])
        return [
            row for row in self.participations
            if not row["replacesId"] and row["startsOn"] == first_of[row["personId"]]
            and (day(row["startsOn"]) == min(starts) or not replaced or day(row["startsOn"]) < min(replaced))
        ]

    def completed(self):
        # By participation and block, `None` standing for all classes together.
        sums = {}
        for row, session in self.rows:
            for block in (None, session["blockId"]):
                sums.setdefault((row["participationId"], block), [0, 0])
                sums[row["participationId"], block][0] += minutes(session["hours"])
                sums[row["participationId"], block][1] += minutes(row["hours"])
        worked = {}
        for entry in self.entries:
            worked[entry["participationId"]] = worked.get(entry["participationId"], 0) + minutes(entry["hours"])

        def share_met(row, block, percent):
            scheduled, attended = sums.get((row["id"], block), (0, 0))
            return percent is None or attended * 100 >= Decimal(percent) * scheduled

        def block_met(row, block):
            percent, hours = block.get("completionAttendancePercent"), block.get("completionHours")
            if block["kind"] == "activation":
                if percent is not None:
                    hours = Decimal(percent) * Decimal(block["plannedHours"]) / 100
                return hours is None or worked.get(row["id"], 0) >= Decimal(hours) * 60
            if hours is not None:
                return sums.get((row["id"], block["id"]), (0, 0))[1] >= minutes(hours)
            return share_met(row, block["id"], percent)

        def enough(row):
            whole = share_met(row, None, self.edition["completionAttendancePercent"])
            return whole and all(block_met(row, block) for block in self.blocks)

        return [row for row in self.participations if row["state"] == "completed" and enough(row)]

    # Jobs: for each person the evidence of a phase, as (is a job, whether it lasted: True, False or None).

    def lasting(self, spell, row):
        needed = day(spell["startsOn"]) + datetime.timedelta(self.least_days - 1)
        if spell["endsOn"] and day(spell["endsOn"]) <= self.today:
            return day(spell["endsOn"]) >= needed
        known = [day(spell["verifiedOn"])] if spell["verifiedOn"] else []
        if row:
            known += [day(check["checkedOn"]) for check in self.newest_checks(row) if check["result"] == "employed"]
        return True if known and max(known) >= needed <= self.today else None

    def newest_checks(self, row, windows=("during", "within4Weeks", "within3Months", "within6Months")):
        for window in windows:
            of_window = [check for check in self.checks if check["participationId"] == row["id"] and check["window"] == window]
            if of_window:
                yield max(of_window, key=lambda check: (check["checkedOn"], check["id"]))

    def spells_of(self, person, counts):
        return [spell for spell in self.spells if spell["personId"] == person and counts(day(spell["startsOn"]))]

    def at_recruitment(self):
        found = {}
        for row in self.applications:
            starts = [day(part["startsOn"]) for part in self.participations if part["personId"] == row["personId"]]
            rejected = day(row["decidedOn"]) if row["decision"] == "rejected" else None
            until = min(self.first, rejected) if rejected else self.first
            in_time = lambda on: on >= day(row["receivedOn"]) and (on < min(starts) if starts else on <= until)
            evidence = [(True, self.lasting(spell, None)) for spell in self.spells_of(row["personId"], in_time)]
            evidence += [(False, None)] if row["withdrawalReason"] == "employed" else []
            if evidence:
                found.setdefault(row["personId"], []).extend(evidence)
        return found

    def phase(self, in_time, windows, leaving, skipped=()):
        found = {}
        for row in self.participations:
            if in_time(row) is None:
                continue
            evidence = [(True, self.lasting(spell, row)) for spell in self.spells_of(row["personId"], in_time(row))]
            evidence += [(False, None)] if leaving and row["endReason"] == "employed" else []
            if row["personId"] not in skipped:
                evidence += [(False, None) for check in self.newest_checks(row, windows) if check["result"] == "employed"]
            if evidence:
                found.setdefault(row["personId"], []).extend(evidence)
        return found

    def during(self):
        return self.phase(lambda row: lambda on: day(row["startsOn"]) <= on <= self.last, ["during"], True)

    def after(self, until, windows):
        before = {**self.during(), **self.at_recruitment()}
        return self.phase(lambda row: lambda on: self.last < on <= until, windows, False, before)

    def after_person(self, window):
        def in_time(row):
            left = day(row["endedOn"])
            return (lambda on: left <= on <= window(left)) if left else None
        return self.phase(in_time, [], True)

    def lasted(self, *phases):
        people = {}
        for phase in phases:
            for person, evidence in phase.items():
                people.setdefault(person, []).extend(evidence)
        enough = [person for person, evidence in people.items() if any(lasted for _, lasted in evidence)]
        unknown = 0
        for person, evidence in people.items():
            has_job = any(is_job for is_job, _ in evidence)
            if person not in enough:
                unknown += any(lasted is None and (is_job or not has_job) for is_job, lasted in evidence)
        return None if unknown and not enough else len(enough)


def recruitment(e, out):
    rows = e.applications
    decision = lambda word: [row for row in rows if row["decision"] == word]
    candidates = {row["personId"] for row in rows}
    out["M-01"] = len(candidates)
    began = lambda row: [day(part["startsOn"]) for part in e.participations if part["personId"] == row["personId"]]
    out["M-02"] = sum(bool(row["withdrawnOn"]) and not any(on <= day(row["withdrawnOn"]) for on in began(row)) for row in rows)
    for word in ("selected", "reserve", "rejected"):
        out[f"M-03.{word}"] = len(decision(word))
    out["M-03.undecided"] = sum(not row["decision"] and not row["withdrawnOn"] for row in rows)
    out["M-03.selection_rate"] = ratio(len(decision("selected")), len(candidates))
    out["M-03.placed"] = sum(row["personId"] in e.started for row in rows)
    waiting = [row for row in decision("reserve") if not row["withdrawnOn"] and row["personId"] not in e.started]
    out["M-03.never_placed"] = len(waiting)
    plan = e.plan_on(e.today)
    out["M-04.first"], out["M-04.latest"] = min(e.plans, key=lambda row: row["number"])["places"], plan
    out["M-01.of_planned_places"] = ratio(len(candidates), plan)
    out["M-03.selected_of_planned_places"] = ratio(len(decision("selected")), plan)


def participation(e, out):
    rows, plan = e.participations, e.plan_on(e.today)
    out["M-05"], out["M-06"] = len(e.initial()), len(rows)
    out["M-05.of_planned_places"], out["M-06.of_planned_places"] = ratio(len(e.initial()), plan), ratio(len(rows), plan)
    out["M-07"] = sum(bool(row["replacesId"]) for row in rows)
    present = lambda on: sum(day(row["startsOn"]) <= on <= e.left(row) for row in rows)
    days = [e.first + datetime.timedelta(number) for number in range((e.last - e.first).days + 1)]
    out["M-08.peak"] = max((present(day(row["startsOn"])) for row in rows), default=0)
    out["M-08.seat_fill"] = ratio(sum(map(present, days)), sum(e.plan_on(on) for on in days))
    done = e.completed()
    positive = [row for row in rows if row in done or (row["endedOn"] and row["endReason"] in e.positive)]
    out["M-09"], out["M-10"] = len(done), len(positive)
    out["M-11.strict"], out["M-11.inclusive"] = ratio(len(done), len(rows)), ratio(len(positive), len(rows))
    out["M-12"] = sum(
        bool(row["endedOn"]) and row["state"] != "completed" and row["endReason"] not in e.positive and row["endPolarity"] != "positive"
        for row in rows
    )
    thirtieth = lambda row: day(row["startsOn"]) + datetime.timedelta(29)
    meant = [row for row in rows if thirtieth(row) <= max(day(row["plannedEndOn"]), e.left(row))]
    out["M-12.retention_day_30"] = ratio(sum(not row["endedOn"] or day(row["endedOn"]) >= thirtieth(row) for row in meant), len(meant))
    to_the_end = [row for row in rows if row["state"] == "completed" or (row["endedOn"] and row["endedOn"] >= row["plannedEndOn"])]
    out["M-12.retention_end"] = ratio(len(to_the_end), len(rows))


def classes(e, out):
    scheduled = sum(minutes(session["hours"]) for _, session in e.rows)
    excused = sum(minutes(session["hours"]) for row, session in e.rows if row["status"] == "excused")
    attended = sum(minutes(row["hours"]) for row, _ in e.rows)
    away = sum(minutes(row["hours"]) for row, _ in e.rows if row["status"] == "excused")
    out["M-13.attendance_rate"] = ratio(attended, scheduled)
    out["M-13.attendance_rate_excluding_excused"] = ratio(attended - away, scheduled - excused)
    out["M-14.delivery_hours"] = hours(sum(minutes(row["hours"]) for row in e.sessions))
    out["M-14.lesson_hours"] = sum(row["lessonHours"] or 0 for row in e.sessions)
    worked = sum(minutes(row["hours"]) for row in e.entries)
    out["M-14.person_hours"], out["M-15.psu_hours"] = hours(attended + worked), hours(worked)
    touched = sum(len(list(weeks(day(row["startsOn"]), e.left(row)))) for row in e.participations)
    out["M-14.hours_per_participant_week"] = ratio(attended + worked, 60 * touched)
    planned = {block["id"]: minutes(block["plannedHours"]) for block in e.blocks if block["plannedHours"]}
    kinds, seats = {block["id"]: block["kind"] for block in e.blocks}, e.plan_on(e.today)
    led = {block: run for block, run in planned.items() if kinds[block] != "activation"}
    out["M-14.planned_hours"], out["M-14.planned_person_hours"] = hours(sum(planned.values())), hours(sum(planned.values()) * seats)
    delivered = sum(minutes(row["hours"]) for row in e.sessions if row["blockId"] in led)
    out["M-14.delivered_of_planned"] = ratio(delivered, sum(led.values()))
    received = sum(minutes(row["hours"]) for row, session in e.rows if session["blockId"] in led)
    out["M-14.received_of_planned"] = ratio(received + worked, sum(planned.values()) * seats)
    out["M-15.psu_utilisation"] = ratio(worked, minutes(e.limit) * touched)
    by_week = {}
    for row in e.entries:
        on = day(row["workedOn"])
        key = row["personId"], on - datetime.timedelta(on.weekday())
        by_week[key] = by_week.get(key, 0) + minutes(row["hours"])
    out["M-15.weeks_at_limit"] = sum(used == minutes(e.limit) for used in by_week.values())
    out["M-15.weeks_over_limit"] = sum(used > minutes(e.limit) for used in by_week.values())


def month_caps(e, out):
    """Months of a person under the agreement, whichever of its editions the hours are of."""
    if not e.cap:
        out["M-15.month_cap_use"] = out["M-15.months_at_cap"] = out["M-15.months_over_cap"] = None
        return
    cap = minutes(e.cap)
    month_of = lambda on: on.replace(day=1)
    stays = {(row["personId"], month) for row in e.participations for month in months(day(row["startsOn"]), min(e.left(row), e.today))}
    worked = sum(minutes(row["hours"]) for row in e.entries)
    out["M-15.month_cap_use"] = ratio(worked, cap * len(stays))
    used = {}
    for row in e.agreement_entries:
        key = row["personId"], month_of(day(row["workedOn"]))
        used[key] = used.get(key, 0) + minutes(row["hours"])
    touched = {(row["personId"], month_of(day(row["workedOn"]))) for row in e.entries if minutes(row["hours"]) > 0}
    out["M-15.months_at_cap"] = sum(used[key] == cap for key in touched)
    out["M-15.months_over_cap"] = sum(used[key] > cap for key in touched)


def money(e, out):
    """Lines of a person, month and minimum; each is rounded by itself."""
    lines = {}
    for row in e.entries:
        on = day(row["workedOn"])
        rate = max((one for one in e.rates if day(one["from"]) <= on), key=lambda one: one["from"])
        key = row["personId"], on.year, on.month, rate["hourlyRate"]
        lines[key] = lines.get(key, 0) + minutes(row["hours"])
    share = Fraction(e.refund_percent) / 100
    benefit = sum((grosze(Fraction(used, 60) * Fraction(key[3])) for key, used in lines.items()), Decimal("0.00"))
    refund = sum((grosze(Fraction(used, 60) * Fraction(key[3]) * share) for key, used in lines.items()), Decimal("0.00"))
    out["M-16.benefit"], out["M-16.refund"], out["M-16.municipal_share"] = str(benefit), str(refund), str(benefit - refund)
    planned = sum((Decimal(row["planned"]) for row in e.budget), Decimal("0.00"))
    spent = sum((Decimal(row["amount"]) for row in e.costs), Decimal("0.00"))
    out["M-25.cost_planned"], out["M-25.cost_spent"] = str(planned) if e.budget else None, str(spent)
    if e.budget:
        out["M-25.cost_spent_of_planned"] = ratio(int(spent * 100), int(planned * 100))
    each = lambda people: str(grosze(Fraction(spent) / people)) if people else None
    out["M-26.cost_per_participant"] = each(len(e.started))
    out["M-26.cost_per_completer"] = each(len({row["personId"] for row in e.completed()}))
    out["M-26.cost_per_qualifying_job"] = each(out["M-21.official"])


def sheets(e, out):
    def newest(rows, key):
        found = {}
        for row in sorted(rows, key=lambda row: (row["filledOn"], row["id"])):
            found[key(row)] = row
        return found

    def score(sheet, competence):
        scores = [Fraction(one["score"]) for one in sheet["scores"] if one["competence"] == competence]
        return sum(scores) / len(scores) if scores else None

    who = lambda row: (row["participationId"], row["rater"], row["observerRole"])

    def gains_until(moment):
        """The gains of the pairs of each competence and source that has any."""
        for template in e.templates:
            of = [row for row in e.sheets if row["templateId"] == template["id"]]
            before = newest([row for row in of if row["moment"] == "before"], who)
            later = newest([row for row in of if row["moment"] == moment], who)
            for source in ("self", "observer"):
                for competence in template["competences"]:
                    pairs = [
                        (score(before[key], competence["code"]), score(later[key], competence["code"]))
                        for key in before if key in later and key[1] == source
                    ]
                    gains = [two - one for one, two in pairs if one is not None and two is not None]
                    if gains:
                        yield gains

    for figure, moment in (("", "after"), ("_at_mid", "mid"), ("_at_follow_up", "followUp")):
        measured = list(gains_until(moment))
        out["M-17.competence_gain" + figure] = sum(sum(gains) > 0 for gains in measured) if measured else None
    measured = list(gains_until("after"))
    out["M-18.effect_size"] = sum(len(set(gains)) > 1 for gains in measured) if measured else None
    together = 0
    for template in e.templates:
        of = [row for row in e.sheets if row["templateId"] == template["id"]]
        own = newest([row for row in of if row["rater"] == "self"], lambda row: (row["participationId"], row["moment"]))
        seen = newest(
            [row for row in of if row["rater"] != "self"], lambda row: (row["participationId"], row["moment"], row["observerRole"])
        )
        together += sum(key[:2] in own for key in seen)
    out["M-19.rater_agreement"] = together if together else None


def employment(e, out):
    day28 = lambda on: on + datetime.timedelta(28)
    windows = {"within_4_weeks": day28, "within_3_months": lambda on: add_months(on, 3), "within_6_months": lambda on: add_months(on, 6)}
    names = {"within_4_weeks": ["within4Weeks"], "within_3_months": ["within4Weeks", "within3Months"]}
    names["within_6_months"] = names["within_3_months"] + ["within6Months"]
    recruited, during = e.at_recruitment(), e.during()
    out["M-21.at_recruitment"], out["M-21.during"] = len(recruited), len(during)
    after = {name: e.after(window(e.last), names[name]) for name, window in windows.items()}
    for name, window in windows.items():
        out[f"M-21.{name}"], out[f"M-21.{name}.person_clock"] = len(after[name]), len(e.after_person(window))
    everybody = {**recruited, **during, **after["within_6_months"]}
    out["M-21.total"] = len(everybody)
    out["M-21.qualifying"] = e.lasted(recruited, during, after["within_6_months"])
    out["M-21.official"] = e.lasted(during, after["within_3_months"])
    out["M-21.unknown"] = 0
    below = {
        "ever_started": len(e.started), "initial_starters": len({row["personId"] for row in e.initial()}),
        "strict_completers": len({row["personId"] for row in e.completed()}), "candidates": out["M-01"],
    }
    for phase in ("during", "official", "total", "within_3_months", "within_6_months"):
        above = out[f"M-21.{phase}"]
        for name, number in below.items():
            out[f"M-22.{phase}.of_{name}"] = None if above is None else ratio(above, number)


def afterwards(e, out):
    out["M-24.declarations"], out["M-24.post_decisions"] = len(e.declarations), len(e.decisions)
    # Nobody states that there were no others, so none on file says nothing.
    out["M-24.onward_referrals"] = len(e.referrals) or None
    left = {row["personId"] for row in e.participations if row["endedOn"]}
    in_time = [
        row for row in e.progress
        if e.by_id[row["participationId"]]["endedOn"]
        and day(row["assessedOn"]) <= add_months(day(e.by_id[row["participationId"]]["endedOn"]), 3)
    ]
    better = {e.by_id[row["participationId"]]["personId"] for row in in_time if row["change"] == "better"}
    out["M-24.social_progress"] = ratio(len(better), len(left)) if in_time else None
    out["M-27.structure"] = len(e.started)
    earlier = {row["personId"] for row in e.programme_participations if row["editionId"] != e.edition["id"]
               and any(part["personId"] == row["personId"] and row["startsOn"] < part["startsOn"] for part in e.participations)}
    out["M-23.repeaters"], out["M-23.new"] = len(e.started & earlier), len(e.started - earlier)


def effects(e, out):
    """What the agreement expects against what came of it; a figure that an effect names stands for its result."""
    recorded = {row["effectCode"]: row for row in e.results}
    measured = []
    for effect in e.effects:
        if "target" not in effect:
            continue
        if "definitionId" in effect:
            result = out[effect["definitionId"]]
        else:
            result = recorded.get(effect["code"], {}).get("result")
        # Nothing can be reached of a target of nought.
        if result is not None and Fraction(effect["target"]) > 0:
            measured.append(Fraction(result) >= Fraction(effect["target"]))
    out["M-20.target_attainment"] = sum(measured) if measured else None
    words = [effect["code"] for effect in e.effects if "target" not in effect]
    found = [code for code in words if recorded.get(code, {}).get("finding")]
    out["M-20.qualitative"] = len(found) if found else None


def households(e, out):
    def lived_there(stay, row):
        until = day(stay["to"])
        return day(stay["from"]) <= min(e.left(row), e.today) and (until is None or day(row["startsOn"]) <= until)

    out["M-28.households"] = len({
        stay["householdId"] for stay in e.stays for row in e.participations
        if stay["personId"] == row["personId"] and not stay["supersededAt"] and lived_there(stay, row)
    })
    out["M-28.households_with_assistant"] = len({
        row["householdId"] for row in e.assistances
        if row["editionId"] == e.edition["id"] and not row["supersededAt"] and day(row["from"]) <= e.today
    })


def of_edition(lists):
    """All figures of an edition by their definition."""
    edition, out = Edition(lists), {}
    for count in (recruitment, participation, classes, month_caps, sheets, employment, money, afterwards, effects, households):
        count(edition, out)
    return out


def of_programme(editions, regime):
    """Figures of re-participation, and the sums of counts over editions."""
    rows = [row for edition in editions for row in edition["participations"]]
    by_person, out = {}, {}
    for row in rows:
        by_person.setdefault(row["personId"], []).append(row)
    attended = {person: {row["editionId"] for row in stays} for person, stays in by_person.items()}
    out["M-23.enrolments"], out["M-23.distinct_people"] = len(rows), len(by_person)
    out["M-23.repeaters"] = sum(len(ids) > 1 for ids in attended.values())
    out["M-23.only_in_edition"] = sum(len(ids) == 1 for ids in attended.values())
    days = sorted((day(one["edition"]["startsOn"]), day(one["edition"]["endsOn"])) for one in editions)
    gaps = [max((then[0] - before[1]).days - 1, 0) for before, then in zip(days, days[1:])]
    out["M-23.gap_days"] = sum(gaps) if gaps else None
    total = lambda stays: sum(length(day(row["startsOn"]), day(row["endedOn"]) or day(row["plannedEndOn"])) for row in stays)
    out["M-23.cumulative_months"] = len(by_person)
    limit = regime["cumulativeLimitMonths"]
    out["M-23.over_limit"] = sum(total(stays) > limit for stays in by_person.values()) if limit else None
    out["M-06"], out["M-27.structure"] = len(rows), len(by_person)
    return out
