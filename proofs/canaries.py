#!/usr/bin/env python3
"""Sends 1,000 fictitious people through the running service, then searches every byte it left behind.

The service logs at trace level. People are created, searched, revealed, changed, apply, and are sent
where they do not belong: names and PESEL in wrong fields, in paths, queries, filters and headers,
twice, as dry runs, as replayed calls. Then the data files of PostgreSQL, its WAL, a dump, the logs,
the metrics and whatever else lies below the service's directory are searched for each name, PESEL,
address, telephone and document: as UTF-8, upper and lower hexadecimal, base64 in its three
alignments (both alphabets), UTF-16 in both orders, JSON and URL escapes. Nothing may be found.

A marker sent through a field that is not secret must be found in each place, and a sample of all
spellings by the search itself. No tracing is exported. It takes grep, tr and pg_dump.
"""

import base64
import concurrent.futures
import datetime
import json
import os
import subprocess
import sys
import time
import urllib.parse

from support import DICE, Service, fail, say

PEOPLE = 1000
CLIENTS = 20
LETTERS = "ąćęłńóśźż"
CHUNK = 1 << 20


def pesel(day, serial):
    """A valid fictitious PESEL."""
    month = day.month + (20 if day.year >= 2000 else 0)
    ten = f"{day.year % 100:02d}{month:02d}{day.day:02d}{serial:04d}"
    return ten + str(-sum(int(digit) * weight for digit, weight in zip(ten, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))) % 10)


def word(length):
    """A made-up word that occurs nowhere else, with Polish letters."""
    syllables = [DICE.choice("bcdfgklmnprstwz") + DICE.choice("aeiouy") for _ in range(length)]
    return "".join(syllables) + DICE.choice(LETTERS) + DICE.choice("bdgkmnrt") + DICE.choice(LETTERS)


def canary(number):
    """One person; everything but the key "sent" is to be found nowhere."""
    day = datetime.date(1950, 1, 1) + datetime.timedelta(days=DICE.randrange(20_000))
    contact = f"+48 5{DICE.randrange(10**8):08d}" if number % 2 else f"{DICE.randrange(10**9):09d}x{word(3).encode('ascii', 'ignore').decode()}@kanarek.example"
    return {
        "pesel": pesel(day, number % 10_000),
        "birthDate": day.isoformat(),
        "surname": word(5).capitalize(),
        "given": word(5).capitalize(),
        "address": f"ul. {word(5).capitalize()} {DICE.randrange(1, 200)}",
        "contact": contact,
        "document": f"{''.join(DICE.choice('ABCDEFGHKLMNPRSTUVWXYZ') for _ in range(4))}{DICE.randrange(10**6):06d}",
    }


def identity(one, changed=False):
    return {
        "givenNames": one["given"], "surname": one["surname"], "pesel": one["pesel"], "birthDate": one["birthDate"],
        "document": {"kind": "identityCard", "number": one["document"]}, "address": one["address"], "contact": one["contact"],
        **({"missingReason": "zmiana"} if changed else {}),
    }


class Desk:
    """One client that sends its share of the people."""

    def __init__(self, service, client, edition):
        self.service, self.edition = service, edition
        self.token = service.token(client)
        self.answers = {}
        self.searched = 0

    def call(self, method, path, body=None, headers=None, expected=None):
        headers = {"Pai-Purpose": "recruitment", **(headers or {})}
        status, answered, parsed = self.service.call(method, path, body, self.token, headers, timeout=60)
        self.answers[status] = self.answers.get(status, 0) + 1
        if expected and status not in expected:
            fail(f"{method} {path.split('?')[0]} answered {status} instead of {expected}: {parsed}")
        if status >= 500:
            fail(f"{method} {path.split('?')[0]} answered {status}: {parsed}")
        return status, answered, parsed

    def send(self, number, one):
        people, key = "/api/v1/people", {"Idempotency-Key": f"kanarek-{number}"}
        body = {"sex": "unknown", "birthYear": int(one["birthDate"][:4]), "identity": identity(one), "note": "dozwolonynapis"}
        self.call("POST", people + "?dryRun=true", body, expected=(200,))
        person = self.call("POST", people, body, key, expected=(201,))[2]["id"]
        self.call("POST", people, body, key, expected=(201,))
        self.call("POST", people, {**body, "sex": "male"}, key, expected=(422,))
        self.call("POST", people, body, expected=(409,))
        path = f"{people}/{person}/identity"
        etag = self.call("GET", path, expected=(200,))[1]["etag"]
        self.call("PUT", path, identity(one, True), {"If-Match": etag, "Idempotency-Key": f"zmiana-{number}"}, expected=(200,))
        self.call("PUT", path, identity(one), {"If-Match": etag}, expected=(412,))
        self.call("POST", "/api/v1/applications", {"editionId": self.edition, "personId": person, "receivedOn": "2026-05-11"})
        if self.searched < 20:
            criterion = [{"pesel": one["pesel"]}, {"surname": one["surname"]}, {"document": {"kind": "identityCard", "number": one["document"]}}]
            self.call("POST", people + "/search", criterion[number % 3], expected=(200,))
            self.searched += 1
        self.astray(number, one, person)

    def astray(self, number, one, person):
        """What people type where it does not belong."""
        quoted = {name: urllib.parse.quote(value, safe="") for name, value in one.items()}
        wrong = [
            ("GET", f"/api/v1/people?pesel={quoted['pesel']}", None, {}),
            ("GET", f"/api/v1/people?{quoted['surname']}={quoted['given']}", None, {}),
            ("GET", f"/api/v1/people?limit={quoted['pesel']}", None, {}),
            ("GET", f"/api/v1/people?cursor={quoted['surname']}", None, {}),
            ("GET", f"/api/v1/people/{quoted['pesel']}", None, {}),
            ("GET", f"/api/v1/people/{quoted['surname']}/identity", None, {}),
            ("GET", f"/api/v1/applications?editionId={quoted['pesel']}", None, {}),
            ("GET", f"/{quoted['pesel']}/{quoted['surname']}", None, {}),
            ("POST", "/api/v1/people", {"sex": one["surname"], "identity": identity(one)}, {}),
            ("POST", "/api/v1/people", {"sex": "female", one["surname"]: one["pesel"]}, {}),
            ("POST", "/api/v1/people", {"sex": "female", "birthYear": one["pesel"]}, {}),
            ("POST", "/api/v1/people", {"id": one["pesel"], "sex": "female"}, {}),
            ("POST", "/api/v1/people", {"sex": "female", "identity": {**identity(one), "birthDate": one["surname"]}}, {}),
            ("POST", "/api/v1/people", {"sex": "female", "identity": {**identity(one), "pesel": one["surname"]}}, {}),
            ("POST", "/api/v1/people", f'{{"sex":"female","identity":{{"surname":"{one["surname"]}", {one["pesel"]}'.encode(), {"Content-Type": "application/json"}),
            ("POST", "/api/v1/people/search", {"surname": one["surname"], "pesel": one["pesel"]}, {}),
            ("POST", "/api/v1/applications", {"editionId": one["pesel"], "personId": person, "receivedOn": one["surname"]}, {}),
            ("GET", f"/api/v1/people/{person}/identity", None, {"Pai-Purpose": one["pesel"]}),
            ("GET", f"/api/v1/people/{person}", None, {"Pai-On-Behalf-Of": f"do {one['pesel']}"}),
            ("POST", "/api/v1/people", {"sex": "female"}, {"Idempotency-Key": one["pesel"]}),
            ("PUT", f"/api/v1/people/{person}/identity", identity(one), {"If-Match": one["document"]}),
            ("POST", f"/oauth/token", f"grant_type=client_credentials&client_id={quoted['pesel']}&client_secret={quoted['surname']}".encode(),
             {"Content-Type": "application/x-www-form-urlencoded"}),
            (one["document"], "/api/v1/people", None, {}),
        ]
        for place in range(number % 4, len(wrong), 4):
            method, path, body, headers = wrong[place]
            status = self.call(method, path, body, headers)[0]
            if status < 400:
                fail(f"{method} {path.split('?')[0]} answered {status} to what was sent astray")


def spellings(value):
    """The value as it could stand somewhere, as bytes."""
    plain = value.encode()
    found = {plain, value.lower().encode(), value.upper().encode()}
    for text in (value, value.lower()):
        found |= {text.encode("utf-16-le"), text.encode("utf-16-be")}
        hexadecimal = text.encode().hex()
        found |= {hexadecimal.encode(), hexadecimal.upper().encode()}
        escaped = json.dumps(text)[1:-1]
        found |= {escaped.encode(), escaped.upper().replace("\\U", "\\u").encode()}
        quoted = urllib.parse.quote(text, safe="")
        found |= {quoted.encode(), quoted.lower().encode(), urllib.parse.quote_plus(text).encode()}
        for shift in range(3):
            encoded = base64.b64encode(b" " * shift + text.encode()).rstrip(b"=")
            # The first and the last group mix with what stands around the value.
            inner = encoded[0 if shift == 0 else 4: len(encoded) // 4 * 4 - 4]
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {spelling for spelling in found if len(spelling) >= 8}


def folded(spelling):
    """With zero bytes as grep sees them; the high byte of Polish letters in UTF-16 is 1 already."""
    return spelling.replace(b"\0", b"\1")


class Net:
    """Many patterns at once, by `grep -F`, which has one automaton for all of them."""

    def __init__(self, patterns, directory):
        self.file = directory / "patterns"
        # One pattern a line: those with line feeds are cut at them, which finds more, never less.
        lines = {max(folded(pattern).split(b"\n"), key=len) for pattern in patterns}
        self.file.write_bytes(b"\n".join(sorted(line for line in lines if len(line) >= 6)) + b"\n")

    def hits(self, path):
        """Which patterns a file holds, folded; grep cannot look for zero bytes, so they are folded in the file too."""
        environment = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        with open(path, "rb") as file, subprocess.Popen(["tr", "\\000", "\\001"], stdin=file, stdout=subprocess.PIPE) as turned:
            command = ["grep", "-a", "-o", "-F", "-f", str(self.file)]
            done = subprocess.run(command, stdin=turned.stdout, capture_output=True, env=environment, check=False)
        if done.returncode > 1 or turned.returncode:
            fail(f"the search failed in {path}: {done.stderr.decode(errors='replace')}")
        return set(done.stdout.splitlines())


def places(directory):
    """Every file below a directory, with what it is."""
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("patterns"):
            parts = path.relative_to(directory).parts
            kind = "WAL" if "pg_wal" in parts else "data files" if "base" in parts or "global" in parts else parts[0] if len(parts) == 1 else "other files"
            yield kind, path


def dump(service):
    """A dump of the database as its owner, in plain text and compressed form taken apart."""
    run = urllib.parse.quote(str((service.directory / "data" / "run").resolve()), safe="")
    url = f"postgresql://pai_owner@{run}:5432/pai?gssencmode=disable&sslmode=disable"
    for name, form in (("dump.sql", []), ("dump-inserts.sql", ["--inserts"])):
        with open(service.directory / name, "wb") as out:
            done = subprocess.run(["pg_dump", *form, url], stdout=out, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            fail(f"pg_dump: {done.stderr.decode()}")


def main():
    began = time.monotonic()
    people = [canary(number) for number in range(PEOPLE)]
    service = Service(settings={"log.filter": "trace"})
    try:
        service.start(patience=300)
        credentials = service.credentials()
        administrator = next(entry for entry in credentials if entry["role"] == "administrator")
        token = service.token(administrator)
        edition = service.call("GET", "/api/v1/editions?limit=1", token=service.token(next(
            entry for entry in credentials if entry["role"] == "coordinator" and entry["tenant"] == administrator["tenant"])))[2]["items"][0]["id"]
        desks = []
        for number in range(CLIENTS):
            made = service.call("POST", "/api/v1/clients", {"name": f"kanarki {number}", "role": "social_worker"}, token)[2]
            desks.append(Desk(service, {"clientId": made["id"], "clientSecret": made["clientSecret"]}, edition))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda desk: [desks[desk].send(number, people[number]) for number in range(desk, PEOPLE, CLIENTS)], range(CLIENTS)))
        answers = {}
        for desk in desks:
            for status, count in desk.answers.items():
                answers[status] = answers.get(status, 0) + count
        say(f"canaries: {PEOPLE} people in {sum(answers.values())} requests, {time.monotonic() - began:.0f} s; answers {dict(sorted(answers.items()))}")
        marker = "Znacznik" + word(6).capitalize()
        hosts = service.call("POST", "/api/v1/hosts", {"name": marker, "note": marker}, service.token(next(
            entry for entry in credentials if entry["role"] == "coordinator")))
        if hosts[0] != 201:
            fail(f"no marker: {hosts}")
        (service.directory / "metrics").write_bytes(service.call("GET", "/metrics")[2])
        dump(service)
        # A running server takes files away while they are read.
        service.stop()
        search(service, people, marker, began)
    finally:
        service.remove()


def search(service, people, marker, began):
    secrets = {}
    for number, one in enumerate(people):
        for name, value in one.items():
            # A date of birth alone is nobody's; demonstration people have some too.
            for spelling in spellings(value) if name != "birthDate" else ():
                secrets.setdefault(spelling, (number, name))
    # In the log stands what was asked for: the route of an operation.
    control = {spelling: "marker" for spelling in spellings(marker)}
    logged = b"/api/v1/people/{id}/identity"
    scratch = service.directory.parent / (service.directory.name + "-patterns")
    scratch.mkdir()
    try:
        net = Net(set(secrets) | set(control) | {logged}, scratch)
        # Every spelling must be found by the net itself, or a silence of it would mean nothing.
        bait = scratch / "bait"
        samples = sorted(secrets, key=lambda spelling: hash(spelling))[:2000] + sorted(control)
        bait.write_bytes(b"\n\xff".join(samples))
        caught = b"\n".join(net.hits(bait))
        missed = [spelling for spelling in samples if folded(max(spelling.split(b"\n"), key=len)) not in caught]
        if missed:
            fail(f"the search misses {len(missed)} of {len(samples)} spellings that are there, e.g. {missed[:3]}")
        markers = {folded(spelling) for spelling in control}
        whose = {folded(spelling): owner for spelling, owner in secrets.items()}
        files, size, found_marker, hits = 0, 0, set(), []
        stored = list(places(service.directory))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for (kind, path), found in zip(stored, pool.map(lambda place: net.hits(place[1]), stored)):
                files, size = files + 1, size + path.stat().st_size
                for hit in found:
                    if hit in markers:
                        found_marker.add(kind)
                    elif hit == logged:
                        found_marker.add(f"{kind}: a line")
                    else:
                        hits.append((kind, str(path.relative_to(service.directory)), whose.get(hit), hit))
    finally:
        subprocess.run(["rm", "-rf", str(scratch)], check=False)
    for kind, path, whose, hit in hits[:20]:
        say(f"  found in {kind} {path}: {whose} as {hit[:60]}")
    if hits:
        fail(f"{len(hits)} hits")
    wanted = {"data files", "WAL", "dump.sql", "dump-inserts.sql", "log.jsonl: a line"}
    if not wanted <= found_marker:
        fail(f"the markers were not found in {wanted - found_marker}: the search proves nothing there")
    say(f"canaries: {len(secrets)} spellings of {len(people)} people in {files} files, {size / 1e6:.0f} MB: 0 hits; "
        f"markers found in {', '.join(sorted(found_marker))}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
