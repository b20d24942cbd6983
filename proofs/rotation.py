#!/usr/bin/env python3
"""Exchanges every kind of key while two replicas on one database are written to and read from.

Writers record people (the same PESEL at both replicas at once now and then), change identities with
If-Match, replay keyed calls; readers find people by PESEL, reveal identities and ask for tokens.
Meanwhile each key is exchanged twice, and the job that makes rows again is killed in the middle and
begun again. Broken are: a failed request, a duplicate accepted, a person not found, a value not
readable, a change lost, a row under an earlier key afterwards, an earlier key removed too early.
"""

import datetime
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

from support import SEED, Service, fail, say

KINDS = ["token-signing", "encryption", "blind-index", "participation-index", "person-keys"]
# A caller who is told to come back does so; few may be told so, and nobody more often than this.
REPEATS, COME_BACK_SHARE = 3, 0.001
CLIENTS = 12  # each may search 60 times a minute at each replica


class Load:
    """What the load has done, and what it found broken."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}
        self.broken = []
        self.people = {}  # person id -> (PESEL, surname now, version)
        self.stop = threading.Event()

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + number

    def breaks(self, text):
        with self.lock:
            self.broken.append(f"{datetime.datetime.now():%H:%M:%S} {text}")


def pesel(number):
    """A valid fictitious PESEL; another for every number."""
    day = datetime.date(1940, 1, 1) + datetime.timedelta(days=number % 20000)
    ten = f"{day:%y%m%d}{number // 20000 * 10 + number % 10:04d}"
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return ten + str(-sum(int(digit) * weight for digit, weight in zip(ten, weights)) % 10)


class Caller(threading.Thread):
    """One client that goes round its work until told to stop."""

    def __init__(self, load, replicas, client, dice, number):
        super().__init__(daemon=True)
        self.load, self.replicas, self.client, self.dice, self.number = load, replicas, client, dice, number
        self.token = self.replicas[0].token(client)
        self.old_token = self.token
        self.serial = 0

    def call(self, replica, method, path, body=None, headers=None, expected=(200, 201), token=None):
        headers = {"Pai-Purpose": "recruitment", **(headers or {})}
        for _ in range(REPEATS):
            try:
                status, answered, parsed = self.replicas[replica].call(
                    method, "/api/v1" + path, body, token or self.token, headers, timeout=30)
            except OSError as error:
                self.load.breaks(f"{method} {path}: {error!r}")
                return None, {}, None
            self.load.count("requests")
            if status != 503 or "retry-after" not in answered:
                break
            # Refused before anything was done, because the disk or the processors were busy.
            self.load.count("told to come back")
            time.sleep(float(answered["retry-after"]))
        if status not in expected:
            self.load.breaks(f"{method} {path} at replica {replica}: {status} {parsed}")
        return status, answered, parsed

    def run(self):
        searched = 0.0
        while not self.load.stop.is_set():
            self.record()
            if time.monotonic() - searched > 1.2:
                searched = time.monotonic()
                self.find()
            for _ in range(3):
                self.reveal()
            self.change()
            if self.dice.random() < 0.1:
                self.fresh_token()
            time.sleep(0.05)

    def record(self):
        self.serial += 1
        number = pesel(self.number * 100_000 + self.serial)
        body = {"sex": "unknown", "identity": {"givenNames": "Łucja", "surname": f"Próbna-{int(number):x}", "pesel": number}}
        answers = [None, None]
        if self.dice.random() < 0.3:
            # The same person at both replicas at once: one is recorded, the other refused.
            def send(replica):
                answers[replica] = self.call(replica, "POST", "/people", body, expected=(201, 409))
            threads = [threading.Thread(target=send, args=(replica,)) for replica in (0, 1)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            created = [answer for answer in answers if answer[0] == 201]
            self.load.count("races for one PESEL")
            if len(created) != 1:
                self.load.breaks(f"{len(created)} of two records of one PESEL were accepted")
                return
            person = created[0][2]["id"]
        else:
            key = {"Idempotency-Key": str(uuid.UUID(int=self.dice.getrandbits(128)))}
            replica = self.dice.randrange(2)
            status, _, answer = self.call(replica, "POST", "/people", body, key, expected=(201,))
            if status != 201:
                return
            person = answer["id"]
            again = self.call(1 - replica, "POST", "/people", body, key, expected=(201,))
            self.load.count("replays")
            if again[0] == 201 and again[2]["id"] != person:
                self.load.breaks("a replayed call was answered differently")
            status, _, refused = self.call(1 - replica, "POST", "/people", body, expected=(409,))
            self.load.count("duplicates tried")
            if status == 201:
                self.load.breaks("a duplicate was accepted")
        with self.load.lock:
            self.load.people[person] = (number, body["identity"]["surname"], 1, self.client["clientId"])

    def some_person(self, own=False):
        with self.load.lock:
            known = [person for person, entry in self.load.people.items() if not own or entry[3] == self.client["clientId"]]
            return (person := self.dice.choice(known), self.load.people[person]) if known else (None, None)

    def find(self):
        person, entry = self.some_person()
        if person is None:
            return
        status, _, found = self.call(self.dice.randrange(2), "POST", "/people/search", {"pesel": entry[0]}, expected=(200,))
        self.load.count("searches")
        if status == 200 and [hit["personId"] for hit in found["items"]] != [person]:
            self.load.breaks(f"search missed {person}: {found}")

    def reveal(self):
        person, entry = self.some_person()
        if person is None:
            return
        status, _, answer = self.call(self.dice.randrange(2), "GET", f"/people/{person}/identity", expected=(200,))
        self.load.count("identities read")
        if status == 200 and answer["pesel"] != entry[0]:
            self.load.breaks(f"another PESEL came back for {person}")

    def change(self):
        person, entry = self.some_person(own=True)
        if person is None:
            return
        number, _, version, owner = entry
        surname = f"Zmieniona-{self.dice.randrange(10**9)}"
        body = {"givenNames": "Łucja", "surname": surname, "pesel": number}
        status, _, _ = self.call(
            self.dice.randrange(2), "PUT", f"/people/{person}/identity", body, {"If-Match": f'"{version}"'}, expected=(200,))
        self.load.count("changes")
        if status == 200:
            with self.load.lock:
                self.load.people[person] = (number, surname, version + 1, owner)

    def fresh_token(self):
        self.token = self.replicas[self.dice.randrange(2)].token(self.client)
        self.load.count("tokens")
        # One of before the exchange stays valid.
        self.call(self.dice.randrange(2), "GET", "/people?limit=1", token=self.old_token)


class Operator:
    """The commands about keys."""

    def __init__(self, service):
        self.data = str(service.directory / "data")

    def command(self, *arguments):
        return [os.environ["PAI_PROGRAM"], "keys", *arguments, "--data-dir", self.data]

    def run(self, *arguments, code=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=300)
        if done.returncode != code:
            fail(f"pai keys {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def keys(self):
        return json.loads(self.run("list", "--json").stdout)["keys"]

    def killed_in_the_middle(self, kind, patience=2.0):
        """Begins a slow exchange and kills it while it makes rows again."""
        process = subprocess.Popen(self.command("rotate", kind, "--rows-per-second", "10"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "is active" in line or "have a new key" in line:
                break
        time.sleep(patience)
        if process.poll() is not None:
            fail(f"the exchange of {kind} ended before it could be killed: {process.returncode}")
        process.kill()
        process.wait()


def second_replica(first):
    """Another service on the same database and keys."""
    run = urllib.parse.quote(str((first.directory / "data" / "run").resolve()), safe="")
    url = f"postgresql://pai_service@{run}:5432/pai?gssencmode=disable&sslmode=disable"
    return Service(demo=False, directory=first.directory, settings={"database.url": url})


def exchange_all(operator, load):
    for turn in (1, 2):
        for kind in KINDS:
            before, began = load.counts.get("requests", 0), time.monotonic()
            # Few rows stand under the key of encryption itself: an exchange of it has no middle.
            killed = turn == 2 and kind in ("blind-index", "participation-index", "person-keys")
            if killed:
                operator.killed_in_the_middle(kind)
                if kind != "person-keys":
                    refused = operator.run("retire", kind, code=1)
                    if "still needed" not in refused.stderr:
                        fail(f"an earlier key of {kind} was not refused for being needed: {refused.stderr}")
            done = json.loads(operator.run("rotate", kind, "--json").stdout)
            if kind in ("blind-index", "person-keys") and done["madeAgain"] == 0:
                fail(f"no row was made again for {kind}")
            say(f"  {kind} ({turn}{', killed once' if killed else ''}): {time.monotonic() - began:.1f} s, "
                f"{done['madeAgain']} rows made again, {load.counts.get('requests', 0) - before} requests meanwhile")


def check_end(operator, load, replicas, client):
    for key in operator.keys():
        if key["purpose"] in ("encryption", "blind_index", "participation_index") and key["state"] != "active":
            fail(f"an earlier key is left: {key}")
    signing = [key for key in operator.keys() if key["purpose"] == "token_signing"]
    if len(signing) != 3:
        fail(f"{len(signing)} signing keys instead of the new one and two that still verify")
    operator.run("retire", "token-signing", code=1)
    # Who lost a race for a PESEL may have left a key behind.
    operator.run("check", "--repair")
    operator.run("check")
    token = replicas[0].token(client)
    for person, (number, surname, version, _) in load.people.items():
        replica = replicas[version % 2]
        status, headers, answer = replica.call("GET", f"/api/v1/people/{person}/identity", None, token, {"Pai-Purpose": "recruitment"})
        found = (status, answer.get("pesel"), answer.get("surname"), headers.get("etag"))
        if found != (200, number, surname, f'"{version}"'):
            fail(f"person {person} is not as last written: {status} {headers.get('etag')} instead of version {version}")
    say(f"  all {len(load.people)} people readable at their last acknowledged version")
    # A leaked signing key is cut off at once, everywhere.
    operator.run("retire", "token-signing", "--leaked")
    time.sleep(3)
    old = load.first_token
    for replica in replicas:
        if replica.call("GET", "/api/v1/people?limit=1", None, old)[0] != 401:
            fail("a token of a removed signing key is still accepted")


def main():
    seconds = time.monotonic()
    with Service(settings={"log.filter": "warn"}) as first:
        second = second_replica(first)
        second.settings["PAI__LOG__FILTER"] = "warn"
        second.start()
        try:
            replicas = [first, second]
            credentials = first.credentials()
            administrator = next(entry for entry in credentials if entry["role"] == "administrator")
            token = first.token(administrator)
            clients = []
            for number in range(CLIENTS):
                status, _, made = first.call("POST", "/api/v1/clients", {"name": f"load {number}", "role": "social_worker"}, token)
                if status != 201:
                    fail(f"no client: {status} {made}")
                clients.append({"clientId": made.get("clientId") or made["id"], "clientSecret": made["clientSecret"]})
            load = Load()
            callers = [Caller(load, replicas, client, random.Random(SEED + number), number) for number, client in enumerate(clients)]
            load.first_token = callers[0].old_token
            [caller.start() for caller in callers]
            time.sleep(5)
            operator = Operator(first)
            exchange_all(operator, load)
            load.stop.set()
            [caller.join(60) for caller in callers]
            if load.broken:
                for line in load.broken[:20]:
                    say("  " + line)
                say("\n".join(first.warnings()[-20:]))
                fail(f"{len(load.broken)} of {load.counts['requests']} requests")
            if load.counts.get("told to come back", 0) > COME_BACK_SHARE * load.counts["requests"]:
                fail(f"too many were told to come back: {load.counts}")
            check_end(operator, load, replicas, clients[0])
            say("rotation: " + ", ".join(f"{count} {what}" for what, count in sorted(load.counts.items())))
            say(f"rotation: 10 exchanges, 3 kills: 0 failed requests, 0 duplicates, 0 missed searches, {time.monotonic() - seconds:.0f} s")
        finally:
            second.stop()


if __name__ == "__main__":
    sys.exit(main())
