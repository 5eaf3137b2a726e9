"""One attempt, from its claim to its picture or its reason."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db.utils import OperationalError
from django_celery_results.models import TaskResult
from matplotlib.figure import Figure
from PIL import Image

from renderer import charts as c
from renderer import figure, registry
from renderer.jobs import charts, executor, lifecycle
from renderer.jobs.artwork import load_material
from renderer.jobs.executor import RenderFailed
from renderer.models import Attempt, Chart, RenderJob, Rendition
from renderer.models.job import Queue, Reason, Stage, Status, Trigger
from renderer.recipe import Recipe


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch, media: Path) -> None:
    monkeypatch.setattr(registry, "_figures", {})


def run(job: RenderJob) -> RenderJob:
    """One attempt; the job as it is afterwards."""
    executor.execute(job.pk, worker="w@host#1", task_id="task")
    job.refresh_from_db()
    return job


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def drawn_by(ada: User) -> Callable[..., RenderJob]:
    """A queued job for a chart that a function draws."""

    def make(function: Callable[..., object], **options: Any) -> RenderJob:
        figure("test.figure")(function)
        chart, _ = charts.create(ada, Recipe.from_figure("test.figure", **options))
        return charts.render(chart, trigger=Trigger.API).job

    return make


def draws(fig: Figure) -> None:
    ax = fig.subplots()
    ax.bar(["a", "b"], [1, 2])
    ax.set_title("Fruit sold")


def test_a_spec_becomes_a_picture_on_its_chart(chart: Chart, job: RenderJob, media: Path) -> None:
    run(job)

    assert (job.status, job.attempt, job.reason, job.stage) == (Status.SUCCEEDED, 1, "", "")
    assert job.timings.keys() == {"loading", "drawing", "encoding", "storing"}
    chart.refresh_from_db()
    with Image.open(Path(chart.image.path)) as picture:
        picture.load()
        assert picture.size == (chart.image_width, chart.image_height) == (1600, 1000)
    assert "Fruit" in chart.alt
    assert (chart.drawn_by, chart.rendered_at is not None) == (job, True)
    assert Attempt.objects.get().outcome == "succeeded"
    assert Path(chart.image.path).name.startswith(f"{job.pk}-1-")


def test_each_format_is_a_rendition(ada: User, spec: dict[str, Any], media: Path) -> None:
    chart, _ = charts.create(ada, Recipe.from_spec(spec, ["svg", "webp", "pdf"]))
    job = run(charts.render(chart, trigger=Trigger.API).job)

    chart.refresh_from_db()
    renditions = {rendition.format: rendition for rendition in job.renditions.all()}
    assert renditions.keys() == {"svg", "webp", "pdf"}
    assert renditions["webp"].on_target
    assert renditions["webp"].file.name == chart.image.name
    starts = {"svg": b"<?xml", "pdf": b"%PDF", "webp": b"RIFF"}
    for name, rendition in renditions.items():
        data = (media / (rendition.file.name or "")).read_bytes()
        assert data.startswith(starts[name])
        assert len(data) == rendition.bytes


def test_a_figure_function_draws(drawn_by: Callable[..., RenderJob], media: Path) -> None:
    job = run(drawn_by(draws, formats=["png", "svg"]))
    assert job.status == Status.SUCCEEDED
    chart = Chart.objects.get()
    assert chart.alt == "Fruit sold"
    image = Image.open(io.BytesIO(Path(chart.image.path).read_bytes()))
    assert image.size == (1600, 1000)
    assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 20, "something is drawn"


def test_a_figure_function_may_return_a_spec(drawn_by: Callable[..., RenderJob], spec: dict[str, Any]) -> None:
    job = run(drawn_by(lambda fig: spec))
    assert job.status == Status.SUCCEEDED
    assert "Fruit" in Chart.objects.get().alt


def test_what_matplotlib_warns_of_is_kept_on_the_job(drawn_by: Callable[..., RenderJob]) -> None:
    def unreadable(fig: Figure) -> None:
        fig.subplots().set_title("\U000f0000")  # a private character that no font has

    job = run(drawn_by(unreadable))
    assert any("missing from font" in warning for warning in job.warnings)


def test_options_that_a_function_sets_do_not_leak(drawn_by: Callable[..., RenderJob]) -> None:
    import matplotlib

    def rude(fig: Figure) -> None:
        matplotlib.rcParams["axes.facecolor"] = "red"

    before = matplotlib.rcParams["axes.facecolor"]
    run(drawn_by(rude))
    assert matplotlib.rcParams["axes.facecolor"] == before


@pytest.mark.parametrize(
    ("error", "reason", "sentence"),
    [
        (ValueError("secret"), Reason.FIGURE_ERROR, "The figure function test.figure raised ValueError."),
        (SystemExit(1), Reason.FIGURE_ERROR, "The figure function test.figure raised SystemExit."),
        (KeyboardInterrupt(), Reason.FIGURE_ERROR, "The figure function test.figure raised KeyboardInterrupt."),
        (MemoryError("std::bad_alloc"), Reason.TOO_LARGE, "Drawing it needs more memory than a worker has."),
    ],
)
def test_an_error_in_a_function_is_a_reason_and_a_sentence_without_its_text(
    error: BaseException, reason: Reason, sentence: str, drawn_by: Callable[..., RenderJob], media: Path
) -> None:
    def fails(fig: Figure) -> None:
        raise error

    job = drawn_by(fails)
    with pytest.raises(RenderFailed) as caught:
        run(job)

    job.refresh_from_db()
    assert (job.status, job.reason, job.message) == (Status.FAILED, reason, sentence)
    chain = [caught.value.__cause__, caught.value.__cause__ and caught.value.__cause__.__cause__]
    assert error in chain, "the operator sees the cause"
    assert files(media) == []


def test_a_spec_that_a_function_returns_is_checked(drawn_by: Callable[..., RenderJob]) -> None:
    job = drawn_by(lambda fig: {"kind": "bra"})
    with pytest.raises(RenderFailed):
        run(job)
    job.refresh_from_db()
    assert job.reason == Reason.FIGURE_ERROR
    assert "no chart kind 'bra'" in job.message


def test_a_function_may_return_a_chart_that_it_built(drawn_by: Callable[..., RenderJob]) -> None:
    layer = c.bar(x="x", y="y")
    job = drawn_by(lambda fig: c.chart(layer, title="Built", data={"columns": {"x": ["a", "b"], "y": [1, 2]}}))
    run(job)
    job.refresh_from_db()
    assert job.status == Status.SUCCEEDED


def test_a_figure_that_is_too_large_is_refused_before_it_is_drawn(drawn_by: Callable[..., RenderJob]) -> None:
    job = drawn_by(lambda fig: fig.set_size_inches(500, 500))
    with pytest.raises(RenderFailed):
        run(job)
    job.refresh_from_db()
    assert job.reason == Reason.TOO_LARGE
    assert "100,000 x 100,000" in job.message


def test_a_failure_leaves_the_old_picture(chart: Chart, job: RenderJob, media: Path) -> None:
    run(job)
    chart.refresh_from_db()
    picture = Path(chart.image.path).read_bytes()
    figure("test.figure")(lambda fig: 1 / 0)
    charts.change(chart, recipe=Recipe.from_figure("test.figure"))

    with pytest.raises(RenderFailed):
        run(charts.render(chart, trigger=Trigger.API).job)

    chart.refresh_from_db()
    assert Path(chart.image.path).read_bytes() == picture
    assert chart.drawn_by == job


def test_the_old_files_go_when_the_new_picture_is_safe(
    chart: Chart, job: RenderJob, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    run(job)
    (old,) = files(media)
    again = charts.render(chart, trigger=Trigger.API, force=True).job
    with django_capture_on_commit_callbacks(execute=True):
        run(again)
        assert old in files(media)
    chart.refresh_from_db()
    assert files(media) == [Path(chart.image.path)]
    assert Rendition.objects.get().job == again


def test_a_job_is_drawn_by_one_message_only(job: RenderJob) -> None:
    assert executor.execute(job.pk, worker="w@host#1", task_id="task") is True
    assert executor.execute(job.pk, worker="w@host#1", task_id="task") is False
    assert Attempt.objects.count() == 1


def test_one_message_draws_small_charts_one_after_the_other_until_its_turn_is_over(
    ada: User, spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(title: str) -> RenderJob:
        return charts.render(charts.create(ada, Recipe.from_spec(spec | {"title": title}))[0], trigger=Trigger.API).job

    def line(message: str) -> int:
        return executor.execute_line(Queue, worker="w@host#1", task_id=message)

    monkeypatch.setattr(executor, "A_TURN", 0.0)
    jobs = [ask(title) for title in "abcd"]
    assert line("first") == 1
    monkeypatch.setattr(executor, "A_TURN", 60.0)
    tries = list[Any]()

    def fails_at_the_second(*args: Any) -> Any:
        tries.append(args)
        if len(tries) == 2:
            raise ValueError("no good")
        return load_material(*args)

    monkeypatch.setattr(executor, "load_material", fails_at_the_second)
    with pytest.raises(RenderFailed):
        line("second")
    # What Celery keeps of a message is about its last attempt, and about no other.
    TaskResult.objects.create(task_id="second", status="FAILURE", traceback="Traceback")
    assert line("third") == 1
    assert line("fourth") == 0

    results = [attempt.task_result for job in jobs for attempt in job.attempts.all()]
    assert [result and result.task_id for result in results] == [None, None, "second", None]
    by = {attempt.job: attempt.task_id for attempt in Attempt.objects.all()}
    assert [by[job] for job in jobs] == ["first", "second", "second", "third"]


def test_a_worker_that_is_told_to_go_begins_no_more(
    ada: User, spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "A_TURN", 60.0)
    monkeypatch.setattr(executor, "_goes", bytearray(1))
    jobs = [
        charts.render(charts.create(ada, Recipe.from_spec(spec | {"title": title}))[0], trigger=Trigger.API).job
        for title in "ab"
    ]
    executor.begin_no_more()
    assert executor.execute_line(Queue, worker="w@host#1", task_id="t") == 1, "what the message was taken for"
    assert [RenderJob.objects.get(pk=job.pk).status for job in jobs] == [Status.SUCCEEDED, Status.QUEUED]


def test_an_older_job_that_ends_later_does_not_replace_a_newer_picture(
    drawn_by: Callable[..., RenderJob], media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    newer: list[RenderJob] = []

    def reads_then_is_overtaken(fig: Figure) -> None:
        draws(fig)
        if not newer:
            newer.append(charts.render(Chart.objects.get(), trigger=Trigger.API).job)
            run(newer[0])

    older = drawn_by(reads_then_is_overtaken)
    with django_capture_on_commit_callbacks(execute=True):
        run(older)

    assert older.status == Status.SUCCEEDED
    chart = Chart.objects.get()
    assert chart.drawn_by == newer[0]
    assert files(media) == [Path(chart.image.path)]


def test_an_attempt_that_was_rescued_meanwhile_leaves_no_file(drawn_by: Callable[..., RenderJob], media: Path) -> None:
    def dies_for_the_others(fig: Figure) -> None:
        lifecycle.rescue(RenderJob.objects.get())

    job = drawn_by(dies_for_the_others)
    assert executor.execute(job.pk, worker="w@host#1", task_id="task") is False
    job.refresh_from_db()
    assert job.status == Status.QUEUED
    assert files(media) == []


def test_a_cancel_is_honoured_between_stages(drawn_by: Callable[..., RenderJob], media: Path) -> None:
    def is_cancelled(fig: Figure) -> None:
        lifecycle.cancel(RenderJob.objects.get())

    job = run(drawn_by(is_cancelled))
    assert (job.status, job.message) == (Status.CANCELLED, lifecycle.CANCELLED)
    assert files(media) == []


def test_a_target_that_was_deleted_ends_the_job(drawn_by: Callable[..., RenderJob], media: Path) -> None:
    def deletes(fig: Figure) -> None:
        Chart.objects.all().delete()

    job = drawn_by(deletes)
    with pytest.raises(RenderFailed):
        run(job)
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert files(media) == []


@pytest.mark.parametrize(
    ("error", "message"),
    [(OSError(errno.ENOSPC, "No space left on device"), executor.FULL), (ConnectionError("reset"), executor.AWAY)],
)
def test_a_storage_that_is_full_or_away_is_tried_again(
    error: OSError, message: str, job: RenderJob, monkeypatch: pytest.MonkeyPatch, media: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def fails(self: FileSystemStorage, name: str, content: ContentFile[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read()[:100])  # as far as it comes
        raise error

    monkeypatch.setattr(FileSystemStorage, "_save", fails)
    for _ in range(3):
        # A full storage costs no attempt in the first hour: tests/web/test_full_disk.py.
        RenderJob.objects.update(available_at=job.created_at, created_at=job.created_at - lifecycle.ROOM_WITHIN)
        with pytest.raises(RenderFailed):
            run(job)
        assert files(media) == [], "half a file is none"
    job.refresh_from_db()
    assert (job.status, job.reason, job.message) == (Status.FAILED, Reason.STORAGE_ERROR, message)
    assert [record.levelname for record in caplog.records if record.levelname == "ERROR"] == (["ERROR"] * 3)


def test_a_picture_whose_commit_was_not_heard_of_stays(
    chart: Chart, job: RenderJob, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection broke after COMMIT was sent: the database has the picture, the worker an error."""
    succeed = executor._succeed

    def breaks(*args: Any) -> None:
        succeed(*args)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(executor, "_succeed", breaks)
    with pytest.raises(RenderFailed):
        run(job)
    job.refresh_from_db()
    chart.refresh_from_db()
    assert job.status == Status.SUCCEEDED
    assert files(media) == [Path(chart.image.path)]


def test_the_signal_of_a_worker_that_shuts_down_is_no_error_of_the_function(
    drawn_by: Callable[..., RenderJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_ended(fig: Figure) -> None:
        monkeypatch.setattr("billiard.common._should_have_exited", [True])
        raise SystemExit(-(256 - 15))

    job = drawn_by(is_ended)
    with pytest.raises(SystemExit):
        run(job)
    job.refresh_from_db()
    assert job.status == Status.RUNNING, "the main process gives it back"


def test_a_job_that_was_to_stop_anyway_and_takes_too_long_is_cancelled(drawn_by: Callable[..., RenderJob]) -> None:
    def takes_long(fig: Figure) -> None:
        lifecycle.cancel(RenderJob.objects.get())
        raise SoftTimeLimitExceeded

    job = drawn_by(takes_long)
    with pytest.raises(RenderFailed):
        run(job)
    job.refresh_from_db()
    assert (job.status, job.reason) == (Status.CANCELLED, "")


def test_a_database_that_is_away_is_tried_again(drawn_by: Callable[..., RenderJob]) -> None:
    def away(fig: Figure) -> None:
        raise OperationalError("server closed the connection")

    job = drawn_by(away)
    with pytest.raises(RenderFailed):
        run(job)
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_an_error_of_our_own_is_called_so(job: RenderJob, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr("renderer.jobs.artwork.SpecSketch.draw", broken)
    with pytest.raises(RenderFailed, match="while drawing"):
        run(job)
    job.refresh_from_db()
    assert (job.status, job.reason) == (Status.FAILED, Reason.INTERNAL)
    assert "a bug" not in job.message


def test_data_that_no_longer_fit_are_a_data_error(job: RenderJob) -> None:
    recipe = {**job.recipe, "spec": {**job.recipe["spec"], "y": "gone"}}
    RenderJob.objects.update(recipe=recipe)
    with pytest.raises(RenderFailed):
        run(job)
    job.refresh_from_db()
    assert job.reason == Reason.DATA_ERROR
    assert job.message.startswith("/y: no column 'gone'")


def test_stages_are_written_as_they_come(drawn_by: Callable[..., RenderJob]) -> None:
    seen: list[str] = []

    def looks(fig: Figure) -> None:
        seen.append(RenderJob.objects.get().stage)

    run(drawn_by(looks))
    assert seen == [Stage.DRAWING]


def test_one_job_makes_every_scale_and_theme(ada: User, spec: dict[str, Any], media: Path) -> None:
    recipe = Recipe.from_spec(spec, ["png", "svg"]).with_files(scales=[2, 0.5], themes=["light", "dark"])
    chart, _ = charts.create(ada, recipe)
    job = run(charts.render(chart, trigger=Trigger.API).job)

    made = {(r.format, r.scale, r.theme): r for r in job.renditions.all()}
    assert made.keys() == {
        *(("png", scale, theme) for scale in (2.0, 0.5) for theme in ("light", "dark")),
        ("svg", 1.0, "light"),
        ("svg", 1.0, "dark"),
    }
    assert [key for key, rendition in made.items() if rendition.on_target] == [("png", 2.0, "light")]
    for (name, scale, theme), rendition in made.items():
        if name == "png":
            with Image.open(rendition.file.path) as image:
                assert image.size == (800 * scale, 500 * scale) == (rendition.width, rendition.height)
                corner = image.convert("L").getpixel((0, 0))
                assert isinstance(corner, int)
                assert (corner > 200) == (theme == "light")


def test_a_figure_function_is_drawn_in_each_theme_and_scale(drawn_by: Callable[..., RenderJob], ada: User) -> None:
    figure("test.themes")(draws)
    recipe = Recipe.from_figure("test.themes").with_files(scales=[1], themes=["dark"])
    chart, _ = charts.create(ada, recipe)
    job = run(charts.render(chart, trigger=Trigger.API).job)
    rendition = job.renditions.get()
    assert (rendition.width, rendition.height, rendition.theme) == (800, 500, "dark")
    with Image.open(rendition.file.path) as image:
        corner = image.convert("L").getpixel((0, 0))
        assert isinstance(corner, int)
        assert corner < 60
