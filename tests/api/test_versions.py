"""Versions: older pictures, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from renderer.jobs import charts
from renderer.models import Chart, RenderJob
from renderer.models.job import Trigger


@pytest.fixture
def two(chart: Chart, draw: Callable[..., RenderJob]) -> tuple[RenderJob, RenderJob]:
    """Two pictures of a chart; the second is shown."""
    jobs = []
    for files in ({"png": b"\x89PNG old", "svg": b"<svg>old</svg>"}, {"png": b"\x89PNG new"}):
        job = charts.render(chart, trigger=Trigger.API, force=True).job
        jobs.append(draw(job, files))
    return jobs[0], jobs[1]


def test_versions_are_listed_newest_first(api: Any, chart: Chart, two: tuple[RenderJob, RenderJob]) -> None:
    older, newer = two
    answer = api.get(api.get(f"/charts/{chart.pk}").body["links"]["versions"])

    assert answer.status == 200
    assert [(item["job"], item["shown"]) for item in answer.body["items"]] == [
        (str(newer.pk), True),
        (str(older.pk), False),
    ]
    assert answer.body["items"][0]["links"]["restore"] is None
    item = answer.body["items"][1]
    assert (item["width"], item["height"], item["alt"], item["trigger"]) == (80, 50, "Two bars.", "api")
    assert [file["format"] for file in item["files"]] == ["png", "svg"]
    etag = answer.headers["ETag"]
    assert api.get(f"/charts/{chart.pk}/versions", If_None_Match=etag).status == 304


def test_each_version_has_links_to_its_own_bytes(api: Any, chart: Chart, two: tuple[RenderJob, RenderJob]) -> None:
    item = api.get(f"/charts/{chart.pk}/versions").body["items"][1]
    assert [api.get(file["url"]).content for file in item["files"]] == [b"\x89PNG old", b"<svg>old</svg>"]
    assert "immutable" in api.get(item["links"]["image"]).headers["Cache-Control"]
    assert api.get(f"/charts/{chart.pk}/image.png").content == b"\x89PNG new"
    wrong_format = item["files"][1]["url"].replace("image.svg", "image.png")
    assert api.get(wrong_format).content == b"\x89PNG new"


def test_an_older_picture_is_shown_again(api: Any, chart: Chart, two: tuple[RenderJob, RenderJob]) -> None:
    restore = api.get(f"/charts/{chart.pk}/versions").body["items"][1]["links"]["restore"]

    for _ in range(2):  # twice is once
        answer = api.post(restore)
        assert answer.status == 200
        assert answer.body["picture"]["alt"] == "Two bars."
        assert [file["format"] for file in answer.body["picture"]["files"]] == ["png", "svg"]

    assert api.get(f"/charts/{chart.pk}/image").content == b"\x89PNG old"
    shown = {item["job"]: item["shown"] for item in api.get(f"/charts/{chart.pk}/versions").body["items"]}
    assert shown == {str(two[0].pk): True, str(two[1].pk): False}


def test_after_that_an_ask_draws_what_the_recipe_says(
    api: Any, chart: Chart, two: tuple[RenderJob, RenderJob], draw: Callable[..., RenderJob]
) -> None:
    api.post(f"/charts/{chart.pk}/versions/{two[0].pk}/restore")

    answer = api.post(f"/charts/{chart.pk}/render")

    assert answer.status == 202, "the picture that is shown is not the recipe's"
    draw(RenderJob.objects.get(pk=answer.body["job"]["id"]), {"png": b"\x89PNG newest"})
    assert api.get(f"/charts/{chart.pk}/image").content == b"\x89PNG newest"
    assert len(api.get(f"/charts/{chart.pk}/versions").body["items"]) == 3


def test_what_is_no_version_is_not_found(
    api: Any, bobs_api: Any, chart: Chart, two: tuple[RenderJob, RenderJob], queued: RenderJob, ada: Any
) -> None:
    other = charts.create(ada, charts.recipe_of(chart), name="other")[0]
    paths = [
        f"/charts/{chart.pk}/versions/{queued.pk}/restore" if not queued.is_final else "",
        f"/charts/{chart.pk}/versions/{chart.pk}/restore",
        f"/charts/{other.pk}/versions/{two[0].pk}/restore",
    ]
    for path in filter(None, paths):
        assert (api.post(path).status, api.post(path).body["code"]) == (404, "not_found")
    assert bobs_api.get(f"/charts/{chart.pk}/versions").status == 404
    assert bobs_api.post(f"/charts/{chart.pk}/versions/{two[0].pk}/restore").status == 404
    assert api.get(f"/charts/{chart.pk}/image").content == b"\x89PNG new"


def test_a_version_that_retention_took_is_not_found(
    api: Any, chart: Chart, two: tuple[RenderJob, RenderJob], settings: Any, draw: Callable[..., RenderJob]
) -> None:
    settings.FIGPRESS_KEEP_VERSIONS = 2
    draw(charts.render(chart, trigger=Trigger.API, force=True).job, {"png": b"\x89PNG third"})
    assert api.post(f"/charts/{chart.pk}/versions/{two[0].pk}/restore").status == 404
    assert len(api.get(f"/charts/{chart.pk}/versions").body["items"]) == 2
