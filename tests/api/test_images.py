"""Images: bytes, headers, and what stands in for them."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renderer.jobs import charts
from renderer.models import Chart, RenderJob
from renderer.models.job import Trigger

FILES = {"png": b"\x89PNG one", "webp": b"RIFF two", "svg": b"<svg>three</svg>", "pdf": b"%PDF four"}
IMG = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.fixture
def pictures(queued: RenderJob, draw: Callable[..., RenderJob]) -> str:
    """The path of a chart whose picture is there in all formats."""
    draw(queued, FILES)
    return f"/charts/{queued.target_id}/image"


@pytest.mark.parametrize(
    ("image_format", "content_type"),
    [
        ("png", "image/png"),
        ("webp", "image/webp"),
        ("svg", "image/svg+xml; charset=utf-8"),
        ("pdf", "application/pdf"),
    ],
)
def test_each_format_is_sent_as_what_it_is_and_nothing_else(
    api: Any, chart: Chart, pictures: str, image_format: str, content_type: str
) -> None:
    answer = api.get(f"{pictures}.{image_format}")

    assert (answer.status, answer.content) == (200, FILES[image_format])
    headers = answer.headers
    assert headers["Content-Type"] == content_type
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "sandbox" in headers["Content-Security-Policy"]
    how = "attachment" if image_format == "pdf" else "inline"
    assert headers["Content-Disposition"] == f'{how}; filename="chart-{chart.pk}.{image_format}"'
    assert headers["ETag"] == f'"{hashlib.sha256(FILES[image_format]).hexdigest()}"'
    assert headers["Cache-Control"] == "private, max-age=0, stale-while-revalidate=60"
    assert headers["Accept-Ranges"] == "none"
    assert {"Authorization", "Cookie"} <= {name.strip() for name in headers["Vary"].split(",")}


def test_without_a_format_it_is_the_raster_that_the_chart_shows(api: Any, pictures: str) -> None:
    assert api.get(pictures).content == FILES["png"]


def test_an_unchanged_picture_is_304(api: Any, pictures: str) -> None:
    etag = api.get(f"{pictures}.png").headers["ETag"]

    answer = api.get(f"{pictures}.png", If_None_Match=etag)
    assert (answer.status, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert api.get(f"{pictures}.svg", If_None_Match=etag).status == 200


def test_head_tells_the_size_without_the_bytes(api: Any, pictures: str) -> None:
    answer = api("HEAD", f"{pictures}.png")

    assert (answer.status, answer.content, answer.headers["Content-Length"]) == (200, b"", str(len(FILES["png"])))


def test_a_part_is_answered_with_the_whole(api: Any, pictures: str) -> None:
    answer = api.get(f"{pictures}.png", Range="bytes=0-3")

    assert (answer.status, answer.content) == (200, FILES["png"])


def test_a_link_that_names_the_content_is_good_for_ever(api: Any, pictures: str) -> None:
    digest = hashlib.sha256(FILES["png"]).hexdigest()

    assert "immutable" in api.get(f"{pictures}.png?v={digest[:8]}").headers["Cache-Control"]
    for other in ("0" * 8, digest[:7], ""):
        assert "immutable" not in api.get(f"{pictures}.png?v={other}").headers["Cache-Control"]


def test_a_format_that_is_not_drawn_is_a_problem(api: Any, drawn: RenderJob, chart: Chart) -> None:
    answer = api.get(f"/charts/{chart.pk}/image.svg", Accept="*/*")

    assert (answer.status, answer.body["code"]) == (404, "no_picture")
    assert "not drawn as svg, but as png" in answer.body["detail"]
    assert api.get(f"/charts/{chart.pk}/image.gif").body["code"] == "not_found"


def test_a_program_learns_the_state_of_a_picture_that_is_not_there(api: Any, queued: RenderJob, chart: Chart) -> None:
    answer = api.get(f"/charts/{chart.pk}/image.png", Accept="image/png, */*")

    assert (answer.status, answer.body["code"], answer.body["job_status"]) == (404, "no_picture", "queued")
    assert answer.headers["Retry-After"] == "1"


def test_a_failure_is_told_as_a_sentence(api: Any, failed: RenderJob, chart: Chart) -> None:
    answer = api.get(f"/charts/{chart.pk}/image.png")

    assert answer.status == 404
    assert "The figure function raised an error." in answer.body["detail"]


@pytest.mark.parametrize(
    ("fixture", "text"),
    [("queued", "Waiting to be drawn"), ("failed", "Could not be drawn"), ("chart", "Not drawn yet")],
)
def test_a_browser_gets_a_placeholder_that_it_does_not_keep(
    request: pytest.FixtureRequest, browser: Any, chart: Chart, fixture: str, text: str
) -> None:
    request.getfixturevalue(fixture)

    answer = browser.get(f"/charts/{chart.pk}/image.png", Accept=IMG)

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "ETag" not in answer.headers
    assert ("Retry-After" in answer.headers) == (fixture == "queued"), "whether a picture will come"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert ET.fromstring(answer.content.decode()).findtext("{http://www.w3.org/2000/svg}title") == text


def test_the_last_good_picture_stays_while_a_new_one_fails(api: Any, chart: Chart, pictures: str) -> None:
    charts.render(chart, trigger=Trigger.API, force=True)

    assert api.get(f"{pictures}.png").content == FILES["png"]


@pytest.mark.parametrize("accept", [IMG, "*/*"])
def test_a_file_that_is_gone_is_no_error_of_the_server(
    api: Any, pictures: str, media: Path, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    for file in media.rglob("*.png"):
        file.unlink()

    answer = api.get(f"{pictures}.png", Accept=accept)

    assert answer.status == (404 if accept == "*/*" else 200)
    assert str(media) not in answer.content.decode()
    assert "cannot be read" in caplog.text
