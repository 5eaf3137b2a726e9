"""Facets: resolved with the layers, so that groups are those of each panel, and split afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from renderer.data.resolve import LoadedChart, load
from renderer.spec import SpecError, parse

Spec = dict[str, Any]

ROWS = [
    {"town": town, "sex": sex, "year": year, "size": 10 * place + year - 2000}
    for place, town in enumerate(("Bern", "Chur", "Arth"))
    for sex in ("f", "m")
    for year in (2001, 2002)
]


@pytest.fixture
def faceted() -> Callable[..., LoadedChart]:
    def make(facet: Spec, **fields: Any) -> LoadedChart:
        chart: Spec = {"kind": "bar", "x": "year", "y": "sum(size)", "data": {"values": ROWS}, "facet": facet}
        return load(parse(chart | fields))

    return make


def test_a_panel_for_each_value_with_its_own_groups(faceted: Callable[..., LoadedChart]) -> None:
    loaded = faceted({"field": "town"})
    assert [panel.title for panel in loaded.panels] == ["Bern", "Chur", "Arth"]
    sizes = [panel.layers[0].table["y"].values.tolist() for panel in loaded.panels]
    assert sizes == [[2, 4], [22, 24], [42, 44]]
    assert set(loaded.panels[0].layers[0].table.columns) == {"x", "y"}


def test_all_panels_know_the_whole(faceted: Callable[..., LoadedChart]) -> None:
    first = faceted({"field": "town", "share": "y"}).panels[0].layers[0]
    assert first.whole is not None
    assert len(first.whole) == 6
    assert first.shared == frozenset("y")


@pytest.mark.parametrize(
    ("facet", "order"),
    [
        ({"field": "town", "sort": "asc"}, ["Arth", "Bern", "Chur"]),
        ({"field": "town", "sort": "-size"}, ["Arth", "Chur", "Bern"]),
        ({"field": "town", "sort": ["Chur"]}, ["Chur", "Bern", "Arth"]),
        ({"field": {"field": "town", "sort": "desc"}}, ["Chur", "Bern", "Arth"]),
        ({"field": {"field": "town", "top": 2}}, ["Arth", "Chur"]),
        ({"field": "year"}, ["2001", "2002"]),
    ],
)
def test_the_order_of_panels(facet: Spec, order: list[str], faceted: Callable[..., LoadedChart]) -> None:
    assert [panel.title for panel in faceted(facet).panels] == order


def test_rows_and_columns_have_their_places(faceted: Callable[..., LoadedChart]) -> None:
    loaded = faceted({"columns": "town", "rows": "sex"})
    places = [(panel.title, panel.row, panel.column) for panel in loaded.panels]
    assert places[:2] == [("Bern · f", 0, 0), ("Chur · f", 0, 1)]
    assert places[-1] == ("Arth · m", 1, 2)


def test_pairs_without_rows_have_no_panel(faceted: Callable[..., LoadedChart]) -> None:
    rows = [row for row in ROWS if (row["town"], row["sex"]) != ("Chur", "f")]
    loaded = faceted({"columns": "town", "rows": "sex"}, data={"values": rows})
    assert "Chur · f" not in [panel.title for panel in loaded.panels]
    assert len(loaded.panels) == 5


def test_units_make_panels(faceted: Callable[..., LoadedChart]) -> None:
    rows = [{"day": f"202{year}-0{month}-01", "size": month} for year in (1, 2) for month in (1, 2, 3)]
    loaded = faceted({"field": "year(day)"}, data={"values": rows}, x="month_of_year(day)", y="size")
    assert [panel.title for panel in loaded.panels] == ["2021", "2022"]


def test_a_layer_with_data_of_its_own_is_in_every_panel() -> None:
    chart = {
        "data": {"values": ROWS},
        "layers": [
            {"kind": "bar", "x": "year", "y": "sum(size)"},
            {"kind": "line", "x": "year", "y": "size", "data": {"columns": {"year": [2001, 2002], "size": [5, 6]}}},
        ],
        "facet": {"field": "town"},
    }
    for panel in load(parse(chart)).panels:
        assert [len(layer.table) for layer in panel.layers] == [2, 2]


def test_bars_of_two_panels_are_not_one_place(faceted: Callable[..., LoadedChart]) -> None:
    rows = [row for row in ROWS if row["sex"] == "f"]
    assert len(faceted({"field": "town"}, data={"values": rows}, y="size").panels) == 3
    with pytest.raises(SpecError, match=r"2 rows share x 2001.0 and facet field 'Bern'"):
        faceted({"field": "town"}, y="size")


@pytest.mark.parametrize(
    ("facet", "where", "what"),
    [
        ({"field": "towm"}, "/facet/field", "did you mean 'town'?"),
        ({"field": {"field": "towm"}}, "/facet/field/field", "did you mean 'town'?"),
        ({"field": "town", "sort": "-weight"}, "/facet/sort", "no column 'weight'"),
        ({"field": {"field": "town", "sort": "weight"}}, "/facet/field/sort", "no column 'weight'"),
        (
            {"field": "town", "max": 2},
            "/facet/field",
            """there may be 2: keep the largest with {"field": "town", "top": 2}, or filter the data""",
        ),
        ({"columns": "town", "rows": "sex", "max": 4}, "/facet/columns", "3 x 2 = 6 panels, and there may be 4"),
        ({"field": "size", "sort": "asc", "max": 1}, "/facet/field", "'size' makes 6 panels"),
    ],
)
def test_what_cannot_be_split(facet: Spec, where: str, what: str, faceted: Callable[..., LoadedChart]) -> None:
    with pytest.raises(SpecError) as caught:
        faceted(facet)
    (problem,) = caught.value.problems
    assert problem.pointer == where
    assert what in problem.message


def test_more_than_a_picture_holds(faceted: Callable[..., LoadedChart]) -> None:
    rows = [{"town": f"t{number}", "year": 2001, "size": 1} for number in range(26)]
    with pytest.raises(SpecError, match="'town' makes 26 panels, and there may be 25"):
        faceted({"field": "town"}, data={"values": rows})
