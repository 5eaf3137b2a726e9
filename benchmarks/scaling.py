"""What more workers bring, and what a chart costs each part: the tables of docs/scaling.md.

Run ``python -m benchmarks.scaling [--only workers,sizes] [--workers 1,2,4,8]`` from the root of the project, on a quiet
machine with PostgreSQL. A burst of jobs is let loose at once on so many workers of one hand each: jobs that draw (three
lines of 100 points), which no machine does faster than its cores allow, and jobs that wait half a second for an answer,
which show what workers bring where the cores are not the limit, as they are not on machines of their own.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import psutil

from benchmarks.pipeline import Bench, ask_ours, clear, cpu, installation, load, nudge, owner, pause, percentile, spec
from project import local
from tests.postgres import Postgres

BURSTS = {"draw": 120, "wait": 64}


@dataclass(frozen=True)
class Taken:
    """What a burst took."""

    jobs: int
    rate: float
    wait: float
    worker: float
    database: float
    broker: float


def ask_waiting(jobs: int) -> Callable[[], bool]:
    """Ask for jobs that wait half a second each."""
    from benchmarks.figures import SECONDS
    from renderer.jobs import charts
    from renderer.models import RenderJob
    from renderer.models.job import ACTIVE, Trigger
    from renderer.recipe import Recipe

    assert SECONDS == 0.5
    for _ in range(jobs):
        recipe = Recipe.from_figure("bench.sleeps", {"number": time.monotonic_ns()})
        charts.render(charts.create(owner(), recipe)[0], trigger=Trigger.API)
    return lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists()


def burst(bench: Bench, database: Postgres, workers: int, kind: str) -> Taken:
    """So many jobs at once, on so many workers that are warm."""
    from renderer.models import RenderJob

    ask = ask_ours if kind == "draw" else ask_waiting
    jobs = BURSTS[kind]
    clear()
    with ExitStack() as stack:
        running = [stack.enter_context(bench.worker(1)) for _ in range(workers)]
        local.wait_for(ask(workers * 4), deadline=120, what="the first charts")
        warm = RenderJob.objects.count()
        parts: list[list[local.Process]] = [running, [database.process], [bench.redis]]

        def used() -> list[float]:
            return [sum(cpu(process) for process in part) for part in parts]

        with pause():
            done = ask(jobs)
            before = used()
        moment = time.time()
        nudge()
        local.wait_for(done, deadline=900, every=0.5, what="the burst")  # seldom: each look is work for the database
        spent = [(after - earlier) / jobs * 1000 for after, earlier in zip(used(), before, strict=True)]
    found = RenderJob.objects.order_by("pk").values_list("started_at", "finished_at")[warm:]
    times = [(start.timestamp() - moment, end.timestamp() - moment) for start, end in found if start and end]
    wall = max(end for _, end in times)
    return Taken(jobs, jobs / wall, percentile([start for start, _ in times], 0.95), *spent)


def workers(bench: Bench, database: Postgres, numbers: list[int]) -> None:
    """More of them, for jobs that compute and for jobs that wait."""
    for kind, what in (("draw", "jobs that draw"), ("wait", "jobs that wait 0.5 s for an answer")):
        print(f"{what}, {BURSTS[kind]} at once, on {os.cpu_count()} cores")
        print("| workers | jobs/s | times one | p95 of the wait, s | worker, CPU ms a job | PostgreSQL | Redis |")
        print("|---|---|---|---|---|---|---|")
        one = 0.0
        for number in numbers:
            taken = burst(bench, database, number, kind)
            one = one or taken.rate
            print(
                f"| {number} | {taken.rate:.1f} | {taken.rate / one:.1f} | {taken.wait:.1f} | {taken.worker:.0f} "
                f"| {taken.database:.1f} | {taken.broker:.1f} |",
                flush=True,
            )
        print()


def sizes(bench: Bench, database: Postgres) -> None:
    """What a chart leaves behind, and what a process holds."""
    from django.db import connection

    from renderer.models import RenderJob, Rendition

    def ask(sql: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    def memory(process: local.Process) -> str:
        main, *children = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        found = [f"{child.memory_full_info().rss >> 20} / {child.memory_full_info().uss >> 20}" for child in children]
        return f"{main.memory_full_info().rss >> 20} / {main.memory_full_info().uss >> 20}" + (
            f"; each child {found[0]}" if found else ""
        )

    clear()
    with bench.web() as (web, client), bench.worker(2) as worker:
        local.wait_for(ask_ours(100), deadline=300, what="the first charts")
        before, rows = ask("SELECT pg_database_size(current_database())"), RenderJob.objects.count()
        local.wait_for(ask_ours(300), deadline=300, what="more charts")
        added = (ask("SELECT pg_database_size(current_database())") - before) / (RenderJob.objects.count() - rows)
        files = statistics.mean(rendition.bytes for rendition in Rendition.objects.all()[:200])
        connections = ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        print(f"rows and indexes a chart: {added / 1024:.1f} kB; its PNG: {files / 1024:.1f} kB")
        print(f"a worker of 2, MB RSS / private: {memory(worker)}")
        job = client.post("/api/v1/charts", json={"spec": spec()}).headers["Location"]
        _, asked = load(client, web, 1, 100, lambda mine: mine.post("/api/v1/charts", json={"spec": spec()}))
        _, looked = load(client, web, 1, 100, lambda mine: mine.get(job))
        print(f"web, CPU ms an ask: {asked:.1f}; a look at a job: {looked:.1f}")
        print(f"web, MB RSS / private: {memory(web)}")
        print(f"connections to PostgreSQL of this process, web and a worker of 2: {connections}")
    import redis

    with redis.Redis.from_url(bench.env["REDIS_URL"]) as client_of_redis:
        info: Any = client_of_redis.info("memory")
        print(f"Redis after {RenderJob.objects.count()} jobs: {info['used_memory'] / 1024**2:.1f} MB")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="workers,sizes", help="some parts, with commas")
    parser.add_argument("--workers", default="1,2,4,8", help="so many, one after the other")
    chosen = parser.parse_args()
    numbers = [int(number) for number in chosen.workers.split(",")]
    parts = {"workers": partial(workers, numbers=numbers), "sizes": sizes}
    database = Postgres()
    try:
        os.environ["DATABASE_URL"] = database.dsn()
        with installation(full=False) as bench:
            logging.getLogger("renderer").setLevel(logging.WARNING)  # in this process, which only asks
            for name in chosen.only.split(","):
                parts[name](bench, database)
    finally:
        database.stop()


if __name__ == "__main__":
    main()
