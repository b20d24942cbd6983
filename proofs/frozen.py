#!/usr/bin/env python3
"""PostgreSQL stands still (SIGSTOP to all its processes) and a table is locked away: every request is answered in time.

Within 5 s whatever the database does; who finds no free connection gets 503 with Retry-After within 600 ms; liveness
answers within 50 ms throughout; readiness says 503. When the database goes on, so does the service, without a
restart, with as many threads and about as much memory as before.
"""

import signal
import statistics
import subprocess
import threading
import time

from clients import Caller, Gone, SCALE, Scene, at_once, quantiles
from support import SEED, Service, fail, say, signal_all

CLIENTS, PROCESSES, POOL = 48, 2, 8
FREEZE = max(6.0, 12.0 * min(SCALE, 1))
ANSWERED, REFUSED, LIVE = 5.0, 0.6, 0.05
# What the load itself and a busy machine add to a wait that the service bounds.
SLACK = 0.35
MEMORY = 24


def load(service, token, scene, until):
    """Reads and keyed writes by many clients; answers (begun, seconds, status, with Retry-After) of each request."""

    def client(number, dice):
        caller, seen = Caller(service.port, token, patience=15), []
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                if dice.random() < 0.5:
                    answer = caller.call("GET", f"/people/{dice.choice(scene.people)}")
                else:
                    answer = caller.call("POST", "/people", {"sex": "unknown"}, {"Idempotency-Key": f"{number}-{began}"})
                seen.append((began, answer.seconds, answer.status, "retry-after" in answer.headers))
            except Gone as gone:
                seen.append((began, time.monotonic() - began, str(gone), False))
            time.sleep(0.02)
        return seen

    return sum(at_once(PROCESSES, CLIENTS // PROCESSES, client), [])


def watch(service, path, until, seen):
    caller = Caller(service.port, patience=15)
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            answer = caller.call("GET", path)
            seen.append((began, answer.seconds, answer.status))
        except Gone as gone:
            seen.append((began, time.monotonic() - began, str(gone)))
        time.sleep(0.05)


def trouble(service, token, scene, name, cause, seconds):
    """The load while `cause` lasts; answers its requests and those of the two watchers."""
    start = time.monotonic() + 2
    until = start + seconds + 6
    live, ready = [], []
    events = {}

    def act():
        time.sleep(max(0.0, start - time.monotonic()))
        undo = cause()
        events["begun"] = time.monotonic()
        time.sleep(seconds)
        events["ended"] = time.monotonic()
        undo()

    threads = [threading.Thread(target=act), threading.Thread(target=watch, args=(service, "/health/live", until, live)),
               threading.Thread(target=watch, args=(service, "/health/ready", until, ready))]
    # The load's processes are forked before any thread runs.
    timer = threading.Timer(0.3, lambda: [thread.start() for thread in threads])
    timer.start()
    seen = load(service, token, scene, until)
    timer.join()
    for thread in threads:
        thread.join()
    begun, ended = events["begun"], events["ended"]
    during = [entry for entry in seen if begun + 0.1 <= entry[0] < ended - 0.1]
    refused = [entry[1] for entry in during if entry[2] in (429, 503)]
    slow = [entry for entry in during if entry[1] > REFUSED + SLACK]
    after = [entry for entry in seen if entry[0] > ended + 2]
    say(f"  {name}, {seconds:.0f} s: {len(during)} requests begun meanwhile, {len(refused)} refused ({quantiles(refused)}), {len(slow)} slower than {REFUSED} s")
    say(f"    all {len(seen)} answers: {quantiles([entry[1] for entry in seen])}; afterwards {len(after)} answers, "
        f"{sum(entry[2] not in (200, 201) for entry in after)} of them no success")
    say(f"    liveness {quantiles([entry[1] for entry in live])}; readiness said 503 {sum(entry[2] == 503 for entry in ready)} times of {len(ready)}")
    unanswered = [entry for entry in seen if entry[1] > ANSWERED + SLACK or not isinstance(entry[2], int)]
    if unanswered:
        fail(f"{len(unanswered)} requests were not answered within {ANSWERED} s, such as {unanswered[0]}")
    if any(entry[2] >= 500 and entry[2] != 503 for entry in seen) or any(entry[2] in (429, 503) and not entry[3] for entry in seen):
        fail("an answer was neither a success nor 503 with Retry-After")
    if any(entry[2] not in (200, 201) for entry in after):
        fail("the service did not recover within 2 s")
    if any(entry[2] != 200 for entry in live) or statistics.median(entry[1] for entry in live) > LIVE:
        fail("liveness was late or absent")
    return during, slow, [entry for entry in ready if begun + 1 < entry[0] < ended - 0.6]


def main():
    say(f"frozen: seed {SEED}, {CLIENTS} clients, pool of {POOL}")
    with Service(settings={"database.pool_size": POOL}) as service:
        token = service.token(service.credential("coordinator"))
        scene = Scene(Caller(service.port, token), people=5)
        load(service, token, scene, time.monotonic() + 3)
        memory, threads = service.memory(), service.threads()

        def freeze():
            frozen = service.postgres()
            signal_all(frozen, signal.SIGSTOP)
            return lambda: signal_all(frozen, signal.SIGCONT)

        for round_ in range(2):
            _, slow, ready = trouble(service, token, scene, f"PostgreSQL frozen, round {round_ + 1}", freeze, FREEZE)
            # Whoever holds a connection when it freezes learns of it only by the deadline; nobody else may wait.
            turns = POOL * (1 + int(FREEZE // 4))
            if len(slow) > turns:
                fail(f"{len(slow)} requests waited long, more than the {turns} that could hold a connection")
            if any(entry[2] != 503 for entry in ready):
                fail("readiness did not say 503 while the database stood still")

        def lock():
            holder = subprocess.Popen(["psql", "-XAtq", "-d", service.database().conninfo], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
            holder.stdin.write("BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE;\n")
            holder.stdin.flush()
            time.sleep(0.2)
            return lambda: holder.communicate("ROLLBACK;\n")

        trouble(service, token, scene, "a table locked away, all connections in use", lock, 6.0)
        time.sleep(11)
        grown, more = service.memory() - memory, service.threads() - threads
        say(f"  memory {memory:.0f} MB, {grown:+.1f} MB afterwards; threads {threads}, {more:+d} afterwards")
        if grown > MEMORY or more > 0:
            fail("memory or threads were not given back")


main()
