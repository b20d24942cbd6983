#!/usr/bin/env python3
"""Reads calendars with a foreign parser (icalendar) and compares every event with what the API says of its session.

Sessions with long themes and signs that need escapes are made by a weekly pattern over a change of the clocks, where the
edition has one; some are moved, some cancelled. Then: each session is one event of the same UID, day and time in
Europe/Warsaw, SEQUENCE and STATUS; nothing personal stands in any property; a revoked and a made-up address answer alike.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

from support import DICE, Service, fail, say

REQUIREMENTS = pathlib.Path(__file__).resolve().parent / "icalendar" / "requirements.txt"
VERSION = re.search(r"^icalendar==(.+)$", REQUIREMENTS.read_text(), re.MULTILINE)[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pai" / f"icalendar-{VERSION}"
EDITION = "01900000-0000-7000-8000-000000000033"
BLOCK = "01900000-0000-7000-8000-000000000035"
PARTICIPATION = "01900000-0000-7000-8000-000000000043"
THEMES = ["Budżet domowy; długi, raty\\odsetki", "Zażółć gęślą jaźń " * 9, "CV", "emoji 😀 " * 12]
# Runs in an environment of its own: the events of a calendar as JSON.
PARSER = """
import json, sys, zoneinfo
from icalendar import Calendar
calendar = Calendar.from_ical(sys.stdin.buffer.read())
warsaw = zoneinfo.ZoneInfo("Europe/Warsaw")
def local(value):
    return value.astimezone(warsaw).strftime("%Y-%m-%d %H:%M") if hasattr(value, "astimezone") else str(value)
def event(item):
    if item.errors:
        raise SystemExit(f"a broken property: {item.errors}")
    end = item.get("DTEND")
    return {"uid": str(item["UID"]), "start": local(item["DTSTART"].dt), "end": end and local(end.dt), "sequence": int(item["SEQUENCE"]),
            "status": str(item["STATUS"]), "summary": str(item["SUMMARY"]), "stamped": str(item["DTSTAMP"].dt.tzinfo),
            "names": sorted(item.keys())}
json.dump([event(item) for item in calendar.walk("VEVENT")], sys.stdout)
"""
KNOWN = ["CLASS", "CREATED", "DTEND", "DTSTAMP", "DTSTART", "LAST-MODIFIED", "LOCATION", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "UID"]


def python():
    """A Python that has the parser, outside the tree."""
    program = CACHE / "bin" / "python"
    if not (CACHE / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE], check=True)
        pip = [CACHE / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]
        subprocess.run(pip, check=True)
        (CACHE / "done").touch()
    return program


def parsed(raw):
    run = subprocess.run([python(), "-c", PARSER], input=raw, capture_output=True)
    if run.returncode != 0:
        fail(f"the parser refuses the calendar: {run.stderr.decode()[-500:]}")
    return json.loads(run.stdout)


def wanted(status, answer, expected, what):
    if status != expected:
        fail(f"{what}: {status} {answer}")
    return answer


def sessions_of(call, group):
    """Every session that the calendar of the group has to show."""
    found, cursor = [], ""
    while True:
        page = wanted(*call("GET", f"/api/v1/sessions?editionId={EDITION}&limit=200{cursor}"), 200, "sessions")
        found += page["items"]
        if not page.get("nextCursor"):
            return [session for session in found if not session["rosterLimited"] or session["groupId"] == group]
        cursor = "&cursor=" + urllib.parse.quote(page["nextCursor"])


def compare(events, sessions):
    by_id = {event["uid"]: event for event in events}
    if sorted(by_id) != sorted(session["id"] for session in sessions) or len(by_id) != len(events):
        fail(f"{len(events)} events for {len(sessions)} sessions")
    for session in sessions:
        event = by_id[session["id"]]
        at = lambda time: f"{session['heldOn']} {time}" if time else session["heldOn"]
        cancelled = session["cancelledOn"] is not None
        expected = {
            "start": at(session["startsAt"] if session["endsAt"] else None),
            "end": at(session["endsAt"]) if session["endsAt"] else None,
            "sequence": session["scheduleVersion"] - 1,
            "status": "CANCELLED" if cancelled else "CONFIRMED",
            "summary": ("Odwołane: " if cancelled else "") + (session["theme"] or "Zajęcia grupowe"),
            "stamped": "UTC",
        }
        told = {name: event[name] for name in expected}
        if told != expected or not set(event["names"]) <= set(KNOWN):
            fail(f"an event tells {told} {event['names']} for {expected}")


def main():
    with Service() as service:
        token = service.token(service.credential("coordinator"))

        def call(method, path, body=None, headers=None):
            status, _, answer = service.call(method, path, body, token=token, headers=headers)
            return status, answer

        group = wanted(*call("POST", f"/api/v1/editions/{EDITION}/groups", {"name": "Kalendarz"}), 201, "group")["id"]
        edition = wanted(*call("GET", f"/api/v1/editions/{EDITION}"), 200, "edition")
        days = ["monday", "wednesday", "friday", "saturday"]
        pattern = {
            "blockId": BLOCK, "groupId": group, "form": "group", "themes": THEMES, "venue": "ul. Długa 1, parter", "room": "7; duża",
            "weekdays": [{"weekday": day, "startsAt": "17:15", "endsAt": "19:00", "lessonHours": 2} for day in days],
            "facilitator": "KAL-1", "from": edition["startsOn"], "onHoliday": "moveToNextWorkingDay",
        }
        path = f"/api/v1/editions/{EDITION}/session-patterns"
        made = [day["sessionId"] for day in wanted(*call("POST", path, pattern), 201, "pattern")["outcome"]["days"] if day["sessionId"]]
        feeds = {}
        for name, subject in {"group": {"groupId": group}, "leader": {"facilitator": "KAL-1"}, "person": {"participationId": PARTICIPATION}}.items():
            feeds[name] = wanted(*call("POST", "/api/v1/calendar-feeds", subject), 201, "feed")

        def read(name):
            path = urllib.parse.urlsplit(feeds[name]["calendarUrl"]).path
            status, headers, raw = service.call("GET", path)
            return status, headers, raw

        def check():
            status, headers, raw = read("group")
            wanted(status, raw, 200, "calendar")
            if headers["cache-control"] != "private, no-store" or "etag" in headers:
                fail(f"the calendar may be kept: {headers}")
            if any(len(line) > 75 or b"\n" in line or b"\r" in line for line in raw.split(b"\r\n")):
                fail("a line is too long or ends otherwise than RFC 5545 says")
            for secret in (b"KAL-1", PARTICIPATION.encode(), group.encode()):
                if secret in raw:
                    fail(f"the calendar tells {secret}")
            sessions = sessions_of(call, group)
            compare(parsed(raw), sessions)
            return len(sessions)

        check()
        for session in DICE.sample(made, len(made) // 2):
            move = {"startsAt": f"{DICE.randrange(19, 21)}:{DICE.randrange(0, 60):02}", "reason": "zmiana", "effectiveOn": edition["startsOn"]}
            wanted(*call("POST", f"/api/v1/sessions/{session}/rescheduling", move, {"If-Match": '"1"'}), 200, "move")
        for session in DICE.sample(made, len(made) // 3):
            version = wanted(*call("GET", f"/api/v1/sessions/{session}"), 200, "session")["scheduleVersion"]
            cancel = {"reason": "venue", "effectiveOn": edition["startsOn"]}
            wanted(*call("POST", f"/api/v1/sessions/{session}/cancellation", cancel, {"If-Match": f'"{version}"'}), 200, "cancel")
        count = check()
        leader = parsed(read("leader")[2])
        if sorted(event["uid"] for event in leader) != sorted(made):
            fail("the calendar of the leader shows other sessions than the leader has")
        if not parsed(read("person")[2]):
            fail("the calendar of a participant is empty")
        revoke = f"/api/v1/calendar-feeds/{feeds['group']['id']}/revocation"
        wanted(*call("POST", revoke, {"reason": "koniec"}), 200, "revocation")
        revoked = read("group")
        invented = service.call("GET", "/calendar/" + "A" * 64 + ".ics")
        plain = lambda answer: (answer[0], answer[2]["code"], answer[2]["title"])
        if plain(revoked) != plain(invented) or revoked[0] != 404:
            fail(f"a revoked address is told from one that never was: {plain(revoked)} {plain(invented)}")
        say(f"calendars: {count} events read by icalendar {VERSION} as the API tells them, {len(made)} of a pattern, moved and cancelled")


main()
