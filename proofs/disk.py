#!/usr/bin/env python3
"""The disk of the embedded database fills up: writes answer 503 with Retry-After, reads go on, nothing is half done.

On a small file system in memory (needs root): first with the reserve that the service keeps by default, then without
it, where PostgreSQL itself meets the end of the disk. Once there is room again, writes go on by themselves, and the
database holds exactly what was acknowledged. A start on a full disk ends with a message that says so.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import writes
from clients import Caller, Gone, Scene
from support import SEED, Service, fail, free_port, say

SIZE_MB = 320
CLIENTS, PROCESSES = 8, 2


class SmallDisk:
    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="pai-disk-"))
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0755", "pai-proof", str(self.path)], capture_output=True, text=True)
        if done.returncode != 0:
            self.path.rmdir()
            say(f"disk: SKIPPED, a file system cannot be mounted here (root is needed): {done.stderr.strip()}")
            sys.exit(0)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.path)], check=False)
        self.path.rmdir()

    def free(self):
        disk = os.statvfs(self.path)
        return disk.f_bavail * disk.f_frsize

    def fill(self, leave):
        """Takes all room but so many bytes."""
        with open(self.path / "ballast", "ab") as ballast:
            try:
                while (room := self.free() - leave) > 0:
                    ballast.write(b"\0" * min(room, 1 << 20))
                    ballast.flush()
            except OSError:
                pass

    def make_room(self):
        (self.path / "ballast").unlink()


def period(service, token, scene, disk, leave, seconds):
    """Fills the disk; answers the statuses of writes and reads of each while it lasts, and how long writes took to come back."""
    caller, reader = Caller(service.port, token, patience=15), Caller(service.port, token, patience=15)
    disk.fill(leave)
    full = time.monotonic()
    wrote, read = [], []
    number = 0
    while time.monotonic() < full + seconds:
        disk.fill(leave)
        for seen, call in ((wrote, lambda: caller.call("POST", "/people", {"sex": "unknown", "note": "x" * 900})),
                           (read, lambda: reader.call("GET", f"/people/{scene.people[0]}"))):
            try:
                answer = call()
                seen.append((answer.status, "retry-after" in answer.headers, time.monotonic() - full, answer.raw[:200]))
            except Gone as gone:
                seen.append((str(gone), False, time.monotonic() - full, b""))
        number += 1
        time.sleep(0.01)
    disk.make_room()
    freed = time.monotonic()
    caller.keyed("POST", "/people", {"sex": "unknown"}, freed + 30)
    return wrote, read, time.monotonic() - freed


def judge(name, wrote, read, back, reads_must_go_on, limit):
    refused = [entry for entry in wrote if entry[0] == 503]
    failed_reads = [entry for entry in read if entry[0] != 200]
    say(f"  {name}: of {len(wrote)} writes {len(refused)} were told to come back, of {len(read)} reads {len(failed_reads)} failed; writes back {back:.1f} s after there was room")
    if not refused:
        fail(f"the disk was never full for the service: wrote {wrote[-1]}, read {read[-1]}")
    if any(entry[0] not in (201, 503) or (entry[0] == 503 and not entry[1]) for entry in wrote):
        fail(f"a write was neither done nor told to come back: {next(entry for entry in wrote if entry[0] not in (201, 503))}")
    if reads_must_go_on and failed_reads:
        fail(f"a read failed: {failed_reads[0]}")
    if any(entry[0] not in (200, 503) for entry in read):
        fail("a read was neither answered nor told to come back")
    if back > limit:
        fail("writes did not come back in time")


def consistent(service):
    wrong = service.database().numbers(writes.WRONG | {
        "people without their audit row": "SELECT count(*) FROM people p WHERE NOT EXISTS (SELECT FROM audit_entries a WHERE a.record_ids @> ARRAY[p.id])"})
    if any(wrong.values()):
        fail(f"something is half done: {wrong}")


def start_on_full_disk(disk):
    """A first start without room says what is the matter."""
    disk.fill(4 << 20)
    data = disk.path / "fresh"
    command = [os.environ["PAI_PROGRAM"], "serve", "--data-dir", str(data), "--listen", f"127.0.0.1:{free_port()}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    disk.make_room()
    message = (done.stderr.strip().splitlines() or [""])[-1]
    say(f"  a start on a full disk ends with {done.returncode}: …{done.stderr.strip()[-160:]!r}")
    if done.returncode == 0 or "No space left" not in done.stderr:
        fail(f"the message does not name the cause: {message}")


def main():
    say(f"disk: seed {SEED}, {SIZE_MB} MB")
    with SmallDisk() as disk:
        start_on_full_disk(disk)
        for name, reserve, leave, limit in (("with the reserve", 64, 48 << 20, 3), ("to the last byte", 0, 0, 15)):
            directory = disk.path / f"service-{reserve}"
            directory.mkdir()
            service = Service(settings={"database.reserve_mb": reserve}, directory=directory)
            try:
                service.start()
                token = service.token(service.credential("coordinator"))
                scene = Scene(Caller(service.port, token), people=2)
                wrote, read, back = period(service, token, scene, disk, leave, 8)
                judge(name, wrote, read, back, reserve > 0, limit)
                consistent(service)
                scene, shares = writes.prepare(service.port, token, CLIENTS)
                before = writes.baseline(service.database())
                timer = threading.Timer(3, lambda: (disk.fill(leave), time.sleep(4), disk.make_room()))
                timer.start()
                results = writes.run(service.port, token, scene, shares, 10**9, directory / "progress", PROCESSES, stop_at=time.monotonic() + 12)
                timer.join()
                writes.compare(service.database(), before, results)
            finally:
                service.remove()


main()
