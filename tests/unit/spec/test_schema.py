"""The published schema: valid, closed, and as open as the parser."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from renderer.spec import json_schema
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
