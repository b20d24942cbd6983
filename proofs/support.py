"""What the proofs share: a service of one's own, its demo clients, and plain HTTP.

Only Python's standard library, so that a proof runs wherever the service does.
"""

import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

SEED = int(os.environ.get("PAI_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
DICE = random.Random(SEED)


def say(text):
    """Prints a line of the proof's report at once."""
    print(text, flush=True)


def fail(text):
    """Ends the proof: a promise is broken."""
    say(f"BROKEN: {text} (PAI_SEED={SEED})")
    sys.exit(1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A running `pai serve --demo` on a data directory of its own."""

    def __init__(self, demo=True, settings=None, directory=None, port=None, arguments=()):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="pai-proof-"))
        self.port = port or free_port()
        self.demo = demo
        self.settings = {f"PAI__{name.upper().replace('.', '__')}": str(value) for name, value in (settings or {}).items()}
        self.arguments = list(arguments)
        self.process = None
        # An unprivileged database server must be able to reach its directory.
        os.chmod(self.directory, 0o755)

    def start(self, patience=60):
        """Starts and waits until it is ready; answers the seconds that took."""
        command = [os.environ["PAI_PROGRAM"], "serve", "--data-dir", str(self.directory / "data"), "--listen", f"127.0.0.1:{self.port}"]
        command += ["--demo"] if self.demo else []
        self.log = open(self.directory / "log.jsonl", "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(command + self.arguments, stdout=self.log, stderr=self.log, env={**os.environ, **self.settings})
        while time.monotonic() - began < patience:
            if self.process.poll() is not None:
                fail(f"the service ended with {self.process.returncode}: {self.tail()}")
            try:
                if self.call("GET", "/health/ready", timeout=2)[0] == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.02)
        fail(f"not ready after {patience} s: {self.tail()}")

    def tail(self):
        return (self.directory / "log.jsonl").read_text(errors="replace")[-2000:]

    def stop(self):
        """Asks it to stop and waits for that."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def kill(self):
        """As a power cut would for the process."""
        self.process.kill()
        self.process.wait(30)

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.remove()

    def call(self, method, path, body=None, token=None, headers=None, timeout=15, connection=None):
        """One request; answers status, headers and the parsed body."""
        own = connection is None
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        sent = {"Accept-Language": "en", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            if own:
                connection.close()
        answered = {name.lower(): value for name, value in answer.getheaders()}
        parsed = json.loads(raw) if raw and "json" in answered.get("content-type", "") else raw
        return answer.status, answered, parsed

    def credentials(self):
        """Everything that demo-credentials.json holds."""
        return json.loads((self.directory / "data" / "demo-credentials.json").read_text())

    def token(self, client):
        """An access token for an entry of the credentials."""
        form = urllib.parse.urlencode(
            {"grant_type": "client_credentials", "client_id": client["clientId"], "client_secret": client["clientSecret"]}
        )
        status, _, answer = self.call("POST", "/oauth/token", form, headers={"Content-Type": "application/x-www-form-urlencoded"})
        if status != 200:
            fail(f"no token: {status} {answer}")
        return answer["access_token"]
