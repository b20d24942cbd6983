#!/usr/bin/env python3
"""A person tries the service in a browser: Swagger UI in headless Chromium, every operation with its own example.

Authorises with a demo client, presses Execute for each operation and expects a documented success, no error in
the browser's console, and a page that takes clicks within a second. No role may do everything (that is the
point of roles): a coordinator's client executes what a coordinator may, an administrator's and an auditor's the
few that are theirs: one Authorize dialogue each. Then a random fifth of them on the same service, and another after a
restart: an example may not use itself up. A browser that was here before loads nothing again. Last, the pages that the `type` of a problem points to, in Polish and English.

PAI_SCREENSHOTS names a directory for pictures of the pages; PAI_OPERATIONS names the operations to look at, where not all.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from support import DICE, Service, fail, say

HERE = pathlib.Path(__file__).resolve().parent
PLAYWRIGHT = "1.65.1"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pai" / f"playwright-core-{PLAYWRIGHT}"
TOWN = "01900000-0000-7000-8000-000000000001"
# In this order a role is chosen for an operation: few have to sign in.
ROLES = ("coordinator", "administrator", "auditor")
INTERACTIVE_MS = 1000
LOADS = 5
# Of later visits: one in so many operations.
LATER = 5
# The page draws its groups anew at every click: all operations take some ten minutes.
PATIENCE_S = 1800
# Bytes that a second visit may load: questions whether page and contract are still the same.
LOADED_AGAIN = 4096
PROBLEM = "/api/v1/errors/platform.precondition_failed"


def chromium():
    """The distribution's browser, and the library that drives it, outside the tree."""
    if not shutil.which("chromium") or not shutil.which("npm"):
        subprocess.run([HERE.parent / "script" / "bootstrap", "--checks", "--browser"], check=True)
    if not (CACHE / "node_modules" / "playwright-core").is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--prefix", CACHE, "--no-audit", "--no-fund", "--loglevel=error", f"playwright-core@{PLAYWRIGHT}"]
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
    return shutil.which("chromium")


def operations(service):
    """What the page offers, with the role that will call it and the successes that are documented."""
    document = service.call("GET", "/openapi.json")[2]
    for item in document["paths"].values():
        for method, operation in item.items():
            may = operation.get("x-roles", ROLES)
            role = next((role for role in ROLES if role in may), None) or fail(f"{operation['operationId']}: none of {ROLES} may call it")
            documented = [int(status) for status in operation["responses"] if status.startswith("2")]
            media = operation.get("requestBody", {}).get("content", {})
            # A file is sent in the format that has an example.
            example = next((name for name, part in media.items() if name.startswith("text/") and "example" in part), None)
            yield {"id": operation["operationId"], "tag": operation["tags"][0], "method": method.upper(), "role": role, "documented": documented, "format": example}


def browse(service, wanted, clients, work, pictures):
    """One visit; answers what the browser saw."""
    task = {
        "base": f"http://127.0.0.1:{service.port}",
        "chromium": chromium(),
        "modules": str(CACHE),
        "operations": wanted,
        "clients": [clients[role] for role in ROLES],
        "loads": LOADS,
        "problem": PROBLEM,
        "screenshots": pictures,
        "pictured": ["get_edition_figures", "record_psu_entry", "update_host", "list_people"] if pictures else [],
        "result": str(work / "result.json"),
    }
    (work / "task.json").write_text(json.dumps(task))
    subprocess.run(["node", HERE / "browser" / "browse.mjs", work / "task.json"], check=True, timeout=PATIENCE_S)
    return json.loads((work / "result.json").read_text())


def judge(visit, found, wanted):
    """Compares what was seen with what is promised."""
    documented = {operation["id"]: operation["documented"] for operation in wanted}
    answers = {answer["id"]: answer for answer in found["operations"]}
    if missing := documented.keys() - answers.keys():
        fail(f"{visit}: not executed: {sorted(missing)}")
    unexpected = [
        f"{name} answered {answer['status']}, shown as {answer['shown']}: {answer['url']} {answer.get('sent')} {answer.get('body')}"
        for name, answer in answers.items()
        if answer["status"] not in documented[name] or answer["shown"] != str(answer["status"])
    ]
    if unexpected:
        fail(f"{visit}: " + "\n".join(unexpected))
    if found["console"]:
        fail(f"{visit}: the browser complained: {found['console'][:5]}")
    # The fastest of several loads: what else the machine does is no fault of the page.
    listed, unfolded, opened = ([load[act] for load in found["interactive"]] for act in ("listed", "unfolded", "opened"))
    if min(listed) > INTERACTIVE_MS:
        fail(f"{visit}: the page takes clicks only after {listed} ms")
    if (again := max(load["loadedAgain"] for load in found["interactive"])) > LOADED_AGAIN:
        fail(f"{visit}: a browser that was here before loads {again} bytes again")
    say(f"{visit}: {len(answers)} of {len(wanted)} operations executed with success in {found['seconds']} s, console silent")
    say(f"{visit}: clickable after {sorted(listed)} ms, a group unfolded after {sorted(unfolded)} ms, an operation opened after {sorted(opened)} ms; loaded again by a later visit: {again} bytes")


def judge_catalogue(found):
    """The page of a problem is written for people, in their language."""
    for page, heading in zip(found["catalogue"], ("Zasób zmienił się w międzyczasie", "The resource has changed meanwhile"), strict=True):
        if page["status"] != 200 or not page["type"].startswith("text/html") or page["heading"] != heading or not page["locale"].startswith(page["lang"]):
            fail(f"the page of a problem: {page}")
        if "{" in page["text"] or page["listed"] < 50:
            fail(f"the page of a problem cannot be read: {page}")
    say(f"{PROBLEM}: readable in Polish and English; the catalogue lists {found['catalogue'][0]['listed']} codes")


def main():
    pictures = os.environ.get("PAI_SCREENSHOTS")
    with tempfile.TemporaryDirectory(prefix="pai-browser-") as directory, Service() as service:
        work = pathlib.Path(directory)
        only = os.environ.get("PAI_OPERATIONS")
        wanted = [operation for operation in operations(service) if not only or operation["id"] in only.split(",")]
        clients = {client["role"]: client for client in service.credentials() if client["tenant"] == TOWN}
        shares = {role: sum(operation["role"] == role for operation in wanted) for role in ROLES}
        say(f"{len(wanted)} operations: " + ", ".join(f"{count} as {role}" for role, count in shares.items()))
        for visit in ("first visit", "second visit", "after a restart"):
            if visit == "after a restart":
                service.stop()
                service.start()
            executed = wanted if visit == "first visit" else DICE.sample(wanted, -(-len(wanted) // LATER))
            found = browse(service, executed, clients, work, pictures)
            judge(visit, found, executed)
        judge_catalogue(found)


main()
