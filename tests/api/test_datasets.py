"""Datasets over HTTP: uploads, versions, what charts read of them, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from renderer.jobs import datasets
from renderer.jobs.executor import execute
from renderer.models import Chart, Dataset, DatasetVersion, RenderJob
from renderer.models.dataset import MAX_ATTEMPTS
from renderer.models.job import Queue, Trigger

CSV = "day,city,sold\n2026-01-01,Bern,3\n2026-01-02,Ulm,5\n2026-01-03,Bern,\n"
SPEC = {"kind": "bar", "data": {"dataset": "sales"}, "x": "city", "y": "sum(sold)"}


def stored_files() -> list[Path]:
    return [path for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.fixture
def send(api: Any) -> Callable[..., Any]:
    """Upload a text or bytes, as Ada's program."""

    def call(method: str, path: str, content: str | bytes, kind: str = "text/csv", **headers: str) -> Any:
        client, sent = api.client, content.encode() if isinstance(content, str) else content
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = client.generic(method, f"/api/v1{path}", data=sent, content_type=kind, headers=api.headers | named)
        response.body = json.loads(response.content)
        return response

    return call


@pytest.fixture
def drawn_by_worker(media: object) -> Callable[[RenderJob], RenderJob]:
    """Draw a waiting job for real."""

    def draw(job: RenderJob) -> RenderJob:
        assert execute(job.pk, worker="w@host#1", task_id="task-1")
        job.refresh_from_db()
        assert job.status == "succeeded", job.message
        return job

    return draw


def read_all() -> None:
    """What a worker does."""
    for version in DatasetVersion.objects.filter(status="reading").order_by("created_at"):
        assert datasets.execute(version.pk)


def test_an_upload_from_its_bytes_to_its_rows(api: Any, send: Any) -> None:
    made = send("POST", "/datasets?name=sales", CSV)

    assert made.status_code == 202, made.content
    assert (made.body["version"], made.body["latest"]["status"]) == (None, "reading")
    path = made.headers["Location"]
    read_all()
    found = api.get(path)
    assert (found.body["rows"], found.body["version"], found.body["latest"]["status"]) == (3, 1, "ready")
    assert [(c["name"], c["type"], c["missing"], c["distinct"]) for c in found.body["columns"]] == [
        ("day", "time", 0, 3),
        ("city", "category", 0, 2),
        ("sold", "number", 1, 2),
    ]
    assert found.body["columns"][1]["top"] == [{"value": "Bern", "count": 2}, {"value": "Ulm", "count": 1}]
    assert api.get(path, If_None_Match=found.headers["ETag"]).status == 304
    rows = api.get(found.body["links"]["rows"] + "?limit=2").body
    assert rows == {
        "columns": ["day", "city", "sold"],
        "rows": [["2026-01-01T00:00:00", "Bern", 3.0], ["2026-01-02T00:00:00", "Ulm", 5.0]],
        "total": 3,
    }
    assert [item["name"] for item in api.get("/datasets").body["items"]] == ["sales"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/csv; charset=utf-8", CSV),
        ("text/tab-separated-values", CSV.replace(",", "\t")),
        ("text/csv", gzip.compress(CSV.encode(), mtime=0)),
        ("application/json", json.dumps({"city": ["Bern", "Ulm", "Bern"], "sold": [3, 5, None]})),
        ("application/x-ndjson", '{"city":"Bern","sold":3}\n{"city":"Ulm","sold":5}\n{"city":"Bern"}\n'),
    ],
    ids=["csv", "tsv", "csv.gz", "json", "ndjson"],
)
def test_every_format_is_named_by_its_content_type(api: Any, send: Any, kind: str, content: Any) -> None:
    assert send("PUT", "/datasets/sales", content, kind).status_code == 202
    read_all()
    rows = api.get("/datasets/sales/rows").body
    place = rows["columns"].index("city"), rows["columns"].index("sold")
    assert [[row[at] for at in place] for row in rows["rows"]] == [["Bern", 3.0], ["Ulm", 5.0], ["Bern", None]]


def test_a_form_as_browsers_send_it(api: Any, browser: Any) -> None:
    file = SimpleUploadedFile("../../Sales 2026.csv", CSV.encode(), "application/vnd.ms-excel")
    sent = {"file": file, "name": "sales", "types": '{"sold": "category"}'}

    response = browser.client.post("/api/v1/datasets", sent, headers=browser.headers)

    assert response.status_code == 202, response.content
    read_all()
    found = api.get("/datasets/sales").body
    assert (found["latest"]["source_name"], found["columns"][2]["type"]) == ("Sales 2026.csv", "category")
    assert browser.client.post("/api/v1/datasets", {"name": "x"}, headers=browser.headers).status_code == 422


def test_new_versions_replace_the_old_ones_in_the_order_in_which_they_came(
    api: Any, send: Any, settings: Settings
) -> None:
    settings.FIGPRESS_DATASET_VERSIONS = 2
    for n in (1, 2):
        assert send("PUT", "/datasets/sales", f"n\n{n}\n").status_code == 202
    second, first = DatasetVersion.objects.order_by("-number")

    assert datasets.execute(second.pk)
    assert datasets.execute(first.pk), "the older one is read later, and is current no more"

    assert api.get("/datasets/sales").body["version"] == 2
    assert api.get("/datasets/sales/rows").body["rows"] == [[2.0]]
    for n in (3, 4):
        send("PUT", "/datasets/sales", f"n\n{n}\n")
        read_all()
    assert list(DatasetVersion.objects.order_by("number").values_list("number", flat=True)) == [3, 4]


@pytest.mark.django_db(transaction=True)
def test_files_of_old_versions_and_of_deleted_datasets_go(api: Any, send: Any, settings: Settings) -> None:
    settings.FIGPRESS_DATASET_VERSIONS = 1
    for n in (1, 2, 3):
        send("PUT", "/datasets/sales", f"n\n{n}\n")
        read_all()
    [file] = stored_files()
    assert file.name.startswith(str(DatasetVersion.objects.get().pk)), "under a name of ours"

    send("PUT", "/datasets/sales", "n\n4\n")
    assert api.delete("/datasets/sales").status == 204
    assert stored_files() == []
    assert not Dataset.objects.exists()


def test_a_version_that_cannot_be_read_leaves_the_one_before(api: Any, send: Any) -> None:
    send("PUT", "/datasets/sales", CSV)
    read_all()
    send("PUT", "/datasets/sales", 'a,"b\n1\n')
    read_all()

    found = api.get("/datasets/sales").body
    assert (found["version"], found["rows"]) == (1, 3)
    assert found["latest"]["status"] == "failed"
    assert found["latest"]["message"] == "Line 1: a quotation mark is opened here and never closed."
    assert send("POST", "/datasets?name=sales", CSV).body["code"] == "dataset_exists"


def test_a_name_whose_uploads_all_failed_is_free(send: Any) -> None:
    send("POST", "/datasets?name=sales", "a\n")
    read_all()

    assert send("POST", "/datasets?name=sales", CSV).status_code == 202


@pytest.mark.parametrize(
    ("path", "kind", "content", "status", "said"),
    [
        ("/datasets", "text/csv", CSV, 422, "/name: 'name' is required"),
        ("/datasets?name=Big%20Sales", "text/csv", CSV, 422, "/name: must be a name of small letters"),
        ("/datasets?name=shop.sales", "text/csv", CSV, 422, "/name: must be a name of small letters"),
        ("/datasets?name=a&types={", "text/csv", CSV, 422, "/types: is not JSON"),
        ("/datasets?name=a&types=[]", "text/csv", CSV, 422, "/types: must be an object"),
        ('/datasets?name=a&types={"b":"int"}', "text/csv", CSV, 422, "/types/b: must be 'number', 'time' or"),
        ("/datasets?name=a", "text/html", CSV, 415, "The body must be one of text/csv"),
        ("/datasets?name=a", "", CSV, 415, "The body must be one of text/csv"),
    ],
)
def test_wrong_uploads_are_named(send: Any, path: str, kind: str, content: str, status: int, said: str) -> None:
    answer = send("POST", path, content, kind)

    assert answer.status_code == status, answer.content
    assert said in answer.body["detail"]
    assert not Dataset.objects.exists()
    assert stored_files() == []


def test_uploads_over_the_limits_leave_nothing(send: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderer.api.datasets.MAX_UPLOAD", 100)
    assert send("POST", "/datasets?name=a", "x" * 101).status_code == 413
    monkeypatch.undo()
    assert send("POST", "/datasets?name=a", CSV, Content_Encoding="gzip").body["code"] == "encoded_body"
    settings.FIGPRESS_DATASETS = 1
    assert send("POST", "/datasets?name=a", CSV).status_code == 202
    refused = send("POST", "/datasets?name=b", CSV)
    assert (refused.status_code, refused.body["code"]) == (413, "quota")
    settings.FIGPRESS_DATASET_BYTES = 10
    assert send("PUT", "/datasets/a", CSV).body["code"] == "quota"
    assert (Dataset.objects.count(), DatasetVersion.objects.count(), len(stored_files())) == (1, 1, 1)


def test_formulas_are_texts_here_and_stay_texts_in_spreadsheets(api: Any, send: Any) -> None:
    cells = ["=cmd|' /C calc'!A0", "@SUM(1)", "+1x", "-1x", "plain", "-5"]
    send("PUT", "/datasets/sheet", "a,n\n" + "".join(f'"{cell}",-{n}.5\n' for n, cell in enumerate(cells)))
    read_all()

    response = api.client.get("/api/v1/datasets/sheet.csv", headers=api.headers)

    assert response.headers["Content-Disposition"] == 'attachment; filename="sheet.csv"'
    lines = b"".join(response).decode().split("\r\n")
    assert lines[:6] == ["a,n", "'=cmd|' /C calc'!A0,-0.5", "'@SUM(1),-1.5", "'+1x,-2.5", "'-1x,-3.5", "plain,-4.5"]


def test_types_are_corrected_afterwards(api: Any, send: Any) -> None:
    send("PUT", "/datasets/sales", "zip,n\n1234,1\n5678,2\n")
    read_all()

    answer = api.patch("/datasets/sales", {"title": "All sales", "types": {"zip": "category"}})

    assert answer.status == 202
    read_all()
    found = api.get("/datasets/sales").body
    assert (found["title"], found["version"], found["columns"][0]["type"]) == ("All sales", 2, "category")
    assert api.get("/datasets/sales/rows").body["rows"] == [["1234", 1.0], ["5678", 2.0]]
    for change, pointer in (
        ({"types": {"zip": "int"}}, "/types/zip"),
        ({"name": "x"}, "/name"),
        ({"title": 3}, "/title"),
    ):
        wrong = api.patch("/datasets/sales", change)
        assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, pointer)


def test_a_dataset_that_charts_read_is_deleted_only_by_force(api: Any, send: Any) -> None:
    send("PUT", "/datasets/sales", CSV)
    read_all()
    api.post("/charts", {"spec": SPEC, "name": "Sold by city"})

    refused = api.delete("/datasets/sales")

    assert (refused.status, refused.body["charts"]) == (409, ["Sold by city"])
    assert api.get("/datasets/sales").body["charts"] == ["Sold by city"]
    assert api.delete("/datasets/sales?force=true").status == 204
    assert api.get("/datasets/sales").status == 404


def test_a_chart_is_held_against_the_columns_and_not_the_rows(api: Any, send: Any) -> None:
    send("PUT", "/datasets/sales", CSV)
    read_all()
    for path in stored_files():
        path.unlink()  # not one row is read

    def errors(**change: Any) -> list[str]:
        answer = api.post("/spec/check", {"spec": SPEC | change}).body
        posted = api.post("/charts", {"spec": SPEC | change})
        assert posted.status == (202 if answer["ok"] else 422)
        if not answer["ok"]:
            assert [(e["pointer"], e["message"]) for e in posted.body["errors"]] == [
                (e["pointer"], e["message"]) for e in answer["errors"]
            ]
        return [f"{error['pointer']}: {error['message']}" for error in answer["errors"]]

    assert errors() == []
    assert errors(y="sum(slod)") == ["/spec/y: no column 'slod'; did you mean 'sold'?"]
    assert errors(y="sum(revenue)") == ["/spec/y: no column 'revenue'; the columns are 'day', 'city', 'sold'"]
    assert errors(y="sum(city)") == ["/spec/y: sum needs numbers, and column 'city' holds text ('Bern' in row 1)"]
    assert errors(x="week(city)", y="sum(day)") == [
        "/spec/x: week needs dates, and column 'city' holds text ('Bern' in row 1)",
        "/spec/y: sum needs numbers, and column 'day' holds dates",
    ]
    assert errors(transform=[{"filter": "sold > 'x'"}])[0].startswith("/spec/transform/0/filter: ")
    assert errors(transform=[{"derive": {"twice": "sold * 2"}}, {"filter": "twice > 9"}], y="sum(twice)") == []
    assert errors(transform=[{"derive": {"twice": "sold * 2"}}], y="sum(thrice)")[0].startswith("/spec/y: no column")
    assert errors(data={"dataset": "slaes"}) == [
        "/spec/data/dataset: no dataset 'slaes' of yours; did you mean 'sales'?"
    ]
    assert errors(data={"dataset": "sales", "types": {"solt": "number"}}) == ["/spec/data/types/solt: no column 'solt'"]
    query = {"dataset": "sales", "query": "select city, sum(sold) as total from sales group by city"}
    assert errors(data=query, y="total") == []
    assert errors(data=query, y="sold") == ["/spec/y: no column 'sold'; the columns are 'city', 'total'"]
    [wrong] = errors(data=query | {"query": "select cty from sales"})
    assert wrong.startswith("/spec/data/query: ")
    assert "cty" in wrong
    checked = api.post("/spec/check", {"spec": SPEC}).body
    assert checked["warnings"] == ["The rows of 'sales' are read when the chart is drawn."]


def test_somebody_elses_dataset_is_no_dataset(api: Any, bobs_api: Any, send: Any) -> None:
    send("PUT", "/datasets/sales", CSV)
    read_all()

    for data in (SPEC["data"], {"dataset": "sales", "query": "select * from sales"}):
        answer = bobs_api.post("/charts", {"spec": SPEC | {"data": data}})
        assert answer.status == 422
        assert "no dataset 'sales' of yours" in answer.body["detail"]
    assert bobs_api.get("/datasets").body["items"] == []


def test_the_picture_of_unchanged_rows_is_there_at_once_and_new_rows_make_it_stale(
    api: Any, send: Any, drawn_by_worker: Callable[[RenderJob], RenderJob]
) -> None:
    send("PUT", "/datasets/sales", CSV)
    read_all()
    asked = api.post("/charts", {"spec": SPEC}).body
    assert (asked["chart"]["datasets"], asked["chart"]["is_stale"]) == (["sales"], True)
    drawn_by_worker(RenderJob.objects.get())
    path = asked["chart"]["links"]["self"]

    again = api.post("/charts", {"spec": SPEC})
    assert (again.status, again.body["job"]["id"]) == (200, asked["job"]["id"])
    assert api.get(path).body["is_stale"] is False

    send("PUT", "/datasets/sales", CSV)
    read_all()
    assert api.get(path).body["is_stale"] is False, "the same rows once more are nothing new"
    assert api.post("/charts", {"spec": SPEC}).status == 200

    send("PUT", "/datasets/sales", CSV + "2026-01-04,Ulm,9\n")
    read_all()
    assert api.get(path).body["is_stale"] is True
    assert api.get("/charts").body["items"][0]["is_stale"] is True
    newer = api.post("/charts", {"spec": SPEC})
    assert (newer.status, newer.body["chart"]["id"]) == (202, asked["chart"]["id"]), (
        "the same chart, and another picture"
    )


def test_new_rows_draw_their_charts_again_once_however_many_come(
    api: Any, send: Any, drawn_by_worker: Callable[[RenderJob], RenderJob]
) -> None:
    send("PUT", "/datasets/sales", CSV)
    read_all()
    api.post("/charts", {"spec": SPEC})
    drawn_by_worker(RenderJob.objects.get())
    query = {"dataset": "other", "query": "select * from sales"}
    send("PUT", "/datasets/other", "n\n1\n")
    read_all()
    api.post("/charts", {"spec": SPEC | {"data": query}, "name": "By SQL"})
    drawn_by_worker(RenderJob.objects.latest("id"))

    for n in (7, 8, 9):
        send("PUT", "/datasets/sales?render=true", CSV + f"2026-01-04,Ulm,{n}\n")
        read_all()

    waiting = RenderJob.objects.filter(status="queued")
    assert [(job.trigger, job.queue) for job in waiting] == [(Trigger.DATA, Queue.BULK)] * 2
    assert len({job.target_id for job in waiting}) == 2


def test_the_lost_uploads_come_back_and_the_poisonous_one_ends(api: Any, send: Any) -> None:
    send("PUT", "/datasets/sales", CSV)
    now = timezone.now()
    for _ in range(MAX_ATTEMPTS):
        assert datasets._claim(DatasetVersion.objects.get().pk)
        assert datasets._claim(DatasetVersion.objects.get().pk) is None, "one reads it"
        DatasetVersion.objects.update(lease_expires_at=now - timedelta(seconds=1))
        assert DatasetVersion.objects.get().status == "reading"
        datasets.patrol(now)

    row = DatasetVersion.objects.get()
    assert (row.status, row.message) == (
        "failed",
        "Reading it failed each time that it was tried; the operator can see why.",
    )


def test_parquet_goes_in_as_it_is(api: Any, send: Any) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": [1, 2], "s": ["x", None]}), sink)

    send("PUT", "/datasets/p", sink.getvalue(), "application/vnd.apache.parquet")
    read_all()

    assert api.get("/datasets/p/rows").body["rows"] == [[1.0, "x"], [2.0, None]]
    assert Chart.objects.count() == 0


def test_files_that_no_row_names_go_when_they_are_old(api: Any, send: Any) -> None:
    send("PUT", "/datasets/sales", CSV)
    read_all()
    folder = Path(django_settings.MEDIA_ROOT) / "datasets"
    lost = folder / "019a8d3e-0000-7000-8000-000000000000-1.parquet"
    foreign = folder / "notes.txt"
    for path in (lost, foreign):
        path.write_text("x")

    assert datasets.delete_unnamed(default_storage, timezone.now() - timedelta(hours=1))[1] == 0, "it is young"
    datasets.delete_unnamed(default_storage, timezone.now() + timedelta(hours=1))

    named = {Path(DatasetVersion.objects.get().file.path)}
    assert set(stored_files()) == named | {foreign}
