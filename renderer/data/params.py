"""The parameters of a chart: what `$name` stands for, computed once for each drawing, and only where it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import numpy as np

from renderer.data.moments import moment_ago
from renderer.spec.annotation import Note
from renderer.spec.axis import Axes, Axis, order_problem
from renderer.spec.errors import SpecError, pointer, show, suggest
from renderer.spec.expressions import Expression
from renderer.spec.limits import Limits
from renderer.spec.model import Panel
from renderer.spec.scalars import PARAM, parse_date
from renderer.spec.spans import SpanError, parse_span
from renderer.spec.tokens import ExpressionError
from renderer.spec.transform import ParamValue
from renderer.spec.tree import Call, Literal

Settled = bool | int | float | str | np.datetime64 | tuple[bool | int | float | str, ...]
"""What a parameter comes to."""
_PLACES = ("x", "x2", "y", "y2")
_ModelT = TypeVar("_ModelT", Axis, Note)


@dataclass(slots=True)
class Parameters(Mapping[str, Settled]):
    """The values of a chart's parameters at a moment. Raises SpecError at a parameter that cannot be computed."""

    given: Mapping[str, ParamValue]
    zone: str
    now: datetime
    limits: Limits
    _found: dict[str, Settled] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Settled:
        value = self.given[name]
        if not isinstance(value, Expression):
            return value
        if name not in self._found:
            try:
                self._found[name] = self._computed(value)
            except ExpressionError as error:
                raise SpecError.at(pointer("params", name), str(error)) from None
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    def _computed(self, expression: Expression) -> Settled:
        match expression.root:  # without DuckDB, which takes a quarter of a second to import
            case Call(name="now"):
                return self._ago("0s", 1)
            case Call(name="ago", arguments=(Literal(value=str(span), at=at),)):
                return self._ago(span, at)
        return self._selected(expression)

    def _ago(self, span: str, at: int) -> np.datetime64:
        try:
            return moment_ago(self.now, parse_span(span), self.zone)
        except SpanError as error:
            raise ExpressionError(f"{show(span)} is no span", at, f"; {error}") from None
        except (OverflowError, ValueError):
            raise ExpressionError(f"{show(span)} ago was before the year {self.limits.first_year},", at) from None

    def _selected(self, expression: Expression) -> Settled:
        from renderer.data.clock import Clock
        from renderer.data.compute import Compiler
        from renderer.data.engine import Engine, EngineError
        from renderer.data.query import Place, Query

        place = Place(self.zone, self.now, {}, self.limits)
        with Engine(self.limits) as engine:
            query = Query(
                engine, place, Clock.of(self.zone, []), {}, '(SELECT 0::BIGINT AS "row")', (), frozenset(), 1
            )  # fmt: skip
            term = Compiler(query).compile(expression.root)
            name = query.let(term.sql)
            try:
                value: Any = query.probe(f"SELECT {name} AS value")["value"][0]
            except EngineError:
                raise ExpressionError("it cannot be computed", expression.root.at) from None
        if term.type == "time":
            moment: np.datetime64 = np.datetime64(value, "us")
            if not np.isnat(moment):
                return moment
        elif value is not None and value == value:
            return bool(value) if term.type == "truth" else str(value) if term.type == "text" else float(value)
        raise ExpressionError("it has no value", expression.root.at)


def settle(panel: Panel, at: str, parameters: Parameters) -> Panel:
    """The panel that stands at the pointer ``at``, with values where its axes and annotations name parameters.

    Raises SpecError where they name one that there is not.
    """
    axes = panel.axes
    changed: dict[str, Axis] = {}
    for name in ("x", "y", "right"):
        axis: Axis | None = getattr(axes, name)
        if axis is None:
            continue
        where = f"{at}/axes/{name}"
        settled = _settled(axis, ("min", "max"), where, parameters, strict=True)
        if settled is not axis:
            problem = order_problem(settled)
            if problem is not None:
                raise SpecError.at(f"{where}/{problem[0]}", problem[1])
            changed[name] = settled
    notes = tuple(
        _settled(note, _PLACES, f"{at}/annotations/{number}", parameters)
        for number, note in enumerate(panel.annotations)
    )
    update: dict[str, Axes | tuple[Note, ...]] = {}
    if changed:
        update["axes"] = axes.model_copy(update=changed)
    if any(new is not old for new, old in zip(notes, panel.annotations, strict=True)):
        update["annotations"] = notes
    return panel.model_copy(update=update) if update else panel


def _settled(
    part: _ModelT, fields: tuple[str, ...], at: str, parameters: Parameters, *, strict: bool = False
) -> _ModelT:
    """A part with values for the parameters that its fields name. A category may begin with "$": unless `strict`, a
    text that names no parameter is what it is."""
    update = {}
    for name in fields:
        written = getattr(part, name, None)
        if not isinstance(written, str) or not PARAM.fullmatch(written):
            continue
        wanted = written[1:]
        if wanted in parameters:
            value = update[name] = _as_place(parameters[wanted], written, f"{at}/{name}")
            if strict and (isinstance(value, bool) or (isinstance(value, str) and parse_date(value) is None)):
                raise SpecError.at(f"{at}/{name}", f"{show(written)} holds {show(value)}, no number and no date")
        elif strict:
            near = suggest(wanted, parameters)
            hint = f"; did you mean '${near[0]}'?" if near else f'; give it in "params": {{"{wanted}": ...}}'
            raise SpecError.at(f"{at}/{name}", f"no parameter {show(written)}{hint}")
    return part.model_copy(update=update) if update else part


def _as_place(value: Settled, written: str, at: str) -> bool | float | str:
    if isinstance(value, tuple):
        raise SpecError.at(at, f"{show(written)} is a list, and one place is needed")
    if isinstance(value, np.datetime64):
        return f"{value.astype('datetime64[us]')}Z"
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
