"""The names of columns in a part of a chart, to make no column that nothing needs."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from renderer.spec.channel import read_shorthand
from renderer.spec.expressions import Expression
from renderer.spec.source import Source
from renderer.spec.tree import Field, walk


def names_in(part: object) -> Iterator[str]:
    """Every text in a part of a chart, outside of its data and transforms, that may name a column."""
    if isinstance(part, str):
        yield part
        yield part.removeprefix("-")
        field = read_shorthand(part.removeprefix("-")).get("field")
        if field:
            yield field
    elif isinstance(part, Expression):
        yield from (node.name for node in walk(part.root) if isinstance(node, Field))
    elif isinstance(part, BaseModel) and not isinstance(part, Source):
        for name in type(part).model_fields:
            if name not in ("transform", "data"):
                yield from names_in(getattr(part, name))
        shorthand = getattr(part, "shorthand", None)
        if isinstance(shorthand, str):
            yield shorthand
    elif isinstance(part, dict):
        for key, value in part.items():
            yield key
            yield from names_in(value)
    elif isinstance(part, tuple | list):
        for item in part:
            yield from names_in(item)
