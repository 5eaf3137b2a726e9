"""Jobs that find the picture right as it is, and pictures that remember what they looked like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from matplotlib.figure import Figure
from PIL import Image

from renderer import figure, registry
from renderer.jobs import charts, executor, lifecycle, pictures, schedules
from renderer.jobs.artwork import SpecSketch
from renderer.jobs.enqueue import enqueue
from renderer.jobs.executor import RenderFailed
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob, Rendition, Schedule
from renderer.models.job import Reason, Status, Trigger
from renderer.recipe import Recipe

Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch, media: Path) -> None:
    monkeypatch.setattr(registry, "_figures", {})


def run(job: RenderJob) -> RenderJob:
    executor.execute(job.pk, worker="w@host#1", task_id="task")
    job.refresh_from_db()
    return job


def look(chart: Chart) -> RenderJob:
    """A job as a schedule makes it, done."""
    return run(enqueue(charts.recipe_of(chart), Target.of(chart, "image"), trigger=Trigger.SCHEDULE, look=True).job)


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def rows() -> Rows:
    """What the figure function reads; a test changes it between two runs."""
    return [{"day": day, "sold": sold, "shop": shop} for shop, sold in (("East", 3), ("West", 5)) for day in (1, 2)]


@pytest.fixture
def options() -> dict[str, Any]:
    """More fields of the spec that the function returns."""
    return {}


@pytest.fixture
def live(ada: User, rows: Rows, options: dict[str, Any]) -> Chart:
    """A chart whose figure function returns a spec over rows that change."""

    @figure("test.sales")
    def sales(fig: Figure) -> dict[str, Any]:
        spec = {"kind": "bar", "data": {"values": list(rows)}, "x": "day", "y": "sold", "color": "shop"}
        return (
            spec
            | {"stack": "grouped", "axes": {"x": {"scale": "category"}}}
            | {"x": {"field": "day", "type": "category"}, "stable_colors": True}
            | options
        )

    return charts.create(ada, Recipe.from_figure("test.sales"))[0]


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on, whoever draws a spec fails."""

    def forbid() -> None:
        def drawn(*_: Any) -> None:
            raise AssertionError("it was drawn")

        monkeypatch.setattr(SpecSketch, "draw", drawn)

    return forbid


def dominant(chart: Chart) -> set[tuple[int, ...]]:
    """The colours that fill the most of a chart's picture, beside its background."""
    chart.refresh_from_db()
    with Image.open(Path(chart.image.path)) as picture:
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    colors, counts = np.unique(pixels, axis=0, return_counts=True)
    return {tuple(map(int, color)) for color in colors[counts > len(pixels) // 100]}


def test_a_scheduled_chart_draws_then_leaves_then_draws_anew_in_the_same_colours(
    ada: User, live: Chart, rows: Rows, media: Path
) -> None:
    """The whole way: three ticks of its schedule over data that stay, and then change."""
    schedule = schedules.create(ada, live, cron="*/5 * * * *")

    def tick() -> RenderJob:
        now = timezone.now()
        Schedule.objects.filter(pk=schedule.pk).update(next_due_at=now - timedelta(seconds=1))
        assert schedules.tick(now) == 1
        return run(RenderJob.objects.latest("pk"))

    first = tick()
    assert (first.status, first.unchanged, first.message) == (Status.SUCCEEDED, False, "")
    before, colors = files(media), dominant(live)
    drawn_at = live.rendered_at

    second = tick()
    assert (second.status, second.unchanged) == (Status.SUCCEEDED, True)
    assert second.message == f"Nothing changed; the picture of {first.finished_at:%Y-%m-%d %H:%M} UTC is still right."
    assert files(media) == before
    assert not second.renditions.exists()
    live.refresh_from_db()
    assert (live.drawn_by, live.rendered_at) == (first, drawn_at)
    assert live.checked_at is not None
    assert drawn_at is not None
    assert live.checked_at > drawn_at

    rows[:0] = [{"day": 1, "sold": 4, "shop": "North"}]  # a third shop, and it comes first
    third = tick()
    assert (third.status, third.unchanged) == (Status.SUCCEEDED, False)
    now = dominant(live)
    assert colors < now
    assert live.drawn_by == third
    assert len(files(media) - before) == 1


def test_nothing_is_drawn_when_nothing_changed(live: Chart, no_drawing: Callable[[], None]) -> None:
    run(charts.render(live, trigger=Trigger.API).job)
    no_drawing()
    assert look(live).unchanged
    assert run(charts.render(live, trigger=Trigger.API).job).unchanged  # nor when somebody asks without force


@pytest.mark.parametrize(
    "change",
    [{"title": "Sales"}, {"image": {"width": 400}}, {"theme": "dark"}, {"annotations": [{"kind": "rule", "y": 2}]}],
)
def test_what_the_function_says_of_the_picture_counts(
    live: Chart, options: dict[str, Any], change: dict[str, Any]
) -> None:
    run(charts.render(live, trigger=Trigger.API).job)
    options |= change
    assert not look(live).unchanged
    assert look(live).unchanged


def test_a_person_who_insists_gets_a_new_picture(live: Chart, media: Path) -> None:
    run(charts.render(live, trigger=Trigger.API).job)
    before = files(media)
    job = run(charts.render(live, trigger=Trigger.API, force=True).job)
    assert not job.unchanged
    assert len(files(media) - before) == 1


def test_who_insists_while_a_look_waits_gets_a_new_picture(live: Chart) -> None:
    run(charts.render(live, trigger=Trigger.API).job)
    target, recipe = Target.of(live, "image"), charts.recipe_of(live)
    waiting = enqueue(recipe, target, trigger=Trigger.SCHEDULE, look=True).job
    assert enqueue(recipe, target, trigger=Trigger.API, force=True).job == waiting
    assert not run(waiting).unchanged


def test_who_insists_in_the_last_moment_does_too(live: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    run(charts.render(live, trigger=Trigger.API).job)
    stays = pictures.stays

    def insist(job: RenderJob, *args: Any, **options: Any) -> bool:
        assert lifecycle.force(job)
        return stays(job, *args, **options)

    monkeypatch.setattr(pictures, "stays", insist)
    assert not look(live).unchanged


def test_a_picture_that_came_meanwhile_is_not_called_right(
    live: Chart, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older job has drawn from older rows after this one had looked at what is shown."""
    run(charts.render(live, trigger=Trigger.API).job)
    stays = pictures.stays

    def other_picture(job: RenderJob, target: Target, shown: RenderJob, **options: Any) -> bool:
        target.row().update(image="charts/of-an-older-job.png")
        return stays(job, target, shown, **options)

    monkeypatch.setattr(pictures, "stays", other_picture)
    assert not look(live).unchanged


def test_a_picture_that_was_cleared_away_is_drawn_again(live: Chart) -> None:
    run(charts.render(live, trigger=Trigger.API).job)
    live.refresh_from_db()
    Path(live.image.path).unlink()
    assert not look(live).unchanged
    live.refresh_from_db()
    assert Path(live.image.path).exists()


def test_a_storage_that_is_away_is_tried_again(live: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    run(charts.render(live, trigger=Trigger.API).job)

    def away(self: FileSystemStorage, name: str) -> bool:
        raise ConnectionError

    monkeypatch.setattr(FileSystemStorage, "exists", away)
    with pytest.raises(RenderFailed):
        look(live)
    job = RenderJob.objects.latest("pk")
    assert (job.status, job.message) == (Status.QUEUED, executor.AWAY)


def test_a_function_that_draws_itself_is_always_drawn(ada: User) -> None:
    @figure("test.figure")
    def draws(fig: Figure) -> None:
        fig.subplots().plot([1, 2])

    chart, _ = charts.create(ada, Recipe.from_figure("test.figure"))
    run(charts.render(chart, trigger=Trigger.API).job)
    job = look(chart)
    assert (job.unchanged, job.digest) == (False, "")


def test_all_themes_and_formats_of_the_older_job_stay(live: Chart) -> None:
    charts.change(live, recipe=charts.recipe_of(live).with_files(formats=["png", "svg"], themes=["light", "dark"]))
    first = run(charts.render(live, trigger=Trigger.API).job)
    assert look(live).unchanged
    assert Rendition.objects.filter(job=first).count() == Rendition.objects.count() == 4
    changed = charts.recipe_of(live).with_files(formats=["png"], themes=["light"])
    charts.change(live, recipe=changed)
    assert not look(live).unchanged


def test_a_picture_that_was_found_right_is_young(live: Chart) -> None:
    """max_age counts from when it was last known to be right."""
    first = run(charts.render(live, trigger=Trigger.API).job)
    RenderJob.objects.filter(pk=first.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    second = look(live)
    asked = charts.render(live, trigger=Trigger.API, max_age=timedelta(hours=1))
    assert (asked.created, asked.job) == (False, second)


def test_a_pure_recipe_on_a_schedule_is_drawn_once(chart: Chart, no_drawing: Callable[[], None]) -> None:
    run(charts.render(chart, trigger=Trigger.API).job)
    no_drawing()
    assert look(chart).unchanged
    assert look(chart).unchanged
    asked = charts.render(chart, trigger=Trigger.API)  # and its picture answers at once, as it ever did
    assert not asked.created
    assert asked.job.status == Status.SUCCEEDED


# No rows --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_empty", ["keep", "placeholder", "error"])
def test_rows_that_vanish(on_empty: str, live: Chart, rows: Rows, options: dict[str, Any], media: Path) -> None:
    options["on_empty"] = on_empty
    first = run(charts.render(live, trigger=Trigger.API).job)
    before, sold = files(media), list(rows)
    rows.clear()
    if on_empty == "error":
        with pytest.raises(RenderFailed):
            look(live)
        job = RenderJob.objects.latest("pk")
        assert (job.reason, files(media)) == (Reason.FIGURE_ERROR, before)
        return
    job = look(live)
    live.refresh_from_db()
    assert job.status == Status.SUCCEEDED
    if on_empty == "keep":
        assert job.message == f"There were no rows; the picture of {first.finished_at:%Y-%m-%d %H:%M} UTC stays."
        assert (job.unchanged, live.drawn_by, files(media)) == (True, first, before)
        assert live.checked_at == live.rendered_at  # nobody found it right
    else:
        assert (job.unchanged, job.warnings) == (False, ["There were no rows to draw."])
        assert "No data since" in live.alt
        assert look(live).unchanged  # it says since when, so it stays right
    rows += sold
    again = look(live)
    assert again.unchanged == (on_empty == "keep")
    live.refresh_from_db()
    assert "No data" not in live.alt


def test_keep_without_a_picture_draws_the_placeholder(live: Chart, rows: Rows, options: dict[str, Any]) -> None:
    options["on_empty"] = "keep"
    rows.clear()
    assert not run(charts.render(live, trigger=Trigger.API).job).unchanged
    live.refresh_from_db()
    assert "No data since" in live.alt


def test_a_spec_without_rows_is_accepted_where_it_says_what_to_do(ada: User) -> None:
    spec = {"kind": "bar", "data": {"columns": {"x": [], "y": []}}, "x": "x", "y": "y", "on_empty": "placeholder"}
    chart, _ = charts.create(ada, Recipe.from_spec(spec))
    run(charts.render(chart, trigger=Trigger.API).job)
    chart.refresh_from_db()
    assert (chart.image_width, chart.image_height) == (1600, 1000)


def test_what_was_remembered_outlives_a_time_without_rows(live: Chart, rows: Rows, options: dict[str, Any]) -> None:
    options["on_empty"] = "placeholder"
    run(charts.render(live, trigger=Trigger.API).job)
    colors = dominant(live)
    sold = list(rows)
    rows.clear()
    look(live)
    rows += [{"day": 1, "sold": 4, "shop": "North"}, *sold]
    look(live)
    assert colors < dominant(live)
