#!/usr/bin/env python3
"""Opens lists of money and papers of a month in LibreOffice with Polish settings and compares what it shows with the API.

The payroll list and the refund claim come as CSV, workbook, paper and JSON. LibreOffice reads CSV and workbook without a
question asked: every amount, share and number must be a number there (never a text), every day a day, every text a text,
nothing a formula, and what stands in the cell must be spelled in the Polish way. Then rows and control totals are those of
the JSON in all formats; paper is read by pdftotext. Attendance list and time card are compared with their papers.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as tree
from decimal import Decimal

from support import Service, fail, say

HERE = pathlib.Path(__file__).resolve().parent
SETTLEMENT = "01900000-0000-7000-8000-000000000092"
EDITION = "01900000-0000-7000-8000-000000000033"
PARTICIPATION = "01900000-0000-7000-8000-000000000043"
# Semicolon, double quotes, UTF-8, from the first line, all columns as they are, Polish, quoted text is text, numbers are found.
POLISH_CSV = "CSV:59,34,76,1,,1045,false,true"
# What an office sets once: documents and numbers of Poland.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>pl-PL</value></prop></item>
<item oor:path="/org.openoffice.Office.Linguistic/General"><prop oor:name="DefaultLocale" oor:op="fuse"><value>pl-PL</value></prop></item>
</oor:items>"""
OFFICE, TABLE, TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text"))


class Office:
    """LibreOffice with a profile of its own."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        user = self.directory / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(SETTINGS)
        self.count = 0

    def opened(self, content, ending):
        """Sheets by their names: rows of cells, each with its type, its value and what is shown."""
        self.count += 1
        source = self.directory / f"file{self.count}.{ending}"
        source.write_bytes(content)
        command = ["soffice", f"-env:UserInstallation={(self.directory / 'profile').as_uri()}", "--headless", "--norestore"]
        command += [f"--infilter={POLISH_CSV}"] if ending == "csv" else []
        command += ["--convert-to", "fods", "--outdir", str(self.directory), str(source)]
        run = subprocess.run(command, capture_output=True, timeout=180, check=False)
        result = source.with_suffix(".fods")
        if run.returncode != 0 or not result.exists():
            fail(f"LibreOffice does not open {source.name}: {run.stderr.decode()[-500:]}")
        body = tree.parse(result).getroot()
        return {sheet.get(f"{TABLE}name"): rows_of(sheet) for sheet in body.iter(f"{TABLE}table")}


def rows_of(sheet):
    """The cells of a sheet without the empty ones that fill it up."""
    rows = []
    for row in sheet.iter(f"{TABLE}table-row"):
        cells = []
        for cell in row:
            if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            if cell.get(f"{TABLE}formula"):
                fail(f"a formula: {cell.get(f'{TABLE}formula')}")
            kind = cell.get(f"{OFFICE}value-type")
            value = cell.get(f"{OFFICE}value") or cell.get(f"{OFFICE}date-value")
            shown = "\n".join("".join(line.itertext()) for line in cell.iter(f"{TEXT}p"))
            cells += [(kind, value, shown)] * min(int(cell.get(f"{TABLE}number-columns-repeated", "1")), 100)
        while cells and cells[-1][0] is None:
            cells.pop()
        if cells:
            rows.append(cells)
    return rows


def number(cell, places, what):
    """A cell that must be a number, spelled as in Poland."""
    kind, value, shown = cell
    if kind not in ("float", "percentage", "currency"):
        fail(f"{what} is {kind}: {cell}")
    exact = Decimal(value) * (100 if kind == "percentage" else 1)
    told = Decimal(re.sub(r"[\s\u00a0\u202f%]", "", shown).replace(",", "."))
    if "." in shown or round(exact, places) != told:
        fail(f"{what} is shown as {shown!r} for {value}")
    return round(exact, places)


def day(cell, what):
    """A cell that must be a day."""
    if cell[0] != "date":
        fail(f"{what} is {cell[0]}: {cell}")
    return cell[1]


def word(cell):
    return "" if cell[0] is None else cell[2]


# Column by column: the name in the JSON, and what the cell must be.
PAYROLL = [("number", 0), ("surname", "word"), ("givenNames", "word"), ("personId", "word"), ("from", "day"), ("to", "day"),
           ("hours", 2), ("hourlyRate", 2), ("benefit", 2)]
CLAIM = [("from", "day"), ("to", "day"), ("forCarers", "yes"), ("minimumRate", 2), ("refundPercent", 2), ("people", 0),
         ("hours", 2), ("benefit", 2), ("refund", 2), ("municipalShare", 2)]


def told(value, kind):
    """What the JSON says, as the cell is read."""
    if kind == "yes":
        return "tak" if value else "nie"
    return Decimal(str(value)) if isinstance(kind, int) else value or ""


def read(cell, kind, what):
    if isinstance(kind, int):
        return number(cell, kind, what)
    return day(cell, what) if kind == "day" else word(cell)


def compare(rows, document, columns, what):
    """Rows and control totals of a sheet against the JSON."""
    empty = (None, None, "")
    padded = [row + [empty] * (len(columns) - len(row)) for row in rows]
    if len(padded) != len(document["rows"]) + 2:
        fail(f"{what}: {len(padded)} rows for {len(document['rows'])} with heads and totals")
    for cells, expected in zip(padded[1:-1], document["rows"]):
        for cell, (name, kind) in zip(cells, columns):
            if read(cell, kind, f"{what}, {name}") != told(expected[name], kind):
                fail(f"{what}: {name} is {cell}, not {expected[name]}")
    for cell, (name, kind) in zip(padded[-1], columns):
        if name in document["totals"] and number(cell, kind, f"{what}, total of {name}") != told(document["totals"][name], kind):
            fail(f"{what}: the total of {name} is {cell}, not {document['totals'][name]}")


def paper(content):
    """The text of a paper, and on how many sheets."""
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
    return " ".join(text.split()), text.count("\f")


def polish(text):
    return text.replace(".", ",")


def lists(office, get):
    counted = 0
    for path, sheet, columns in [("payroll-list", "Lista wypłat", PAYROLL), ("refund-claim", "Wniosek o refundację", CLAIM)]:
        path = f"/settlements/{SETTLEMENT}/{path}"
        document = get(path)
        workbook = office.opened(get(f"{path}/file?format=xlsx"), "xlsx")
        compare(workbook[sheet], document, columns, f"{sheet} (xlsx)")
        csv = office.opened(get(f"{path}/file?format=csv"), "csv")
        compare(next(iter(csv.values())), document, columns, f"{sheet} (csv)")
        about = {word(row[0]): word(row[1]) for row in workbook["Opis"] if len(row) > 1}
        if about.get("SHA-256 dokumentu") != document["documentSha256"]:
            fail(f"{sheet}: the workbook does not tell the hash: {about}")
        missing = [word(cell) for cell in workbook[sheet][0] if not about.get(word(cell))]
        if missing:
            fail(f"{sheet}: columns without a meaning: {missing}")
        text, sheets = paper(get(f"{path}/file?format=pdf"))
        totals = [polish(str(document["totals"][name])) for name, _ in columns if name in document["totals"]]
        if not re.search("Razem.{0,3}" + r"\s.{0,3}".join(map(re.escape, totals)), text) or f"strona {sheets} z {sheets}" not in text:
            fail(f"{sheet}: the paper does not tell {totals} on {sheets} pages: {text[-600:]}")
        if document["documentSha256"] not in text:
            fail(f"{sheet}: the paper does not tell the hash")
        counted += len(document["rows"])
    return counted


def months(office, get):
    """Attendance list and time card: the numbers of the workbook are those on the paper."""
    edition = get(f"/editions/{EDITION}")
    cells = 0
    for path, sheets in [(f"/editions/{EDITION}/attendance-list", "Razem osobogodzin"), (f"/participations/{PARTICIPATION}/psu-time-card", "Razem")]:
        for month in sorted({edition["startsOn"][:7], edition["endsOn"][:7]}):
            rows = office.opened(get(f"{path}?month={month}&format=xlsx"), "xlsx")["Miesiąc"]
            text, _ = paper(get(f"{path}?month={month}"))
            total = number(rows[-1][-1], 2, f"{path} {month}")
            if word(rows[-1][0]) != sheets or f" {polish(f'{total:.2f}')}" not in text:
                fail(f"{path} {month}: {total} is not on the paper")
            figures = [cell for row in rows[1:] for cell in row if cell[0] == "float"]
            for cell in figures:
                number(cell, 2, f"{path} {month}")
            cells += len(figures)
    return cells


def main():
    if not (shutil.which("soffice") and shutil.which("pdftotext")):
        subprocess.run([HERE.parent / "script" / "bootstrap", "--office"], check=True)
    with tempfile.TemporaryDirectory(prefix="pai-office-") as directory, Service() as service:
        office = Office(directory)
        token = service.token(service.credential("coordinator"))

        def get(path):
            headers = {"Pai-Purpose": "payroll"}
            status, _, answer = service.call("GET", f"/api/v1{path}", token=token, headers=headers)
            if status != 200:
                fail(f"{path}: {status} {str(answer)[:300]}")
            return answer

        rows = lists(office, get)
        cells = months(office, get)
        version = subprocess.run(["soffice", "--version"], capture_output=True, text=True, check=True).stdout.split()
        say(f"office: {rows} rows with their totals the same as JSON, CSV, workbook and paper, and {cells} numbers of papers of a month, "
            f"as {' '.join(version[:2])} with Polish settings shows them")


main()
