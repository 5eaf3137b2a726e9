"""The published schema: valid, closed, and as open as the parser."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from renderer.spec import SpecError, json_schema, parse
from renderer.spec.marks import KINDS

WHOLE = jsonschema_rs.Draft202012Validator(json_schema())


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        here = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return here.union(*(references(child) for child in node.values()))
    return set().union(*(references(child) for child in node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_every_reference_is_defined(kind: str | None) -> None:
    schema = json_schema(kind)
    for reference in references(schema):
        node: Any = schema
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    assert schema["$schema"].endswith("2020-12/schema")


def test_every_object_is_closed() -> None:
    for definition in json_schema()["$defs"].values():
        options = definition.get("anyOf", [definition])
        for option in options:
            if "properties" in option:
                assert option["additionalProperties"] is False


def test_null_is_nowhere_accepted() -> None:
    assert '"null"' not in json.dumps(json_schema())
    assert ": null" not in json.dumps(json_schema())


def test_the_short_form_has_the_fields_of_chart_and_layer() -> None:
    schema = json_schema("bar")
    assert {"title", "image", "axes", "stack", "x", "labels"} <= set(schema["properties"])
    assert "layers" not in schema["properties"]
    assert schema["properties"]["kind"] == {"const": "bar"}
    assert schema["required"] == ["kind", "x", "y"]
    assert "Histogram" not in schema["$defs"]


def test_channels_may_be_texts() -> None:
    assert json_schema()["$defs"]["Channel"]["anyOf"][0] == {"type": "string", "minLength": 1}


def test_a_schema_is_the_callers_own() -> None:
    json_schema()["$defs"].clear()
    assert json_schema()["$defs"]


def test_an_unknown_kind_has_none() -> None:
    with pytest.raises(KeyError, match="no chart kind 'pie3d'"):
        json_schema("pie3d")


def test_every_field_is_described_or_speaks_for_itself() -> None:
    plain = {"kind", "x", "y", "color", "data", "axes", "image", "layers", "theme", "style", "title", "subtitle"}
    plain |= {"version", "scale", "min", "max", "format", "marker", "shape", "dash", "locale", "types"}
    for name, definition in json_schema()["$defs"].items():
        if name.endswith("Chart") and name != "Chart":
            continue  # its fields are those of others, by reference
        for option in definition.get("anyOf", [definition]):
            for field, schema in option.get("properties", {}).items():
                assert schema.get("description") or field in plain, f"{name}.{field}"


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_it_is_a_schema_of_its_dialect(kind: str | None) -> None:
    jsonschema_rs.meta.validate(json_schema(kind))


def test_it_accepts_every_example(example: dict[str, Any]) -> None:
    assert not [error.message for error in WHOLE.iter_errors(example)]
    if "kind" in example:
        one = jsonschema_rs.Draft202012Validator(json_schema(example["kind"]))
        assert not [error.message for error in one.iter_errors(example)]


@pytest.mark.parametrize(
    "fields",
    [{"hue": "quarter"}, {"kind": "bra"}, {"x": 5}, {"stack": "up"}, {"layers": []}, {"axes": {"x": {"min": []}}}],
)
def test_it_refuses_what_the_parser_refuses(bar: Any, fields: dict[str, Any]) -> None:
    assert WHOLE.is_valid(bar())
    assert not WHOLE.is_valid(bar(**fields))


def test_a_schema_of_one_kind_is_small() -> None:
    assert len(json.dumps(json_schema())) < 250_000
    for kind in KINDS:
        assert len(json.dumps(json_schema(kind))) < 40_000


def test_a_published_schema_says_where_it_is() -> None:
    schema = json_schema("bar", address="https://charts.example/bar.json")
    assert list(schema)[:2] == ["$schema", "$id"]
    assert schema["$id"] == "https://charts.example/bar.json"


@pytest.mark.parametrize(
    ("fields", "valid"),
    [
        ({"params": {"since": "ago('30d')", "top": 3, "regions": ["EU", "US"]}}, True),
        ({"params": {"since": {"expression": "date_trunc('year', now())"}, "word": {"value": "now()"}}}, True),
        ({"params": {"since": {"expr": "now()"}}}, False),
        ({"params": {"since": {"expression": "now()", "value": 1}}}, False),
        ({"freshness": True, "stable_colors": True, "sticky_axes": True, "on_empty": "keep"}, True),
        ({"freshness": "Stand: {time}"}, True),
        ({"freshness": "Stand"}, False),
        ({"on_empty": "nothing"}, False),
        ({"previous": "year"}, True),
        ({"previous": "30d"}, True),
        ({"previous": {"by": "12mo", "name": "The year before"}}, True),
        ({"previous": "30 days"}, False),
        ({"previous": {"name": "The year before"}}, False),
    ],
)
def test_the_schema_and_the_parser_agree_on_charts_that_are_drawn_again(fields: dict[str, Any], valid: bool) -> None:
    document = {"kind": "line", "data": {"columns": {"x": ["2026-01-01"], "y": [1]}}, "x": "x", "y": "y"} | fields
    assert jsonschema_rs.validator_for(json_schema("line")).is_valid(document) is valid
    if valid:
        parse(document)
    else:
        with pytest.raises(SpecError):
            parse(document)
