"""The gallery: cards, their states, pages of them, and what it says when it is empty."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from renderer.jobs import charts
from renderer.models import Chart, RenderJob
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from renderer.web.gallery import A_PAGE


def test_it_teaches_when_it_is_empty(signed_in: Client, figures: object) -> None:
    text = signed_in.get("/").content.decode()
    assert "Make the first one" in text
    assert "/charts/new/?start=scatter" in text
    assert "2 ready-made" in text
    assert "hx-get" not in text


def test_a_drawn_chart_is_a_thumbnail(signed_in: Client, drawn: Chart) -> None:
    text = signed_in.get("/").content.decode()
    assert drawn.drawn_by
    sha256 = drawn.drawn_by.renditions.get(on_target=True).sha256
    assert f'src="/api/v1/charts/{drawn.pk}/image.png?v={sha256[:8]}' in text
    assert 'width="640"' in text
    assert 'height="400"' in text
    assert "Fruit &amp; &lt;nuts&gt;" in text
    assert 'hx-get="/live/"' not in text, "nothing changes any more, so nothing asks"


def test_the_thumbnail_is_there(signed_in: Client, drawn: Chart) -> None:
    found = re.search(r'src="(/api/[^"]+)"', signed_in.get("/").content.decode())
    assert found
    picture = signed_in.get(found[1])
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/png"
    assert "immutable" in picture["Cache-Control"]


def test_it_is_live_while_something_is_drawn(
    signed_in: Client, job: RenderJob, ended: Callable[[RenderJob, Status], RenderJob]
) -> None:
    text = signed_in.get("/").content.decode()
    assert 'hx-get="/live/"' in text
    assert ">Waiting<" in text
    seen = re.search(r'"seen": "(\w+)"', text)
    assert seen
    assert signed_in.get("/live/", {"seen": seen[1]}).status_code == 204

    ended(job, Status.FAILED)
    last = signed_in.get("/live/", {"seen": seen[1]})
    assert last.status_code == 200
    assert b">Failed<" in last.content
    assert b"hx-get" not in last.content


def test_it_is_paged(signed_in: Client, ada: User, spec: dict[str, Any]) -> None:
    for number in range(A_PAGE + 2):
        charts.create(ada, Recipe.from_spec(spec), name=f"Chart number {number}.")
    first = signed_in.get("/").content.decode()
    assert "Chart number 2." in first
    assert "Chart number 1." not in first
    older = re.search(r'href="(\?before=[^"]+)"', first)
    assert older
    second = signed_in.get(f"/{older[1]}").content.decode()
    assert "Chart number 1." in second
    assert "Chart number 2." not in second
    assert ">More<" not in second
    assert signed_in.get("/?before=nonsense").status_code == 200


def test_its_queries_do_not_grow(
    signed_in: Client, ada: User, spec: dict[str, Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        chart, _ = charts.create(ada, Recipe.from_spec(spec), name=f"{number}")
        for _ in range(3):
            charts.render(chart, trigger=Trigger.WEB, force=True)
    # the session, the user, the charts, their tags, their newest jobs, the kinds, all tags, the workers, the menu's
    # workspaces
    with django_assert_num_queries(9):
        signed_in.get("/")
