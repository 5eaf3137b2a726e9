"""Steps that tests with real processes take, and what must hold after each of them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db.models import Count, Q

from project.inspection import problem_with
from renderer.jobs import charts
from renderer.jobs.enqueue import Enqueued
from renderer.models import Attempt, Chart, RenderJob, Rendition, Worker
from renderer.models.job import ACTIVE, Stage, Status, Trigger
from renderer.recipe import Recipe
from tests.live.installation import Live

SPEC = {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


def ask(live: Live, name: str, **params: Any) -> Enqueued:
    """Ask for a hazard to be drawn, onto a chart of its own."""
    chart = charts.create(live.user(), Recipe.from_figure(f"hazards.{name}", params), name=f"{name} chart")[0]
    return charts.render(chart, trigger=Trigger.CODE)


def ask_spec(live: Live, title: str, formats: Sequence[str] | None = None) -> RenderJob:
    """Ask for a small chart."""
    chart, _ = charts.create(live.user(), Recipe.from_spec(SPEC | {"title": title}, formats))
    return charts.render(chart, trigger=Trigger.CODE).job


def open_gate(live: Live, gate: Path) -> None:
    """Let the job go on that waits at the gate, or comes to it."""
    live.wait_for(lambda: _opens(gate), deadline=60, what="somebody at the gate")


def open_gate_for(live: Live, gate: Path, job: RenderJob) -> None:
    """Let everybody go on who comes to the gate, until this job has ended."""

    def ended() -> bool:
        _opens(gate)
        return status(job) not in ACTIVE

    live.wait_for(ended, deadline=60, what=f"end of {job}")


def _opens(gate: Path) -> bool:
    try:
        pipe = os.open(gate, os.O_WRONLY | os.O_NONBLOCK)  # an error as long as nobody reads
    except OSError:
        return False
    with os.fdopen(pipe, "wb") as word:
        word.write(b"go")
    return True


def is_drawing(job: RenderJob, attempt: int = 1) -> bool:
    """Whether this attempt is at its figure."""
    job.refresh_from_db()
    return (job.stage, job.attempt) == (Stage.DRAWING, attempt)


def status(job: RenderJob) -> str:
    """The status it has now."""
    job.refresh_from_db()
    return job.status


def ends(live: Live, job: RenderJob, deadline: float = 40) -> RenderJob:
    """Wait for a job's end, and return it."""
    live.wait_for(lambda: status(job) not in ACTIVE, deadline=deadline, what=f"end of {job}")
    return job


def children(pid: int) -> list[int]:
    """The processes that a worker draws in."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def files(live: Live) -> list[Path]:
    """All pictures that are stored. Beside them lie the rows of datasets."""
    media = live.folder / "media"
    return [path for path in media.rglob("*") if path.is_file() and media / "datasets" not in path.parents]


def assert_sound(live: Live) -> None:
    """What must hold whatever died: see docs/lifecycle.md. A worker lives, and every job has come to its end."""
    assert [worker for worker in live.workers if worker.is_running], "a worker is alive"
    live.wait_for(lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists(), what="every job's end")
    live.wait_for(lambda: not unsound(live), what="\n".join(unsound(live)) or "soundness")  # files go after the commit
    assert Worker.objects.filter(stopping=False).exists()


def unsound(live: Live) -> list[str]:
    """What does not hold of the final jobs, their pictures and their files; one line each."""
    found = []
    named = Counter(live.folder / "media" / name for name in Rendition.objects.values_list("file", flat=True))
    there = set(files(live))
    found += [f"orphan file {path}" for path in there - named.keys()]
    found += [f"lost file {path}" for path in named.keys() - there]
    found += [f"file of {count} rows {path}" for path, count in named.items() if count > 1]
    found += [f"bad picture {path}" for path in there if problem_with(path.read_bytes(), path.suffix[1:])]
    for chart in Chart.objects.filter(drawn_by__isnull=False).select_related("drawn_by"):
        if live.folder / "media" / (chart.image.name or "") not in named:
            found.append(f"chart {chart.pk} shows what no row names")
        drawn = RenderJob.objects.filter(target_id=str(chart.pk), status=Status.SUCCEEDED, unchanged=False)
        if drawn.filter(pk__gt=chart.drawn_by_id).exists():
            found.append(f"chart {chart.pk} does not show its newest picture")
    final = RenderJob.objects.exclude(status__in=ACTIVE)
    won = final.annotate(wins=Count("attempts", filter=Q(attempts__outcome__in=["succeeded", "unchanged"])))
    found += [f"job {job.pk} was won {job.wins} times" for job in won if job.wins != (job.status == Status.SUCCEEDED)]
    still_open = Attempt.objects.filter(ended_at=None, job__in=final)
    found += [f"{attempt} has no end" for attempt in still_open]
    return found
