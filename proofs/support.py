"""What the proofs share: a service of one's own, its demo clients, and plain HTTP.

Only Python's standard library, so that a proof runs wherever the service does.
"""

import http.client
import json
import os
import pathlib
import pwd
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

    def start(self, patience=180):
        """Starts and waits until it is ready; answers the seconds that took."""
        command = [os.environ["PAI_PROGRAM"], "serve", "--data-dir", str(self.directory / "data"), "--listen", f"127.0.0.1:{self.port}"]
        command += ["--demo"] if self.demo else []
        self.log = open(self.directory / "log.jsonl", "ab")
        self.process = subprocess.Popen(command + self.arguments, stdout=self.log, stderr=self.log, env={**os.environ, **self.settings})
        return self.wait_until_ready(patience)

    def wait_until_ready(self, patience=180):
        """Waits for a running service; answers the seconds that took."""
        began = time.monotonic()
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

    def warnings(self):
        """What the log holds of level warn and above, of every replica that writes to it."""
        lines = (self.directory / "log.jsonl").read_text(errors="replace").splitlines()
        return [line[:500] for line in lines if '"WARN"' in line or '"ERROR"' in line]

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
        media = answered.get("content-type", "")
        parsed = json.loads(raw) if raw and "json" in media and "ndjson" not in media else raw
        return answer.status, answered, parsed

    def database(self):
        """The embedded database, past all rights."""
        return Database(f"host={self.directory}/data/run port=5432 user=postgres dbname=pai")

    def postgres(self):
        """Process ids of the embedded PostgreSQL, its postmaster first; none while it is down."""
        try:
            postmaster = int((self.directory / "data/postgres/postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return []
        return [postmaster, *children(postmaster)] if alive(postmaster) else []

    def memory(self):
        """Resident memory of the service in megabytes."""
        return self.status("VmRSS") / 1024

    def threads(self):
        return self.status("Threads")

    def status(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        fail(f"the system does not tell {name}")

    def credential(self, role, town=0):
        """The client of a role in one of the demonstration's towns."""
        clients = [client for client in self.credentials() if client["role"] == role]
        return clients[town]

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


def alive(pid):
    """Whether a process exists and has not ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def children(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def signal_all(pids, number):
    """Sends a signal to processes of ours; one that has ended meanwhile is passed over."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Database:
    """Plain SQL through psql."""

    def __init__(self, conninfo):
        self.conninfo = conninfo

    def run(self, sql, patience=120):
        """Runs statements; answers the lines that psql prints."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, "-f", "-"]
        done = subprocess.run(command, input=sql, capture_output=True, text=True, timeout=patience)
        if done.returncode != 0:
            fail(f"SQL failed: {done.stderr.strip()}")
        return done.stdout.splitlines()

    def number(self, sql):
        """The one number that a query answers."""
        return int(self.run(f"SELECT ({sql})::bigint;")[0])

    def numbers(self, queries):
        """The numbers of named queries, in one moment."""
        names = list(queries)
        lines = self.run("BEGIN ISOLATION LEVEL REPEATABLE READ;" + "".join(f"SELECT ({queries[name]})::bigint;" for name in names) + "COMMIT;")
        return dict(zip(names, (int(line) for line in lines), strict=True))


class Cluster:
    """An external PostgreSQL of one's own on a loopback port, with the roles of deploy/roles.sql."""

    def __init__(self, settings=()):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="pai-cluster-"))
        self.port = free_port()
        self.settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.directory}", "max_connections=60", *settings]
        self.process = None

    @staticmethod
    def program(name):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])) or [shutil.which(name)]
        if not found[-1]:
            fail(f"{name} is not installed")
        return str(found[-1])

    def command(self, arguments):
        """A command as an unprivileged user, because PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return arguments
        return ["setpriv", f"--reuid={self.user()}", "--clear-groups", "--no-new-privs", "--pdeathsig", "INT", "--", *arguments]

    @staticmethod
    def user():
        return pwd.getpwnam("postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody").pw_uid

    def start(self):
        data = self.directory / "data"
        if os.geteuid() == 0:
            os.chown(self.directory, self.user(), -1)
        os.chmod(self.directory, 0o755)
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        subprocess.run(self.command([self.program("initdb"), "-D", str(data), "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-A", "trust", "-U", "postgres"]),
                       check=True, capture_output=True, cwd="/", env=environment)
        settings = [argument for setting in self.settings for argument in ("-c", setting)]
        self.log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(self.command([self.program("postgres"), "-D", str(data), *settings]), stdout=self.log, stderr=self.log, cwd="/", env=environment)
        for _ in range(300):
            if subprocess.run(["psql", "-XAtqc", "SELECT 1", "-d", self.conninfo("postgres", "postgres")], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        self.prepare()
        return self

    def prepare(self):
        roles = pathlib.Path(__file__).parent.parent / "deploy/roles.sql"
        passwords = {"PAI_OWNER_PASSWORD": "unused", "PAI_SERVICE_PASSWORD": "unused"}
        command = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo("postgres", "postgres"), "-f", str(roles)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **passwords})
        if done.returncode != 0:
            fail(f"deploy/roles.sql failed: {done.stderr}")

    def conninfo(self, role, database="pai"):
        return f"host=127.0.0.1 port={self.port} user={role} dbname={database}"

    def url(self, role, port=None):
        return f"postgresql://{role}@127.0.0.1:{port or self.port}/pai?sslmode=disable&gssencmode=disable"

    def service_settings(self, port=None):
        """Settings of a service that stands on this cluster, reached through `port`."""
        return {"database.url": self.url("pai_service", port), "database.owner_url": self.url("pai_owner")}

    def database(self):
        return Database(self.conninfo("postgres"))

    def processes(self):
        return [self.process.pid, *children(self.process.pid)]

    def remove(self):
        if self.process and self.process.poll() is None:
            signal_all(self.processes(), signal.SIGCONT)
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(30)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()
