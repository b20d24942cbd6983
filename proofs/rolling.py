#!/usr/bin/env python3
"""Rolling restarts of two replicas behind haproxy under load: no request fails.

Two services stand on one external PostgreSQL and one data directory of keys. They are stopped and started in turn,
first by SIGTERM, where not one request may fail, then by SIGKILL, where haproxy tries another replica and the
idempotency key makes a repeated write happen once.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import writes
from clients import SCALE, Caller, Gone, at_once, quantiles
from support import SEED, Cluster, Service, fail, free_port, say

ROLLS = max(4, int(100 * SCALE))
KILLS = max(2, int(20 * SCALE))
CLIENTS, PROCESSES = 8, 2
LONGEST = 420

CONFIGURATION = """
global
    maxconn 2000
    stats socket {stats}
defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s
    timeout check 2s
    option redispatch
    retries 3
    retry-on conn-failure empty-response response-timeout
frontend pai
    bind 127.0.0.1:{front}
    default_backend replicas
backend replicas
    balance roundrobin
    option httpchk GET /health/ready
    http-check expect status 200
    default-server check inter 100ms fall 1 rise 2 fastinter 50ms
    server one 127.0.0.1:{one}
    server two 127.0.0.1:{two}
"""


def haproxy():
    found = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "haproxy"], check=True, capture_output=True,
                       env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        found = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
    return found or fail("haproxy is not installed")


class Balancer:
    def __init__(self, replicas):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="pai-haproxy-"))
        self.port = free_port()
        configuration = CONFIGURATION.format(front=self.port, stats=self.directory / "stats", one=replicas[0].port, two=replicas[1].port)
        (self.directory / "haproxy.cfg").write_text(configuration)

    def __enter__(self):
        self.process = subprocess.Popen([haproxy(), "-db", "-f", str(self.directory / "haproxy.cfg")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        caller = Caller(self.port)
        for _ in range(200):
            try:
                if caller.call("GET", "/health/ready").status == 200:
                    return self
            except Gone:
                pass
            time.sleep(0.05)
        return fail("haproxy did not start")

    def both_up(self):
        """Waits until the balancer sends requests to both replicas."""
        for _ in range(300):
            with socket.socket(socket.AF_UNIX) as stats:
                stats.connect(str(self.directory / "stats"))
                stats.sendall(b"show stat\n")
                lines = stats.makefile().read().splitlines()
            if sum(line.startswith(("replicas,one", "replicas,two")) and ",UP," in line for line in lines) == 2:
                return
            time.sleep(0.05)
        fail("the balancer does not take a replica back")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)


def roll(balancer, replicas, count, how, stop, done):
    """Restarts one replica after the other, each when the other is known to be back."""
    for number in range(count):
        if stop.is_set():
            return
        replica = replicas[number % 2]
        if how == signal.SIGTERM:
            replica.stop()
        else:
            replica.kill()
        replica.start()
        # The balancer must see it before the other one goes.
        balancer.both_up()
        done.append(number)


def under_load(balancer, replicas, count, how, write, result=lambda number, results: results):
    """Load by many clients while the replicas are rolled; answers the clients' results."""
    stop, done = threading.Event(), []
    finished = pathlib.Path(tempfile.mkdtemp(prefix="pai-rolling-"))
    limit = time.monotonic() + LONGEST

    def restarts():
        try:
            roll(balancer, replicas, count, how, stop, done)
        finally:
            (finished / "yes").touch()

    def client(number, dice):
        results = []
        while not (finished / "yes").exists() and time.monotonic() < limit:
            results.append(write(number, dice))
        return result(number, results)

    timer = threading.Timer(0.3, restarts)
    timer.daemon = True
    began = time.monotonic()
    timer.start()
    try:
        results = at_once(PROCESSES, CLIENTS // PROCESSES, client)
    finally:
        stop.set()
        timer.join()
        shutil.rmtree(finished, ignore_errors=True)
    if len(done) < count:
        say(f"    stopped after {len(done)} of {count} restarts: {LONGEST} s had passed")
    return len(done), time.monotonic() - began, results


def main():
    say(f"rolling: seed {SEED}, {ROLLS} restarts and {KILLS} kills under {CLIENTS} clients")
    program = haproxy()
    say("  " + subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stdout.splitlines()[0])
    with Cluster() as cluster:
        settings = cluster.service_settings()
        first = Service(settings=settings)
        second = Service(demo=False, settings=settings, directory=first.directory)
        first.start()
        second.start()
        first.demo = False
        try:
            with Balancer([first, second]) as balancer:
                prove(cluster, balancer, [first, second])
        finally:
            second.stop()
            first.remove()


def prove(cluster, balancer, replicas):
    balancer.both_up()
    token = replicas[0].token(replicas[0].credential("coordinator"))
    callers = {}

    def plain(number, dice):
        """A request that is sent once: a failure is a failure."""
        caller = callers.setdefault(number, Caller(balancer.port, token, patience=15))
        try:
            if dice.random() < 0.5:
                answer = caller.call("GET", "/people?limit=5")
            else:
                answer = caller.call("POST", "/people", {"sex": "unknown"})
            return answer.status, answer.seconds
        except Gone as gone:
            return str(gone), 0.0

    restarts, took, answers = under_load(balancer, replicas, ROLLS, signal.SIGTERM, plain)
    answers = sum(answers, [])
    failed = [status for status, _ in answers if status not in (200, 201)]
    say(f"  {restarts} rolling restarts in {took:.0f} s: {len(answers)} requests, {len(failed)} failed; {quantiles([seconds for _, seconds in answers])}")
    if failed:
        fail(f"a request failed during a rolling restart: {failed[:3]}")

    scene, shares = writes.prepare(balancer.port, token, CLIENTS)
    before = writes.baseline(cluster.database())
    writers = {}

    def keyed(number, dice):
        if number not in writers:
            writers[number] = writes.Writer(scene, Caller(balancer.port, token), dice, shares[number], 60)
        writers[number].step()

    def written(number, _):
        return (writers[number].acknowledged, writers[number].repeats) if number in writers else ([], 0)

    kills, took, results = under_load(balancer, replicas, KILLS, signal.SIGKILL, keyed, written)
    say(f"  {kills} kills in {took:.0f} s: 0 requests failed after retries")
    writes.compare(cluster.database(), before, results)


main()
