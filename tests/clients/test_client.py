"""The Python client against a real server, which draws for real; and against servers that misbehave."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pytest_django.live_server_helper import LiveServer

import figpress_client
from figpress_client import AsyncClient, Client, FigpressError, ProblemError, RenderFailed, Unreachable, WaitedTooLong
from project import local
from tests.web_servers import Script, Server, answer

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.django_db(transaction=True)
def test_from_a_spec_to_a_file(
    live_server: LiveServer, worker: None, token: str, spec: dict[str, Any], tmp_path: Path
) -> None:
    with Client(live_server.url, token=token) as client:
        asked = client.render(spec, formats=["png", "svg"])
        picture = asked.wait()
        assert picture.save(tmp_path / "a.png").read_bytes().startswith(PNG)
        assert b"<svg" in picture.save(tmp_path / "a.svg").read_bytes()
        assert "Fruit" in picture.chart.alt
        with pytest.raises(LookupError, match="no file of it as pdf; drawn: png light"):
            picture.save(tmp_path / "a.pdf")
        assert client.job(asked.job.id).status == "succeeded"
        assert client.picture(asked.chart.id).chart.files == picture.chart.files
        assert client.render(spec, formats=["png", "svg"]).job.is_final, "it was there"
        again = client.render_again(asked.chart.id, force=True).wait().chart
        assert [file.sha256 for file in again.files] == [file.sha256 for file in picture.chart.files]


@pytest.mark.django_db(transaction=True)
def test_many_in_one_call(
    live_server: LiveServer, worker: None, token: str, spec: dict[str, Any], tmp_path: Path
) -> None:
    sent = [{"spec": spec | {"title": f"Fruit {i}"}} for i in range(2)]
    with Client(live_server.url, token=token) as client:
        batch = client.render_all(sent, formats=["png"])
        assert batch.wait().counts["succeeded"] == 2
        assert [(item.position, item.status) for item in batch.items()] == [(0, "succeeded"), (1, "succeeded")]
        with ZipFile(batch.save(tmp_path / "charts.zip")) as archive:
            assert sorted(Path(name).suffix for name in archive.namelist()) == [".json", ".png", ".png"]
        with pytest.raises(ProblemError, match="/charts/1/spec/hue: "):
            client.render_all([*sent[:1], {"spec": spec | {"hue": "x"}}])


@pytest.mark.django_db(transaction=True)
def test_the_same_with_asyncio(live_server: LiveServer, worker: None, token: str, spec: dict[str, Any]) -> None:
    async def way() -> bytes:
        async with AsyncClient(live_server.url, token=token) as client:
            assert (await client.check(spec)).ok
            first, second = await asyncio.gather(client.render(spec), client.render(spec | {"title": "More"}))
            await second.wait()
            return await (await first.wait()).read("png")

    assert asyncio.run(way()).startswith(PNG)


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_comes_with_its_pointers(live_server: LiveServer, token: str, spec: dict[str, Any]) -> None:
    wrong = spec | {"hue": "x", "kind": "bra"}
    with Client(live_server.url, token=token) as client:
        with pytest.raises(ProblemError, match="/spec/kind: ") as raised:
            client.render(wrong)
        checked = client.check(wrong)
        assert not checked.ok
        assert checked.errors == raised.value.errors
        assert raised.value.status == 422
        assert raised.value.code == "invalid"
        assert raised.value.request_id
    with Client(live_server.url, token="figp_nobody") as client, pytest.raises(ProblemError, match="not known"):
        client.render(spec)


@pytest.mark.django_db(transaction=True)
def test_jobs_that_end_without_a_picture_or_not_in_time(
    live_server: LiveServer, token: str, spec: dict[str, Any]
) -> None:
    with Client(live_server.url, token=token) as client:
        asked = client.render(spec)
        with pytest.raises(WaitedTooLong, match="still queued"):
            asked.wait(timeout=0.2)
        assert asked.cancel().status == "cancelled"
        with pytest.raises(RenderFailed) as raised:
            asked.wait()
        assert raised.value.job.status == "cancelled"


def job(status: str) -> dict[str, Any]:
    links = {"self": "/api/v1/jobs/1", "chart": "/api/v1/charts/2"}
    return {"id": "1", "status": status, "reason": None, "message": "", "warnings": [], "links": links}


def chart() -> dict[str, Any]:
    links = {"self": "/api/v1/charts/2", "image": "/api/v1/charts/2/image"}
    return {"id": "2", "name": "", "title": "Fruit", "picture": None, "job": None, "links": links}


def says(body: object, status: str = "200 OK", **headers: str) -> Script:
    return answer(json.dumps(body).encode(), status, Content_Type="application/json", **headers)


def in_turn(*scripts: Script) -> Script:
    """Each request its own answer; the connection that has none left is closed."""
    waiting = list(scripts)
    return lambda connection, head: waiting.pop(0)(connection, head)


def head_of(request: str, name: str) -> str:
    lines = [line for line in request.split("\r\n") if line.lower().startswith(f"{name.lower()}:")]
    return lines[0].partition(":")[2].strip() if lines else ""


def drop(connection: socket.socket, head: str) -> None:
    """Close without a word."""


def test_a_lost_answer_is_asked_for_again_under_the_same_key() -> None:
    script = in_turn(
        drop,
        says({"detail": "busy"}, "503 Service Unavailable", Retry_After="0"),
        says({"chart": chart(), "job": job("succeeded")}),
    )
    with Server(script) as server, Client(server.url) as client:
        assert client.render({"kind": "bar"}).job.status == "succeeded"
        keys = [head_of(request, "Idempotency-Key") for request in server.requests]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert keys[0]


def test_a_long_retry_after_is_told_and_not_sat_out() -> None:
    problem = {"code": "too_many_jobs", "detail": "So many of your jobs wait already."}
    with (
        Server(says(problem, "429 Too Many Requests", Retry_After="3600")) as server,
        Client(server.url) as client,
        pytest.raises(ProblemError, match="So many") as raised,
    ):
        client.render({"kind": "bar"})
    assert (raised.value.code, raised.value.retry_after, len(server.requests)) == ("too_many_jobs", 3600.0, 1)


def test_it_listens_where_there_are_streams() -> None:
    heard = (
        b'retry: 2000\n\n:\n\nevent: running\ndata: {"status": "running"}\n\n'
        b'event: succeeded\ndata: {"status": "succeeded"}\n\n'
    )
    script = in_turn(
        says({"chart": chart(), "job": job("queued")}, "202 Accepted"),
        answer(heard, Content_Type="text/event-stream"),
        says(job("succeeded")),
        says(chart()),
    )
    with Server(script) as server, Client(server.url) as client:
        assert client.render({"kind": "bar"}).wait().chart.title == "Fruit"
        assert [request.split()[1] for request in server.requests] == [
            "/api/v1/charts",
            "/api/v1/jobs/1/events",
            "/api/v1/jobs/1",
            "/api/v1/charts/2",
        ]


def test_without_streams_and_long_polls_it_asks_as_often_as_it_is_told() -> None:
    script = in_turn(
        says({"chart": chart(), "job": job("queued")}, "202 Accepted"),
        says({"code": "no_streams"}, "404 Not Found"),
        says(job("queued"), Retry_After="0"),
        says(job("running"), Retry_After="0"),
        says(job("succeeded")),
        says(chart()),
    )
    with Server(script) as server, Client(server.url) as client:
        client.render({"kind": "bar"}).wait()
        assert head_of(server.requests[2], "Prefer") == "wait=30"
        assert sum("/events" in request.split()[1] for request in server.requests) == 1


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "ftp://x", ""])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="say for example"):
        Client(address)


def test_nobody_there_and_somebody_else_there() -> None:
    with (
        Client(f"http://{local.LOOPBACK}:{local.free_port()}", retries=0) as client,
        pytest.raises(Unreachable, match="No answer from"),
    ):
        client.kinds()
    with (
        Server(answer(b"<html>hello</html>")) as server,
        Client(server.url) as client,
        pytest.raises(FigpressError, match="not JSON"),
    ):
        client.kinds()
    links = {"self": "http://elsewhere.example/steal", "chart": None}
    with (
        Server(says({"chart": chart(), "job": job("queued") | {"links": links}})) as server,
        Client(server.url, token="figp_secret") as client,
    ):
        asked = client.render({"kind": "bar"})
        with pytest.raises(FigpressError, match="another one"):
            asked.wait()


def test_it_needs_nothing_of_the_server() -> None:
    sources = [path.read_text() for path in Path(figpress_client.__file__).parent.glob("*.py")]
    imported = {name for source in sources for name in re.findall(r"^ *(?:from|import) (\w+)", source, re.MULTILINE)}
    assert imported - sys.stdlib_module_names == {"figpress_client", "httpx", "mcp"}
