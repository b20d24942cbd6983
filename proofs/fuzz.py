#!/usr/bin/env python3
"""schemathesis judges the running service by its own contract: nothing undocumented, no 5xx, no stranger's object.

All checks in all four phases (examples, coverage, fuzzing, stateful), as clients of two towns and of several
roles, 1,000 examples per operation and 3 seeds. Operations are dealt to shards that run side by side on one
service; the stateful phase is a shard of its own that has all of them.

usage: proofs/fuzz.py [--short]

  --short   few examples, one seed, always the same

PAI_FUZZ_EXAMPLES, PAI_FUZZ_SEEDS and PAI_FUZZ_MINUTES (a limit per seed) make a long run shorter.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

from support import SEED, Service, fail, say

HERE = pathlib.Path(__file__).resolve().parent / "schemathesis"
REQUIREMENTS = HERE / "requirements.txt"
VERSION = re.search(r"^schemathesis==(.+)$", REQUIREMENTS.read_text(), re.MULTILINE)[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pai" / f"schemathesis-{VERSION}"
SHORT = "--short" in sys.argv[1:]
SHORT_SEED = 7
PROCESSES = max(2, min(8, os.cpu_count() or 2))
TOWN, OTHER_TOWN = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
# Who calls. An operation is called by the first one whose role may; each seed begins with another.
CALLERS = {
    "coordinator-1": (TOWN, "coordinator"),
    "social_worker-1": (TOWN, "social_worker"),
    "coordinator-2": (OTHER_TOWN, "coordinator"),
    "administrator-1": (TOWN, "administrator"),
    "auditor-1": (TOWN, "auditor"),
}


def installed():
    """schemathesis in an environment of its own, outside the tree."""
    program = CACHE / "bin" / "schemathesis"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE], check=True)
        pip = [CACHE / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]
        subprocess.run(pip, check=True)
    return program


def clients_file(service):
    """The clients as schemathesis reads them; it signs them in itself. Answers the file and the ids of all clients."""
    known = {(client["tenant"], client["role"]): client for client in service.credentials()}
    token = {"extractFrom": "body", "extractSelector": "/access_token", "sendIn": "header", "sendName": "Authorization", "sendTemplate": "Bearer {token}"}

    def entry(name):
        client = known[CALLERS[name]]
        form = f"grant_type=client_credentials&client_id={client['clientId']}&client_secret={client['clientSecret']}"
        login = {"endpoint": "/oauth/token", "verb": "POST", "contentType": "application/x-www-form-urlencoded", "payloadRaw": form, "token": token}
        return {"name": name, "loginEndpointAuth": login}

    path = service.directory / "clients.json"
    path.write_text(json.dumps({"auth": [entry(name) for name in CALLERS]}))
    path.chmod(0o600)
    return path, ",".join(client["clientId"] for client in known.values())


def hands(service, first):
    """Who calls which operations, in pieces of about the same size for processes side by side."""
    order = [first] + [name for name in CALLERS if name != first]
    document = service.call("GET", "/openapi.json")[2]
    called_by = {}
    for item in document["paths"].values():
        for operation in item.values():
            roles = operation.get("x-roles")
            caller = next(name for name in order if not roles or CALLERS[name][1] in roles)
            called_by.setdefault(caller, []).append(operation["operationId"])
    size = sum(map(len, called_by.values())) / PROCESSES
    for caller, operations in called_by.items():
        pieces = max(1, round(len(operations) / size))
        for piece in range(pieces):
            # Neighbours in the document cost alike, so they go to different processes.
            yield caller, operations[piece::pieces]


def start(service, name, caller, operations, seed, examples, phases):
    """One run of schemathesis beside others."""
    clients, protected = clients_file(service)
    command = [installed(), "--config-file", HERE / "schemathesis.toml", "run", f"http://127.0.0.1:{service.port}/openapi.json"]
    command += ["--auth-wfc-user", caller, "--checks", "all", "--phases", phases, "--no-color"]
    command += ["--seed", str(seed), "--max-examples", str(examples)]
    if os.environ.get("PAI_FUZZ_MINUTES"):
        command += ["--max-time", str(int(float(os.environ["PAI_FUZZ_MINUTES"]) * 60))]
    for operation in operations:
        command += ["--include-operation-id", operation]
    surroundings = {"PAI_FUZZ_HOOKS": HERE / "hooks.py", "PAI_FUZZ_CLIENTS": clients, "PAI_FUZZ_CLIENT_IDS": protected}
    surroundings["PAI_FUZZ_SUCCEEDED"] = service.directory / f"{name}.succeeded"
    report = service.directory / f"{name}.txt"
    with report.open("wb") as out:
        surroundings = {**os.environ, **{variable: str(value) for variable, value in surroundings.items()}}
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=surroundings, cwd=service.directory), report


def judge(service, seed, examples, first):
    """All phases with one seed; answers how many requests were judged."""
    runs, called = [], set()
    for number, (caller, operations) in enumerate(hands(service, first)):
        called.update(operations)
        runs.append(start(service, f"{seed}-{number}", caller, operations, seed, examples, "examples,coverage,fuzzing"))
    runs.append(start(service, f"{seed}-stateful", first, allowed(service, first), seed, examples, "stateful"))
    judged, broken = 0, False
    for process, report in runs:
        process.wait()
        text = report.read_text(errors="replace")
        found = re.search(r"(\d+) generated", text)
        judged += int(found[1]) if found else 0
        if process.returncode != 0 or not found:
            broken = True
            say(text[-20_000:])
    if broken:
        fail("schemathesis found something; see above")
    succeeded = set()
    for file in service.directory.glob(f"{seed}-*.succeeded"):
        succeeded.update(file.read_text().split())
    if never := called - succeeded:
        fail(f"never answered with a success, so nothing was judged: {', '.join(sorted(never))}")
    return judged


def allowed(service, caller):
    """Every operation that the caller's role may call."""
    document = service.call("GET", "/openapi.json")[2]
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    return [operation["operationId"] for operation in operations if CALLERS[caller][1] in operation.get("x-roles", [CALLERS[caller][1]])]


def main():
    installed()
    examples = 4 if SHORT else int(os.environ.get("PAI_FUZZ_EXAMPLES", "1000"))
    seeds = [SHORT_SEED] if SHORT else [SEED + number for number in range(int(os.environ.get("PAI_FUZZ_SEEDS", "3")))]
    with Service() as service:
        for number, seed in enumerate(seeds):
            began = time.monotonic()
            first = list(CALLERS)[number % len(CALLERS)]
            judged = judge(service, seed, examples, first)
            if errors := [line for line in service.warnings() if '"ERROR"' in line]:
                fail(f"the service logged {len(errors)} errors: " + "\n".join(errors[:5]))
            say(f"seed {seed}, {first} first, {examples} examples: {judged} requests judged in {time.monotonic() - began:.0f} s, nothing found")


main()
