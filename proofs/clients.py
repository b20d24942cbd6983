"""Many clients at once: processes with threads, plain sockets, keyed writes that are repeated until answered."""

import json
import multiprocessing
import os
import random
import select
import socket
import threading
import time
import uuid

from support import SEED, fail

SCALE = float(os.environ.get("PAI_PROVE_SCALE", "1"))


class Gone(Exception):
    """No answer: refused, reset, cut or too late. What was asked may have happened."""


class Answer:
    __slots__ = ("status", "headers", "raw", "seconds")

    def __init__(self, status, headers, raw, seconds):
        self.status, self.headers, self.raw, self.seconds = status, headers, raw, seconds

    def json(self):
        return json.loads(self.raw)

    def code(self):
        """The stable code of a problem."""
        return self.json().get("code", "") if "problem" in self.headers.get("content-type", "") else ""

    def __repr__(self):
        return f"{self.status} {self.raw[:300]!r}"


class Caller:
    """One connection, kept alive and opened again when it broke."""

    def __init__(self, port, token=None, patience=10.0, host="127.0.0.1"):
        self.address, self.token, self.patience, self.socket = (host, port), token, patience, None
        self.rest = b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.rest = None, b""

    def call(self, method, path, body=None, headers=None):
        """One request below /api/v1 (or an absolute path); raises Gone where no answer came."""
        if not path.startswith(("/api/", "/health", "/metrics", "/oauth")):
            path = "/api/v1" + path
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.address[0]}", "Accept-Language: en"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        raw = json.dumps(body).encode() if body is not None else b""
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(raw)}"]
        return self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)

    def send(self, request):
        began = time.monotonic()
        try:
            # A connection that the service closed meanwhile is no lost request.
            if self.socket and select.select([self.socket], [], [], 0)[0]:
                self.close()
            if not self.socket:
                self.socket = socket.create_connection(self.address, timeout=self.patience)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.settimeout(self.patience)
            self.socket.sendall(request)
            status, headers, raw = self.receive()
        except (OSError, ValueError, IndexError) as error:
            self.close()
            raise Gone(f"{type(error).__name__}: {error}") from error
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, raw, time.monotonic() - began)

    def more(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionResetError("closed before the answer was complete")
        self.rest += chunk

    def receive(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self.rest) < length:
            self.more()
        raw, self.rest = self.rest[:length], self.rest[length:]
        return int(first.split()[1]), headers, raw

    def wanted(self, method, path, body=None, headers=None, statuses=(200, 201)):
        """As call, for the setting of a proof: anything else ends it."""
        for attempt in range(40):
            try:
                answer = self.call(method, path, body, headers)
            except Gone as gone:
                answer = gone
            else:
                if answer.status in statuses:
                    return answer.json()
                if answer.status not in (429, 503):
                    break
            time.sleep(0.05 * attempt)
        fail(f"{method} {path} answered {answer}")

    def keyed(self, method, path, body, until, key=None, headers=None):
        """A write with one key, repeated until it is answered for good; answers that and how often it was sent."""
        headers = {**(headers or {}), "Idempotency-Key": key or str(uuid.uuid4())}
        attempts, pause, last = 0, 0.01, None
        while time.monotonic() < until:
            attempts += 1
            try:
                last = answer = self.call(method, path, body, headers)
                if answer.status < 500 and answer.status != 429 and answer.code() != "platform.request_in_progress":
                    return answer, attempts
            except Gone as gone:
                last = gone
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, 0.2)
        raise TimeoutError(f"{method} {path} was never answered for good; at last {last}")


def at_once(processes, threads, work):
    """Runs `work(number, dice)` in so many processes of so many threads; answers all results, in order."""
    context = multiprocessing.get_context("fork")

    def threaded(process, pipe):
        results, workers = [None] * threads, []

        def run(thread):
            number = process * threads + thread
            try:
                results[thread] = (True, work(number, random.Random(SEED * 1000 + number)))
            except BaseException as error:  # noqa: BLE001 - reported by the parent
                results[thread] = (False, f"{type(error).__name__}: {error}")

        for thread in range(threads):
            workers.append(threading.Thread(target=run, args=(thread,), daemon=True))
            workers[-1].start()
        for worker in workers:
            worker.join()
        pipe.send(results)
        pipe.close()

    running = []
    for process in range(processes):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=threaded, args=(process, theirs), daemon=True)
        child.start()
        theirs.close()
        running.append((child, ours))
    answers = []
    for child, pipe in running:
        answers += pipe.recv()
        child.join()
    broken = [result for fine, result in answers if not fine]
    if broken:
        fail(f"{len(broken)} of {len(answers)} clients failed, the first with {broken[0]}")
    return [result for _, result in answers]


def quantiles(values):
    """Median, 99th percentile and largest, in milliseconds."""
    ordered = sorted(values) or [0.0]
    pick = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000  # noqa: E731
    return f"median {pick(0.5):.0f} ms, p99 {pick(0.99):.0f} ms, largest {ordered[-1] * 1000:.0f} ms"


class Scene:
    """What a proof stands on, entered over the API: one edition of many people, with a host, a block and an agreement."""

    def __init__(self, caller, people=20, places=100000, starts_on="2024-01-01", ends_on="2025-12-31", cap="50.00"):
        self.caller, self.starts_on = caller, starts_on
        make = lambda path, body: caller.wanted("POST", path, body)["id"]  # noqa: E731
        tag = uuid.uuid4().hex[:8]
        self.programme = make("/programmes", {"name": f"PAI {tag}", "kind": "pai"})
        agreement = {"kind": "implementation", "signedOn": "2023-11-02", "regimeId": self.regime(), "monthlyCap": cap}
        self.agreement = make("/agreements", agreement)
        self.host = make("/hosts", {"name": f"Biblioteka {tag}"})
        self.edition = self.further_edition(places, starts_on, ends_on)
        self.block = make(f"/editions/{self.edition}/blocks", {"kind": "integration", "name": "Zajęcia", "providerKind": "own"})
        self.people = [self.person() for _ in range(people)]
        self.participations = [self.admitted(person) for person in self.people]

    def regime(self):
        for regime in self.caller.wanted("GET", "/regimes")["items"]:
            if "10.00" in json.dumps(regime):
                return regime["id"]
        fail("no regime of ten hours a week")

    def further_edition(self, places, starts_on, ends_on, **more):
        body = {"programmeId": self.programme, "agreementId": self.agreement, "name": uuid.uuid4().hex[:8],
                "startsOn": starts_on, "endsOn": ends_on, "places": places, **more}
        return self.caller.wanted("POST", "/editions", body)["id"]

    def person(self):
        return self.caller.wanted("POST", "/people", {"sex": "unknown"})["id"]

    def admission(self, person, edition=None, **more):
        return {"editionId": edition or self.edition, "personId": person, "startsOn": self.starts_on,
                "override": {"reason": "Próba"}, **more}

    def admitted(self, person, **more):
        return self.caller.wanted("POST", "/participations", self.admission(person, **more))["id"]
