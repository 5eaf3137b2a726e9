"""From ask to picture with a real broker, real workers and the real web server, against the naive way in the same run.

Prints one table: what the naive app does (``benchmarks/naive.py``), what we do, and the goal. The chart is the same on
both sides: three lines of 100 points, 800 x 500 px, each with a title of its own. CPU is that of the server's or the
worker's processes. Run it with ``make bench``, or ``python -m benchmarks.pipeline [--full] [--only drain,poll]``.
``--full`` takes larger numbers, a million queued jobs, and a quarter of an hour.
"""

from __future__ import annotations

import argparse
import itertools
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import httpx
import psutil

from project import local

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_numbers = itertools.count(1)


def spec() -> dict[str, Any]:
    """Three lines of 100 points, with a title that no other has."""
    rows = [(x, (x * 7919 % 100) / 10 + x * (1 + i / 4), name) for i, name in enumerate("ABC") for x in range(100)]
    columns = {"x": [r[0] for r in rows], "y": [r[1] for r in rows], "name": [f"Region {r[2]}" for r in rows]}
    image = {"width": 800, "height": 500, "scale": 1}
    title = f"Chart {next(_numbers)}"
    return {
        "kind": "line", "title": title, "data": {"columns": columns}, "x": "x", "y": "y", "color": "name",
        "image": image,
    }  # fmt: skip


def cpu(process: local.Process) -> float:
    """CPU seconds of a process and its children, those that live and those that it has seen end."""
    main = psutil.Process(process.pid)
    own = main.cpu_times()
    times = [own, *(p.cpu_times() for p in main.children(recursive=True))]
    return float(sum(t.user + t.system for t in times) + own.children_user + own.children_system)


def percentile(values: list[float], share: float) -> float:
    """By rank."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@dataclass
class Bench:
    """An installation of its own: Redis, a database, and the processes that a part starts."""

    folder: Path
    env: dict[str, str]
    redis: local.Redis
    full: bool
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def say(self, what: str, naive: str, ours: str, goal: str) -> None:
        """One line of the table, at once: a run takes minutes."""
        self.rows.append((what, naive, ours, goal))
        print(f"{what:<46} {naive:>22} {ours:>22}   {goal}", flush=True)

    def many(self, short: int, full: int) -> int:
        """How often, in this run."""
        return full if self.full else short

    @contextmanager
    def process(self, name: str, **env: str) -> Iterator[local.Process]:
        """One process of the Procfile."""
        log = self.folder / f"{name}-{next(_numbers)}.log"
        process = local.Process(name, local.command(name), log=log, env=self.env | env)
        try:
            yield process
        finally:
            process.stop(grace=20)

    @contextmanager
    def worker(self, concurrency: int, queues: str = "interactive,bulk,celery") -> Iterator[local.Process]:
        """A worker that is ready, warm, and waits for work."""
        names = {"WORKER_NAME": f"w{next(_numbers)}@localhost", "WORKER_QUEUES": queues}
        with self.process("worker", WORKER_CONCURRENCY=str(concurrency), **names) as worker:
            worker.wait_until(lambda: "ready" in worker.output(), deadline=90)
            yield worker

    @contextmanager
    def web(self) -> Iterator[tuple[local.Process, httpx.Client]]:
        """The web server, and a client with a token."""
        port = local.free_port()
        with self.process("web", PORT=str(port), LOG_LEVEL="ERROR") as web:
            web.wait_until(lambda: local.is_listening(port), deadline=60)
            headers = {"Authorization": f"Bearer {token()}"}
            with httpx.Client(base_url=f"http://{local.LOOPBACK}:{port}", headers=headers, timeout=60) as client:
                client.get("/api/v1/charts")
                yield web, client


@contextmanager
def installation(*, full: bool) -> Iterator[Bench]:
    """A folder, a Redis and a database of our own; Django is set up on them."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        redis = local.Redis(folder / "redis")
        os.environ.update(
            FIGPRESS_VAR_DIR=str(folder),
            REDIS_URL=redis.url,
            SECRET_KEY=secrets.token_urlsafe(50),
            FIGPRESS_FONTS_DIR=str(local.ROOT / "var" / "fonts"),
            DJANGO_SETTINGS_MODULE="benchmarks.settings",
            FIGPRESS_MAX_WAITING="100000000",
            DEBUG="0",
        )
        try:
            for command in (["migrate", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"]):
                subprocess.run([sys.executable, "manage.py", *command], cwd=local.ROOT, check=True)
            django.setup()
            env = local.environment(folder, DJANGO_SETTINGS_MODULE="benchmarks.settings")
            owner()
            yield Bench(folder, env, redis, full)
        finally:
            redis.stop()


def owner() -> User:
    """Whose charts they are: the first user, which the naive app takes for granted."""
    from django.contrib.auth.models import User

    return User.objects.get_or_create(username="bench")[0]


def token() -> str:
    """A token of theirs."""
    from renderer.models import ApiToken

    return ApiToken.issue(owner(), "bench")[1]


def clear() -> None:
    """An empty system."""
    from celery import current_app

    from renderer.models import Chart, RenderJob

    RenderJob.objects.all().delete()
    Chart.objects.all().delete()
    with current_app.connection_for_write() as connection, connection.channel() as channel:
        for queue in ("interactive", "bulk", "celery"):
            current_app.amqp.queues[queue].bind(channel).queue_declare()
            channel.queue_purge(queue)


def ask_ours(jobs: int) -> Callable[[], bool]:
    """Ask for so many charts; returns how to see that all are drawn."""
    from renderer.jobs import charts
    from renderer.models import RenderJob
    from renderer.models.job import ACTIVE, Trigger
    from renderer.recipe import Recipe

    for _ in range(jobs):
        charts.render(charts.create(owner(), Recipe.from_spec(spec()))[0], trigger=Trigger.API)
    return lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists()


def ask_naive(jobs: int) -> Callable[[], bool]:
    """The same of the naive app."""
    from benchmarks import naive
    from renderer.models import Chart

    for _ in range(jobs):
        asked = spec()
        chart = Chart.objects.create(owner=owner(), name=asked["title"], figure="none", recipe_key="0")
        naive.draw.delay(str(chart.pk), asked["title"], *naive.arguments(asked))
    return lambda: not Chart.objects.filter(image="").exists()


def drained(
    bench: Bench, ask: Callable[[int], Callable[[], bool]], jobs: int, hands: int
) -> tuple[float, float, list[tuple[float, float]]]:
    """Jobs a second and CPU ms a job of a worker with so many hands; RSS and private MB of each child at the end."""
    clear()
    with bench.worker(hands) as worker:
        local.wait_for(ask(hands * 4), deadline=60, what="the first charts of each child")
        with pause():
            done = ask(jobs)
            start, before = time.perf_counter(), cpu(worker)
        nudge()
        local.wait_for(done, deadline=600, every=0.02, what="the jobs")
        wall, used = time.perf_counter() - start, cpu(worker) - before
        children = [p.memory_full_info() for p in psutil.Process(worker.pid).children()]
        return jobs / wall, used / jobs * 1000, [(m.rss / 2**20, m.uss / 2**20) for m in children]


@contextmanager
def pause() -> Iterator[None]:
    """Nothing of ours is drawn while the jobs are asked for."""
    from renderer.jobs import queues
    from renderer.models.job import Queue

    queues.pause(Queue.INTERACTIVE)
    try:
        yield
    finally:
        queues.resume(Queue.INTERACTIVE)


def nudge() -> None:
    """What a heartbeat would send within three seconds."""
    from renderer.jobs import dispatch

    dispatch.fill("interactive")


def draw_alone(times: int) -> float:
    """CPU ms to load, draw and encode the chart in a process that does nothing else."""
    from renderer.drawing.warm import warm
    from renderer.jobs.artwork import load_material
    from renderer.recipe import Recipe
    from renderer.sources.supplier import OwnersSupplier

    warm()
    recipes = [Recipe.from_spec(spec()) for _ in range(times + 5)]
    for i, recipe in enumerate(recipes):
        if i == 5:
            start = time.process_time()
        load_material(recipe, OwnersSupplier(None)).sketch(None).draw({}).encode("png", None, "0" * 64)
    return (time.process_time() - start) / times * 1000


def drain(bench: Bench) -> None:
    """Drain, scaling, memory."""
    jobs = bench.many(120, 500)
    alone = draw_alone(bench.many(40, 200))
    naive_rate, naive_cpu, naive_memory = drained(bench, ask_naive, bench.many(60, 500), 2)
    rate, used, memory = drained(bench, ask_ours, jobs, 2)
    one, _, _ = drained(bench, ask_ours, jobs // 2, 1)
    bench.say("drain, 2 processes: jobs/s", f"{naive_rate:.1f}", f"{rate:.1f}", f"{rate / naive_rate:.1f} x; >= 8 x")
    bench.say("  CPU ms a job", f"{naive_cpu:.1f}", f"{used:.1f}", "")
    bench.say("  of it beside the draw", "", f"{used - alone:.1f} (draw {alone:.1f})", "<= 6")
    bench.say("1 -> 2 processes", "", f"{rate / one:.2f} x", ">= 1.8 x")
    sizes = [f"{statistics.mean(m[0] for m in each):.0f} / {statistics.mean(m[1] for m in each):.0f}"
             for each in (naive_memory, memory)]  # fmt: skip
    bench.say(f"child after {jobs // 2} jobs, MB RSS / private", sizes[0], sizes[1], "<= 70 / 30 after 500")


def sleeping(bench: Bench) -> None:
    """More hands than cores."""
    from benchmarks.figures import SECONDS
    from renderer.jobs import charts
    from renderer.models import RenderJob
    from renderer.models.job import ACTIVE, Trigger
    from renderer.recipe import Recipe

    def ask(jobs: int) -> Callable[[], bool]:
        for _ in range(jobs):
            recipe = Recipe.from_figure("bench.sleeps", {"number": next(_numbers)})
            charts.render(charts.create(owner(), recipe)[0], trigger=Trigger.API)
        return lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists()

    one, _, _ = drained(bench, ask, bench.many(6, 12), 1)
    all_, _, _ = drained(bench, ask, 32 * bench.many(6, 12), 32)
    bench.say(f"1 -> 32 processes, draws that sleep {SECONDS} s", "", f"{all_ / one / 32:.2f} linear", ">= 0.9 linear")


def idle(bench: Bench) -> None:
    """One ask on an idle system, until the picture is there."""
    clear()
    times = bench.many(30, 200)
    with bench.web() as (_, client), bench.worker(2):

        def naive() -> None:
            pk = client.post("/naive/charts", json={"spec": spec()}).json()["id"]
            while not client.get(f"/naive/charts/{pk}").json()["ready"]:
                time.sleep(0.05)

        def ours() -> None:
            answer = client.post("/api/v1/charts", json={"spec": spec()}, headers={"Prefer": "wait=20"})
            assert answer.status_code == 201, answer.text

        took: dict[str, list[float]] = {}
        for name, ask in (("naive", naive), ("ours", ours)):
            for _ in range(6):
                ask()
            for _ in range(times):
                start = time.perf_counter()
                ask()
                took.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    for share in (0.5, 0.95):
        before, now = percentile(took["naive"], share), percentile(took["ours"], share)
        goal = f"{now / before:.2f}; <= 0.25"
        bench.say(f"idle POST -> ready, p{share * 100:.0f} ms", f"{before:.0f}", f"{now:.0f}", goal)


def load(
    client: httpx.Client, server: local.Process, clients: int, times: int, call: Callable[[httpx.Client], object]
) -> tuple[float, float]:
    """Requests a second and CPU ms a request of the server."""
    before, start = cpu(server), time.perf_counter()

    def run() -> None:
        with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=60) as mine:
            for _ in range(times // clients):
                call(mine)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = times // clients * clients
    return asked / (time.perf_counter() - start), (cpu(server) - before) / asked * 1000


def enqueue(bench: Bench) -> None:
    """Asks with nobody there to draw them."""

    def naive(client: httpx.Client) -> None:
        assert client.post("/naive/charts", json={"spec": spec()}).status_code == 202

    def ours(client: httpx.Client) -> None:
        assert client.post("/api/v1/charts", json={"spec": spec()}).status_code == 202

    clear()
    times = bench.many(160, 1600)
    with bench.web() as (web, client):
        for call in (naive, ours):
            load(client, web, 1, 20, call)
        for clients in (1, 8):
            (slow, dear), (fast, cheap) = (load(client, web, clients, times, call) for call in (naive, ours))
            label = f"enqueue, {clients} client{'s' if clients > 1 else ''}: asks/s (CPU ms)"
            bench.say(label, f"{slow:.0f} ({dear:.1f})", f"{fast:.0f} ({cheap:.1f})", "no slower")
        medians = []
        sizes = [1_000, 100_000, *([1_000_000] if bench.full else [])]
        for size in sizes:
            backlog(size)
            took = []
            for _ in range(bench.many(60, 300)):
                start = time.perf_counter()
                ours(client)
                took.append((time.perf_counter() - start) * 1000)
            medians.append(statistics.median(took))
    bench.say(
        f"enqueue behind {' / '.join(f'{size:,}' for size in sizes)}, p50 ms", "",
        " / ".join(f"{median:.1f}" for median in medians), f"{medians[-1] / medians[0]:.2f} x; <= 1.3 x",
    )  # fmt: skip


def backlog(size: int) -> None:
    """Queued jobs of a hundred owners, made by the database."""
    from django.contrib.auth.models import User
    from django.db import connection

    from renderer.models import RenderJob

    clear()
    ask_ours(1)
    for number in range(100):
        User.objects.get_or_create(username=f"owner {number}")
    (first,) = RenderJob.objects.values_list("pk", flat=True)
    others = User.objects.order_by("-pk").values_list("pk", flat=True)[99]
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, RenderJob._meta.db_table)]
        own = {
            "id": "lower(hex(randomblob(16)))",
            "content_key": "lower(hex(randomblob(32)))",
            "owner_id": f"{others} + n % 100",
            "turn": "1 + n / 100",
        }
        picked = ", ".join(own.get(name, name) for name in columns)
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size}) "
            f"INSERT INTO renderer_renderjob ({', '.join(columns)}) "
            f"SELECT {picked} FROM numbers, renderer_renderjob WHERE id = %s",
            [first.hex],
        )


def again(bench: Bench) -> None:
    """The same chart asked for again."""
    clear()
    asked = spec()
    with bench.web() as (web, client):
        with bench.worker(2) as worker:
            client.post("/api/v1/charts", json={"spec": asked}, headers={"Prefer": "wait=20"})
            before = cpu(worker) + cpu(web)
            times = 20
            for _ in range(times):
                client.post("/api/v1/charts", json={"spec": spec()}, headers={"Prefer": "wait=20"})
            drawn = (cpu(worker) + cpu(web) - before) / times * 1000

        def hit(mine: httpx.Client) -> None:
            assert mine.post("/api/v1/charts", json={"spec": asked}).status_code == 200

        _, kept = load(client, web, 1, bench.many(100, 1000), hit)
    bench.say("the same chart again, CPU ms in all", "draws again", f"{kept:.1f} (draw {drawn:.0f})",
              f"{drawn / kept:.0f} x; >= 10 x")  # fmt: skip


def poll(bench: Bench) -> None:
    """How a job stands, asked again and again."""
    clear()
    times = bench.many(400, 4000)
    with bench.web() as (web, client):
        pk = client.post("/naive/charts", json={"spec": spec()}).json()["id"]
        job = client.post("/api/v1/charts", json={"spec": spec()}).headers["Location"]
        tag = client.get(job).headers["ETag"]
        calls: dict[str, Callable[[httpx.Client], httpx.Response]] = {
            "naive": lambda mine: mine.get(f"/naive/charts/{pk}"),
            "200": lambda mine: mine.get(job),
            "304": lambda mine: mine.get(job, headers={"If-None-Match": tag}),
        }
        for call in calls.values():
            load(client, web, 8, 80, call)
        took = {name: load(client, web, 8, times, call) for name, call in calls.items()}
    naive = f"{took['naive'][0]:.0f} ({took['naive'][1]:.2f})"
    for name, goal in (("200", ">= 1.3 x"), ("304", ">= 1.6 x")):
        rate, used = took[name]
        bench.say(f"status poll, {name}: polls/s (CPU ms)", naive, f"{rate:.0f} ({used:.2f})",
                  f"{took['naive'][1] / used:.2f} x a CPU s; {goal}")  # fmt: skip


PARTS = {"drain": drain, "idle": idle, "enqueue": enqueue, "again": again, "poll": poll, "sleeping": sleeping}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="larger numbers, and a million queued jobs")
    parser.add_argument("--only", default=",".join(PARTS), help="some parts, with commas")
    chosen = parser.parse_args()
    with installation(full=chosen.full) as bench:
        print(f"{'':<46} {'naive':>22} {'Figpress':>22}   how far; the goal")
        for name in chosen.only.split(","):
            PARTS[name](bench)


if __name__ == "__main__":
    main()
