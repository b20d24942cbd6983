#!/usr/bin/env python3
"""The page of a final report in headless Chromium: judged by axe-core, without a network, narrow and wide.

An approved report of the demonstration, its draft and the report of an edition without data are opened from a file: the
page loads nothing, its policy is obeyed without a complaint, no rule of axe-core is broken (WCAG 2 A and AA and its best
practices), charts have names, and nothing is cut off on a telephone. The same bytes come back after a restart.

PAI_SCREENSHOTS names a directory for pictures of the pages.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from support import Service, fail, say

HERE = pathlib.Path(__file__).resolve().parent
PLAYWRIGHT, AXE = "1.65.1", "4.14.1"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pai" / f"axe-core-{AXE}-{PLAYWRIGHT}"
REPORT = "01900000-0000-7000-8000-0000000000d1"
DRAFT = "01900000-0000-7000-8000-0000000000d2"
RUNNING = "01900000-0000-7000-8000-000000000033"
RECRUITING = "01900000-0000-7000-8000-000000000034"
FORMATS = ("format=html", "format=pdf", "format=xlsx", "format=csv&dialect=excelPl", "format=csv&dialect=rfc4180")
WIDTHS = (320, 768, 1280)
CHARTS = 5


def browser():
    """The distribution's browser, what drives it and what judges, outside the tree."""
    if not shutil.which("chromium") or not shutil.which("npm"):
        subprocess.run([HERE.parent / "script" / "bootstrap", "--checks", "--browser"], check=True)
    if not (CACHE / "node_modules" / "axe-core").is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        packages = [f"playwright-core@{PLAYWRIGHT}", f"axe-core@{AXE}"]
        npm = ["npm", "install", "--prefix", CACHE, "--no-audit", "--no-fund", "--loglevel=error", *packages]
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
    return shutil.which("chromium")


def judge(found):
    """What axe-core and the browser say must be nothing."""
    for page in found:
        name = page["name"]
        if page["violations"]:
            fail(f"{name}: " + json.dumps(page["violations"], ensure_ascii=False, indent=1))
        if page["console"] or page["requests"]:
            fail(f"{name}: the browser complained {page['console']} or loaded {page['requests']}")
        if page["wide"]:
            fail(f"{name}: the page itself has to be scrolled sideways")
        if page["first"] != "#tresc":
            fail(f"{name}: the keyboard reaches {page['first']} first")
        open_questions = sorted({rule["id"] for rule in page["incomplete"]})
        say(f"{name}: {page['passes']} rules kept, none broken, {page['charts']} charts, {page['tables']} tables; left to people: {open_questions}")


def main():
    with tempfile.TemporaryDirectory(prefix="pai-reports-") as directory, Service() as service:
        work = pathlib.Path(directory)
        coordinator = service.credential("coordinator")
        token = service.token(coordinator)

        def file(report, query):
            status, _, content = service.call("GET", f"/api/v1/reports/{report}/file?{query}", token=token)
            return content if status == 200 else fail(f"{report} {query}: {status}")

        reports = {"approved": REPORT, "draft": DRAFT}
        for name, edition in (("running", RUNNING), ("recruiting", RECRUITING)):
            status, _, made = service.call("POST", "/api/v1/reports", {"editionId": edition}, token=token)
            reports[name] = made["id"] if status == 201 else fail(f"a report of the {name} edition: {status} {made}")
        pages = []
        for name, report in reports.items():
            path = work / f"{name}.html"
            path.write_bytes(file(report, "format=html"))
            pages += [{"file": str(path), "name": f"{name}-{width}", "width": width, "scheme": "light"} for width in WIDTHS]
        pages.append({"file": str(work / "approved.html"), "name": "approved-dark", "width": 1280, "scheme": "dark"})
        task = {
            "chromium": browser(), "modules": str(CACHE), "pages": pages, "result": str(work / "result.json"),
            "pictures": os.environ.get("PAI_SCREENSHOTS"),
        }
        (work / "task.json").write_text(json.dumps(task))
        subprocess.run(["node", HERE / "browser" / "axe.mjs", work / "task.json"], check=True, timeout=600)
        found = json.loads((work / "result.json").read_text())
        judge(found)
        if (drawn := next(page["charts"] for page in found if page["name"] == "approved-1280")) != CHARTS:
            fail(f"the approved report has {drawn} charts")

        before = {query: hashlib.sha256(file(REPORT, query)).hexdigest() for query in FORMATS}
        service.stop()
        service.start()
        token = service.token(coordinator)
        after = {query: hashlib.sha256(file(REPORT, query)).hexdigest() for query in FORMATS}
        if before != after:
            fail(f"other bytes after a restart: {before} {after}")
        say(f"{len(FORMATS)} files of the approved report: the same bytes after a restart")


main()
