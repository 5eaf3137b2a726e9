"""FigureField and renderer.enqueue, on the example shop's own models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import models
from django.db.migrations.writer import MigrationWriter
from PIL import Image

from examples.shop.models import Report, Store
from renderer import FigureField, SpecError, enqueue, figure, registry
from renderer.jobs import executor
from renderer.models import RenderJob, Rendition
from renderer.models.job import Queue, Status, Trigger


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(name="Harbour", city="Hamburg")


def draw(job: RenderJob) -> None:
    assert executor.execute(job.pk, worker="w@host#1", task_id="task")


def test_a_field_knows_how_its_picture_is_drawn(store: Store, media: Path) -> None:
    picture = store.revenue_chart
    assert (picture.state, picture.job, picture.rendered_at, picture.is_stale) == ("", None, None, True)

    job = picture.render()

    assert job.recipe == {
        "figure": "shop.monthly_revenue", "params": {"store_id": store.pk, "year": 2026}, "formats": ["png"],
    }  # fmt: skip
    assert (job.trigger, job.queue, job.owner) == (Trigger.CODE, Queue.INTERACTIVE, None)
    assert (picture.state, picture.job) == (Status.QUEUED, job)

    draw(job)

    store.refresh_from_db()
    assert store.revenue_chart.state == Status.SUCCEEDED
    assert store.revenue_chart.rendered_at
    assert not store.revenue_chart.is_stale
    assert Path(store.revenue_chart.path).parent.name == "stores"
    with Image.open(store.revenue_chart.path) as image:
        assert image.size == (1600, 1000)


def test_a_picture_is_stale_when_its_parameters_would_be_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(store.revenue_chart.render())
    store.refresh_from_db()
    field = Store._meta.get_field("revenue_chart")
    monkeypatch.setattr(field, "params", lambda store: {"store_id": store.pk, "year": 2025})
    assert store.revenue_chart.is_stale


def test_an_unsaved_row_cannot_be_drawn_onto(db: None) -> None:
    with pytest.raises(ValueError, match="save this store before"):
        Store(name="New", city="Nowhere").revenue_chart.render()


def test_parameters_that_do_not_fit_are_named_before_a_job_is_made(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store._meta.get_field("revenue_chart"), "params", {"store_id": "three"})
    with pytest.raises(SpecError, match="/params/store_id"):
        store.revenue_chart.render()
    assert not RenderJob.objects.exists()


def test_the_row_is_not_saved_by_drawing(store: Store) -> None:
    """What somebody else changes meanwhile stays."""
    job = store.revenue_chart.render()
    Store.objects.update(city="Bremen")
    draw(job)
    store.refresh_from_db()
    assert store.city == "Bremen"


def test_with_the_row_go_its_jobs_and_files(
    store: Store, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    draw(store.revenue_chart.render(queue="bulk"))
    store.refresh_from_db()
    path = Path(store.revenue_chart.path)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        store.delete()
    assert not path.exists()
    assert not RenderJob.objects.exists()
    assert not Rendition.objects.exists()


def test_any_image_field_can_be_drawn_onto(db: None, store: Store) -> None:
    report = Report.objects.create(title="The year", year=2026)
    job = enqueue("shop.best_sellers", {"year": 2026, "top": 3}, into=(report, "image"), formats=["webp", "svg"])
    draw(job)
    report.refresh_from_db()
    assert Path(report.image.path).suffix == ".webp"
    assert report.image.width == 1600
    assert set(job.renditions.values_list("format", "on_target")) == {("webp", True), ("svg", False)}


def test_a_spec_can_be_drawn_onto_any_image_field(db: None) -> None:
    report = Report.objects.create(title="The year", year=2026)
    spec = {"kind": "bar", "data": {"columns": {"x": ["a"], "y": [1]}}, "x": "x", "y": "y"}
    draw(enqueue(spec, into=(report, "image")))
    report.refresh_from_db()
    assert report.image.width == 1600


def test_a_picture_that_somebody_uploaded_is_not_ours_to_delete(
    db: None, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    report = Report(title="The year", year=2026)
    report.image.save("photo.png", ContentFile(b"not ours"))
    photo = Path(report.image.path)
    with django_capture_on_commit_callbacks(execute=True):
        draw(enqueue("shop.best_sellers", into=(report, "image")))
    report.refresh_from_db()
    assert Path(report.image.path) != photo
    assert photo.exists()


def test_what_cannot_hold_a_picture_is_refused(store: Store) -> None:
    with pytest.raises(TypeError, match=r"shop\.Store\.name is not an ImageField"):
        enqueue("shop.best_sellers", into=(store, "name"))


def test_for_migrations_it_is_an_image_field() -> None:
    field = FigureField("shop.monthly_revenue", params=lambda store: {}, upload_to="stores/")
    assert MigrationWriter.serialize(field)[0] == ("models.ImageField(blank=True, editable=False, upload_to='stores/')")


def test_a_function_that_is_not_there_is_found_by_the_system_check() -> None:
    class Lost(models.Model):
        misnamed = FigureField("shop.monthly_revenu", upload_to="x/")
        misfed = FigureField("shop.best_sellers", params={"tops": 3}, upload_to="x/")

        class Meta:
            app_label = "lost"

        def __str__(self) -> str:
            return "lost"

    messages = [error.msg for error in Lost.check() if error.id == "figpress.E001"]
    assert "did you mean 'shop.monthly_revenue'?" in messages[0]
    assert "/params/tops" in messages[1]


def test_a_picture_that_is_still_right_keeps_its_date(
    store: Store, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_figures", {})
    rows = {"columns": {"x": ["a"], "y": [1]}}

    @figure("test.returned")
    def returned(fig: object) -> dict[str, object]:
        return {"kind": "bar", "data": rows, "x": "x", "y": "y"}

    field = Store._meta.get_field("revenue_chart")
    monkeypatch.setattr(field, "figure", "test.returned")
    monkeypatch.setattr(field, "params", {})
    draw(store.revenue_chart.render())
    store.refresh_from_db()
    first = store.revenue_chart.rendered_at
    assert store.revenue_chart.checked_at == first

    job = store.revenue_chart.render()
    draw(job)
    store.refresh_from_db()
    assert RenderJob.objects.get(pk=job.pk).unchanged
    assert store.revenue_chart.rendered_at == first
    assert store.revenue_chart.checked_at
    assert first
    assert store.revenue_chart.checked_at > first

    forced = store.revenue_chart.render(force=True)
    draw(forced)
    assert not RenderJob.objects.get(pk=forced.pk).unchanged
