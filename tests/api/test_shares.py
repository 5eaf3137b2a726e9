"""Share links: one picture for everybody who knows the address, and nothing for those who change it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from PIL import Image

from renderer import logs
from renderer.api import placeholders
from renderer.jobs import executor, lifecycle, shares
from renderer.models import Chart, RenderJob, Rendition, ShareLink, Variant
from renderer.models.job import Status


@pytest.fixture
def public(db: None) -> Callable[..., Any]:
    """Somebody who knows an address, and is nobody."""
    client = Client()

    def get(url: str, **headers: str) -> Any:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return get


@pytest.fixture
def url(api: Any, chart: Chart, drawn: RenderJob) -> str:
    """The address of a link to Ada's chart, which is drawn."""
    return str(api.post(f"/charts/{chart.pk}/links", {}).body["url"])


def draw_waiting() -> None:
    """What a worker would do now."""
    for job in RenderJob.objects.filter(status=Status.QUEUED).order_by("pk"):
        executor.execute(job.pk, worker="w@host#1", task_id="task-1")


def test_a_link_shows_the_picture_to_everybody_and_says_no_more(
    api: Any, chart: Chart, drawn: RenderJob, public: Any
) -> None:
    made = api.post(f"/charts/{chart.pk}/links", {"name": "For the mail"})

    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    url = made.body["url"]
    assert re.fullmatch(r"http://testserver/s/figs_[\w-]{43}\.png", url)
    answer = public(url)
    assert (answer.status_code, answer.content) == (200, b"\x89PNG\r\n\x1a\n not really")
    headers = answer.headers
    assert headers["Content-Type"] == "image/png"
    assert headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=300"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Accept-Ranges"] == "none"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert str(chart.pk) not in str(headers)
    assert "Set-Cookie" not in headers
    assert "Cookie" not in headers.get("Vary", "")
    assert public(url, If_None_Match=headers["ETag"]).status_code == 304

    [listed] = api.get(f"/charts/{chart.pk}/links").body["items"]
    assert (listed["id"], listed["name"], listed["state"], listed["uses"]) == (
        made.body["id"], "For the mail", "living", 1,
    )  # fmt: skip
    assert listed["last_used_at"]
    secret = url.rpartition("/")[2].removesuffix(".png")
    assert secret.startswith(listed["hint"])
    assert secret not in json.dumps(listed)
    assert secret not in str(ShareLink.objects.values_list().get())
    assert secret not in logs.redact(f"GET {url}")


def test_a_link_opens_nothing_of_the_api(nobody: Any, url: str, chart: Chart) -> None:
    secret = url.rpartition("/")[2].removesuffix(".png")

    assert nobody.get(f"/charts/{chart.pk}", Authorization=f"Bearer {secret}").status == 401
    assert Client().post(urlsplit(url).path).status_code == 405


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url[:-6] + ("A" if url[-6] != "A" else "B") + url[-5:],  # share-001: tampered
        lambda url: url[:-4] + ".svg",  # share-001: swapped format
        lambda url: url.replace(".png", ".webp"),
        lambda url: url + "?w=640",  # share-001: extra parameters
        lambda url: url + "?",
        lambda url: url.replace("figs_", "figp_"),
        lambda url: re.sub(r"figs_[\w-]+", "x", url),
        lambda url: re.sub(r"figs_[\w-]+", "figs_" + "A" * 43, url),
        lambda url: re.sub(r"figs_[\w-]+", "figs_" + "é" * 43, url),
    ],
)
def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(url: str, public: Any, change: Any) -> None:
    changed = change(url)
    if changed.endswith("?"):  # an empty query is none
        assert public(changed).status_code == 200
        return
    answer = public(changed)
    kind = "svg" if urlsplit(changed).path.endswith(".svg") else "png"
    unknown = public(f"/s/figs_{'B' * 43}.{kind}")

    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert answer.content == unknown.content
    assert dict(answer.headers) | {"X-Request-ID": ""} == dict(unknown.headers) | {"X-Request-ID": ""}
    assert ShareLink.objects.get().uses == 0


@pytest.mark.parametrize("end", ["revoked", "expired", "owner gone", "chart gone"])
def test_a_link_that_is_over_leads_nowhere(api: Any, url: str, public: Any, ada: User, chart: Chart, end: str) -> None:
    """share-003."""
    assert public(url).status_code == 200
    link = ShareLink.objects.get()
    path = f"/charts/{chart.pk}/links/{link.pk}"
    match end:
        case "revoked":
            assert api.delete(path).status == 204
            assert api.delete(path).status == 404
            assert api.get(f"/charts/{chart.pk}/links").body["items"][0]["state"] == "revoked"
        case "expired":
            ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
            assert api.get(f"/charts/{chart.pk}/links").body["items"][0]["state"] == "expired"
        case "owner gone":
            User.objects.filter(pk=ada.pk).update(is_active=False)
        case "chart gone":
            assert api.delete(f"/charts/{chart.pk}").status == 204

    answer = public(url)
    assert (answer.status_code, answer.content) == (404, public(f"/s/figs_{'B' * 43}.png").content)


def test_no_cache_keeps_a_picture_longer_than_its_link_lives(
    api: Any, chart: Chart, drawn: RenderJob, public: Any
) -> None:
    ends = timezone.now() + timedelta(seconds=90)
    made = api.post(f"/charts/{chart.pk}/links", {"expires_at": ends.isoformat()})

    caching = public(made.body["url"])["Cache-Control"]
    age, stale = (int(part.partition("=")[2]) for part in caching.removeprefix("public, ").split(", "))
    assert age == 60
    assert age + stale <= 90


def test_links_are_their_owners(api: Any, bobs_api: Any, url: str, chart: Chart, bob: User, spec: Any) -> None:
    link = ShareLink.objects.get()

    assert bobs_api.get(f"/charts/{chart.pk}/links").status == 404
    assert bobs_api.post(f"/charts/{chart.pk}/links", {}).status == 404
    assert bobs_api.delete(f"/charts/{chart.pk}/links/{link.pk}").status == 404
    his = bobs_api.post("/charts", {"spec": spec}).body["chart"]["id"]
    assert bobs_api.delete(f"/charts/{his}/links/{link.pk}").status == 404
    assert ShareLink.objects.get().state == "living"


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({"width": 641}, "/width", "must be one of 160, 240,"),
        ({"width": 640, "scale": 2.0}, "/scale", "either a width or a scale"),
        ({"scale": 2.5}, "/scale", "must be one of 1, 1.5, 2"),
        ({"format": "svg", "width": 640}, "/width", "svg has no pixels"),
        ({"format": "gif"}, "/format", "must be 'png', 'webp', 'svg' or 'pdf'"),
        ({"theme": "drak"}, "/theme", "did you mean 'dark'"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "/expires_at", "lies in the past"),
        ({"widht": 640}, "/widht", "unknown field"),
    ],
)
def test_wrong_links_are_named(api: Any, chart: Chart, body: Any, pointer: str, message: str) -> None:
    answer = api.post(f"/charts/{chart.pk}/links", body)

    assert answer.status == 422
    assert [(e["pointer"], message in e["message"]) for e in answer.body["errors"]] == [(pointer, True)], answer.body
    assert not ShareLink.objects.exists()
    assert not Variant.objects.exists()


def test_the_links_of_one_chart_are_counted(api: Any, chart: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "MOST", 1)
    first = api.post(f"/charts/{chart.pk}/links", {})

    assert "1 links already" in api.post(f"/charts/{chart.pk}/links", {}).body["detail"]
    assert api.delete(first.headers["Location"]).status == 204
    assert api.post(f"/charts/{chart.pk}/links", {}).status == 201


def test_a_look_is_drawn_once_through_the_queue_for_all_its_links(
    api: Any, chart: Chart, media: Path, public: Any, django_capture_on_commit_callbacks: Any
) -> None:
    asked = api.post(f"/charts/{chart.pk}/render")
    executor.execute(UUID(asked.body["job"]["id"]), worker="w@host#1", task_id="task-1")
    look = {"format": "webp", "width": 320, "theme": "dark"}
    url = api.post(f"/charts/{chart.pk}/links", look).body["url"]
    before = RenderJob.objects.count()
    other = api.post(f"/charts/{chart.pk}/links", look).body["url"]
    assert RenderJob.objects.count() == before
    assert other != url

    draw_waiting()

    for address in (url, other):
        answer = public(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        with Image.open(io.BytesIO(answer.content), formats=["WEBP"]) as picture:
            assert picture.width == 320
            assert sum(picture.convert("RGB").resize((1, 1)).tobytes()) < 3 * 100  # dark
    vector = api.post(f"/charts/{chart.pk}/links", {"format": "svg"}).body["url"]
    draw_waiting()
    assert public(vector).content.startswith((b"<?xml", b"<svg"))
    jobs = RenderJob.objects.count()

    # What the chart becomes, the look becomes: the old one is shown until then.
    old = public(url).content
    recipe = {"spec": chart.spec | {"title": "Vegetables"}} if chart.spec else {}
    api.patch(f"/charts/{chart.pk}", recipe)
    draw_waiting()
    assert public(url).content == old
    assert public(url).content == old
    assert RenderJob.objects.count() == jobs + 2
    draw_waiting()
    assert public(url).content != old

    shown = [media / str(file) for file in Rendition.objects.values_list("file", flat=True)]
    assert shown
    assert all(file.is_file() for file in shown)
    with django_capture_on_commit_callbacks(execute=True):
        api.delete(f"/charts/{chart.pk}")
    assert not RenderJob.objects.exists()
    assert not any(file.exists() for file in shown)


def test_strangers_do_not_have_a_failure_tried_again_and_again(
    api: Any, chart: Chart, drawn: RenderJob, public: Any
) -> None:
    url = api.post(f"/charts/{chart.pk}/links", {"width": 320}).body["url"]
    job = RenderJob.objects.get(status=Status.QUEUED)
    assert lifecycle.cancel(job)

    for _ in range(2):
        answer = public(url)
        assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "image/png", "no-store")
        with Image.open(io.BytesIO(answer.content), formats=["PNG"]) as picture:
            assert picture.size == (800, 500)
    assert not RenderJob.objects.filter(status=Status.QUEUED).exists()
    assert ShareLink.objects.get().uses == 0


def test_a_pdf_that_is_not_there_yet_is_no_pdf(api: Any, chart: Chart, public: Any, failed: RenderJob) -> None:
    Chart.objects.filter(pk=chart.pk).update(formats=["png", "pdf"])
    url = api.post(f"/charts/{chart.pk}/links", {"format": "pdf"}).body["url"]

    answer = public(url)
    assert (answer.status_code, answer["Content-Type"]) == (503, "image/png")


def test_the_png_placeholders_are_pictures() -> None:
    one, other = placeholders.png("Being drawn"), placeholders.png("Could not be drawn")
    assert one != other
    for data in (one, other):
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            assert picture.size == (800, 500)
