"""The language as JSON Schema (draft 2020-12): what editors complete and clients check before they send."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from renderer.spec.errors import any_of
from renderer.spec.marks import KINDS
from renderer.spec.model import PANELS_ONLY, Chart

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

JsonSchema = dict[str, Any]


def json_schema(kind: str | None = None) -> JsonSchema:
    """The schema of all documents of the language, or of the short form `{"kind": ...}` of one kind.

    Raises KeyError for a kind that does not exist. What a schema cannot say (the sum of pixels, the columns that there
    are) is checked by parse() and by the data.
    """
    if kind is not None and kind not in KINDS:
        raise KeyError(f"no chart kind {kind!r}; there are {any_of(list(KINDS))}")
    return copy.deepcopy(_whole() if kind is None else _of_kind(kind))


@lru_cache(maxsize=1)
def _whole() -> JsonSchema:
    definitions = _definitions()
    forms = {
        f"{name}Chart": _short_form(name, definitions) for name in dict.fromkeys(m.__name__ for m in KINDS.values())
    }
    return {
        "$schema": DIALECT,
        "title": "Figpress chart",
        "description": "A chart with layers, or, in short, a chart of one kind.",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("Chart", *forms)],
        "$defs": definitions | forms,
    }


@lru_cache(maxsize=128)
def _of_kind(kind: str) -> JsonSchema:
    definitions = _definitions()
    form = _short_form(KINDS[kind].__name__, definitions)
    form["properties"]["kind"] = {"const": kind}
    used = _reachable(form, definitions)
    return {"$schema": DIALECT, **form, "$defs": {name: definitions[name] for name in definitions if name in used}}


@lru_cache(maxsize=1)
def _definitions() -> dict[str, JsonSchema]:
    """The schema of each object of the language, by the name of its class."""
    models = [(model, "validation") for model in (Chart, *dict.fromkeys(KINDS.values()))]
    _, schema = models_json_schema(models)  # type: ignore[arg-type]  # a list of tuples of literals, says the stub
    found: dict[str, JsonSchema] = _without_null(schema["$defs"])
    return found


def _short_form(name: str, definitions: dict[str, JsonSchema]) -> JsonSchema:
    """A chart and its one layer as one object; the fields of the chart win, as they do when it is read."""
    chart, mark = definitions["Chart"], definitions[name]
    of_chart = {field: schema for field, schema in chart["properties"].items() if field not in PANELS_ONLY}
    return {
        "title": f"{name}Chart",
        "description": mark.get("description", ""),
        "type": "object",
        "properties": {**mark["properties"], **of_chart},
        "required": mark["required"],
        "additionalProperties": False,
    }


def _without_null(node: Any) -> Any:
    """pydantic writes "or null, which is the default" for what may be left out; null itself is not accepted."""
    if isinstance(node, list):
        return [_without_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _without_null(value) for key, value in node.items() if not (key == "default" and value is None)}
    options = found.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        options = [option for option in options if option != {"type": "null"}]
        if len(options) > 1:
            return found | {"anyOf": options}
        del found["anyOf"]
        return options[0] | found
    return found


def _reachable(node: Any, definitions: dict[str, JsonSchema], seen: set[str] | None = None) -> set[str]:
    seen = set() if seen is None else seen
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(child, str) and child.startswith("#/$defs/"):
            name = child.removeprefix("#/$defs/")
            if name not in seen:
                seen.add(name)
                _reachable(definitions[name], definitions, seen)
        else:
            _reachable(child, definitions, seen)
    return seen
