#!/usr/bin/env python3
"""The access register of a real service: millions of rows verified, and tampering by the database's superuser found.

Fills the register of a demonstration service with PAI_AUDIT_ROWS rows (2,000,000) by SQL, lets the service seal
them, verifies them while it runs (at least 200,000 rows/s on a release build), then tampers as superuser, one
edit at a time, and lets `pai audit verify` find each.
"""

import json
import os
import re
import subprocess
import time

from support import DICE, SEED, Service, fail, say

ROWS = int(os.environ.get("PAI_AUDIT_ROWS", "2000000"))
TAMPERINGS = int(os.environ.get("PAI_AUDIT_TAMPERINGS", "12"))
WANTED = 200_000


def socket_of(service):
    """Directory of the embedded database's socket, as the server wrote it down."""
    lines = (service.directory / "data" / "postgres" / "postmaster.pid").read_text().splitlines()
    return lines[4], lines[3]


def sql(service, text):
    directory, port = socket_of(service)
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory, "-p", port, "-U", "postgres", "-d", "pai", "-c", text]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        fail(f"psql: {done.stderr}\n{text}")
    return done.stdout.strip()


def verify(service):
    command = [os.environ["PAI_PROGRAM"], "audit", "verify", "--json", "--data-dir", str(service.directory / "data")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        fail(f"audit verify: {done.returncode} {done.stderr}")
    report = json.loads(done.stdout)
    if report["holds"] != (done.returncode == 0):
        fail(f"exit code {done.returncode} and {report}")
    return report


def sealed(service):
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        text = service.call("GET", "/metrics")[2].decode()
        lag = float(re.search(r"^audit_seal_lag_seconds (\S+)", text, re.M).group(1))
        if lag < 2 and int(sql(service, "SELECT count(*) FROM audit_entries")) == int(
            sql(service, "SELECT coalesce(sum(cardinality(entry_ids)), 0) FROM audit_seals")
        ):
            return
        time.sleep(1)
    fail("not sealed within ten minutes")


def insert_cost(service):
    """Microseconds of one row, with the position and its block ranges and without them, as the median of rounds."""
    measure = """
        DO $$ DECLARE began timestamptz; BEGIN
            CREATE TEMP TABLE took (how text, micros numeric);
            CREATE TABLE without (LIKE audit_entries INCLUDING INDEXES); ALTER TABLE without DROP COLUMN position;
            FOR round IN 1..7 LOOP
                began := clock_timestamp();
                INSERT INTO without (tenant_id, id, operation, client_id, role, record_kind, record_ids, fields, reveals_identity, dry_run, request_id, recorded_at)
                SELECT gen_random_uuid(), gen_random_uuid(), 'x', gen_random_uuid(), 'x', 'x', '{}', '{}', false, false, gen_random_uuid(), now() FROM generate_series(1, 20000);
                INSERT INTO took SELECT 'without', extract(epoch FROM clock_timestamp() - began) * 1e6 / 20000;
                began := clock_timestamp();
                INSERT INTO audit_entries (tenant_id, id, operation, client_id, role, record_kind, record_ids, fields, reveals_identity, dry_run, request_id, recorded_at)
                SELECT gen_random_uuid(), gen_random_uuid(), 'x', gen_random_uuid(), 'x', 'x', '{}', '{}', false, false, gen_random_uuid(), now() FROM generate_series(1, 20000);
                INSERT INTO took SELECT 'with', extract(epoch FROM clock_timestamp() - began) * 1e6 / 20000;
            END LOOP;
            DROP TABLE without;
        END $$;
        SELECT string_agg(how || ' ' || micros, ', ' ORDER BY how) FROM (
            SELECT how, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY micros)::numeric, 2) AS micros FROM took GROUP BY how) t
    """
    say(f"inserting a row, microseconds: {sql(service, measure)}")


def fill(service, rows):
    """Rows of 500 towns, in transactions of 50,000."""
    for first in range(0, rows, 50_000):
        last = min(first + 50_000, rows) - 1
        sql(
            service,
            f"""INSERT INTO audit_entries (tenant_id, id, operation, client_id, role, on_behalf_of, purpose, record_kind, record_ids,
                    fields, reveals_identity, dry_run, request_id, recorded_at)
                SELECT ('00000000-0000-7000-8000-' || lpad((i % 500)::text, 12, '0'))::uuid, gen_random_uuid(), 'record_psu_entry',
                    gen_random_uuid(), 'coordinator', 'user ' || i % 100, 'participation', 'psuEntry', ARRAY[gen_random_uuid()],
                    ARRAY['id', 'participationId', 'workedOn', 'minutes', 'hostId'], i % 10 = 0, false, gen_random_uuid(), clock_timestamp()
                FROM generate_series({first}, {last}) i""",
        )


def tamperings(service):
    """Random edits with what undoes them; a copy of the row is taken first."""
    keep = "CREATE TABLE kept AS SELECT * FROM {table} WHERE {where}"
    seals = int(sql(service, "SELECT max(number) FROM audit_seals"))
    for _ in range(TAMPERINGS):
        number = DICE.randrange(1, seals + 1)
        row = sql(service, f"SELECT entry_ids[1 + {DICE.randrange(10**6)} % cardinality(entry_ids)] FROM audit_seals WHERE number >= {number} AND cardinality(entry_ids) > 0 ORDER BY number LIMIT 1")
        table, where, edit = DICE.choice(
            [
                ("audit_entries", f"id = '{row}'", f"UPDATE audit_entries SET purpose = 'curiosity' WHERE id = '{row}'"),
                ("audit_entries", f"id = '{row}'", f"UPDATE audit_entries SET recorded_at = recorded_at - interval '1 day' WHERE id = '{row}'"),
                ("audit_entries", f"id = '{row}'", f"DELETE FROM audit_entries WHERE id = '{row}'"),
                ("audit_entries", f"id = '{row}'", f"UPDATE audit_entries SET tenant_id = gen_random_uuid() WHERE id = '{row}'"),
                ("audit_seals", f"number = {number}", f"UPDATE audit_seals SET sealed_at = sealed_at + interval '1 second' WHERE number = {number}"),
            ]
        )
        sql(service, keep.format(table=table, where=where))
        yield edit, lambda: sql(service, f"DELETE FROM {table} WHERE {where}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")


def main():
    say(f"PAI_SEED={SEED}, {ROWS} rows")
    # Each head is noted at once, so that a cut-off end shows at any moment.
    with Service(settings={"audit.anchor_interval_s": 0}) as service:
        insert_cost(service)
        fill(service, ROWS)
        began = time.monotonic()
        sealed(service)
        say(f"sealed {time.monotonic() - began:.1f} s after the last row")
        best = 0
        for _ in range(3):
            report = verify(service)
            if not report["holds"] or report["sealedRows"] < ROWS:
                fail(f"an untouched register: {report}")
            say(f"verified {report['sealedRows']} rows in {report['seals']} seals: {report['rowsPerSecond']} rows/s, {report['unsealedRows']} unsealed")
            best = max(best, report["rowsPerSecond"])
        if best < WANTED and not os.environ.get("PAI_AUDIT_ANY_SPEED"):
            fail(f"{best} rows/s; wanted are {WANTED}")
        found = 0
        for edit, undo in tamperings(service):
            sql(service, edit)
            report = verify(service)
            if report["holds"]:
                fail(f"not found: {edit}")
            found += 1
            undo()
        if not (report := verify(service))["holds"]:
            fail(f"undone, and yet it does not hold: {report['findings'][:3]}")
        # Last, because the sealer goes on from the shortened chain, and the noted heads never forget it.
        sql(service, "DELETE FROM audit_seals WHERE number = (SELECT max(number) FROM audit_seals)")
        if verify(service)["holds"]:
            fail("not found: the last seal cut off")
        say(f"found {found + 1} of {found + 1} tamperings by the superuser")


main()
