#!/usr/bin/env python3
"""A faulty network between the service and an external PostgreSQL: no acknowledged write is lost or doubled.

A TCP proxy of our own delays, narrows, swallows and resets, also in mid-statement and at commit, where the outcome
is unknown and only the idempotency key tells. Each fault lasts some seconds, with fair weather between them. Every
request is answered within 5 s, none with 500, and the service recovers without a restart.
"""

import threading
import time

import proxy
import writes
from clients import Caller, Gone, SCALE, quantiles
from support import DICE, SEED, Cluster, Service, fail, say

CLIENTS, PROCESSES = 24, 2
FAULT = max(3.0, 8.0 * min(SCALE, 1))
ROUNDS = max(1, round(2 * SCALE))
ANSWERED = 5.5


def probe(port, token, until, seen):
    """A reader beside the writers: how long answers take, and that none is a 500."""
    caller = Caller(port, token, patience=15)
    while time.monotonic() < until():
        began = time.monotonic()
        try:
            answer = caller.call("GET", "/people?limit=5")
            seen.append((began, answer.seconds, answer.status))
        except Gone as gone:
            seen.append((began, time.monotonic() - began, str(gone)))
        time.sleep(0.05)


def main():
    plan = [mode for _ in range(ROUNDS) for mode in DICE.sample([proxy.LATENCY, proxy.NARROW, proxy.HOLE, proxy.RESET, proxy.CUT_COMMITS], 5)]
    say(f"faults: seed {SEED}, {CLIENTS} clients, {len(plan)} faults of {FAULT:.0f} s")
    with Cluster() as cluster, proxy.Proxy(cluster.port) as between, Service(settings=cluster.service_settings(between.port)) as service:
        token = service.token(service.credential("coordinator"))
        scene, shares = writes.prepare(service.port, token, CLIENTS)
        before = writes.baseline(cluster.database())
        seen, times = [], []
        ends = [time.monotonic() + 2 + len(plan) * (FAULT + 3) + 3]

        def weather():
            time.sleep(2)
            for mode in plan:
                cuts, began = between.cuts.value, time.monotonic()
                between.mode.value = mode
                time.sleep(FAULT)
                between.mode.value = proxy.FINE
                times.append((mode, began, time.monotonic(), between.cuts.value - cuts))
                time.sleep(3)

        threads = [threading.Thread(target=weather), threading.Thread(target=probe, args=(service.port, token, lambda: ends[0], seen))]
        timer = threading.Timer(0.5, lambda: [thread.start() for thread in threads])
        timer.start()
        results = writes.run(service.port, token, scene, shares, 10**9, service.directory / "progress", PROCESSES, stop_at=ends[0])
        timer.join()
        for thread in threads:
            thread.join()
        written = writes.compare(cluster.database(), before, results)
        for mode, began, ended, cuts in times:
            acknowledged = [entry for entry in written if began <= entry[3] < ended]
            answers = [entry for entry in seen if began <= entry[0] < ended]
            say(f"  {proxy.NAMES[mode]}: {len(acknowledged)} writes acknowledged, {cuts} connections cut; reader {quantiles([entry[1] for entry in answers])}, "
                f"{sum(entry[2] == 503 for entry in answers)} of {len(answers)} told to come back")
            # Under full load some are told to come back also in fair weather; nobody served would be no recovery.
            if not any(entry[2] == 200 for entry in seen if ended + 1 <= entry[0] < ended + 3):
                fail(f"not recovered 3 s after {proxy.NAMES[mode]}")
        wrong = [entry for entry in seen if entry[2] not in (200, 503) or entry[1] > ANSWERED]
        if wrong:
            fail(f"{len(wrong)} answers were late or neither a success nor 503, such as {wrong[0]}")


main()
