"""What goes after a while, and what never goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_celery_results.models import TaskResult
from pytest_django import Settings

from examples.shop.models import Store
from renderer.jobs import charts, executor, lifecycle, retention
from renderer.jobs.enqueue import enqueue
from renderer.jobs.targets import Target
from renderer.models import Attempt, Chart, RenderJob
from renderer.models.job import Reason, Status, Trigger
from renderer.recipe import Recipe

Capture = Callable[..., Any]


def files(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


@pytest.fixture
def draw(chart: Chart, media: Path, spec: dict[str, Any]) -> Callable[..., RenderJob]:
    """Draw the chart with another title, so that each picture is one of its own."""

    def make(title: str = "Fruit", formats: tuple[str, ...] = ("png",)) -> RenderJob:
        charts.change(chart, recipe=Recipe.from_spec({**spec, "title": title}, list(formats)))
        job = charts.render(chart, trigger=Trigger.API, force=True).job
        executor.execute(job.pk, worker="w@host#1", task_id=f"task of {job.pk}")
        return RenderJob.objects.get(pk=job.pk)

    return make


@pytest.fixture
def fail(chart: Chart) -> Callable[[], RenderJob]:
    """Make a job of the chart that failed."""

    def make() -> RenderJob:
        job = charts.render(chart, trigger=Trigger.API, force=True).job
        claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id=f"task of {job.pk}")
        assert claimed
        assert lifecycle.fail(claimed, Reason.INTERNAL, "no")
        return job

    return make


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


@pytest.mark.parametrize(
    ("status", "days"), [(Status.FAILED, 30), (Status.CANCELLED, 7), (Status.EXPIRED, 7), (Status.SUCCEEDED, 90)]
)
def test_each_status_has_its_time(status: Status, days: int, job_in: Callable[[Status], RenderJob]) -> None:
    job_in(status)
    assert retention.sweep(in_days(days - 1)) == 0
    assert retention.sweep(in_days(days + 1)) == 1
    assert not RenderJob.objects.exists()


def test_the_times_are_settings(job_in: Callable[[Status], RenderJob], settings: Settings) -> None:
    settings.FIGPRESS_KEEP_DAYS = {"failed": 2}
    job_in(Status.FAILED)
    assert retention.sweep(in_days(3)) == 1
    settings.FIGPRESS_KEEP_DAYS = {"faild": 2}
    with pytest.raises(ValueError, match="no final status faild"):
        retention.sweep(in_days(3))


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_active_jobs_never_go(status: Status, job_in: Callable[[Status], RenderJob]) -> None:
    job_in(status)
    assert retention.sweep(in_days(10_000)) == 0


def test_the_job_whose_picture_is_shown_stays(
    draw: Callable[..., RenderJob], chart: Chart, media: Path, django_capture_on_commit_callbacks: Capture
) -> None:
    older, shown = draw("one"), draw("two")
    # Its message went on to another job, which failed: the traceback goes with that one.
    TaskResult.objects.create(task_id=f"task of {older.pk}", status="FAILURE")
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.sweep(in_days(1000)) == 1

    chart.refresh_from_db()
    assert list(RenderJob.objects.all()) == [shown]
    assert chart.drawn_by == shown
    assert files(media) == [Path(chart.image.path).name], "the older picture went with its job"
    assert Attempt.objects.count() == 1
    assert TaskResult.objects.exists()


def test_thumbnails_go_and_stay_with_their_job(
    chart: Chart, spec: dict[str, Any], media: Path, settings: Settings, django_capture_on_commit_callbacks: Capture
) -> None:
    settings.FIGPRESS_THUMBNAILS = True
    for title in ("one", "two"):
        charts.change(chart, recipe=Recipe.from_spec({**spec, "title": title}, ["png"]).with_files(scales=[2.0]))
        executor.execute(charts.render(chart, trigger=Trigger.API).job.pk, worker="w@host#1", task_id=title)
    assert sorted(name.rpartition(".")[2] for name in files(media)) == ["png", "png", "webp", "webp"]
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.sweep(in_days(1000)) == 1
    chart.refresh_from_db()
    assert chart.drawn_by is not None
    small = chart.drawn_by.renditions.get(is_thumbnail=True)
    assert files(media) == sorted([Path(chart.image.path).name, Path(str(small.file)).name])


def test_the_picture_of_another_models_field_stays(ada: Any, media: Path) -> None:
    spec = {"kind": "bar", "data": {"columns": {"x": ["a"], "y": [1]}}, "x": "x", "y": "y"}
    store = Store.objects.create(name="North")
    job = enqueue(Recipe.from_spec(spec), Target.of(store, "revenue_chart"), trigger=Trigger.CODE).job
    executor.execute(job.pk, worker="w@host#1", task_id="t")
    assert retention.sweep(in_days(1000)) == 0

    Store._base_manager.filter(pk=store.pk).update(revenue_chart="")
    assert retention.sweep(in_days(1000)) == 1


def test_only_so_many_jobs_of_a_chart(
    fail: Callable[[], RenderJob], draw: Callable[..., RenderJob], settings: Settings
) -> None:
    settings.FIGPRESS_KEEP_JOBS = 3
    shown = draw()
    made = [fail() for _ in range(5)]
    assert retention.sweep(timezone.now()) == 2
    assert set(RenderJob.objects.all()) == {shown, *made[-3:]}
    assert retention.sweep(timezone.now()) == 0


def test_in_batches_past_those_that_stay(
    fail: Callable[[], RenderJob], draw: Callable[..., RenderJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    draw()
    for _ in range(5):
        TaskResult.objects.create(task_id=f"task of {fail().pk}", status="FAILURE")
    assert retention.sweep(in_days(1000)) == 5
    assert RenderJob.objects.count() == 1
    assert not TaskResult.objects.exists(), "tracebacks go with their jobs"


def test_a_run_ends_in_time_and_the_next_goes_on(
    job_in: Callable[[Status], RenderJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        job_in(Status.FAILED)
    assert [retention.sweep(in_days(1000), budget=0) for _ in range(4)] == [2, 2, 1, 0]


def test_what_celery_kept(db: None) -> None:
    for status in ("SUCCESS", "FAILURE"):
        TaskResult.objects.create(task_id=status, status=status)
    now = timezone.now()
    assert retention.forget_results(now + timedelta(hours=23)) == 0
    assert retention.forget_results(now + timedelta(hours=25)) == 1
    assert TaskResult.objects.get().status == "FAILURE", "its traceback is kept with the failed job"
    assert retention.forget_results(now + timedelta(days=31)) == 1


def test_versions_are_kept_up_to_a_number(
    draw: Callable[..., RenderJob],
    media: Path,
    settings: Settings,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    settings.FIGPRESS_KEEP_VERSIONS = 3
    with django_capture_on_commit_callbacks(execute=True):
        drawn = [draw(f"number {i}") for i in range(5)]
    assert [job.renditions.count() for job in drawn] == [0, 0, 1, 1, 1]
    assert len(files(media)) == 3


def test_fewer_of_a_format(draw: Callable[..., RenderJob], media: Path, settings: Settings) -> None:
    settings.FIGPRESS_KEEP_VERSIONS_OF = {"pdf": 1, "svg": 2}
    drawn = [draw(f"number {i}", ("png", "pdf", "svg")) for i in range(3)]
    formats = [set(job.renditions.values_list("format", flat=True)) for job in drawn]
    assert formats == [{"png"}, {"png", "svg"}, {"png", "svg", "pdf"}]


def test_equal_pictures_are_one_version(
    draw: Callable[..., RenderJob], media: Path, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first, again, other, back = draw("one"), draw("one"), draw("two"), draw("one")
    assert [job.renditions.count() for job in (first, again, other, back)] == [0, 0, 1, 1]
    assert len(files(media)) == 2
