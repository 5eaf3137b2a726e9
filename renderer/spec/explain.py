"""What went wrong in a validation, said in the words and places of what the client sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

from pydantic_core import ErrorDetails

from renderer.spec.axis import Axis
from renderer.spec.base import Model
from renderer.spec.channel import AGGREGATES_ELSEWHERE, Channel
from renderer.spec.errors import Problem, any_of, did_you_mean, listed, pointer, show, suggest
from renderer.spec.mark import Mark
from renderer.spec.marks import KINDS
from renderer.spec.model import PANELS_ONLY, Chart, Panel
from renderer.spec.scalars import OWN_ERROR
from renderer.spec.transform import Step, step_class, verbs_with

ELSEWHERE: Final = {
    "alpha": "style.opacity",
    "background": "image.background",
    "category": "color",
    "colour": "color",
    "csv": "data.csv",
    "curve": "interpolate",
    "description": "alt",
    "dpi": "image.scale",
    "fill": "color",
    "footer": "caption",
    "group": "color",
    "height": "image.height",
    "hue": "color",
    "interpolation": "interpolate",
    "legend": "color.legend",
    "linestyle": "style.dash",
    "linewidth": "style.width",
    "mark": "kind",
    "marker": "style.marker",
    "note": "caption",
    "opacity": "style.opacity",
    "orient": "horizontal",
    "orientation": "horizontal",
    "scale": "image.scale",
    "series": "color",
    "stacked": "stack",
    "stroke": "color",
    "type": "kind",
    "tz": "timezone",
    "values": "data.values",
    "width": "image.width",
    "xlabel": "axes.x.title",
    "xlim": "axes.x.min",
    "ylabel": "axes.y.title",
    "ylim": "axes.y.min",
}
"""What other chart libraries call it, and where it stands here."""

_FEW: Final = 8

Path = list[str | int]


@dataclass(frozen=True)
class _Place:
    """A place in the document: its path as sent, and the class of the object that it is a field of."""

    path: Path
    owner: type[Model] | None
    choices: tuple[type[Model], ...] = ()
    """What may stand there, where it is one of several kinds."""


def explain(
    errors: Sequence[ErrorDetails], document: dict[str, Any], *, flat: bool, root: type[Model] = Chart
) -> Iterator[Problem]:
    """One problem for each error of validating `document` as `root`, unknown fields first.

    An unknown field that was meant to be a required one explains that the latter is missing, so only it is named.
    """
    unknown = [error for error in errors if error["type"] == "extra_forbidden"]
    meant: set[str] = set()
    for error in unknown:
        place = _locate(error["loc"], document, flat, root)
        name = str(error["loc"][-1])
        found, problem = unknown_field(name, place.path, _fields(place.owner, flat), owner=place.owner)
        meant.update(pointer(*place.path[:-1], target) for target in found)
        yield problem
    for error in errors:
        if error["type"] == "extra_forbidden":
            continue
        place = _locate(error["loc"], document, flat, root)
        if error["type"] == "missing" and pointer(*place.path) in meant:
            continue
        yield from _SAY.get(error["type"], _say_invalid)(error, place, document)


def unknown_field(
    name: str, path: Path, known: Iterable[str], *, owner: type[Model] | None = None
) -> tuple[list[str], Problem]:
    """The problem of a field that is none, and the fields it may have been meant to be."""
    known = list(known)
    message = f"unknown field {show(name)}"
    if owner is not None and issubclass(owner, Channel) and name in Axis.model_fields and len(path) > 1:
        return [], Problem(pointer(*path), f"{message}; axis options live at axes.{path[-2]}.{name}")
    target = ELSEWHERE.get(name.lower(), "")
    if target and target.split(".")[0] in known:
        return [target], Problem(pointer(*path), message + did_you_mean([target]))
    if near := suggest(name, known):
        return near, Problem(pointer(*path), message + did_you_mean(near))
    if owner is Panel and name == "kind":
        example = '"layers": [{"kind": ...}]'
        return [], Problem(pointer(*path), f"{message}; a panel has layers: {example}")
    if owner is not None and issubclass(owner, Step) and (verbs := verbs_with(name)):
        return [], Problem(pointer(*path), f"{message} here; it belongs to a step with {any_of(verbs)}")
    kinds = [kind for kind, mark in KINDS.items() if name in mark.model_fields]
    if owner is not None and issubclass(owner, Mark) and kinds:
        return [], Problem(pointer(*path), f"{message} here; it belongs to kind {any_of(kinds)}")
    return [], Problem(pointer(*path), f"{message}; there are {listed(sorted(known), most=20)}")


def wrong_kind(kind: object, path: Path, kinds: Mapping[str, type[Model]]) -> Problem:
    """The problem of a kind that does not exist."""
    what = "chart kind" if kinds is KINDS else "kind"
    if not isinstance(kind, str):
        return Problem(pointer(*path), f"must be a {what} such as {show(next(iter(kinds)))}, not {show(kind)}")
    near = suggest(kind, kinds, most=2, cutoff=0.5)
    return Problem(pointer(*path), f"no {what} {show(kind)}{did_you_mean(near) or f'; there are {listed(kinds)}'}")


def missing_kind(path: Path, kinds: Mapping[str, type[Model]]) -> Problem:
    """The problem of a layer, or an annotation, that does not say what it is."""
    return Problem(pointer(*path), f"'kind' is required: {any_of(list(kinds))}")


def _fields(owner: type[Model] | None, flat: bool) -> list[str]:
    if owner is None:
        return []
    fields = list(owner.model_fields)
    if flat and (owner is Chart or issubclass(owner, Mark)):
        fields += [name for name in Chart.model_fields if name not in fields]
        fields = [name for name in fields if name not in PANELS_ONLY]
    return fields


def _locate(loc: Sequence[str | int], document: dict[str, Any], flat: bool, root: type[Model]) -> _Place:
    """Follow pydantic's location through the model, leave out its union tags, and end where the document ends.

    The document ends early where a short form was sent: an error in the field of "sum(price)" is at the channel.
    """
    path: Path = []
    owner: type[Model] | None = None
    here: type[Model] | None = root
    choices: list[type[Model]] = []
    by_name: type[Model] | None = None
    for part in loc:
        if by_name is not None and isinstance(part, str):  # the author's own name of an object
            path.append(part)
            owner, here, by_name = None, by_name, None
            continue
        if choices and issubclass(choices[0], Step) and isinstance(part, str):
            here, choices = step_class(_at(path, document)), []
        if choices and isinstance(part, str):  # the tag of a union: it chooses, and is not in the document
            here = next(
                (choice for choice in choices if part in get_args(choice.model_fields["kind"].annotation)), None
            )
            choices = []
            continue
        path.append(part)
        if isinstance(part, int):
            continue
        owner = here
        field = here.model_fields.get(part) if here else None
        models = _models_in(field.annotation) if field else []
        choices = models if len(models) > 1 else []
        here = models[0] if len(models) == 1 else None
        if field is not None and get_origin(field.annotation) is dict:
            here, by_name = None, here
    if flat and path[:2] == ["layers", 0]:
        path = path[2:]
    return _Place(_shorten(path, document), owner, tuple(choices))


def _models_in(annotation: Any) -> list[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]


def _at(path: Path, document: object) -> object:
    """What stands at a path, or None where the document does not go so far."""
    node: Any = document
    for part in path:
        if isinstance(node, dict):
            node = node.get(part)
        else:
            node = node[part] if isinstance(node, list) and isinstance(part, int) and part < len(node) else None
    return node


def _shorten(path: Path, document: object) -> Path:
    node: Any = document
    for length, part in enumerate(path):
        if not isinstance(node, dict | list) or part == "[key]":
            return path[:length]
        if isinstance(node, list):
            node = node[part] if isinstance(part, int) and part < len(node) else None
        else:
            node = node.get(part)
    return path


def _say_own(error: ErrorDetails, place: _Place, document: dict[str, Any]) -> Iterator[Problem]:
    context = error["ctx"]
    short = isinstance(_at(place.path, document), str)  # a short form has no fields to point at
    path = [*place.path, context["at"]] if context["at"] and not short else place.path
    yield Problem(pointer(*path), context["sentence"])


def _say_missing(error: ErrorDetails, place: _Place, document: dict[str, Any]) -> Iterator[Problem]:
    kind = ""
    if place.owner is not None and issubclass(place.owner, Mark):
        tags = [part for part in error["loc"] if part in KINDS]
        kind = f" for kind {show(tags[0])}" if tags else ""
    yield Problem(pointer(*place.path), f"{show(place.path[-1])} is required{kind}")


def _say_kind(error: ErrorDetails, place: _Place, document: dict[str, Any]) -> Iterator[Problem]:
    """A layer whose kind is unknown or not given: its other fields can still be held against those of all kinds."""
    layer = error["input"]
    kinds = _kinds(place.choices)
    if not isinstance(layer, dict):
        example = "rule" if kinds is not KINDS else "bar"
        yield Problem(pointer(*place.path), f'must be an object such as {{"kind": "{example}"}}, not {show(layer)}')
        return
    flat = place.path == []
    known = dict.fromkeys(name for model in kinds.values() for name in model.model_fields)
    if flat:
        known |= dict.fromkeys(name for name in Chart.model_fields if name not in PANELS_ONLY)
    meant: set[str] = set()
    for name in layer:
        if name not in known:
            found, problem = unknown_field(name, [*place.path, name], known)
            meant.update(found)
            yield problem
    if "kind" in layer:
        yield wrong_kind(layer["kind"], [*place.path, "kind"], kinds)
    elif "kind" not in meant:
        yield missing_kind([*place.path, "kind"], kinds)


def _kinds(choices: Sequence[type[Model]]) -> Mapping[str, type[Model]]:
    """The models of a union by the kind that each stands for."""
    if not choices or issubclass(choices[0], Mark):
        return KINDS
    return {kind: model for model in choices for kind in get_args(model.model_fields["kind"].annotation)}


def _say_choice(error: ErrorDetails, place: _Place, document: dict[str, Any]) -> Iterator[Problem]:
    value = error["input"]
    options = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    near = suggest(value, options, cutoff=0.5) if isinstance(value, str) else []
    if isinstance(value, str) and AGGREGATES_ELSEWHERE.get(value) in options:
        near = [AGGREGATES_ELSEWHERE[value]]
    if len(options) > _FEW:
        yield Problem(pointer(*place.path), f"{show(value)} is none of {listed(options, most=30)}{did_you_mean(near)}")
        return
    allowed = any_of(options) if options else error["ctx"]["expected"]
    yield Problem(pointer(*place.path), f"must be {allowed}, not {show(value)}{did_you_mean(near)}")


def _say_length(error: ErrorDetails, place: _Place, document: dict[str, Any]) -> Iterator[Problem]:
    context = error["ctx"]
    if "max_length" in context:
        yield Problem(pointer(*place.path), f"holds at most {context['max_length']} items, not {len(error['input'])}")
    else:
        yield Problem(pointer(*place.path), "must not be empty")


def _say_type(what: str) -> Callable[[ErrorDetails, _Place, dict[str, Any]], Iterator[Problem]]:
    def say(error: ErrorDetails, place: _Place, document: dict[str, Any]) -> Iterator[Problem]:
        yield Problem(pointer(*place.path), f"must be {what}, not {show(error['input'])}")

    return say


def _say_invalid(error: ErrorDetails, place: _Place, document: dict[str, Any]) -> Iterator[Problem]:
    yield Problem(pointer(*place.path), f"{show(error['input'])} is not a valid value here")


_SAY: Final[dict[str, Callable[[ErrorDetails, _Place, dict[str, Any]], Iterator[Problem]]]] = {
    OWN_ERROR: _say_own,
    "missing": _say_missing,
    "union_tag_invalid": _say_kind,
    "union_tag_not_found": _say_kind,
    "model_attributes_type": _say_kind,
    "literal_error": _say_choice,
    "too_long": _say_length,
    "too_short": _say_length,
    "bool_type": _say_type("true or false"),
    "string_type": _say_type("a text"),
    "list_type": _say_type("a list"),
    "tuple_type": _say_type("a list"),
    "dict_type": _say_type("an object"),
    "model_type": _say_type("an object"),
}
