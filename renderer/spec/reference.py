"""The language described from its own models: what objects there are, what fields each has, and what they take.

Pages, the API and whatever else tells people about the language read it here, so none of them can be out of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args

from pydantic.fields import FieldInfo

from renderer.spec.base import Model
from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.schema import json_schema

MANY: Final = 16
"""More choices than this are counted and not listed."""
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object of the language."""

    name: str
    takes: str
    """Its values in words; names of objects stand in square brackets."""
    default: Any
    """None where there is none, or where what happens without it depends on the data."""
    required: bool
    says: str


def fields(model: type[Model]) -> Iterator[Field]:
    """The fields of an object, in the order in which authors think of them."""
    schema, texts = _schema_of(model), model.told()
    for field, info in model.model_fields.items():
        name = info.alias or field
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        told = " ".join(texts.get(field, "").split())
        yield Field(name, takes(schema["properties"][name]), default, info.is_required(), told)


@cache
def _schema_of(model: type[Model]) -> dict[str, Any]:
    """The object among the definitions of the published schema."""
    found: dict[str, Any] = _definitions()[model.__name__]
    return next((form for form in found.get("anyOf", ()) if "properties" in form), found)


@cache
def _definitions() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json_schema()["$defs"]
    return found


def short_forms(model: type[Model]) -> str:
    """What may stand for an object, in words; "" where nothing may."""
    return _or([takes(form) for form in model.short_forms])


def summary(model: type[Model]) -> str:
    """What an object is, in one sentence or two."""
    return " ".join((model.__doc__ or "").split())


def channels(mark: type[Mark]) -> Iterator[str]:
    """The fields of a mark that take columns."""
    for name, info in mark.model_fields.items():
        if any(issubclass(model, Channel) for model in models_of(info)):
            yield name


def required(model: type[Model]) -> Iterator[str]:
    """The fields that an object cannot do without."""
    return (info.alias or name for name, info in model.model_fields.items() if info.is_required())


def models_of(info: FieldInfo) -> list[type[Model]]:
    """The objects that may stand in a field."""
    return list(dict.fromkeys(_models_in(info.annotation)))


def _models_in(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def takes(schema: Mapping[str, Any]) -> str:
    """The values that a schema allows, in words: "whole number from 1 to 25", "true or false", "list of [Mark]"."""
    if "$ref" in schema:
        return f"[{schema['$ref'].rpartition('/')[2]}]"
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        options = [_literal(option) for option in schema["enum"]]
        return _or(options) if len(options) <= MANY else f"{', '.join(options[:_SHOWN])} … ({len(options)} in all)"
    if "discriminator" in schema:
        return "[Annotation]" if any("Note" in option["$ref"] for option in schema["oneOf"]) else "[Layer]"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _or(list(dict.fromkeys(takes(option) for option in schema[several])))
    return _of_type(schema)


def _of_type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return _or([_WORDS[one] for one in kind])
    if kind in ("integer", "number"):
        return _WORDS[kind] + _range(schema)
    if kind == "string":
        most = schema.get("maxLength")
        return f"text of up to {most:,} characters" if most else "text"
    if kind == "array":
        return _array(schema)
    if kind == "object":
        inner = schema.get("additionalProperties")
        one = schema.get("maxProperties") == 1
        names = "one name with its" if one else "names, each with its"
        return f"object of {names} {takes(inner)}" if isinstance(inner, dict) and inner else "object"
    return _WORDS.get(str(kind), "any value")


_WORDS: Final = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return "" if high >= 1e300 else f" from {low:g} to {high:,g}"
    above = schema.get("exclusiveMinimum")
    return f" above {above:g}" if above is not None else ""


def _array(schema: Mapping[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])}: {takes(schema['prefixItems'][0])}, and the same again"
    items = schema.get("items")
    what = takes(items) if isinstance(items, dict) and items else "any values"
    least, most = schema.get("minItems"), schema.get("maxItems")
    if least is not None and least == most:
        return f"list of {least}: {what}"
    what = "objects" if what == "object" else what
    count = f"up to {most:,} " if most else ""
    return f"list of {count}{what}" if not count or what.startswith("[") else f"list of {count.strip()}: {what}"


def _literal(value: object) -> str:
    return f'`"{value}"`' if isinstance(value, str) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _or(options: list[str]) -> str:
    return " or ".join(part for part in (", ".join(options[:-1]), *options[-1:]) if part)
