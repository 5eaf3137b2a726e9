"""Datasets: the list, an upload, and what one holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from renderer import registry
from renderer.jobs import charts, datasets
from renderer.models import Chart, Dataset, DatasetVersion, RenderJob
from renderer.recipe import Recipe
from renderer.web.columns import cell, column_of, shown
from renderer.web.datasets import name_of

CSV = "day,city,sold\n2026-01-01,Bern,3\n2026-01-02,Ulm,5\n2026-01-03,Bern,\n"
AS_SCRIPT = {"Accept": "application/json"}

Upload = Callable[..., Dataset]


@pytest.fixture
def upload(ada: User) -> Upload:
    """A table of Ada's, read by a worker's hands."""

    def bring(name: str = "sales", text: str = CSV, *, is_read: bool = True) -> Dataset:
        content = text.encode()
        version = datasets.upload(
            ada, name, BytesIO(content), size=len(content), format="csv", source_name=f"{name}.csv"
        )
        if is_read:
            assert datasets.execute(version.pk)
        return Dataset.objects.get(pk=version.dataset_id)

    return bring


def reader_of(ada: User, name: str, title: str = "Sold by city") -> Chart:
    spec = {"kind": "bar", "title": title, "data": {"dataset": name}, "x": "city", "y": "sum(sold)"}
    return charts.create(ada, Recipe.from_spec(spec))[0]


def page_of(client: Client, row: Dataset) -> str:
    return client.get(reverse("dataset", args=[row.pk])).content.decode()


def test_the_empty_list_teaches(signed_in: Client) -> None:
    text = signed_in.get("/datasets/").content.decode()
    assert "No tables yet. Upload the first one." in text
    assert reverse("new-dataset") in text


def test_the_list_says_how_each_stands(signed_in: Client, ada: User, upload: Upload) -> None:
    upload()
    reader_of(ada, "sales")
    upload("broken", "a,b\n1,2\n3\n")
    upload("fresh", is_read=False)
    response = signed_in.get("/datasets/")
    lines = {line.dataset.name: line for line in response.context["lines"]}
    assert (lines["sales"].columns, lines["sales"].readers, lines["sales"].state.label) == (3, 1, "Ready")
    assert lines["fresh"].state.label == "Waiting to be read"
    text = response.content.decode()
    assert "Line 3 has 1 cell where the header has 2." in text
    assert 'hx-get="/datasets/live/"' in text, "it asks while one is being read"
    assert "Nobody is there to read it." in text

    found = signed_in.get("/datasets/", {"q": "SAL"}).content.decode()
    assert "sales" in found
    assert "broken" not in found
    assert "hx-get" not in found
    assert "No dataset has “&lt;x&gt;” in its name." in signed_in.get("/datasets/", {"q": "<x>"}).content.decode()


def test_older_ones_are_a_page_away(signed_in: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderer.web.datasets.A_PAGE", 2)
    for number in range(5):
        Dataset.objects.create(owner=ada, name=f"table_{number}")
    seen = []
    path = "/datasets/?q=table"
    while path:
        response = signed_in.get(path)
        seen += [line.dataset.name for line in response.context["lines"]]
        older = response.context["older"]
        path = f"/datasets/?q=table&before={older}" if older else ""
        assert not older or f"q=table&amp;before={older}" in response.content.decode()
    assert seen == [f"table_{number}" for number in (4, 3, 2, 1, 0)]


def test_the_list_takes_as_many_queries_for_many_as_for_one(signed_in: Client, ada: User, upload: Upload) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert signed_in.get(path).status_code == 200
        return len(found)

    first = upload("table_0")
    reader_of(ada, "table_0", "Chart 0")
    address = reverse("dataset", args=[first.pk])
    before = queries("/datasets/"), queries(address)
    for number in range(1, 4):
        upload(f"table_{number}")
        reader_of(ada, "table_0", f"Chart {number}")
    upload("table_0", CSV.replace("3", "4"))
    assert (queries("/datasets/"), queries(address)) == before


def test_a_file_becomes_a_dataset(signed_in: Client, ada: User) -> None:
    file = SimpleUploadedFile("../Sales 2026 (final).csv", CSV.encode(), "application/vnd.ms-excel")
    response = signed_in.post("/datasets/new/", {"file": file})
    row = Dataset.objects.get()
    assert row.name == "sales_2026_final"
    assert response["Location"] == reverse("dataset", args=[row.pk])
    text = page_of(signed_in, row)
    assert "Waiting to be read" in text
    assert reverse("dataset-live", args=[row.pk]) in text
    assert datasets.execute(DatasetVersion.objects.get().pk)
    text = page_of(signed_in, row)
    assert "Ready" in text
    assert "hx-get" not in text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("city\tsold\r\nBern\t3\r\nUlm\t5\r\n", ["city", "sold"]),
        ('[{"city": "Bern", "sold": 3}]', ["city", "sold"]),
    ],
    ids=["spreadsheet", "json"],
)
def test_rows_are_pasted(signed_in: Client, text: str, names: list[str]) -> None:
    assert signed_in.post("/datasets/new/", {"text": text, "name": "pasted"}).status_code == 302
    version = DatasetVersion.objects.get()
    assert datasets.execute(version.pk)
    version.refresh_from_db()
    assert (version.status, [column["name"] for column in version.columns]) == ("ready", names), version.message


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({}, "file", "Choose a file, or paste rows."),
        ({"text": CSV}, "name", "Give it a name, such as orders."),
        ({"text": CSV, "name": "My Sales"}, "name", "Only small letters, digits and _"),
        ({"text": CSV, "name": "sales"}, "name", "You have a dataset “sales” already."),
        ({"text": CSV, "name": "other", "file": "a\n1\n"}, "text", "Either a file or pasted rows"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    signed_in: Client, upload: Upload, sent: dict[str, Any], field: str, message: str
) -> None:
    upload()

    def post(**headers: str) -> Any:
        file = {"file": SimpleUploadedFile("f.csv", sent["file"].encode())} if "file" in sent else {}
        return signed_in.post("/datasets/new/", sent | file, headers=headers)

    page = post()
    assert page.status_code == 422
    assert message in page.context["form"].errors[field][0]
    problem = post(**AS_SCRIPT)
    assert (problem.status_code, problem["Content-Type"]) == (422, "application/problem+json")
    (error,) = problem.json()["errors"]
    assert error["pointer"] == f"/{field}"
    assert message in error["message"]
    assert Dataset.objects.count() == 1


def test_too_much_is_refused(signed_in: Client, settings: Settings) -> None:
    settings.FIGPRESS_DATASET_BYTES = 10
    problem = signed_in.post("/datasets/new/", {"text": CSV, "name": "big"}, headers=AS_SCRIPT).json()
    assert problem["errors"] == [{"pointer": "", "message": "Your datasets have 0 MB, and may have 0 MB."}]


def test_a_page_shows_rows_and_columns(signed_in: Client, upload: Upload) -> None:
    rows = "".join(f"2026-01-{day:02d},Bern <b>,{day * 1.5},{day if day % 2 else ''}\n" for day in range(1, 29))
    row = upload(text=f"day,city,sold,gaps\n{rows}")
    response = signed_in.get(reverse("dataset", args=[row.pk]))
    text = response.content.decode()
    assert " 2026-01-01 " in " ".join(text.split())
    assert "Bern &lt;b&gt;" in text
    assert "8 more rows." in text
    assert 'aria-label="Histogram from 1.5 to 42: most values, 7%, are from' in text
    assert "Histogram from 2026-01-01 to 2026-01-28" in text
    assert "14 missing (50%)" in text
    assert " style=" not in text
    assert f"{reverse('new-chart')}?dataset={row.pk}" in text
    assert signed_in.get(f"/api/v1/datasets/{row.name}.csv").status_code == 200


def test_a_lost_file_is_said(signed_in: Client, upload: Upload) -> None:
    row = upload()
    assert row.current
    (Path(django_settings.MEDIA_ROOT) / str(row.current.file.name)).unlink()
    text = page_of(signed_in, row)
    assert "The file of its rows cannot be reached." in text
    assert "2 different" in text


def test_what_was_counted_before_there_were_pictures_is_shown_too() -> None:
    column = column_of({"name": "n", "type": "number", "missing": 0, "distinct": 2, "min": 1.0, "max": 2e6}, 5)
    assert (column.path, column.middle, column.least, column.most) == ("", "", "1", "2,000,000")
    assert column_of({"name": "n", "type": "category", "missing": 5, "distinct": 0}, 5).missing_share == "all"


def test_values_as_people_write_them() -> None:
    assert [cell(value) for value in (3.0, 0.1, None, "2026-01-31T00:00:00", "2026-01-31T12:00:00Z", "AT-5")] == [
        "3", "0.1", "", "2026-01-31", "2026-01-31 12:00:00Z", "AT-5",
    ]  # fmt: skip
    assert [shown(value) for value in (2026.0, 12_345.0, 0.12345, "2026-01-01T00:00:00.000Z")] == [
        "2026", "12,345", "0.1235", "2026-01-01",
    ]  # fmt: skip
    assert [name_of(name) for name in ("Sales.csv.gz", "2026.csv", "a/b\\Ümläut x.tsv", ".csv")] == [
        "sales", "t_2026", "ml_ut_x", "",
    ]  # fmt: skip


def test_a_new_version_draws_its_charts_again(signed_in: Client, ada: User, upload: Upload) -> None:
    row = upload()
    chart = reader_of(ada, "sales")
    text = page_of(signed_in, row)
    assert "Draw the chart that reads it again" in " ".join(text.split())
    assert reverse("chart", args=[chart.pk]) in text

    address = reverse("replace-dataset", args=[row.pk])
    empty = signed_in.post(address, {}, headers=AS_SCRIPT)
    assert empty.json()["errors"] == [{"pointer": "/file", "message": "Choose a file, or paste rows."}]
    assert signed_in.post(address, {}).status_code == 422
    answer = signed_in.post(address, {"text": "city,sold\nBern,1\n", "draws": "on"}, headers=AS_SCRIPT)
    assert (answer.status_code, answer.json()) == (202, {"url": reverse("dataset", args=[row.pk])})
    text = page_of(signed_in, row)
    assert "Charts read version 1 until it is ready." in text
    assert datasets.execute(row.versions.get(number=2).pk)
    assert RenderJob.objects.get().target_id == str(chart.pk)

    signed_in.post(address, {"text": "city,sold\nBern\n"})
    assert datasets.execute(row.versions.get(number=3).pk)
    text = " ".join(page_of(signed_in, row).split())
    assert "Line 2 has 1 cell where the header has 2." in text
    assert "Charts go on reading version 2." in text


def test_it_is_renamed_and_read_as_something_else(signed_in: Client, upload: Upload) -> None:
    row = upload()
    page = reverse("dataset", args=[row.pk])
    changed = signed_in.post(reverse("change-dataset", args=[row.pk]), {"title": "All <sales>", "description": "Of us"})
    assert changed["Location"] == page
    text = signed_in.get(page).content.decode()
    assert "All &lt;sales&gt;" in text
    assert "Charts call it <code>sales</code>" in text
    wrong = signed_in.post(reverse("change-dataset", args=[row.pk]), {"title": "a" * 201})
    assert wrong.status_code == 422

    address = reverse("retype-dataset", args=[row.pk])
    signed_in.post(address, {"column": "none", "kind": "category"})
    assert "Choose a column and what it is to be read as." in signed_in.get(page).content.decode()
    signed_in.post(address, {"column": "sold", "kind": "category"})
    version = row.versions.get(number=2)
    assert datasets.execute(version.pk)
    version.refresh_from_db()
    assert {column["name"]: column["type"] for column in version.columns} == {
        "day": "time", "city": "category", "sold": "category",
    }  # fmt: skip


def test_deleting_says_who_reads_it(signed_in: Client, ada: User, upload: Upload) -> None:
    row = upload()
    assert "No chart reads it." in page_of(signed_in, row)
    chart = reader_of(ada, "sales")
    assert "One chart reads it. It keeps its picture" in " ".join(page_of(signed_in, row).split())
    response = signed_in.post(reverse("delete-dataset", args=[row.pk]))
    assert response["Location"] == "/datasets/"
    assert not Dataset.objects.exists()
    assert Chart.objects.filter(pk=chart.pk).exists()


def test_functions_and_databases_are_named(
    signed_in: Client, ada: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_datasets", {})

    @registry.dataset("tests.orders", title="Orders of a store")
    def orders(*, store_id: int) -> list[dict[str, object]]:
        return []

    settings.FIGPRESS_DATABASES = json.dumps({"warehouse": "postgresql://reader:secret@host/name"})
    text = signed_in.get("/datasets/").content.decode()
    assert "tests.orders" in text
    assert "Orders of a store" in text
    assert "warehouse" not in text, "Ada may not write SQL"
    ada.user_permissions.add(Permission.objects.get(codename="write_sql"))
    text = signed_in.get("/datasets/").content.decode()
    assert "warehouse" in text
    assert "secret" not in text
