"""Batches: many charts in one call."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from pytest_django import DjangoAssertNumQueries

from renderer.api.batches import get_zip
from renderer.jobs import charts, lifecycle
from renderer.models import Batch, BatchItem, Chart, RenderJob
from renderer.models.job import Reason, Status, Trigger
from renderer.recipe import Recipe

Draw = Callable[..., RenderJob]


def fruit(spec: dict[str, Any], number: int) -> dict[str, Any]:
    """A chart like no other number's."""
    return {"spec": {**spec, "title": f"Fruit {number}"}}


def test_a_batch_from_its_asking_to_its_end(api: Any, spec: dict[str, Any], draw: Draw) -> None:
    made = api.post("/batches", {"name": "March", "charts": [fruit(spec, i) for i in range(3)], "formats": ["webp"]})

    assert made.status == 202
    path = made.headers["Location"]
    assert made.body["links"] == {"self": path, "cancel": f"{path}/cancel", "zip": None}
    assert (made.body["total"], made.body["finished"], made.body["progress"]) == (3, 0, 0)
    assert [item["title"] for item in made.body["items"]] == ["Fruit 0", "Fruit 1", "Fruit 2"]
    assert {chart.formats[0] for chart in Chart.objects.all()} == {"webp"}
    assert {job.queue for job in RenderJob.objects.all()} == {"bulk"}

    jobs = RenderJob.objects.order_by("id")
    draw(jobs[0], {"webp": b"one"})
    claim = lifecycle.claim(jobs[1].pk, worker="w@host#1", task_id="t")
    assert claim
    assert lifecycle.fail(claim, Reason.DATA_ERROR, "There are no rows.")
    now = api.get(path).body
    assert now["counts"] == {
        "queued": 1, "running": 0, "succeeded": 1, "failed": 1, "cancelled": 0, "expired": 0, "deleted": 0,
    }  # fmt: skip
    assert (now["progress"], now["is_done"], now["finished_at"]) == (0.6667, False, None)
    assert [item["status"] for item in now["items"]] == ["succeeded", "failed", "queued"]
    assert now["items"][1]["message"] == "There are no rows."
    image = api.get(now["items"][0]["links"]["image"])
    assert image.content == b"one"

    draw(jobs[2], {"webp": b"three"})
    done = api.get(path).body
    assert (done["is_done"], done["progress"], done["links"]["cancel"]) == (True, 1, None)
    assert done["finished_at"]
    [listed] = api.get("/batches").body["items"]
    assert listed == {key: done[key] for key in listed}


def test_twins_are_one_job_and_what_is_there_counts_as_drawn(
    api: Any, ada: User, spec: dict[str, Any], draw: Draw
) -> None:
    there, _ = charts.create(ada, Recipe.from_spec(fruit(spec, 1)["spec"]))
    drawn = draw(charts.render(there, trigger=Trigger.API).job)
    coming, _ = charts.create(ada, Recipe.from_spec(fruit(spec, 2)["spec"]))
    on_its_way = charts.render(coming, trigger=Trigger.API).job

    sent = [fruit(spec, 1), fruit(spec, 2), fruit(spec, 3), fruit(spec, 3), {**fruit(spec, 3), "name": "Its own"}]
    items = api.post("/batches", {"charts": sent}).body["items"]

    assert [item["status"] for item in items] == ["succeeded", "queued", "queued", "queued", "queued"]
    assert [item["is_own"] for item in items] == [False, False, True, True, True]
    assert [item["job"] for item in items[:2]] == [str(drawn.pk), str(on_its_way.pk)]
    assert items[2]["job"] == items[3]["job"] != items[4]["job"]
    assert RenderJob.objects.count() == 4

    again = api.post("/batches", {"charts": sent[:4]})
    assert RenderJob.objects.count() == 4
    assert [item["job"] for item in again.body["items"]] == [item["job"] for item in items[:4]]
    assert not any(item["is_own"] for item in again.body["items"])


def test_all_of_it_there_is_201(api: Any, spec: dict[str, Any], draw: Draw) -> None:
    api.post("/batches", {"charts": [fruit(spec, 1)]})
    draw(RenderJob.objects.get())
    answer = api.post("/batches", {"charts": [fruit(spec, 1), fruit(spec, 1)]})
    assert (answer.status, answer.body["is_done"], answer.body["counts"]["succeeded"]) == (201, True, 2)


def test_figure_functions_and_how_old_their_pictures_may_be(api: Any, draw: Draw) -> None:
    sent = {"charts": [{"figure": "test.sales", "params": {"year": 2026}}]}
    api.post("/batches", sent)
    draw(RenderJob.objects.get())
    assert api.post("/batches", {**sent, "max_age": 3600}).status == 201
    assert api.post("/batches", sent).status == 202
    assert RenderJob.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"charts": []}, ["/charts"]),
        ({"charts": [{}] * 1001}, ["/charts"]),
        ({"charts": 7}, ["/charts"]),
        ({"chart": []}, ["/chart"]),
        ({"formats": ["gif"]}, ["/formats/0"]),
        ({"max_age": -1}, ["/max_age"]),
        ({"charts": [7, None, "x"]}, ["/charts/0", "/charts/1", "/charts/2"]),
        ({"charts": [{}]}, ["/charts/0"]),
        (
            {"charts": [{"figure": "test.sales", "params": {"yaer": 1}}]},
            ["/charts/0/params/yaer", "/charts/0/params/year"],
        ),
        ({"charts": [{"figure": "test.none", "nmae": "x"}]}, ["/charts/0/figure", "/charts/0/nmae"]),
        ({"charts": [{"spec": {"kind": "bra"}}]}, ["/charts/0/spec/kind"]),
        ({"themes": ["purple"]}, ["/charts/0/themes/0", "/charts/1/themes/0"]),
    ],
)
def test_every_wrong_field_is_named_and_nothing_is_made(
    api: Any, spec: dict[str, Any], change: dict[str, Any], pointers: list[str]
) -> None:
    answer = api.post("/batches", {"charts": [fruit(spec, 1), fruit(spec, 2)], **change})

    assert answer.status == 422
    assert sorted(error["pointer"] for error in answer.body["errors"]) == sorted(pointers)
    assert not Chart.objects.exists()
    assert not Batch.objects.exists()


def test_one_wrong_chart_among_many(api: Any, spec: dict[str, Any]) -> None:
    sent = [fruit(spec, i) for i in range(30)]
    sent[17]["spec"]["hue"] = "red"
    answer = api.post("/batches", {"charts": sent})
    [error] = answer.body["errors"]
    assert error["pointer"] == "/charts/17/spec/hue"
    assert not RenderJob.objects.exists()


def test_a_thousand_take_a_handful_of_queries(
    api: Any, spec: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sent = {"charts": [fruit(spec, i) for i in range(1000)]}
    # SQLite takes 999 parameters in one INSERT: some thirty for a job's row.
    with django_assert_max_num_queries(90):
        assert api.post("/batches", sent).status == 202
    with django_assert_max_num_queries(40):
        again = api.post("/batches", sent)
    assert again.body["counts"]["queued"] == 1000
    assert (Chart.objects.count(), RenderJob.objects.count(), BatchItem.objects.count()) == (1000, 1000, 2000)


def test_pages_and_states(api: Any, spec: dict[str, Any], draw: Draw) -> None:
    path = api.post("/batches", {"charts": [fruit(spec, i) for i in range(5)]}).headers["Location"]
    draw(RenderJob.objects.order_by("id")[3])
    Chart.objects.filter(title="Fruit 4").delete()

    seen, cursor = [], ""
    for _ in range(3):
        answer = api.get(f"{path}?limit=2&cursor={cursor}").body
        seen += [(item["position"], item["status"]) for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert cursor is None
    assert seen == [(0, "queued"), (1, "queued"), (2, "queued"), (3, "succeeded"), (4, "deleted")]
    assert [item["position"] for item in api.get(f"{path}?status=deleted").body["items"]] == [4]
    assert [item["position"] for item in api.get(f"{path}?status=succeeded").body["items"]] == [3]
    assert api.get(f"{path}?status=lost").status == 422


def test_not_modified_and_waiting(api: Any, spec: dict[str, Any], draw: Draw) -> None:
    made = api.post("/batches", {"charts": [fruit(spec, 1)]})
    first = api.get(made.headers["Location"])
    assert int(first.headers["Retry-After"]) > 0
    etag = first.headers["ETag"]
    assert api.get(made.headers["Location"], If_None_Match=etag).status == 304
    draw(RenderJob.objects.get())
    later = api.get(made.headers["Location"], If_None_Match=etag, Prefer="wait=30")
    assert (later.status, later.body["is_done"]) == (200, True)
    assert later.headers["Preference-Applied"] == "wait=30"
    assert "Retry-After" not in later.headers


def test_cancel_spares_what_others_wait_for(api: Any, ada: User, spec: dict[str, Any]) -> None:
    coming, _ = charts.create(ada, Recipe.from_spec(fruit(spec, 1)["spec"]))
    on_its_way = charts.render(coming, trigger=Trigger.API).job
    path = api.post("/batches", {"charts": [fruit(spec, i) for i in (1, 2, 3, 4)]}).headers["Location"]
    api.post("/batches", {"charts": [fruit(spec, 2)]})
    running = RenderJob.objects.get(pk=api.get(path).body["items"][2]["job"])
    assert lifecycle.claim(running.pk, worker="w@host#1", task_id="t")

    answer = api.post(f"{path}/cancel")

    assert answer.status == 202, "one of them has to stop first"
    assert answer.body["cancelled_at"]
    assert [item["status"] for item in answer.body["items"]] == ["queued", "queued", "running", "cancelled"]
    running.refresh_from_db()
    assert running.cancel_requested_at
    on_its_way.refresh_from_db()
    assert on_its_way.status == Status.QUEUED


def test_what_has_ended_cannot_be_cancelled(api: Any, spec: dict[str, Any], draw: Draw) -> None:
    path = api.post("/batches", {"charts": [fruit(spec, 1)]}).headers["Location"]
    draw(RenderJob.objects.get())
    answer = api.post(f"{path}/cancel")
    assert (answer.status, answer.body["code"]) == (409, "batch_is_done")


def opened(response: Any) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return archive, json.loads(archive.read("manifest.json"))


def test_the_zip_has_what_is_drawn_under_safe_and_unique_names(api: Any, spec: dict[str, Any], draw: Draw) -> None:
    titles = [
        "Übersicht: März/April",
        "ubersicht",
        "Fruit",
        "fruit",
        "../../etc/passwd",
        "CON",
        "बिक्री",
        "Not drawn",
        "",
    ]
    untitled = {name: value for name, value in spec.items() if name != "title"}
    sent = [
        {"spec": untitled | ({"title": title} if title else {}), "name": "" if title else "..."} for title in titles
    ]
    path = api.post("/batches", {"name": "March/April", "charts": sent}).headers["Location"]
    assert api.get(f"{path}/zip").status == 404
    for number, job in enumerate(RenderJob.objects.order_by("id")):
        if number != 7:
            draw(job, {"png": b"%d" % number * 100, "svg": b"<svg/>"})

    response = api.client.get(f"{path}/zip", headers=api.headers)

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="March-April-')
    archive, manifest = opened(response)
    names = archive.namelist()
    assert [name for name in names if name.endswith(".png")] == [
        "Übersicht-März-April.png", "ubersicht.png", "Fruit.png", "fruit-2.png", "etc-passwd.png", "CON-.png",
        "बिक्री.png", "chart.png",
    ]  # fmt: skip
    assert len(names) == 2 * 8 + 1
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    assert not any(info.flag_bits & 0x08 for info in archive.infolist()), "sizes stand before the data"
    assert archive.read("fruit-2.png") == b"3" * 100
    assert manifest["total"] == 9
    assert manifest["items"][3] | {"chart": ""} == {
        "position": 3, "status": "succeeded", "chart": "", "title": "fruit", "reason": None, "message": "",
        "files": ["fruit-2.png", "fruit-2.svg"],
    }  # fmt: skip
    assert (manifest["items"][7]["status"], manifest["items"][7]["files"]) == ("queued", [])


def test_a_file_that_is_gone_is_left_out(api: Any, spec: dict[str, Any], draw: Draw) -> None:
    path = api.post("/batches", {"charts": [fruit(spec, 1), fruit(spec, 2)]}).headers["Location"]
    for job in RenderJob.objects.all():
        draw(job)
    chart = Chart.objects.get(title="Fruit 1")
    chart.image.storage.delete(chart.image.name or "")
    archive, manifest = opened(api.client.get(f"{path}/zip", headers=api.headers))
    assert archive.namelist() == ["Fruit-2.png", "manifest.json"]
    assert [item["files"] for item in manifest["items"]] == [[], ["Fruit-2.png"]]


def test_the_zip_is_sent_piece_by_piece_to_an_asgi_server(
    api: Any, ada: User, spec: dict[str, Any], draw: Draw
) -> None:
    batch_id = api.post("/batches", {"charts": [fruit(spec, 1), fruit(spec, 2)]}).body["id"]
    for job in RenderJob.objects.all():
        draw(job)
    request = ASGIRequest({"type": "http", "method": "GET", "path": "/", "headers": []}, io.BytesIO())
    request.auth = ada  # type: ignore[attr-defined]  # as ninja does
    response: Any = get_zip(request, batch_id)
    assert response.is_async

    async def received() -> list[bytes]:
        return [piece async for piece in response]

    pieces = asyncio.run(received())
    assert len(pieces) == 3
    assert zipfile.ZipFile(io.BytesIO(b"".join(pieces))).testzip() is None
