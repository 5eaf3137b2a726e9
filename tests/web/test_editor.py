"""What the editor asks: checks, previews, and what a new chart starts from."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from renderer.jobs import charts, drafts
from renderer.models import Chart, Dataset, DatasetVersion, RenderJob
from renderer.models.job import Status
from renderer.recipe import Recipe
from renderer.spec.marks import KINDS
from renderer.web.starters import kinds, starter
from renderer.web.suggestions import suggestions

ROOT = Path(__file__).resolve().parents[2]
SPEC = '{"kind": "bar", "data": {"columns": {"a": ["p"], "b": [1]}}, "x": "a", "y": "b"}'


def ask(client: Client, path: str, text: str = SPEC) -> Any:
    return client.post(f"/charts/{path}", text, content_type="text/plain")


def preview(client: Client, **sent: str) -> str:
    """Have the spec drawn beside the editor: what its draft is called."""
    piece = client.post("/charts/preview/", {"spec": SPEC, **sent}).content.decode()
    (draft,) = re.findall(r'id="draft"\s+value="([^"]+)"', piece)
    return str(draft)


@pytest.fixture
def sales(ada: User) -> Dataset:
    """A dataset of Ada's, as it is when it has been read."""
    row = Dataset.objects.create(owner=ada, name="sales")
    columns = [("day", "time", 300), ("region", "category", 3), ("revenue", "number", 280), ("cost", "number", 200)]
    row.current = DatasetVersion.objects.create(
        dataset=row,
        number=1,
        status="ready",
        file="x.parquet",
        rows=300,
        columns=[{"name": name, "type": kind, "distinct": n, "missing": 0} for name, kind, n in columns],
    )
    row.save()
    return row


def test_the_bundle_is_of_these_sources() -> None:
    """Fails when a source of the editor was changed and ``make assets`` forgotten."""
    folder = ROOT / "assets" / "editor"
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.js"), folder / "package-lock.json"], key=lambda path: path.name):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    bundle = ROOT / "renderer" / "static" / "renderer" / "editor.js"
    assert digest.hexdigest() in bundle.read_text(encoding="utf-8")[:200]


def test_a_check_names_places_as_browsers_count_them(signed_in: Client) -> None:
    text = '{"title": "😀", "kind": "bar", "hue": "a"}'
    found = ask(signed_in, "check/", text).json()
    hue = next(problem for problem in found["problems"] if problem["pointer"] == "/hue")
    units = text.encode("utf-16-le")[hue["from"] * 2 : hue["to"] * 2].decode("utf-16-le")
    assert (units, hue["line"]) == ('"hue": "a"', 1)
    [broken] = ask(signed_in, "check/", '{\n  "kind" 1\n}').json()["problems"]
    assert (broken["line"], broken["from"]) == (2, 11)
    assert ask(signed_in, "check/", "").json()["problems"]
    assert ask(signed_in, "check/", "[" * 5000).json()["problems"]
    assert not RenderJob.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"columns": {"a": ["p"], "b": [1]}},
        {"values": [{"a": "p"}, {"b": 1}]},
        {"header": ["a", "b"], "rows": [["p", 1]]},
        {"csv": "a,b\np,1\n"},
    ],
)
def test_a_check_tells_the_columns(signed_in: Client, data: dict[str, Any]) -> None:
    assert ask(signed_in, "check/", json.dumps({"data": data})).json()["columns"] == ["a", "b"]


def test_a_check_tells_the_columns_of_a_dataset_to_its_owner(
    client: Client, ada: User, eve: User, sales: Dataset
) -> None:
    for user, columns in ((ada, ["day", "region", "revenue", "cost"]), (eve, [])):
        client.force_login(user)
        assert ask(client, "check/", '{"data": {"dataset": "sales"}}').json()["columns"] == columns


def test_one_draft_an_editor_and_the_last_ask_wins(
    signed_in: Client, ada: User, execute: Callable[[RenderJob], RenderJob]
) -> None:
    draft = preview(signed_in)
    first = RenderJob.objects.get()
    assert preview(signed_in, draft=draft) == draft
    assert RenderJob.objects.get() == first, "what waits already is not asked for twice"
    assert preview(signed_in, draft=draft, theme="dark", size="small") == draft
    first.refresh_from_db()
    assert first.status == Status.CANCELLED
    job = RenderJob.objects.get(status=Status.QUEUED)
    assert (job.recipe["themes"], job.recipe["spec"]["image"]) == (["dark"], {"width": 480, "height": 300})
    execute(job)
    stands = signed_in.get(f"/charts/preview/{draft}/").content.decode()
    assert "Ready" in stands
    assert "in the queue" in stands
    assert "hx-get" not in stands, "nothing asks any more"
    (url,) = re.findall(r'data-picture="([^"]+)"', stands)
    assert signed_in.get(html.unescape(url)).status_code == 200

    assert b"Preview" not in signed_in.get("/").content, "a draft is in no list"
    assert signed_in.get("/api/v1/charts").json()["items"] == []
    assert signed_in.get(f"/charts/{draft}/").status_code == 404
    made, new = charts.create(ada, Recipe.from_spec(json.loads(SPEC)))
    assert new
    assert not made.is_draft


def test_a_draft_is_its_owners(client: Client, ada: User, eve: User) -> None:
    client.force_login(ada)
    draft = preview(client)
    client.force_login(eve)
    assert preview(client, draft=draft) != draft
    client.post("/charts/preview/leave/", {"draft": draft})
    assert client.get(f"/charts/preview/{draft}/")["HX-Refresh"] == "true"
    assert Chart.objects.filter(pk=draft).exists()


@pytest.mark.parametrize("text", ['{"kind": "bar"}', '{"kind": ', '"' + "x" * 1_100_000 + '"', ""])
def test_a_wrong_spec_is_not_drawn(signed_in: Client, text: str) -> None:
    answer = signed_in.post("/charts/preview/", {"spec": text, "draft": ""})
    assert answer.status_code == 200, "htmx shows nothing else"
    assert "It cannot be drawn like this" in answer.content.decode()
    assert not Chart.objects.exists()


def test_too_many_previews_are_told(signed_in: Client, settings: Any) -> None:
    settings.FIGPRESS_MAX_WAITING = 1
    draft = preview(signed_in)
    refused = signed_in.post("/charts/preview/", {"spec": SPEC, "draft": ""}).content.decode()
    assert "waiting in the queue" in refused
    assert preview(signed_in, draft=draft, theme="dark") == draft, "it takes the former's place"
    assert RenderJob.objects.filter(status=Status.QUEUED).count() == Chart.objects.count() == 1


@pytest.mark.parametrize("way", ["saved", "left", "forgotten"])
def test_a_draft_goes(signed_in: Client, ada: User, way: str) -> None:
    draft = preview(signed_in)
    if way == "saved":
        signed_in.post("/charts/new/", {"spec": SPEC, "name": "", "formats": ["png"], "draft": draft})
    elif way == "left":
        signed_in.post("/charts/preview/leave/", {"draft": draft})
    else:
        assert drafts.sweep(timezone.now()) == 0
        assert drafts.sweep(timezone.now() + timedelta(days=1, minutes=1)) == 1
    assert not Chart.objects.filter(is_draft=True).exists()
    assert RenderJob.objects.count() == (way == "saved")


def test_every_kind_has_a_chart_to_start_from() -> None:
    assert set(kinds()) == set(KINDS)
    pictures = ROOT / "renderer" / "static" / "renderer" / "kinds"
    assert {path.stem for path in pictures.iterdir()} == set(KINDS)
    for kind in KINDS:
        document = starter(kind).document
        assert Recipe.from_spec(json.loads(starter(kind).text)).spec == document
        assert document["kind"] == kind


def test_a_dataset_suggests_what_fits(signed_in: Client, ada: User, sales: Dataset) -> None:
    found = suggestions(sales)
    assert [one.kind for one in found] == ["line", "area", "bar", "box", "scatter", "histogram"]
    for one in found:
        assert Recipe.from_spec(one.document, owner=ada).names_dataset
    page = signed_in.get(f"/charts/new/?dataset={sales.pk}&fit=2").content.decode()
    assert "&quot;dataset&quot;: &quot;sales&quot;" in page
    assert "&quot;kind&quot;: &quot;bar&quot;" in page
    assert "scatter: cost against revenue" in page


def test_somebody_elses_dataset_is_none(client: Client, eve: User, sales: Dataset) -> None:
    client.force_login(eve)
    assert "sales" not in client.get(f"/charts/new/?dataset={sales.pk}").content.decode()
