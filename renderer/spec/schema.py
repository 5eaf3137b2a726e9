"""The language as JSON Schema (draft 2020-12): what editors complete and clients check before they send."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from renderer.spec.errors import any_of
from renderer.spec.marks import KINDS
from renderer.spec.model import PANELS_ONLY, Chart
from renderer.spec.scalars import Background, Color, Palette

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

JsonSchema = dict[str, Any]


def json_schema(kind: str | None = None, *, address: str | None = None) -> JsonSchema:
    """The schema of all documents of the language, or of the short form `{"kind": ...}` of one kind.

    `address` is where it is published: its `$id`. Raises KeyError for a kind that does not exist. What a schema cannot
    say (the sum of pixels, the columns that there are) is checked by parse() and by the data.
    """
    if kind is not None and kind not in KINDS:
        raise KeyError(f"no chart kind {kind!r}; there are {any_of(list(KINDS))}")
    found = copy.deepcopy(_whole() if kind is None else _of_kind(kind))
    return found if address is None else {"$schema": DIALECT, "$id": address, **found}


@lru_cache(maxsize=1)
def _whole() -> JsonSchema:
    definitions = _definitions()
    names = dict.fromkeys(model.__name__ for model in KINDS.values())
    forms = {f"{name}Chart": _referring(_short_form(name, definitions), name, definitions) for name in names}
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
    """The schema of each object of the language, by the name of its class, and of what many of them have."""
    models = [(model, "validation") for model in (Chart, *dict.fromkeys(KINDS.values()))]
    _, schema = models_json_schema(models)  # type: ignore[arg-type]  # a list of tuples of literals, says the stub
    found: dict[str, JsonSchema] = _plain(schema["$defs"], names=True)
    shared: dict[str, JsonSchema] = {
        "Color": _schema_of(Color),
        "Background": _schema_of(Background),
        "Palette": _schema_of(Palette),
        "Steps": {name: found["Chart"]["properties"]["transform"][name] for name in ("type", "maxItems", "items")},
    }
    found = {name: _sharing(part, shared) for name, part in found.items()}
    shared["Palette"] = {key: _sharing(part, {"Color": shared["Color"]}) for key, part in shared["Palette"].items()}
    shared["Background"] = {"anyOf": [{"const": "transparent"}, {"$ref": "#/$defs/Color"}]}
    return found | shared


def _schema_of(annotation: Any) -> JsonSchema:
    return TypeAdapter(annotation).json_schema()


def _sharing(node: Any, shared: dict[str, JsonSchema]) -> Any:
    """`node` with references in place of what is defined once for all: 150 names of colours make one schema long, and
    a hundred of them unreadable.
    """
    if isinstance(node, list):
        return [_sharing(item, shared) for item in node]
    if not isinstance(node, dict):
        return node
    for name, part in shared.items():
        if part.items() <= node.items():
            return {"$ref": f"#/$defs/{name}"} | {key: value for key, value in node.items() if key not in part}
    return {key: _sharing(value, shared) for key, value in node.items()}


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


def _referring(form: JsonSchema, name: str, definitions: dict[str, JsonSchema]) -> JsonSchema:
    """A short form whose fields are those of the chart and of the mark, by reference."""
    chart = definitions["Chart"]["properties"]
    fields = {
        field: {"$ref": f"#/$defs/{'Chart' if field in chart else name}/properties/{field}"}
        for field in form["properties"]
    }
    return form | {"properties": fields}


def _plain(node: Any, *, names: bool = False) -> Any:
    """Without "or null, which is the default", which pydantic writes for what may be left out (null itself is not
    accepted), and without the titles that it makes of fields' names. `names` says that the keys are names of fields.
    """
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {key: _plain(value) for key, value in node.items()}
    made = isinstance(node.get("title"), str) and "properties" not in node
    dropped = {"default"} if node.get("default", ...) is None else set()
    dropped |= {"title"} if made else set()
    found = {
        key: _plain(value, names=key in ("properties", "$defs")) for key, value in node.items() if key not in dropped
    }
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
