"""Finding charts in the gallery: filters, orders and pages, and doing the same with several."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from renderer.jobs import charts
from renderer.jobs.standing import Standing
from renderer.models import Chart, Dataset, DatasetVersion, RenderJob, Tag
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from renderer.web.finding import Finding
from renderer.web.gallery import A_PAGE

Make = Callable[..., Chart]
SOME = UUID("01890000-0000-7000-8000-000000000000")


@pytest.fixture
def make(ada: User, spec: dict[str, Any]) -> Make:
    """A chart of Ada's."""

    def made(name: str, owner: User = ada, tags: tuple[str, ...] = (), **changes: Any) -> Chart:
        return charts.create(owner, Recipe.from_spec({**spec, **changes}), name=name, tags=tags)[0]

    return made


def names(client: Client, query: str = "") -> list[str]:
    """What the gallery shows, in order."""
    return re.findall(r'<span class="chart-name">([^<]*)</span>', client.get(f"/{query}").content.decode())


def test_each_filter_leaves_what_fits(signed_in: Client, ada: User, eve: User, make: Make, figures: object) -> None:
    make("Apples", kind="bar", title="About trees", tags=("garden", "q3"))
    make("Pears 100%", tags=("garden",))
    make("Apples of Eve", owner=eve, tags=("garden",))
    charts.create(ada, Recipe.from_figure("tests.revenue", {"store_id": 1}))
    assert names(signed_in, "?q=TREES") == ["Apples"]
    assert names(signed_in, "?q=100%25") == ["Pears 100%"], "no letter is a wildcard"
    assert names(signed_in, "?q=0_%25") == []
    assert names(signed_in, "?kind=bar") == ["Apples"]
    assert names(signed_in, "?kind=figure-function") == ["Revenue of a store"]
    assert names(signed_in, "?tag=garden") == ["Pears 100%", "Apples"]
    assert names(signed_in, "?tag=garden&kind=bar&q=app") == ["Apples"]
    nonsense = "?tag=%00&q=%00&state=upside-down&sort=sideways&before=x"
    assert names(signed_in, nonsense) == ["Revenue of a store", "Pears 100%", "Apples"]
    text = signed_in.get("/?q=nothing+like+it&kind=gone").content.decode()
    assert "No chart fits." in text
    assert "Show all charts" in text
    assert re.search(r'<option value="gone"\s+selected>', text), "what was chosen can be seen and taken back"


def test_states(
    signed_in: Client, make: Make, ended: Callable[[RenderJob, Status], RenderJob], execute: Callable[..., RenderJob]
) -> None:
    make("never")
    made = {name: make(name) for name in ("waiting", "drawing", "failed", "ready", "ready again", "failed since")}
    asked = {name: charts.render(chart, trigger=Trigger.WEB).job for name, chart in made.items()}
    ended(asked["drawing"], Status.RUNNING)
    ended(asked["failed"], Status.FAILED)
    ended(asked["ready again"], Status.FAILED)
    for name in ("ready", "failed since"):
        execute(asked[name])
    execute(charts.render(made["ready again"], trigger=Trigger.WEB, force=True).job)
    ended(charts.render(made["failed since"], trigger=Trigger.WEB, force=True).job, Status.FAILED)
    found = {state.value: sorted(names(signed_in, f"?state={state}")) for state in Standing}
    assert found == {
        "waiting": ["waiting"],
        "drawing": ["drawing"],
        "ready": ["ready", "ready again"],
        "failed": ["failed", "failed since"],
        "never": ["drawing", "failed", "never", "waiting"],
    }


def test_stale_as_a_filter_is_stale_as_a_fact(
    signed_in: Client, ada: User, make: Make, spec: dict[str, Any], execute: Callable[..., RenderJob]
) -> None:
    make("never")
    made = {name: make(name, title=name) for name in ("right", "changed", "new rows", "checked since", "old rows")}
    for chart in made.values():
        execute(charts.render(chart, trigger=Trigger.WEB).job)
        chart.refresh_from_db()
    charts.change(made["changed"], recipe=Recipe.from_spec({**spec, "title": "Another"}))
    now = timezone.now()
    for name, at in (("new rows", now), ("checked since", now), ("old rows", now - timedelta(days=1))):
        dataset = Dataset.objects.create(owner=ada, name=name.replace(" ", "_"))
        dataset.current = DatasetVersion.objects.create(
            dataset=dataset, number=1, status="ready", file="x.parquet", data_at=at
        )
        dataset.save()
        made[name].datasets.create(name=dataset.name)
    Chart.objects.filter(name="checked since").update(checked_at=now + timedelta(seconds=1))
    expected = ["changed", "never", "new rows"]
    facts = charts.stale(Chart.objects.all())
    assert sorted(chart.name for chart in Chart.objects.filter(pk__in=facts)) == expected
    assert sorted(names(signed_in, "?stale=1")) == expected
    assert 'class="is-stale"' in signed_in.get("/?q=new+rows").content.decode()


@pytest.mark.parametrize("sort", ["newest", "name", "drawn"])
def test_pages_of_every_order_keep_the_filters(signed_in: Client, make: Make, sort: str) -> None:
    now = timezone.now()
    for number in range(A_PAGE + 6):
        chart = make("abcABC"[number % 6], title=str(number), tags=("kept",))
        if number % 3:
            Chart.objects.filter(pk=chart.pk).update(rendered_at=now - timedelta(minutes=number % 5))
    make("not this one")
    query, seen = f"?tag=kept&sort={sort}", []
    for _ in range(2):
        text = signed_in.get(f"/{query}").content.decode()
        seen += re.findall(r'id="card-([^"]+)"', text)
        more = re.search(r'href="([^"]*)"\s+rel="next"', text)
        query = more[1].replace("&amp;", "&") if more else ""
    assert query == ""
    rows = {str(pk): chart for pk, chart in Chart.objects.in_bulk(seen).items()}
    assert len(seen) == len(rows) == A_PAGE + 6, "each once"
    order = [rows[pk] for pk in seen]
    if sort == "name":
        assert [chart.name.lower() for chart in order] == sorted(chart.name.lower() for chart in order)
    elif sort == "drawn":
        keys = [(chart.rendered_at is not None, chart.rendered_at or now, chart.pk) for chart in order]
        assert keys == sorted(keys, reverse=True)
    else:
        assert seen == sorted(rows, reverse=True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "chart_by_owner"),
        ("sort=name", "chart_by_name"),
        ("sort=drawn", "chart_by_drawn"),
        ("kind=line", "chart_by_kind"),
        ("tag=garden", "tag_by_owner"),
        ("state=failed", "chart_failed"),
        (f"before={SOME}", "chart_by_owner"),
        (f"sort=name&at=m&before={SOME}", "chart_by_name"),
    ],
)
def test_an_index_finds_the_page(ada: User, query: str, index: str) -> None:
    plan = Finding.of(QueryDict(query)).rows(ada)[: A_PAGE + 1].explain()
    assert index in plan, plan
    assert not re.search(r"SCAN renderer_\w+$", plan, re.MULTILINE), plan
    if not query or query.startswith(("sort", "before")):
        assert "TEMP B-TREE" not in plan, f"the index gives the order: {plan}"


def test_queries_do_not_grow_with_what_is_found(signed_in: Client, make: Make) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            signed_in.get("/?tag=garden&state=waiting&stale=1&sort=name&q=fruit")
        return len(queries)

    charts.render(make("Fruit", tags=("garden",)), trigger=Trigger.WEB)
    few = counted()
    for number in range(8):
        charts.render(make(f"Fruit {number}", tags=("garden", str(number))), trigger=Trigger.WEB)
    assert counted() == few


def test_the_cards_stay_with_what_is_looked_for(signed_in: Client, make: Make) -> None:
    charts.render(make("Apples"), trigger=Trigger.WEB)
    charts.render(make("Pears"), trigger=Trigger.WEB)
    live = re.search(r'hx-get="(/live/[^"]*)"', signed_in.get("/?q=pea&sort=name").content.decode())
    assert live
    text = signed_in.get(live[1].replace("&amp;", "&")).content.decode()
    assert "Pears" in text
    assert "Apples" not in text


def test_several_are_drawn_again(signed_in: Client, eve: User, make: Make) -> None:
    mine = [make("One"), make("Two")]
    foreign = make("Hers", owner=eve)
    charts.render(mine[0], trigger=Trigger.WEB, force=True)
    sent = {
        "action": "render",
        "chart": [*(str(chart.pk) for chart in (*mine, foreign)), "x"],
        "from": "?q=o&sort=name",
    }
    response = signed_in.post("/charts/several/", sent, follow=True)
    assert response.redirect_chain == [("/?q=o&sort=name", 302)]
    assert "1 chart will be drawn again." in response.content.decode()
    assert "1 chart is being drawn already." in response.content.decode()
    assert RenderJob.objects.count() == 2


def test_several_are_deleted(signed_in: Client, eve: User, make: Make) -> None:
    gone, stays, foreign = make("Gone"), make("Stays"), make("Hers", owner=eve)
    sent = {"action": "delete", "chart": [str(gone.pk), str(foreign.pk)], "from": "https://example.org/"}
    response = signed_in.post("/charts/several/", sent, follow=True)
    assert response.redirect_chain == [("/", 302)], "nobody is sent elsewhere"
    assert "Deleted 1 chart." in response.content.decode()
    assert set(Chart.objects.all()) == {stays, foreign}
    nothing = signed_in.post("/charts/several/", {"action": "delete"}, follow=True)
    assert "select some charts first" in nothing.content.decode()


def test_several_as_one_file(signed_in: Client, drawn: Chart, make: Make) -> None:
    blank = make("Blank")
    response: Any = signed_in.post("/charts/several/", {"action": "zip", "chart": [str(drawn.pk), str(blank.pk)]})
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert sorted(archive.namelist()) == ["Fruit-nuts.png", "Fruit-nuts.svg", "manifest.json"]
    empty = signed_in.post("/charts/several/", {"action": "zip", "chart": [str(blank.pk)]}, follow=True)
    assert "None of these charts has a picture yet." in empty.content.decode()


def test_tags_are_edited_with_the_chart(signed_in: Client, chart: Chart) -> None:
    address = f"/charts/{chart.pk}/edit/"
    sent = {"spec": signed_in.get(address).context["form"].initial["spec"], "name": "", "formats": ["png"]}
    signed_in.post(address, sent | {"tags": "Weekly, sales ,weekly,"})
    assert sorted(Tag.objects.values_list("name", "owner__username")) == [("sales", "ada"), ("weekly", "ada")]
    assert 'value="sales, weekly"' in signed_in.get(address).content.decode()
    wrong = signed_in.post(address, sent | {"tags": "x" * 41})
    assert wrong.status_code == 422
    assert "A tag is longer than 40 characters." in wrong.content.decode()
    signed_in.post(address, sent | {"tags": ""})
    assert not Tag.objects.exists()
