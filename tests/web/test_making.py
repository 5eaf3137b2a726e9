"""Making and changing charts on pages."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from renderer.jobs import charts
from renderer.models import Chart, RenderJob
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from renderer.registry import Figure
from renderer.web import making, parameters
from renderer.web.starters import STARTERS, Starter


def send(client: Client, spec: object, **more: object) -> Any:
    text = spec if isinstance(spec, str) else json.dumps(spec)
    return client.post("/charts/new/", {"spec": text, "name": "", "formats": ["png"], **more})


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.key)
def test_each_example_is_a_good_spec(starter: Starter) -> None:
    assert json.loads(starter.text) == starter.document
    assert Recipe.from_spec(starter.document).title == starter.document["title"]


def test_the_page_starts_from_an_example(signed_in: Client) -> None:
    assert "&quot;kind&quot;: &quot;scatter&quot;" in signed_in.get("/charts/new/?start=scatter").content.decode()
    assert "&quot;kind&quot;: &quot;bar&quot;" in signed_in.get("/charts/new/?start=nonsense").content.decode()


def test_a_chart_is_made_and_asked_for(signed_in: Client, ada: User, spec: dict[str, Any]) -> None:
    response = send(signed_in, spec, name="Mine", formats=["webp", "pdf"])
    chart = Chart.objects.get()
    job = RenderJob.objects.get()
    assert response["Location"] == reverse("chart", args=[chart.pk])
    assert (chart.owner, chart.name, chart.spec, chart.formats) == (ada, "Mine", spec, ["webp", "pdf"])
    assert (job.status, job.trigger, job.owner) == (Status.QUEUED, Trigger.WEB, ada)


def test_the_same_chart_again_leads_to_the_first(signed_in: Client, spec: dict[str, Any]) -> None:
    first, second = send(signed_in, spec), send(signed_in, spec)
    assert first["Location"] == second["Location"]
    assert RenderJob.objects.count() == 1


def test_every_problem_is_shown_with_its_pointer_and_line(signed_in: Client) -> None:
    text = (
        '{\n  "kind": "bar",\n  "data": {"columns": {"a": ["p"], "b": [1]}},\n  "x": "a",\n  "hue": "a",\n  "zz": 1\n}'
    )
    response = send(signed_in, text)
    assert response.status_code == 422
    problems = {problem.pointer: problem for problem in response.context["problems"]}
    assert problems["/hue"].line == 5
    assert "color" in problems["/hue"].message
    assert problems["/zz"].line == 6
    shown = response.content.decode()
    assert "<code>/hue</code>" in shown
    assert "line 5" in shown
    assert "&quot;hue&quot;: &quot;a&quot;" in shown, "what was typed is kept"
    assert not Chart.objects.exists()
    assert not RenderJob.objects.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "This field is required."),
        ("{", "JSON"),
        ("[]", "object"),
        ('{"kind": "bar", "kind": "line"}', "kind"),
        ('{"kind": "line", "data": {"columns": {"a": [1e999]}}, "x": "a", "y": "a"}', "out of range"),
        ('{"kind": "line", "data": {"columns": {"a": [1]}}, "x": "b", "y": "a"}', "no column"),
        (
            '{"kind": "line", "data": {"columns": {"a": [1]}}, "x": "a", "y": "a", "image": {"width": 30000}}',
            "/image/width",
        ),
        ("[" * 5000, "deep"),
    ],
    ids=["nothing", "half", "list", "twice", "infinite", "missing", "huge", "deep"],
)
def test_bad_specs_come_back_and_make_nothing(signed_in: Client, text: str, says: str) -> None:
    response = send(signed_in, text)
    assert response.status_code == 422
    assert says in response.content.decode().split("<textarea")[0] + response.content.decode().split("</textarea>")[-1]
    assert not Chart.objects.exists()


def test_bytes_that_are_no_text_come_back_too(signed_in: Client) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="spec"\r\n\r\n\xff\xfe{}\r\n--b--\r\n'
    response = signed_in.post("/charts/new/", body, content_type="multipart/form-data; boundary=b")
    assert response.status_code == 422


def test_no_file_at_all_is_an_error(signed_in: Client, spec: dict[str, Any]) -> None:
    response = signed_in.post("/charts/new/", {"spec": json.dumps(spec)})
    assert response.status_code == 422
    assert "Choose at least one." in response.content.decode()


def test_figure_functions_are_listed(signed_in: Client, figures: object) -> None:
    text = signed_in.get("/charts/new/figures/").content.decode()
    assert "Revenue of a store" in text
    assert "tests.broken" in text
    assert "Revenue by month." in text


def test_without_figure_functions_the_page_says_what_they_are(signed_in: Client, figures: dict[str, Figure]) -> None:
    figures.clear()
    assert "There are no figure functions yet." in signed_in.get("/charts/new/figures/").content.decode()


def test_a_figure_has_a_form(signed_in: Client, figures: object) -> None:
    text = signed_in.get("/charts/new/figures/tests.revenue/").content.decode()
    assert 'name="p-store_id"' in text
    assert 'min="1"' in text
    assert "The number on the door." in text
    assert 'type="date"' in text
    assert 'value="2026-01-01"' in text
    assert signed_in.get("/charts/new/figures/tests.nothing/").status_code == 404


FILLED = {
    "p-store_id": "3", "p-year": "2025", "p-since": "2025-02-01", "p-goal": "", "p-palette": "cool", "p-mode": "total",
    "p-stacked": "on", "p-note": "", "formats": ["png"],
}  # fmt: skip


def test_a_chart_is_made_of_a_figure_function(signed_in: Client, figures: object) -> None:
    response = signed_in.post("/charts/new/figures/tests.revenue/", FILLED)
    chart = Chart.objects.get()
    assert response["Location"] == reverse("chart", args=[chart.pk])
    assert chart.figure == "tests.revenue"
    assert chart.params == {
        "store_id": 3, "year": 2025, "since": "2025-02-01", "goal": None, "palette": "cool", "mode": "total",
        "stacked": True, "note": "",
    }  # fmt: skip
    assert RenderJob.objects.get().figure == "tests.revenue"


def test_errors_stand_at_their_fields(signed_in: Client, figures: object) -> None:
    response = signed_in.post(
        "/charts/new/figures/tests.revenue/", FILLED | {"p-store_id": "0", "p-year": "soon", "p-palette": "grey"}
    )
    assert response.status_code == 422
    assert set(response.context["parameters"].errors) == {"store_id", "year", "palette"}
    assert 'value="soon"' in response.content.decode()
    assert not Chart.objects.exists()


def test_the_parameters_own_model_decides(
    signed_in: Client, figures: dict[str, Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the form lets through and the model does not comes back to its field."""
    lax = figures["tests.revenue"].schema()
    lax["properties"]["store_id"] = {"type": "integer"}
    monkeypatch.setattr(making, "form_for", lambda schema: parameters.form_for(lax))
    response = signed_in.post("/charts/new/figures/tests.revenue/", FILLED | {"p-store_id": "-4"})
    assert response.status_code == 422
    assert set(response.context["parameters"].errors) == {"store_id"}


def test_a_spec_is_edited(signed_in: Client, drawn: Chart, spec: dict[str, Any]) -> None:
    address = reverse("edit-chart", args=[drawn.pk])
    assert "Fruit &amp; &lt;nuts&gt;" in signed_in.get(address).content.decode()
    changed = json.dumps(spec | {"title": "Vegetables"})
    response = signed_in.post(address, {"spec": changed, "name": "Green", "formats": ["png"]})
    assert response["Location"] == reverse("chart", args=[drawn.pk])
    old_image = drawn.image.name
    drawn.refresh_from_db()
    assert (drawn.name, drawn.title, drawn.formats) == ("Green", "Vegetables", ["png"])
    assert drawn.image.name == old_image, "the old picture stays until the new one is good"
    assert RenderJob.objects.filter(status=Status.QUEUED).count() == 1


def test_renaming_draws_nothing(signed_in: Client, drawn: Chart) -> None:
    form = {"spec": json.dumps(drawn.spec), "name": "Other", "formats": drawn.formats}
    signed_in.post(reverse("edit-chart", args=[drawn.pk]), form)
    drawn.refresh_from_db()
    assert drawn.name == "Other"
    assert RenderJob.objects.count() == 1


def test_becoming_a_chart_that_is_there_is_refused(
    signed_in: Client, ada: User, chart: Chart, spec: dict[str, Any]
) -> None:
    other, _ = charts.create(ada, Recipe.from_spec(spec | {"title": "Other"}))
    form = {"spec": json.dumps(spec), "name": "", "formats": ["png", "svg"]}
    response = signed_in.post(reverse("edit-chart", args=[other.pk]), form)
    assert response.status_code == 422
    assert "the same chart without a name already" in response.content.decode()
    other.refresh_from_db()
    assert other.title == "Other"


def test_a_figure_functions_parameters_are_edited(signed_in: Client, ada: User, figures: object) -> None:
    chart, _ = charts.create(ada, Recipe.from_figure("tests.revenue", {"store_id": 7, "palette": "cool"}))
    address = reverse("edit-chart", args=[chart.pk])
    text = signed_in.get(address).content.decode()
    assert 'value="7"' in text
    assert '<option value="cool" selected>' in text
    signed_in.post(address, FILLED)
    chart.refresh_from_db()
    assert chart.params["store_id"] == 3


def test_a_chart_whose_figure_function_is_gone_is_only_looked_at(
    signed_in: Client, ada: User, figures: dict[str, Figure]
) -> None:
    chart, _ = charts.create(ada, Recipe.from_figure("tests.broken"))
    figures.clear()
    assert signed_in.get(reverse("edit-chart", args=[chart.pk])).status_code == 404
    assert signed_in.get(reverse("chart", args=[chart.pk])).status_code == 200


# --- Figure functions: preview, and save and schedule --------------------------------------------------------------

REVENUE = {"p-store_id": "3", "p-year": "2026", "p-since": "2026-01-01", "p-palette": "cool", "p-mode": "total"}


def test_a_figure_is_previewed_without_being_saved(
    signed_in: Client, figures: object, execute: Callable[[RenderJob], RenderJob]
) -> None:
    address = reverse("new-from-figure", args=["tests.revenue"])
    sent = {**REVENUE, "formats": "png", "act": "preview"}
    piece = signed_in.post(address, sent, headers={"HX-Request": "true"}).content.decode()
    draft = Chart.objects.get()
    assert draft.is_draft
    assert "<html" not in piece
    assert f'value="{draft.pk}" hx-swap-oob="true"' in " ".join(piece.split())
    assert f'hx-get="/charts/preview/{draft.pk}/"' in piece
    execute(RenderJob.objects.get())
    live = signed_in.get(reverse("chart-preview-live", args=[draft.pk])).content.decode()
    (url,) = re.findall(r'data-picture="([^"]+)"', live)
    assert signed_in.get(html.unescape(url))["Content-Type"] == "image/png"

    again = signed_in.post(address, {**sent, "p-store_id": "4", "draft": str(draft.pk)})
    assert again.status_code == 200, "the page without scripts"
    assert 'name="p-store_id" value="4"' in again.content.decode()
    assert Chart.objects.get().params["store_id"] == 4

    kept = signed_in.post(address, {**REVENUE, "formats": "png", "act": "schedule", "draft": str(draft.pk)})
    chart = Chart.objects.get()
    assert not chart.is_draft
    assert kept["Location"] == f"/charts/{chart.pk}/?open=schedule#schedule"


def test_a_preview_with_wrong_parameters_says_which(signed_in: Client, figures: object) -> None:
    sent = {**REVENUE, "p-store_id": "0", "formats": "png", "act": "preview"}
    piece = signed_in.post(reverse("new-from-figure", args=["tests.revenue"]), sent, headers={"HX-Request": "true"})
    assert piece.status_code == 200, "htmx shows nothing else"
    assert "Store id: " in piece.content.decode()
    assert not Chart.objects.exists()
