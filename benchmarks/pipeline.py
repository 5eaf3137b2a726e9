"""From ask to picture with a real broker and a real worker, against the naive way in the same run.

Prints, for both: jobs a second through one worker with one child, CPU milliseconds a job in the worker's processes,
and CPU milliseconds for one ask. The pictures are the same line chart at 1600 x 1000 px, with a title of its own for
each job. Run it with ``make bench``.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psutil

JOBS = 150
ROUNDS = 2


def spec(title: str) -> dict[str, Any]:
    """Three lines of 100 points."""
    rows = [(x, (x * 7919 % 100) / 10 + x * (1 + i / 4), name) for i, name in enumerate("ABC") for x in range(100)]
    columns = {"x": [r[0] for r in rows], "y": [r[1] for r in rows], "name": [f"Region {r[2]}" for r in rows]}
    return {"kind": "line", "title": title, "data": {"columns": columns}, "x": "x", "y": "y", "color": "name"}


@contextmanager
def installation(folder: Path) -> Iterator[dict[str, str]]:
    """A Redis and a database of our own; Django is set up on them."""
    from project import local

    redis = local.Redis(folder / "redis")
    os.environ.update(
        FIGPRESS_VAR_DIR=str(folder),
        REDIS_URL=redis.url,
        SECRET_KEY=secrets.token_urlsafe(50),
        FIGPRESS_FONTS_DIR=str(local.ROOT / "var" / "fonts"),
        DJANGO_SETTINGS_MODULE="project.settings",
    )
    try:
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=local.ROOT, check=True)
        django.setup()
        yield local.environment(folder)
    finally:
        redis.stop()


def cpu(process: psutil.Process) -> float:
    """CPU seconds of a process and its living children."""
    times = [p.cpu_times() for p in [process, *process.children(recursive=True)]]
    return float(sum(t.user + t.system for t in times))


def drain(env: dict[str, str], folder: Path, name: str, done: Callable[[], bool]) -> tuple[float, float]:
    """Let a fresh worker do what is queued. Returns wall seconds and CPU seconds, from its first job to its last."""
    from project import local

    shell, flag, line = local.command("worker")
    settings = {"WORKER_NAME": f"{name}@localhost", "WORKER_CONCURRENCY": "1", "WORKER_QUEUES": "celery,interactive"}
    command = [shell, flag, f"{line} --include benchmarks.naive"]
    worker = local.Process(name, command, log=folder / f"{name}.log", env=env | settings)
    try:
        worker.wait_until(lambda: "ready" in worker.output(), deadline=60)
        process = psutil.Process(worker.pid)
        start, before = time.perf_counter(), cpu(process)
        local.wait_for(done, deadline=300, every=0.02, what=f"the {name} jobs")
        return time.perf_counter() - start, cpu(process) - before
    finally:
        worker.stop()


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as name, installation(Path(name)) as env:
        from celery import current_app
        from django.contrib.auth.models import User

        from benchmarks import naive
        from renderer.jobs import charts
        from renderer.models import Chart, RenderJob
        from renderer.models.job import FINAL, Trigger
        from renderer.recipe import Recipe

        owner = User.objects.create_user("bench")
        figures: dict[str, list[tuple[float, float, float]]] = {"naive": [], "figpress": []}
        for number in range(ROUNDS):
            titles = [f"Round {number}, chart {i}" for i in range(JOBS)]

            made = [Chart.objects.create(owner=owner, name=t, figure="none", recipe_key="0") for t in titles]
            xs, ys, names = naive.arguments(spec(""))
            start = time.process_time()
            for chart, title in zip(made, titles, strict=True):
                current_app.send_task("naive.draw", args=[str(chart.pk), title, xs, ys, names], queue="celery")
            asked = time.process_time() - start
            wall, used = drain(
                env, Path(name), "naive", lambda: not Chart.objects.filter(name__gt="", image="").exists()
            )
            figures["naive"].append((JOBS / wall, used / JOBS * 1000, asked / JOBS * 1000))

            start = time.process_time()
            for title in titles:
                chart, _ = charts.create(owner, Recipe.from_spec(spec(title)))
                charts.render(chart, trigger=Trigger.API)
            asked = time.process_time() - start
            wall, used = drain(
                env, Path(name), "figpress", lambda: not RenderJob.objects.exclude(status__in=FINAL).exists()
            )
            assert not RenderJob.objects.filter(status="failed").exists(), "every job drew"
            figures["figpress"].append((JOBS / wall, used / JOBS * 1000, asked / JOBS * 1000))

        print(f"{JOBS} line charts, 1600 x 1000 px, one worker with one child; the best of {ROUNDS} rounds\n")
        print(f"{'':10}{'jobs/s':>10}{'CPU ms a job':>15}{'CPU ms an ask':>16}")
        best = {
            way: (max(r[0] for r in rs), min(r[1] for r in rs), min(r[2] for r in rs)) for way, rs in figures.items()
        }
        for way, (rate, job, ask) in best.items():
            print(f"{way:10}{rate:>10.1f}{job:>15.1f}{ask:>16.2f}")
        ratio = best["naive"][1] / best["figpress"][1]
        print(f"\nA job costs {ratio:.1f} times less CPU than the naive way.")


if __name__ == "__main__":
    main()
