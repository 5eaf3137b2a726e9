"""Panels, facets, annotations and the right axis: what is a chart, and where the problems of others are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from renderer.spec import json_schema, parse
from renderer.spec.annotation import BandNote, PointNote, RuleNote

Make = Callable[..., dict[str, Any]]
Problems = Callable[[object], dict[str, str]]

LAYER: dict[str, Any] = {"kind": "line", "x": "day", "y": "price"}
DATA: dict[str, Any] = {"columns": {"day": [1, 2], "price": [3, 4]}}


def panels(*made: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": DATA, "panels": list(made) or [{"layers": [LAYER]}], **more}


def test_panels_know_their_places() -> None:
    chart = parse(panels({"layers": [LAYER]}, {"title": "Second", "weight": 2, "layers": [LAYER, LAYER]}))
    assert [panel.title for panel in chart.panels_of()] == [None, "Second"]
    assert chart.panel_pointer(1) == "/panels/1"
    assert chart.layer_pointer(1, 1) == "/panels/1/layers/1"


@pytest.mark.parametrize(
    ("more", "arranged"),
    [
        ({}, "grid"),
        ({"share_x": True}, "rows"),
        ({"arrange": "columns"}, "columns"),
        ({"share_x": True, "arrange": "grid"}, "grid"),
    ],
)
def test_how_panels_stand(more: dict[str, Any], arranged: str) -> None:
    assert parse(panels(**more)).arranged == arranged


def test_weights_ask_for_rows() -> None:
    assert parse(panels({"weight": 3, "layers": [LAYER]}, {"layers": [LAYER]})).arranged == "rows"


@pytest.mark.parametrize(
    ("document", "where", "what"),
    [
        (panels({"layers": [{"kind": "line", "x": "day"}]}), "/panels/0/layers/0/y", "'y' is required"),
        (panels({"layers": []}), "/panels/0/layers", "holds from 1 to 12 layers"),
        (panels({"kind": "bar", "x": "day"}), "/panels/0/kind", 'a panel has layers: "layers": [{"kind": ...}]'),
        (panels(arrange="row"), "/arrange", "did you mean 'rows'?"),
        (panels(axes={"x": {}}), "/axes", "move 'axes' to /panels/0/axes"),
        (panels(annotations=[]), "/annotations", "move 'annotations' to /panels/0/annotations"),
        (panels(facet={"field": "day"}), "/facet", "move 'facet' to /panels/0/facet"),
        (panels(kind="line"), "/kind", "or 'panels', not both"),
        (panels(layers=[LAYER]), "/panels", "not both"),
        (panels(*[{"layers": [LAYER]}] * 26), "/panels", "from 1 to 25 panels, not 26"),
        (panels({"weight": 0, "layers": [LAYER]}), "/panels/0/weight", "from 0.05 to 20"),
        ({"data": DATA, "layers": [LAYER], "share_x": True}, "/share_x", "there are none"),
        ({"data": DATA, **LAYER, "arrange": "rows"}, "/arrange", "there are none"),
        ({"data": DATA, **LAYER, "y_axis": "top"}, "/y_axis", "must be 'left' or 'right'"),
        ({"data": DATA, **LAYER, "axes": {"right": {"titel": ""}}}, "/axes/right/titel", "did you mean 'title'?"),
        ({"data": DATA, **LAYER, "facet": {}}, "/facet", "needs a 'field'"),
        ({"data": DATA, **LAYER, "facet": {"field": "a", "rows": "b"}}, "/facet/rows", "not both"),
        ({"data": DATA, **LAYER, "facet": {"rows": "b", "wrap": 2}}, "/facet/wrap", "belongs to 'field'"),
        ({"data": DATA, **LAYER, "facet": {"field": "sum(a)"}}, "/facet/field", "without an aggregate"),
        ({"data": DATA, **LAYER, "facet": {"field": "a", "max": 26}}, "/facet/max", "from 1 to 25"),
        ({"data": DATA, **LAYER, "facet": {"field": "a", "share": "z"}}, "/facet/share", "must be"),
    ],
)
def test_a_problem_is_at_its_place(document: dict[str, Any], where: str, what: str, problems: Problems) -> None:
    found = problems(document)
    assert what in found[where], found


def annotated(*notes: object) -> dict[str, Any]:
    return {"data": DATA, **LAYER, "annotations": list(notes)}


def test_annotations_are_read_by_kind() -> None:
    chart = parse(
        annotated(
            {"kind": "rule", "y": 75, "text": "UN target"},
            {"kind": "band", "x": "2020-01-01", "x2": "2021-12-31", "text": "COVID-19"},
            {"kind": "point", "x": 1, "y": 3, "text": "Here", "arrow": True},
        )
    )
    rule, band, point = chart.annotations
    assert isinstance(rule, RuleNote)
    assert (rule.y, rule.text, rule.y_axis) == (75, "UN target", "left")
    assert isinstance(band, BandNote)
    assert (band.x, band.x2) == ("2020-01-01", "2021-12-31")
    assert isinstance(point, PointNote)
    assert point.arrow


@pytest.mark.parametrize(
    ("note", "where", "what"),
    [
        ({"kind": "rule"}, "", "one 'x' or at one 'y'"),
        ({"kind": "rule", "x": 1, "y": 2}, "/y", "one 'x' or at one 'y'"),
        ({"kind": "rule", "x2": 1, "y": 2}, "/x2", "unknown field 'x2'"),
        ({"kind": "band", "x": 1}, "/x2", "'x2' is required beside 'x'"),
        ({"kind": "band", "y2": 1}, "/y", "'y' is required beside 'y2'"),
        ({"kind": "band"}, "", "'x' and 'x2', or 'y' and 'y2'"),
        ({"kind": "text", "x": 1, "y": 2}, "/text", "'text' is required"),
        ({"kind": "point", "x": 1, "y": 2, "arrow": True}, "/arrow", "give the text"),
        ({"kind": "point", "x": [], "y": 2}, "/x", "must be a number, a text, true or false"),
        ({"kind": "zigzag", "y": 2}, "/kind", "no kind 'zigzag'; there are rule, band, text, point"),
        ({"kind": "roule", "y": 2}, "/kind", "did you mean 'rule'?"),
        ({"y": 2}, "/kind", "'kind' is required: 'rule', 'band', 'text' or 'point'"),
        (5, "", 'must be an object such as {"kind": "rule"}'),
        ({"kind": "rule", "y": 2, "style": {"dash": "dots"}}, "/style/dash", "dotted"),
    ],
)
def test_a_problem_of_an_annotation_is_at_its_place(note: object, where: str, what: str, problems: Problems) -> None:
    found = problems(annotated({"kind": "rule", "y": 1}, note))
    assert what in found["/annotations/1" + where], found


def test_too_many_annotations(problems: Problems) -> None:
    assert "at most 100" in problems(annotated(*[{"kind": "rule", "y": 1}] * 101))["/annotations"]


def test_the_schema_has_both_forms() -> None:
    schema = json_schema()["$defs"]
    assert schema["Chart"]["oneOf"] == [{"required": ["layers"]}, {"required": ["panels"]}]
    assert {"RuleNote", "BandNote", "TextNote", "PointNote", "Facet", "Panel"} <= set(schema)
    assert not {"panels", "layers", "arrange", "share_x"} & set(json_schema("bar")["properties"])
    assert {"facet", "annotations"} <= set(json_schema("bar")["properties"])
