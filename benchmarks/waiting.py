"""2,000 clients that wait on one web process, half by long poll and half by event stream, and what a POST takes beside
them.

Prints the server's memory idle and with everybody waiting, and how long asks for a picture take, idle and beside them.
Then everybody's job ends, and the last line says how soon all have heard of it. Loopback only; fails above 300 MB, or
if somebody hears nothing. Run it with ``make bench``.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import psutil

from benchmarks.pipeline import installation, spec

CLIENTS = 2000
OWNERS = 100
"""So many people are they: each has ten streams and ten long polls, on ten jobs."""
ASKS = 60
WAIT = 30
LIMIT_MB = 300
DEADLINE = 150
"""Seconds for each of the parts."""


@dataclass
class Waiting:
    """What the clients have seen so far."""

    port: int
    connected: int = 0
    heard: int = 0
    polls: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def ask(self, path: str, token: str, more: str = "", body: bytes = b"") -> asyncio.StreamReader:
        """Send one request on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        method = "POST" if body else "GET"
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{more}"
        sized = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        writer.write(f"{head}{sized}\r\n".encode() + body)
        await writer.drain()
        return reader

    async def stream(self, job: str, token: str) -> None:
        """Listen until the job has ended."""
        reader = await self.ask(f"/api/v1/jobs/{job}/events", token)
        while line := await reader.readline():
            if line.startswith(b"event: ready"):
                self.connected += 1
            if line.startswith(b"event: cancelled"):
                self.heard += 1
                return

    async def poll(self, job: str, token: str) -> None:
        """Ask again and again until the job has ended."""
        first = True
        while True:
            self.connected += first
            first = False
            self.polls += 1
            reader = await self.ask(f"/api/v1/jobs/{job}", token, f"Prefer: wait={WAIT}\r\n")
            status, body = await _answer(reader)
            if status == 200 and json.loads(body)["status"] == "cancelled":
                self.heard += 1
                return


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    status, length = int((await reader.readline()).split()[1]), 0
    while (line := await reader.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, await reader.readexactly(length)


async def asks(waiting: Waiting, token: str) -> list[float]:
    """Milliseconds of asks for new charts, one after the other."""
    taken = []
    for _ in range(ASKS):
        body = json.dumps({"spec": spec()}).encode()
        start = time.perf_counter()
        status, _ = await _answer(await waiting.ask("/api/v1/charts", token, body=body))
        taken.append((time.perf_counter() - start) * 1000)
        assert status == 202, status
    return taken


async def until(condition: Any, what: str) -> None:
    """Wait for something, and not for ever."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {DEADLINE} s until {what}")
        await asyncio.sleep(0.05)


def row(name: str, taken: list[float], memory: float) -> str:
    """A line of the table."""
    p95 = statistics.quantiles(taken, n=20)[18]
    return f"{name:24}{memory:>12.0f}{statistics.median(taken):>14.1f}{p95:>14.1f}"


async def measure(port: int, server: psutil.Process, jobs: list[tuple[str, str]], token: str, end: Any) -> None:
    """Everything, against a server that runs."""
    waiting = Waiting(port)
    memory = lambda: server.memory_info().rss / 1e6  # noqa: E731
    await asks(waiting, token)
    print(row("idle", await asks(waiting, token), memory()))

    start = time.perf_counter()
    clients = []
    for number in range(CLIENTS):
        job, owner_token = jobs[(number // 2) % len(jobs)]
        wait = waiting.stream if number % 2 else waiting.poll
        clients.append(asyncio.create_task(wait(job, owner_token)))
        if number % 50 == 49:  # a server's queue of new connections has an end
            await until(lambda n=number: waiting.connected >= n + 1, "they are connected")
    print(f"{CLIENTS:,} clients wait after {time.perf_counter() - start:.1f} s")
    print(row(f"beside {CLIENTS:,} who wait", await asks(waiting, token), memory()))

    start = time.perf_counter()
    ended = asyncio.create_task(asyncio.to_thread(end))
    await until(lambda: waiting.heard == CLIENTS, "all have heard of the end")
    await ended
    took, peak = time.perf_counter() - start, memory()
    print(f"\nall {CLIENTS:,} heard of the end of their jobs within {took:.1f} s; memory then {peak:.0f} MB")
    await asyncio.gather(*clients)
    for writer in waiting.writers:
        writer.close()
    if peak > LIMIT_MB:
        raise SystemExit(f"more than {LIMIT_MB} MB")


def main() -> None:
    """Measure, and print a table."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    os.environ["LOG_LEVEL"] = "WARNING"
    with installation(full=False) as bench:
        from django.contrib.auth.models import User

        from project import local
        from renderer.jobs import charts, lifecycle
        from renderer.models import ApiToken, RenderJob
        from renderer.models.job import Trigger
        from renderer.recipe import Recipe

        jobs: list[tuple[str, str]] = []
        for number in range(OWNERS):
            owner = User.objects.create_user(f"owner{number}")
            _, token = ApiToken.issue(owner, "bench")
            for _ in range(10):
                chart, _ = charts.create(owner, Recipe.from_spec(spec()))
                jobs.append((str(charts.render(chart, trigger=Trigger.API).job.pk), token))
        _, token = ApiToken.issue(User.objects.create_user("asks"), "bench")

        def end() -> None:
            for job in RenderJob.objects.filter(pk__in=[job for job, _ in jobs]).defer("recipe"):
                lifecycle.cancel(job)

        port = local.free_port()
        settings = {"PORT": str(port), "ALLOWED_HOSTS": "localhost"}
        web = local.Process("web", local.command("web"), log=bench.folder / "web.log", env=bench.env | settings)
        try:
            web.wait_until(lambda: local.is_listening(port), deadline=60)
            print(f"one web process, {ASKS} asks one after the other\n")
            print(f"{'':24}{'memory MB':>12}{'ask p50 ms':>14}{'ask p95 ms':>14}")
            asyncio.run(measure(port, psutil.Process(web.pid), jobs, token, end))
        finally:
            web.stop()


if __name__ == "__main__":
    main()
