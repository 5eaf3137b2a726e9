"""Thumbnails: charts are kept in small, too, and it comes, is shown again and goes with the picture."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from matplotlib.figure import Figure
from PIL import Image

from renderer import figure, registry
from renderer.jobs import charts, drafts, executor, versions
from renderer.models import Chart, RenderJob, Rendition
from renderer.models.job import Trigger
from renderer.recipe import Recipe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.FIGPRESS_THUMBNAILS = True


def drawn(owner: User, spec: dict[str, Any], **recipe: Any) -> tuple[Chart, RenderJob]:
    chart, _ = charts.create(owner, Recipe.from_spec(spec).with_files(**recipe), name="Fruit")
    return redrawn(chart)


def redrawn(chart: Chart) -> tuple[Chart, RenderJob]:
    with transaction.atomic():
        job = charts.render(chart, trigger=Trigger.CODE, force=True).job
    assert executor.execute(job.pk, worker="test", task_id="test")
    return Chart.objects.get(pk=chart.pk), RenderJob.objects.get(pk=job.pk)


def files(media: Path) -> list[str]:
    return sorted(path.suffix for path in media.rglob("*") if path.is_file())


def test_a_thumbnail_is_the_picture_in_small(ada: User, spec: dict[str, Any], media: Path, client: Client) -> None:
    chart, job = drawn(ada, {**spec, "image": {"width": 800, "height": 500}}, formats=["svg", "png"], scales=[2.0])
    small = job.renditions.get(is_thumbnail=True)
    assert (small.format, small.width, small.height, small.scale, small.on_target) == ("webp", 800, 500, 1.0, False)
    assert small.bytes < job.renditions.get(on_target=True).bytes
    with (
        small.file as reduced,
        chart.image as drawn_file,
        Image.open(reduced) as there,
        Image.open(drawn_file) as whole,
    ):
        corner, _ = there.convert("RGB").getpixel((0, 0)), whole.load()
        assert corner == whole.convert("RGB").getpixel((0, 0)), "the paper is of the same colour"

    client.force_login(ada)
    said = client.get(f"/api/v1/charts/{chart.pk}").json()["picture"]
    assert [file["format"] for file in said["files"]] == ["png", "svg"]
    url = said["thumbnail"]["url"]
    assert f'src="{url}"' in client.get("/").content.decode()
    picture = client.get(url)
    assert hashlib.sha256(picture.content).hexdigest() == small.sha256
    assert "immutable" in picture["Cache-Control"]
    client.force_login(User.objects.create_user("eve"))
    assert client.get(url).status_code == 404

    charts.delete(chart)
    assert files(media) == []


def test_it_follows_the_version_that_is_shown(ada: User, spec: dict[str, Any], media: Path, client: Client) -> None:
    client.force_login(ada)
    chart, first = drawn(ada, spec, scales=[2.0])
    charts.change(chart, recipe=Recipe.from_spec({**spec, "title": "Other fruit"}).with_files(scales=[2.0]))
    chart, second = redrawn(chart)
    hashes = {job.pk: job.renditions.get(is_thumbnail=True).sha256 for job in (first, second)}

    def shown() -> str:
        return hashlib.sha256(client.get(f"/api/v1/charts/{chart.pk}/thumbnail").content).hexdigest()

    assert shown() == hashes[second.pk]
    assert versions.restore(chart, first.pk)
    assert shown() == hashes[first.pk]
    older = client.get(f"/api/v1/charts/{chart.pk}/thumbnail?v={hashes[second.pk][:16]}")
    assert hashlib.sha256(older.content).hexdigest() == hashes[second.pk], "as long as the version is kept"
    kept = client.get(f"/api/v1/charts/{chart.pk}/versions").json()["items"]
    assert [item["thumbnail"]["sha256"] for item in kept] == [hashes[second.pk], hashes[first.pk]]
    assert files(media) == [".png", ".png", ".webp", ".webp"]


def test_what_has_none_is_shown_whole(ada: User, spec: dict[str, Any], settings: Any, client: Client) -> None:
    small, _ = drawn(ada, spec, scales=[1.0])
    draft, enqueued = drafts.draw(ada, Recipe.from_spec(spec).with_files(scales=[2.0]))
    executor.execute(enqueued.job.pk, worker="test", task_id="test")
    assert draft.is_draft
    settings.FIGPRESS_THUMBNAILS = False
    chart, _ = drawn(ada, spec, scales=[2.0])
    assert not Rendition.objects.filter(is_thumbnail=True).exists()

    client.force_login(ada)
    for row in (small, chart):
        picture = client.get(f"/api/v1/charts/{row.pk}").json()["picture"]
        assert picture["thumbnail"] is None
        whole = client.get(f"/api/v1/charts/{row.pk}/thumbnail")
        assert hashlib.sha256(whole.content).hexdigest() == picture["files"][0]["sha256"]


def test_a_picture_knows_the_code_that_drew_it(ada: User, spec: dict[str, Any], client: Client) -> None:
    chart, job = drawn(ada, spec)
    assert job.drawn_with.keys() == {"figpress", "matplotlib"}
    client.force_login(ada)
    assert client.get(f"/api/v1/charts/{chart.pk}/versions").json()["items"][0]["drawn_with"] == job.drawn_with
    page = client.get(f"/charts/{chart.pk}/versions/").content.decode()
    assert f"matplotlib {job.drawn_with['matplotlib']}" in page


def test_a_figure_function_is_known_by_its_source(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_figures", {})

    @figure("tests.line")
    def line(fig: Figure, *, size: int = 3) -> None:
        fig.set_size_inches(13.0, 7.0)
        fig.subplots().plot(range(size))

    chart, _ = charts.create(ada, Recipe.from_figure("tests.line", {}), name="Drawn")
    _, job = redrawn(chart)
    assert job.drawn_with["function"] == registry.get("tests.line").code
    assert len(job.drawn_with["function"]) == 64
    assert job.renditions.filter(is_thumbnail=True).exists()
