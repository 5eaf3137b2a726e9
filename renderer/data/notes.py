"""Annotations against columns: whether the axes have the places at which they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from renderer.data.places import Written, holds_years, moment_of, name_of, number_of
from renderer.data.resolved import Resolved
from renderer.data.table import Column
from renderer.spec.annotation import Note
from renderer.spec.errors import Problem, did_you_mean, listed, pointer, show, suggest
from renderer.spec.limits import Limits

_WHERE = (("x", "x"), ("x2", "x"), ("y", "y"), ("y2", "y"))


def note_problems(
    notes: Sequence[Note], layers: Sequence[Resolved], at: str, *, zone: str, limits: Limits
) -> Iterator[Problem]:
    """What is wrong with the places of annotations; `at` is the pointer of their list."""
    for number, note in enumerate(notes):
        here = at + pointer(number)
        for field, axis in _WHERE:
            value = getattr(note, field, None)
            if value is None:
                continue
            columns = _columns(axis, note, layers)
            message = _problem(value, columns, axis, zone, limits)
            if message:
                yield Problem(f"{here}/{field}", message)


def _columns(axis: str, note: Note, layers: Sequence[Resolved]) -> list[Column]:
    """The columns on an axis, with those of its type first: categories win over dates, and dates over numbers."""
    on_it = [layer for layer in layers if axis == "x" or layer.mark.side == note.y_axis]
    found = [layer.table[name] for layer in on_it if (name := layer.mark.on_axes.get(axis, axis)) in layer.table]
    return sorted(found, key=lambda column: ("category", "time", "number").index(column.type))


def _problem(value: Written, columns: Sequence[Column], axis: str, zone: str, limits: Limits) -> str:
    """The sentence on a value that has no place, or "". An axis without a column counts something: it has numbers."""
    kind = columns[0].type if columns else "number"
    if kind == "category":
        names = list(dict.fromkeys(name for column in columns if column.type == kind for name in column.values))
        name = name_of(value)
        if name in names:
            return ""
        known = [str(known) for known in names if known is not None]
        return f"{axis} has no {show(name)}{did_you_mean(suggest(name, known)) or f'; there are {listed(known)}'}"
    if kind == "time":
        if moment_of(value, zone, limits) is not None:
            return ""
        return f"must be a date such as '2026-01-31', because {axis} holds dates"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ""
    if number_of(value, limits) is not None and any(holds_years(column) for column in columns):
        return ""
    return f"must be a number, because {axis} holds numbers"
