#!/usr/bin/env python3
"""Kills the service and its PostgreSQL (-9) at random under load: no acknowledged write is lost or doubled.

Clients send keyed writes of four kinds and repeat each with its key until it is acknowledged. Meanwhile the service,
the postmaster or one of its backends is killed every few seconds; a killed service is started again, as a supervisor
would. At the end the database holds exactly what was acknowledged. Writes come back within 1 s of a kill of the
service and within 5 s of one of PostgreSQL.
"""

import signal
import statistics
import threading
import time

import writes
from clients import SCALE
from support import DICE, SEED, Service, alive, fail, say, signal_all

WANTED = int(100_000 * SCALE)
CLIENTS, PROCESSES = 32, 4
BACK = {"service": 1.0, "postmaster": 5.0, "backend": 5.0}
LONGEST = 900
# What a start on existing data is promised to take.
IDLE_START = 0.3


def kill(service, what):
    if what == "service":
        service.kill()
        return service.start
    processes = service.postgres()
    victims = processes[:1] if what == "postmaster" else processes[1:] and [DICE.choice(processes[1:])]
    signal_all(victims, signal.SIGKILL)
    return lambda: None


def kill_at_random(service, finished, kills):
    """Kills until the load is through."""
    kinds = []
    while not finished.wait(DICE.uniform(1.5, 4.0)):
        kinds = kinds or DICE.sample(["service", "postmaster", "backend"], 3)
        what = kinds.pop()
        at = time.monotonic()
        kill(service, what)()
        kills.append((what, at))
        if not alive(service.process.pid):
            fail(f"the service ended by itself: {service.tail()}")


def slowness(service):
    """How much slower than promised this machine, as busy as it is, starts an idle service: the measure for what is late."""
    starts = []
    for _ in range(3):
        service.kill()
        starts.append(service.start())
    factor = max(1.0, statistics.median(starts) / IDLE_START)
    say(f"  idle restarts {', '.join(f'{seconds:.2f} s' for seconds in starts)}: goals of time count {factor:.1f}-fold here")
    return factor


def returns(kills, written):
    """Per kind of kill, how long after it the first write came back that was begun or repeated after it."""
    ends = sorted(entry[3] for entry in written)
    # An answer that was under way at the kill arrives at once; writes are back when answers keep coming after the gap.
    back = {}
    for index, (what, at) in enumerate(kills):
        until = kills[index + 1][1] if index + 1 < len(kills) else float("inf")
        window = [end for end in ends if at <= end < until]
        if window:
            times = [at, *window]
            gaps = [(later - earlier, later) for earlier, later in zip(times, times[1:], strict=False)]
            longest, resumed = max(gaps)
            back.setdefault(what, []).append(resumed - at if longest > 0.05 else 0.0)
    return back


def main():
    say(f"kills: seed {SEED}, {CLIENTS} clients, {WANTED} writes")
    with Service() as service:
        slow = slowness(service)
        token = service.token(service.credential("coordinator"))
        scene, shares = writes.prepare(service.port, token, CLIENTS)
        before = writes.baseline(service.database())
        finished, kills, failed = threading.Event(), [], []

        def killer():
            try:
                kill_at_random(service, finished, kills)
            except BaseException as error:  # noqa: BLE001 - the load must end too
                failed.append(error)

        # The clients are processes that must not inherit a running thread.
        timer = threading.Timer(2.0, killer)
        timer.daemon = True
        began = time.monotonic()
        timer.start()
        results = writes.run(service.port, token, scene, shares, WANTED, service.directory / "progress", PROCESSES, stop_at=began + LONGEST)
        took = time.monotonic() - began
        finished.set()
        timer.join()
        if failed:
            raise failed[0]
        say(f"  {len(kills)} kills in {took:.0f} s: " + ", ".join(f"{sum(kind == what for kind, _ in kills)} {what}" for what in BACK))
        # The last kill may have been that of the postmaster, a moment ago.
        service.wait_until_ready()
        written = writes.compare(service.database(), before, results)
        if len(written) < WANTED:
            fail(f"only {len(written)} of {WANTED} writes in {LONGEST} s")
        late = []
        for what, seconds in returns(kills, written).items():
            median = statistics.median(seconds)
            say(f"  writes back after a kill of the {what}: median {median:.2f} s, largest {max(seconds):.2f} s (goal {BACK[what]:.0f} s)")
            late += [what] if median > BACK[what] * slow else []
        if late:
            fail(f"writes came back too late after a kill of the {', '.join(late)}")


main()
