"""Every field of every example, spoilt in every way there is: the first error names it, in words for its author."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from renderer.data.resolve import load
from renderer.spec import SpecError, parse
from renderer.spec.errors import pointer

HUGE = "lorem ipsum " * 5000
SHAPES = ("values", "columns", "rows", "csv")
NAMED_BY_THE_AUTHOR = {("map",), ("derive",), ("window",), ("aggregate",), ("fill",), ("top",), ("params",), ("types",)}
OURS = re.compile(
    r"pydantic|validat|\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b|union|Literal|NoneType|\b(?:dict|int|str|Marks?)\b|Traceback|__"
)
Path = tuple[str | int, ...]


def fields(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a document with its path, but for the rows of data."""
    children: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in children:
        yield (*path, name), value
        if not (path[-1:] == ("data",) and name in SHAPES):
            yield from fields(value, (*path, name))


def changed(document: dict[str, Any], path: Path, value: Any, *, name: str = "") -> dict[str, Any]:
    """The document with another value at a path, or with the same one under another name."""
    spoilt = {key: part if key == "data" and len(path) == 1 else copy.deepcopy(part) for key, part in document.items()}
    parent: Any = spoilt
    for part in path[:-1]:
        parent = parent[part]
    if name:
        parent[name] = parent.pop(path[-1])
    else:
        parent[path[-1]] = value
    return spoilt


def spoilt(document: dict[str, Any]) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """The document, wrong in one place: how, where, and what it is then."""
    for path, value in fields(document):
        in_rows = path[-2:-1] == ("data",) and path[-1] in SHAPES
        if isinstance(path[-1], str) and path[-2:-1] not in NAMED_BY_THE_AUTHOR:
            name = f"{path[-1]}_x"
            yield "renamed", (*path[:-1], name), changed(document, path, None, name=name)
        yield "null", path, changed(document, path, None)
        if not in_rows or path[-1] != "columns":
            yield "an object", path, changed(document, path, {"wrong": {"deep": [{"er": True}]}})
        if not in_rows:
            yield "a nested list", path, changed(document, path, [[[]]])
        if not in_rows or path[-1] != "csv":
            yield "a huge text", path, changed(document, path, HUGE)
        if isinstance(value, str) and not in_rows:
            yield "control characters", path, changed(document, path, "\x00\u202e")
        yield "a huge number", path, changed(document, path, 10**400)
        yield "infinite", path, changed(document, path, float("inf"))


def complaint(how: str, path: Path, document: dict[str, Any]) -> str:
    """What is wrong with the errors of a spoilt document, or ""."""
    where = pointer(*path)
    try:
        parse(document)
    except SpecError as error:
        first = error.problems[0]
        if first.pointer != where and not first.pointer.startswith(where + "/"):
            return f"{how} at {where}: first named is {first.pointer}: {first.message}"
        if ours := OURS.search(first.message):
            return f"{how} at {where}: {ours[0]!r} in {first.message}"
        if HUGE[:60] in str(error) or len(first.message) > 900:
            return f"{how} at {where}: echoed {first.message[:200]}"
        if not first.message or first.message[-1] in ".:;":
            return f"{how} at {where}: no sentence: {first.message}"
        return ""
    return f"{how} at {where}: accepted"


def test_the_first_error_names_the_field_that_was_spoilt(example: dict[str, Any]) -> None:
    wrong = [found for case in spoilt(example) if (found := complaint(*case))]
    assert not wrong, "\n".join(wrong)


def test_a_column_that_is_not_there_is_named_where_it_is_asked_for(example: dict[str, Any]) -> None:
    chart = parse(example)
    tried = 0
    for number, panel in enumerate(chart.panels_of()):
        for place, mark in enumerate(panel.layers):
            at = chart.layer_pointer(number, place)
            for name, channel in mark.channels():
                path: Path = tuple(int(part) if part.isdigit() else part for part in f"{at}/{name}".split("/")[1:])
                node: Any = example
                for part in path:
                    node = node.get(part) if isinstance(node, dict) else node[int(part)]
                if node is None or channel.field is None:
                    continue
                path = path if isinstance(node, str) else (*path, "field")
                with pytest.raises(SpecError) as caught:
                    load(parse(changed(example, path, "no such column")))
                first = caught.value.problems[0]
                assert first.pointer in (pointer(*path), pointer(*path[:-1])), (path, first)
                assert "no column 'no such column'" in first.message
                tried += 1
    assert tried
