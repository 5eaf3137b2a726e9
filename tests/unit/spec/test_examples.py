"""The examples, and each of them spoilt in one place: the first problem names that place."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from renderer.spec import SpecError, parse
from renderer.spec.errors import pointer

Path = tuple[str | int, ...]


def fields(node: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all fields of a document, except those in its data."""
    children: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in children:
        here = (*path, name)
        if isinstance(node, dict):
            yield here
        if name != "data":
            yield from fields(value, here)


def spoil(document: dict[str, Any], path: Path, *, name: str | None = None, value: Any = None) -> dict[str, Any]:
    """The document with the field at `path` renamed, or with another value."""
    spoilt = copy.deepcopy(document)
    parent: Any = spoilt
    for part in path[:-1]:
        parent = parent[part]
    if name is None:
        parent[path[-1]] = value
        return spoilt
    renamed = {name if key == path[-1] else key: child for key, child in parent.items()}
    parent.clear()
    parent.update(renamed)
    return spoilt


def first_problem(document: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(SpecError) as caught:
        parse(document)
    problem = caught.value.problems[0]
    return problem.pointer, problem.message


def test_examples_are_charts(example: dict[str, Any]) -> None:
    chart = parse(example)
    assert chart.title
    assert chart.subtitle
    assert chart.caption


def test_a_renamed_field_is_named_first(example: dict[str, Any]) -> None:
    for path in fields(example):
        if path[-2:-1] == ("map",):
            continue  # its keys are the author's: any name is right
        new = f"{path[-1]}_x"
        where, message = first_problem(spoilt := spoil(example, path, name=new))
        assert where == pointer(*path[:-1], new), spoilt
        assert f"'{new}'" in message


def test_a_field_of_a_wrong_type_is_named_first(example: dict[str, Any]) -> None:
    for path in fields(example):
        old: Any = example
        for part in path:
            old = old[part]
        wrong = [5] if isinstance(old, dict) else 5 if isinstance(old, list) else {"wrong": True}
        where, message = first_problem(spoil(example, path, value=wrong))
        assert where.startswith(pointer(*path)), (path, where, message)


def test_null_in_place_of_a_field_is_named_first(example: dict[str, Any]) -> None:
    for path in fields(example):
        if "data" not in path[:-1]:
            where, message = first_problem(spoil(example, path, value=None))
            assert where == pointer(*path)
            assert "null" in message


def test_examples_are_readable(example: dict[str, Any]) -> None:
    assert len(json.dumps(example)) < 40_000
