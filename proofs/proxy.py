"""A TCP proxy of one's own between the service and PostgreSQL: a process that delays, cuts, swallows or rewrites."""

import asyncio
import multiprocessing
import random
import socket
import struct
import time

from support import SEED, free_port

FINE, LATENCY, NARROW, HOLE, RESET, CUT_COMMITS = range(6)
NAMES = ["fine", "40 ms of latency", "32 KiB/s", "a black hole", "connections reset in mid-statement", "connections reset at commit"]
NARROW_BYTES = 32 * 1024


class Proxy:
    """Forwards from `port` to the target; `mode` may be changed at any time. `rewrite` replaces text of equal length."""

    def __init__(self, target, rewrite=()):
        self.target, self.port, self.rewrite = target, free_port(), [(old, old_to(old, new)) for old, new in rewrite]
        context = multiprocessing.get_context("fork")
        self.mode = context.Value("i", FINE)
        self.cuts = context.Value("i", 0)
        self.process = context.Process(target=self.serve, daemon=True)

    def __enter__(self):
        self.process.start()
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the proxy did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join(10)

    def serve(self):
        asyncio.run(self.listen())

    async def listen(self):
        self.dice = random.Random(SEED)
        server = await asyncio.start_server(self.connected, "127.0.0.1", self.port)
        async with server:
            await server.serve_forever()

    async def connected(self, reader, writer):
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        ends = [writer, there_writer]
        await asyncio.gather(self.pump(reader, there_writer, ends, True), self.pump(there_reader, writer, ends, False))

    async def pump(self, reader, writer, ends, forth):
        try:
            while chunk := await reader.read(65536):
                mode = self.mode.value
                if mode == LATENCY:
                    await asyncio.sleep(0.02)
                elif mode == NARROW:
                    await asyncio.sleep(len(chunk) / NARROW_BYTES)
                elif mode == HOLE:
                    while self.mode.value == HOLE:
                        await asyncio.sleep(0.05)
                    return self.cut(ends)
                elif mode == RESET and forth and self.dice.random() < 0.01:
                    writer.write(chunk[: len(chunk) // 2])
                    await writer.drain()
                    return self.cut(ends)
                elif mode == CUT_COMMITS and forth and b"COMMIT" in chunk and self.dice.random() < 0.1:
                    # It arrives, but nobody will hear of it; or it does not arrive.
                    if self.dice.random() < 0.5:
                        writer.write(chunk)
                        await writer.drain()
                        await asyncio.sleep(0.02)
                    return self.cut(ends)
                for old, new in self.rewrite if forth else ():
                    chunk = chunk.replace(old, new)
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            for end in ends:
                end.close()
        return None

    def cut(self, ends):
        """Both ends get a reset, as from a machine that was switched off."""
        with self.cuts.get_lock():
            self.cuts.value += 1
        for end in ends:
            connection = end.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()


def old_to(old, new):
    """A replacement of the same length, because the messages of the protocol state theirs."""
    if len(new) > len(old):
        raise ValueError(f"{new!r} is longer than {old!r}")
    return new + b" " * (len(old) - len(new))
