"""Files without rows, rows without files."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from examples.shop.models import Store
from renderer.jobs import charts, executor, orphans
from renderer.jobs.enqueue import enqueue
from renderer.jobs.targets import Target
from renderer.models import Chart, Origin, RenderJob, Rendition
from renderer.models.job import Queue, Status, Trigger
from renderer.models.owned import new_id
from renderer.recipe import Recipe

Capture = Callable[..., Any]


@pytest.fixture
def draw(ada: User, spec: dict[str, Any], media: Path) -> Callable[..., Chart]:
    """A chart that is drawn, each with a title of its own."""

    def make(title: str = "Fruit", formats: tuple[str, ...] = ("png", "svg"), **files: Any) -> Chart:
        recipe = Recipe.from_spec({**spec, "title": title}, list(formats)).with_files(**files)
        chart, _ = charts.create(ada, recipe)
        job = charts.render(chart, trigger=Trigger.API).job
        executor.execute(job.pk, worker="w@host#1", task_id="task")
        chart.refresh_from_db()
        return chart

    return make


def put(media: Path, name: str, *, hours: float = 2) -> Path:
    """A file that was written so long ago."""
    path = media / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a picture")
    written = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (written, written))
    return path


def test_bodies_of_urls_go_with_their_rows(ada: User, media: Path) -> None:
    kept, gone = put(media, f"origins/{new_id()}.origin"), put(media, f"origins/{new_id()}_AbC1234.origin")
    row = Origin.objects.create(
        owner=ada, address="a", sha256="b", file=f"origins/{kept.name}", fetched_at=timezone.now()
    )  # fmt: skip
    assert orphans.sweep(timezone.now()).deleted == 1
    assert kept.exists()
    assert not gone.exists()
    ada.delete()
    assert not Origin.objects.filter(pk=row.pk).exists()
    assert orphans.sweep(timezone.now()).deleted == 1


def test_files_that_no_row_names_go(draw: Callable[..., Chart], media: Path, db: None) -> None:
    draw()
    for path in media.rglob("*.*"):
        os.utime(path, (0, 0))
    orphan = put(media, f"charts/{new_id()}-1-0a1b2c3d.png")
    beside = put(media, f"renditions/{new_id()}-2-0a1b2c3d_AbC1234.pdf")
    stay = [
        put(media, f"charts/{new_id()}-1-0a1b2c3d.png", hours=0.5),  # perhaps its attempt still runs
        put(media, "charts/holiday.png"),  # somebody else's
        put(media, "renditions/README.md"),
        put(media, f"elsewhere/{new_id()}-1-0a1b2c3d.png"),
    ]

    report = orphans.sweep(timezone.now())

    assert (report.deleted, report.missing, report.redrawn) == (2, 0, 0)
    assert not orphan.exists()
    assert not beside.exists()
    assert all(path.exists() for path in stay)
    assert all((media / (r.file.name or "")).exists() for r in Rendition.objects.all())
    assert orphans.sweep(timezone.now()).deleted == 0


def test_thumbnails_stay_with_their_picture_and_are_drawn_again(
    draw: Callable[..., Chart], media: Path, settings: Settings
) -> None:
    settings.FIGPRESS_THUMBNAILS = True
    chart = draw(scales=[2.0])
    small = media / str(Rendition.objects.get(is_thumbnail=True).file)
    for path in media.rglob("*.*"):
        os.utime(path, (0, 0))
    of_a_dead_attempt = put(media, f"renditions/{new_id()}-1-0a1b2c3d.webp")
    report = orphans.sweep(timezone.now())
    assert (report.deleted, report.missing) == (1, 0)
    assert not of_a_dead_attempt.exists()
    assert small.exists()

    small.unlink()
    report = orphans.sweep(timezone.now())
    assert (report.missing, report.redrawn) == (1, 1)
    job = RenderJob.objects.latest("pk")
    assert executor.execute(job.pk, worker="w@host#1", task_id="task")
    chart.refresh_from_db()
    assert chart.drawn_by is not None
    assert (media / str(chart.drawn_by.renditions.get(is_thumbnail=True).file)).exists()
    assert orphans.sweep(timezone.now()).redrawn == 0


def test_a_picture_whose_job_was_deleted_is_still_shown(draw: Callable[..., Chart], media: Path) -> None:
    chart = draw()
    RenderJob.objects.all().delete()
    for path in media.rglob("*.*"):
        os.utime(path, (0, 0))
    assert orphans.sweep(timezone.now()).deleted == 1, "the SVG beside it"
    assert Path(chart.image.path).exists()


def test_other_models_folders_are_looked_at(ada: User, media: Path, spec: dict[str, Any]) -> None:
    store = Store.objects.create(name="North")
    job = enqueue(Recipe.from_spec(spec), Target.of(store, "revenue_chart"), trigger=Trigger.CODE).job
    executor.execute(job.pk, worker="w@host#1", task_id="t")
    store.refresh_from_db()
    shown = Path(store.revenue_chart.path)
    orphan = shown.with_name(f"{new_id()}-1-0a1b2c3d.png")
    orphan.write_bytes(b"x")
    for path in (shown, orphan):
        os.utime(path, (0, 0))

    assert orphans.sweep(timezone.now()).deleted == 1
    assert shown.exists()


def test_a_shown_picture_that_is_gone_is_drawn_again(
    draw: Callable[..., Chart], django_capture_on_commit_callbacks: Capture
) -> None:
    chart, whole = draw("gone"), draw("whole")
    Path(chart.image.path).unlink()

    report = orphans.sweep(timezone.now())

    assert (report.missing, report.redrawn, report.suspicious) == (1, 1, False)
    job = RenderJob.objects.get(status=Status.QUEUED)
    assert (job.target_id, job.queue, job.trigger) == (str(chart.pk), Queue.BULK, Trigger.RETRY)
    assert orphans.sweep(timezone.now()).redrawn == 0, "it is on its way"

    with django_capture_on_commit_callbacks(execute=True):
        executor.execute(job.pk, worker="w@host#1", task_id="again")
    chart.refresh_from_db()
    assert Path(chart.image.path).exists()
    assert Path(whole.image.path).exists()
    assert orphans.sweep(timezone.now()).missing == 0


def test_an_older_version_without_its_file_is_none(
    draw: Callable[..., Chart], spec: dict[str, Any], media: Path
) -> None:
    chart = draw("one", ("png",))
    older = Path(chart.image.path)
    charts.change(chart, recipe=Recipe.from_spec({**spec, "title": "two"}))
    executor.execute(charts.render(chart, trigger=Trigger.API).job.pk, worker="w@host#1", task_id="t")
    older.unlink()

    report = orphans.sweep(timezone.now())

    assert (report.missing, report.redrawn) == (1, 0)
    assert Rendition.objects.count() == 1
    assert not RenderJob.objects.filter(status=Status.QUEUED).exists()


def test_a_storage_that_is_not_mounted_is_no_reason_to_draw_everything(
    draw: Callable[..., Chart], media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "SUSPICIOUS", 3)
    for i in range(3):
        draw(f"number {i}")
    media.rename(media.with_name("unmounted"))

    report = orphans.sweep(timezone.now())

    assert (report.missing, report.redrawn, report.suspicious) == (6, 0, True)
    assert not RenderJob.objects.filter(status=Status.QUEUED).exists()
