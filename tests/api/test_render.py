"""One address that is a picture: its recipe, its signature, and what is refused."""

from __future__ import annotations

import io
import json
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.signing import Signer
from django.utils import timezone
from PIL import Image

from renderer.api import render, signing
from renderer.jobs import executor, line
from renderer.models import Chart, RenderJob
from renderer.models.job import Queue, Status


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody draws while a test waits."""
    monkeypatch.setattr(render, "WAIT", 0)


def draw_waiting() -> None:
    """What a worker would do now."""
    for job in RenderJob.objects.filter(status=Status.QUEUED).order_by("pk"):
        executor.execute(job.pk, worker="w@host#1", task_id="task-1")


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


def path_of(url: str, **changes: str) -> str:
    """An address without its host, with other parameters."""
    parts = urlsplit(url)
    return f"{parts.path}?{urlencode(dict(parse_qsl(parts.query)) | changes)}"


def test_from_an_address_to_its_picture(api: Any, nobody: Any, spec: Any, media: object) -> None:
    body = {"spec": spec, "format": "webp", "width": 640, "theme": "dark"}
    made = api.post("/render/url", body)
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    assert not Chart.objects.exists()
    path = path_of(made.body["url"])

    first = nobody.get(path)
    assert (first.status, first.headers["Content-Type"]) == (200, "image/png")
    assert (first.headers["Cache-Control"], first.headers["Retry-After"]) == ("no-store", "1")
    draw_waiting()

    answer = nobody.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(answer.content), formats=["WEBP"]) as picture:
        assert picture.width == 640
    assert answer.headers["Cache-Control"] == "public, max-age=86400, stale-while-revalidate=60"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Vary" not in answer.headers
    assert nobody.get(path, If_None_Match=answer.headers["ETag"]).status == 304
    head = nobody("HEAD", path)
    assert (head.content, head.headers["Content-Length"]) == (b"", str(len(answer.content)))
    # Drawn once, and found by whichever way the same recipe is written.
    query = {"spec": json.dumps(spec, indent=1), "format": "webp", "w": "640", "theme": "dark"}
    mine = api.get(f"/render?{urlencode(query)}")
    assert mine.content == answer.content
    assert mine.headers["Cache-Control"].startswith("private, max-age=86400")
    assert mine.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert RenderJob.objects.count() == Chart.objects.count() == 1


def test_nobody_is_given_what_somebody_else_drew(api: Any, bobs_api: Any, spec: Any, media: object) -> None:
    """cache-002."""
    path = f"/render?{urlencode({'spec': json.dumps(spec)})}"
    api.get(path)
    draw_waiting()
    assert api.get(path).status == 200

    assert bobs_api.get(path).status == 202
    assert sorted(Chart.objects.values_list("owner__username", flat=True)) == ["ada", "bob"]


def test_how_a_spec_is_written_does_not_matter_and_what_it_says_does(api: Any, spec: Any) -> None:
    """cache-004."""

    def keys(*texts: str) -> int:
        Chart.objects.all().delete()
        RenderJob.objects.all().delete()
        for text in texts:
            assert api.get(f"/render?{urlencode({'spec': text})}").status == 202
        return Chart.objects.count()

    text = json.dumps(spec)
    backwards = json.dumps(dict(reversed(spec.items())), indent=2)
    assert keys(text, backwards, text.replace("Fruit", "Fru\\u0069t")) == 1
    numbers = [text.replace("[1, 2]", other) for other in ("[1, 2]", "[1.5, 2]", '["1", "2"]', "[true, 2]")]
    drawn = [n for n in numbers if api.post("/spec/check", {"spec": json.loads(n)}).body.get("ok")]
    assert len(drawn) > 1
    assert keys(*drawn) == len(drawn)


@pytest.mark.parametrize(
    "write",
    [json.dumps, lambda spec: b64(zlib.compress(json.dumps(spec).encode())), render.packed,
     lambda spec: b64(raw_deflate(json.dumps(spec).encode()))],
    ids=["json", "zlib", "packed", "raw"],
)  # fmt: skip
def test_a_spec_may_be_written_in_these_ways(api: Any, spec: Any, write: Callable[[Any], str]) -> None:
    answer = api.get(f"/render?{urlencode({'spec': write(spec)})}")

    assert (answer.status, answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        202, "image/png", "no-store",
    )  # fmt: skip
    job = RenderJob.objects.get()
    assert answer.headers["Location"].endswith(str(job.pk))
    assert Chart.objects.get().spec == spec


def test_a_figure_function_is_drawn_by_its_name(api: Any) -> None:
    params = json.dumps({"year": 2026})
    assert api.get(f"/render?{urlencode({'figure': 'test.sales', 'params': params})}").status == 202
    assert Chart.objects.get().params == {"year": 2026, "region": "EU"}


@pytest.mark.parametrize(
    ("query", "pointer", "message"),
    [
        ({}, "", "either a 'spec', or a 'figure'"),
        ({"spec": "{}", "figure": "x"}, "", "either a 'spec', or a 'figure'"),
        ({"spec": "{"}, "/spec", ""),
        ({"spec": "[]"}, "/spec", "object"),
        ({"spec": '{"kind": "bra"}'}, "/spec/kind", "did you mean 'bar'"),
        ({"spec": "%%%"}, "/spec", "neither JSON nor"),
        ({"spec": "é" * 40}, "/spec", "neither JSON nor"),
        ({"spec": b64(zlib.compress(b"{}")[:-3])}, "/spec", "neither JSON nor"),
        ({"spec": b64(zlib.compress(b"{}") + b"more")}, "/spec", "neither JSON nor"),
        ({"spec": "A" * 16_001}, "/spec", "longer than 16000"),
        ({"figure": "test.sales", "params": "[1]"}, "/params", "must be an object"),
        ({"figure": "test.sales"}, "/params/year", "required"),
        ({"figure": "test.none"}, "/figure", "no figure function"),
        ({"figure": "test.sales", "params": '{"year":1}', "w": "640"}, "/w", "not known before"),
        ({"spec": "{}", "w": "641x"}, "/w", "must be a number"),
        ({"spec": "{}", "scale": "nan"}, "/scale", "must be a number"),
        ({"spec": "{}", "width": "640"}, "/width", "unknown"),
    ],
)
def test_wrong_queries_are_named(api: Any, query: dict[str, str], pointer: str, message: str) -> None:
    answer = api.get(f"/render?{urlencode(query)}")

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    found = [(e["pointer"], e["in"]) for e in answer.body["errors"]]
    assert (pointer, "query") in found, answer.body
    assert any(message in e["message"] for e in answer.body["errors"])
    assert not Chart.objects.exists()


def test_a_bomb_is_not_inflated(api: Any) -> None:
    bomb = b64(zlib.compress(b" " * (11 << 20), 9))
    assert len(bomb) < render.MAX_CHARS

    answer = api.get(f"/render?{urlencode({'spec': bomb})}")
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")


def test_a_session_draws_nothing_by_following_a_link(browser: Any, spec: Any) -> None:
    assert browser.get(f"/render?{urlencode({'spec': json.dumps(spec)})}").status == 401
    assert not Chart.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"sig": "A" * 43}, {"sig": ""}, {"format": "svg"}, {"w": "640"}, {"owner": "2"}, {"expires": "9999999999"},
        {"utm_source": "mail"}, {"spec": "{}"}, {"max_age": "0"},
    ],
)  # fmt: skip
def test_a_changed_address_is_refused(api: Any, nobody: Any, bob: User, spec: Any, change: dict[str, str]) -> None:
    """share-001."""
    url = api.post("/render/url", {"spec": spec}).body["url"]

    answer = nobody.get(path_of(url, **change))

    assert (answer.status, answer.body["code"]) == (403, "bad_signature")
    assert not Chart.objects.exists()


def test_a_signature_of_another_salt_or_twice_is_none(api: Any, nobody: Any, ada: User, spec: Any) -> None:
    """share-001."""
    query = {"spec": render.packed(spec), "owner": str(ada.pk), "expires": "9999999999"}
    for salt in ("django.core.signing.Signer", "other"):
        other = Signer(salt=salt).signature(urlencode(sorted(query.items())))
        assert nobody.get(f"/render?{urlencode(query | {'sig': other})}").status == 403
    url = path_of(api.post("/render/url", {"spec": spec}).body["url"])
    sig = dict(parse_qsl(urlsplit(url).query))["sig"]
    assert nobody.get(f"{url}&sig={sig}").status == 403
    assert nobody.get(f"{url}&spec=%7B%7D").status == 403


def test_an_address_ends_with_its_time_and_with_its_owner(api: Any, nobody: Any, ada: User, spec: Any) -> None:
    query = {"spec": render.packed(spec)}
    over = signing.signed(query, ada, timezone.now() - timedelta(seconds=1))
    good = signing.signed(query, ada, timezone.now() + timedelta(seconds=60))

    assert nobody.get(f"/render?{over}").status == 403
    assert nobody.get(f"/render?{good}").status == 200
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert nobody.get(f"/render?{good}").status == 403


def test_addresses_live_on_while_the_key_is_changed(api: Any, nobody: Any, spec: Any, settings: Any) -> None:
    """share-005."""
    path = path_of(api.post("/render/url", {"spec": spec}).body["url"])
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key, long enough to be one of fifty characters."

    assert nobody.get(path).status == 403
    settings.SECRET_KEY_FALLBACKS = [old]
    assert nobody.get(path).status == 200
    new = path_of(api.post("/render/url", {"spec": spec}).body["url"])
    settings.SECRET_KEY_FALLBACKS = []
    assert nobody.get(new).status == 200


def test_a_failure_is_a_picture_for_everybody_and_a_sentence_for_its_owner(
    api: Any, nobody: Any, spec: Any, media: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is not tried again each time that somebody looks."""
    body = {"figure": "test.sales", "params": {"year": 2026}}
    path = path_of(api.post("/render/url", body).body["url"])
    nobody.get(path)
    job = RenderJob.objects.get()
    monkeypatch.setattr("renderer.registry._figures", {})
    with pytest.raises(executor.RenderFailed):
        executor.execute(job.pk, worker="w@host#1", task_id="task-1")

    answer = nobody.get(path)
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        200, "image/png", "no-store",
    )  # fmt: skip
    assert RenderJob.objects.count() == 1


def test_what_failed_is_told_and_rests(api: Any, nobody: Any, failed: RenderJob, chart: Chart, spec: Any) -> None:
    Chart.objects.filter(pk=chart.pk).update(name="")
    query = urlencode({"spec": json.dumps(spec)})

    answer = api.get(f"/render?{query}")
    assert (answer.status, answer.body["code"], answer.body["job_status"]) == (404, "no_picture", "failed")
    assert "The figure function raised an error." in answer.body["detail"]
    path = path_of(api.post("/render/url", {"spec": spec}).body["url"])
    assert nobody.get(path).headers["Cache-Control"] == "no-store"
    assert RenderJob.objects.count() == 1


def test_a_full_line_is_a_picture_too(api: Any, nobody: Any, spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(api.post("/render/url", {"spec": spec}).body["url"])

    def full(*args: object, **options: object) -> int:
        raise line.TooManyWaiting(Queue.INTERACTIVE, 100, 7)

    monkeypatch.setattr(line, "join", full)
    answer = nobody.get(path)
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Retry-After"]) == (200, "image/png", "7")
    assert not Chart.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({}, "", "either a 'spec'"),
        ({"spec": {"kind": "bra"}}, "/spec/kind", "did you mean 'bar'"),
        ({"figure": "test.sales", "params": {"year": 1}, "width": 640}, "/width", "not known before"),
        ({"figure": "test.sales", "params": {"year": 1}, "expires_at": "2001-01-01T00:00:00Z"}, "/expires_at", "past"),
        ({"figure": "test.sales", "params": {"year": 1}, "expires_at": "2200-01-01T00:00:00Z"}, "/expires_at", "366"),
    ],
)
def test_wrong_asks_for_an_address_are_named(api: Any, body: Any, pointer: str, message: str) -> None:
    answer = api.post("/render/url", body)

    assert answer.status == 422
    found = [(e["pointer"], message in e["message"]) for e in answer.body["errors"]]
    assert (pointer, True) in found, answer.body


def test_a_long_spec_is_no_address(api: Any, spec: Any) -> None:
    names = [f"{n * 7919 % 100003:x}" for n in range(8000)]
    long = spec | {"data": {"columns": {"x": names, "y": list(range(8000))}}, "kind": "line"}

    answer = api.post("/render/url", {"spec": long})
    assert answer.status == 422
    assert any("save it as a chart" in e["message"] for e in answer.body["errors"]), answer.body
