#!/usr/bin/env python3
"""Requests that no honest client sends: slow, huge, deep, cut, lying, thousands of idle ones.

Each is answered with a documented refusal or the connection is closed within a bounded time, others are served
meanwhile, nothing answers 5xx, and memory stays bounded.
"""

import json
import resource
import socket
import threading
import time

from clients import Caller, Gone, SCALE, quantiles
from support import SEED, Service, fail, say

IDLE = max(200, int(5000 * SCALE))
PATIENCE = 20.0
MEMORY = 96
REFUSALS = {400, 401, 404, 405, 406, 408, 411, 413, 414, 415, 417, 422, 431, 501, 505}


class Raw:
    """A connection that sends whatever it is told."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.began = time.monotonic()

    def send(self, data):
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def outcome(self):
        """The statuses of all answers until the connection ends or nothing comes for a while, and the seconds that took."""
        received = b""
        try:
            while len(received) < 1 << 20:
                chunk = self.socket.recv(65536)
                if not chunk:
                    break
                received += chunk
                if received.startswith(b"HTTP/1.1 ") and self.is_whole(received):
                    break
        except TimeoutError:
            return "silent", time.monotonic() - self.began
        except OSError:
            pass
        finally:
            self.socket.close()
        status = int(received[9:12]) if received.startswith(b"HTTP/1.1 ") else "closed"
        return status, time.monotonic() - self.began

    @staticmethod
    def is_whole(received):
        head, found, body = received.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return bool(found) and len(body) >= int(line.split(b":")[1])
        return bool(found)


def main():
    say(f"bodies: seed {SEED}, {IDLE} idle connections")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    with Service() as service:
        token = service.token(service.credential("coordinator"))
        caller = Caller(service.port, token)
        caller.wanted("POST", "/people", {"sex": "unknown"})
        memory, threads = service.memory(), service.threads()
        stop, others = threading.Event(), []

        def others_meanwhile():
            honest = Caller(service.port, token)
            while not stop.is_set():
                for method, path, body in (("GET", "/health/live", None), ("POST", "/people", {"sex": "unknown"}), ("GET", "/people", None)):
                    try:
                        answer = honest.call(method, path, body)
                        others.append((answer.seconds, answer.status))
                    except Gone as gone:
                        others.append((PATIENCE, str(gone)))
                time.sleep(0.05)

        beside = threading.Thread(target=others_meanwhile)
        beside.start()
        try:
            attacks(service, token)
            idle_connections(service)
        finally:
            stop.set()
            beside.join()
        failed = [entry for entry in others if entry[1] not in (200, 201)]
        say(f"  others meanwhile: {len(others)} requests, {len(failed)} failed, {quantiles([entry[0] for entry in others])}")
        grown = service.memory() - memory
        say(f"  memory {memory:.0f} MB, {grown:+.1f} MB afterwards; threads {threads}, {service.threads() - threads:+d} afterwards")
        if failed:
            fail(f"others were not served: {failed[0]}")
        if grown > MEMORY:
            fail("memory grew")


def head(token, more, method="POST", path="/api/v1/people"):
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", "Content-Type: application/json", *more]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def sent(service, *parts, pause=0.0, half_close=False):
    raw = Raw(service.port)
    for part in parts:
        if not raw.send(part):
            break
        time.sleep(pause)
    if half_close:
        raw.socket.shutdown(socket.SHUT_WR)
    return raw.outcome()


def drip(service, first, byte, seconds):
    """Sends one byte after the other; stops when the service answers or hangs up."""
    raw = Raw(service.port)
    raw.send(first)
    raw.socket.setblocking(False)
    until = time.monotonic() + seconds
    while time.monotonic() < until and raw.send(byte):
        try:
            if raw.socket.recv(1, socket.MSG_PEEK) is not None:
                break
        except BlockingIOError:
            time.sleep(0.5)
        except OSError:
            break
    raw.socket.settimeout(PATIENCE)
    status, _ = raw.outcome()
    return status, time.monotonic() - raw.began


def length(body):
    return [f"Content-Length: {len(body)}"]


def attacks(service, token):
    deep_array = b'{"sex":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    deep_object = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    large = json.dumps({"sex": "female", "note": "x" * (1 << 21)}).encode()
    just_over = b'{"sex":"female","note":"' + b"x" * ((1 << 20) - 20) + b'"}'
    chunked = ["Transfer-Encoding: chunked"]
    plain = b'{"sex":"female"}'
    no_text = b'{"sex":"\xff\xfe\xfd\xfc"}'
    cases = {
        "a head of one byte a second": lambda: drip(service, b"POST /api/v1/people HTTP/1.1\r\nX-A: ", b"a", 15),
        "a body of one byte a second": lambda: drip(service, head(token, ["Content-Length: 1000"]), b" ", 15),
        "a body that never comes": lambda: sent(service, head(token, ["Content-Length: 1000"])),
        "a slow body without a token": lambda: drip(service, head("x", ["Content-Length: 1000"]), b" ", 15),
        "a slow body for a path that is not there": lambda: drip(service, head(token, ["Content-Length: 1000"], path="/api/v1/nothing"), b" ", 15),
        "a body of 2 MiB": lambda: sent(service, head(token, length(large)), large),
        "a body just over 1 MiB": lambda: sent(service, head(token, length(just_over)), just_over),
        "2 MiB in chunks": lambda: sent(service, head(token, chunked), b"".join(b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in range(32)), b"0\r\n\r\n"),
        "a body of 8 GiB by its length": lambda: sent(service, head(token, ["Content-Length: 8589934592"]), b" " * 100_000),
        "arrays, 100,000 deep": lambda: sent(service, head(token, length(deep_array)), deep_array),
        "objects, 100,000 deep": lambda: sent(service, head(token, length(deep_object)), deep_object),
        "2,000 headers": lambda: sent(service, head(token, [f"X-{number}: 1" for number in range(2000)], "GET")),
        "a header of 1 MiB": lambda: sent(service, head(token, ["X-A: " + "a" * (1 << 20)], "GET")),
        "a path of 200 KiB": lambda: sent(service, head(token, [], "GET", "/api/v1/people/" + "a" * 200_000)),
        "half closed after the head": lambda: sent(service, head(token, ["Content-Length: 1000"]), half_close=True),
        "half closed in the head": lambda: sent(service, b"POST /api/v1/people HT", half_close=True),
        "UTF-8 that is none": lambda: sent(service, head(token, length(no_text)), no_text),
        "a NUL byte in text": lambda: sent(service, head(token, length(b'{"sex":"female","note":"a\\u0000b"}')), b'{"sex":"female","note":"a\\u0000b"}'),
        "chunks of garbage": lambda: sent(service, head(token, chunked), b"zz\r\n{}\r\n0\r\n\r\n"),
        "a chunk of endless size": lambda: sent(service, head(token, chunked), b"ffffffffffffffffff\r\n{}"),
        "a negative length": lambda: sent(service, head(token, ["Content-Length: -1"]), plain),
        "two lengths": lambda: sent(service, head(token, ["Content-Length: 16", "Content-Length: 3"]), plain),
        "length and chunks": lambda: sent(service, head(token, ["Content-Length: 16", *chunked]), b"0\r\n\r\n"),
        "a length that is too short": lambda: sent(service, head(token, ["Content-Length: 5"]), plain),
        "a length that is too long": lambda: sent(service, head(token, ["Content-Length: 17"]), plain),
        "no request at all": lambda: sent(service, b"\x16\x03\x01\x02\x00\x01\x00" * 50),
        "an empty connection": lambda: sent(service),
    }
    # All at once, as they would come.
    outcomes = {}
    threads = [threading.Thread(target=lambda name=name, case=case: outcomes.update({name: case()})) for name, case in cases.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong = []
    for name in cases:
        status, seconds = outcomes.get(name, ("failed", 0.0))
        say(f"  {name}: {status} after {seconds:.1f} s")
        if not (status == "closed" or status in REFUSALS) or seconds > PATIENCE - 1:
            wrong.append(name)
    if wrong:
        fail("not refused in time: " + ", ".join(wrong))
    pipelined = Raw(service.port)
    pipelined.send(head(token, [], "GET", "/health/live") * 100)
    pipelined.socket.settimeout(3)
    received = b""
    try:
        while received.count(b"HTTP/1.1 200") < 100:
            received += pipelined.socket.recv(65536)
    except OSError:
        pass
    say(f"  100 requests in one go: {received.count(b'HTTP/1.1 200')} answers")
    if received.count(b"HTTP/1.1 200") != 100:
        fail("pipelined requests were lost")


def idle_connections(service):
    connections, began = [], time.monotonic()
    for _ in range(IDLE):
        try:
            connections.append(socket.create_connection(("127.0.0.1", service.port), timeout=5))
        except OSError:
            break
    opened = len(connections)
    for connection in connections[: opened // 2]:
        connection.send(b"GET /health/live HTTP/1.1\r\nX: ")
    during = service.memory()
    time.sleep(8)
    left = 0
    for connection in connections:
        connection.setblocking(False)
        try:
            while connection.recv(4096):
                pass
        except BlockingIOError:
            left += 1
        except OSError:
            pass
        connection.close()
    say(f"  {opened} idle connections, half of them in mid-head: {during:.0f} MB; {left} still open {time.monotonic() - began:.0f} s later")
    if opened < IDLE:
        fail(f"only {opened} connections were taken")
    if left > opened // 2 + 10:
        fail("connections in mid-head were not closed")


main()
