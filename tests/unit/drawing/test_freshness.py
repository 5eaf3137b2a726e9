"""How fresh the data are, below the chart; and charts that have none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from renderer.data.resolve import LoadedChart, load
from renderer.data.supply import Supply
from renderer.data.table import Column
from renderer.drawing.draw import Drawing, draw, draw_empty
from renderer.spec import SpecError, parse
from renderer.spec.source import Source

MORNING = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
BAR: dict[str, Any] = {"kind": "bar", "x": "x", "y": "y"}


class Named:
    """Brings the same rows for any name, as of the moment that it says."""

    def __init__(self, **moments: datetime) -> None:
        self.moments = moments

    def supply(self, source: Source, at: str) -> Supply:
        columns = {
            "x": Column("x", "category", np.array(["a", "b"], dtype=object)),
            "y": Column("y", "number", np.array([1.0, 2.0])),
        }
        of = {name: (lambda column=column: column) for name, column in columns.items()}
        return Supply(of, 2, "1", self.moments[str(source.dataset)])


def named(**fields: Any) -> LoadedChart:
    spec = BAR | {"data": {"dataset": "sales"}, "timezone": "Europe/Berlin", "locale": "en-GB"} | fields
    return load(parse(spec), supplier=Named(sales=MORNING))


def words(drawing: Drawing, role: str = "caption") -> str:
    return " ".join(item.text for item in drawing.scene.texts if item.role == role)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"freshness": True}, "Data as of 29 Nov 2026, 09:30 CET"),
        ({"freshness": "Stand: {time}", "locale": "de"}, "Stand: 29.11.2026, 09:30 CET"),
        ({"freshness": "Sales until {date}"}, "Sales until 29 Nov 2026"),
        ({"freshness": True, "timezone": "Asia/Kathmandu"}, "Data as of 29 Nov 2026, 14:15 UTC+0545"),
        ({"freshness": True, "caption": "Source: the tills"}, "Source: the tills · Data as of 29 Nov 2026, 09:30 CET"),
        ({"freshness": False, "caption": "Source: the tills"}, "Source: the tills"),
        ({}, ""),
    ],
)
def test_the_caption_says_of_when_the_rows_are(fields: dict[str, Any], said: str) -> None:
    assert words(draw(named(**fields))) == said


def test_the_oldest_source_counts() -> None:
    layers = [BAR, BAR | {"kind": "line", "data": {"dataset": "costs"}}]
    spec = {"data": {"dataset": "sales"}, "layers": layers, "freshness": "{date}", "locale": "en-GB"}
    older = datetime(2026, 11, 2, tzinfo=UTC)
    assert words(draw(load(parse(spec), supplier=Named(sales=MORNING, costs=older)))) == "2 Nov 2026"


def test_rows_of_the_document_have_no_date() -> None:
    spec = BAR | {"data": {"columns": {"x": ["a"], "y": [1]}}, "freshness": True, "caption": "By hand"}
    assert words(draw(load(parse(spec)))) == "By hand"


@pytest.mark.parametrize(
    ("freshness", "message"),
    [("Fresh", "needs {time} or {date}"), ("At {tme}", "'{tme}' stands for nothing"), (1, "must be true, false")],
)
def test_words_that_say_no_moment_are_refused(freshness: object, message: str) -> None:
    with pytest.raises(SpecError, match="/freshness") as caught:
        named(freshness=freshness)
    assert message in str(caught.value)


# Nothing to draw ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"data": {"columns": {"x": [], "y": []}}}, "/data"),
        ({"transform": [{"filter": "y > 5"}]}, "/transform/0/filter"),
        ({"data": {"columns": {"x": [None, None], "y": [1, 2]}}}, "/x"),
        ({"kind": "line", "data": {"columns": {"x": [1, 2], "y": [None, None]}, "types": {"y": "number"}}}, ""),
    ],
)
def test_no_rows_are_told_from_mistakes(fields: dict[str, Any], pointer: str) -> None:
    spec = BAR | {"data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "on_empty": "placeholder"} | fields
    with pytest.raises(SpecError) as caught:
        load(parse(spec))
    assert caught.value.empty
    assert caught.value.problems[0].pointer == pointer


def test_a_mistake_beside_empty_rows_is_a_mistake() -> None:
    layers = [BAR | {"transform": [{"filter": "y > 5"}]}, BAR | {"x": "nothing"}]
    with pytest.raises(SpecError) as caught:
        load(parse({"data": {"columns": {"x": ["a"], "y": [1]}}, "layers": layers, "on_empty": "keep"}))
    assert not caught.value.empty
    assert "/layers/1/x" in [problem.pointer for problem in caught.value.problems]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(800, 500), (200, 100), (60, 16)])
def test_the_placeholder_is_calm_and_of_the_size_that_was_asked_for(
    theme: str, size: tuple[int, int], assert_tidy: Callable[[Drawing], None]
) -> None:
    image = {"width": size[0], "height": size[1]}
    spec = BAR | {"title": "Sales", "caption": "Source: the tills", "image": image, "timezone": "Europe/Berlin"}
    chart = parse(spec | {"data": {"columns": {"x": [], "y": []}}, "locale": "en-GB"})
    drawing = draw_empty(chart, since=MORNING, theme=theme)
    assert_tidy(drawing)
    assert (drawing.scene.width, drawing.scene.height) == size
    assert drawing.alt == "Sales. No data since 29 Nov 2026, 09:30 CET."
    if size == (800, 500):
        assert words(drawing, "no-data") == "No data since 29 Nov 2026, 09:30 CET"


def test_a_panel_without_rows_says_so_in_its_place(assert_tidy: Callable[[Drawing], None]) -> None:
    void = {
        "title": "Void",
        "transform": [{"filter": "y > 5"}],
        "layers": [BAR],
        "annotations": [{"kind": "rule", "y": 3}],
    }
    spec = {"data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "panels": [{"title": "Full", "layers": [BAR]}, void]}
    with pytest.raises(SpecError, match="leaves no rows"):
        load(parse(spec))
    drawing = draw(load(parse(spec | {"on_empty": "placeholder"})))
    assert_tidy(drawing)
    assert words(drawing, "no-data") == "No data"
    assert drawing.warnings == ("Left out: /panels/1/transform/0/filter: leaves no rows.",)
    assert drawing.alt.endswith("Void: No data.")


def test_a_layer_without_rows_is_left_out_of_its_panel() -> None:
    layers = [BAR, BAR | {"kind": "line", "transform": [{"filter": "y > 5"}]}]
    spec = {"data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "layers": layers, "on_empty": "placeholder"}
    drawing = draw(load(parse(spec)))
    assert [*drawing.scene.by_role("bar")]
    assert not [*drawing.scene.by_role("line")]
    assert drawing.warnings == ("Left out: /layers/1/transform/0/filter: leaves no rows.",)
