"""The transforms of a chart as one plan: one SELECT over the columns that are needed, and a table of what it gives.

Where the columns of a step depend on what the rows hold (the values of a pivot, the limits of bins and of filled
places), the query so far is asked for that first; everything else is one query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from renderer.data.clock import Clock
from renderer.data.engine import Arrays, Engine, EngineError, TooLarge, TooSlow
from renderer.data.infer import CellError, read_as
from renderer.data.load import SourceTable
from renderer.data.names import names_in
from renderer.data.query import ROW, Place, Query, Type, Variable, floats
from renderer.data.rollup import StepError
from renderer.data.steps import apply
from renderer.data.stored import GONE, scanned, stand_in
from renderer.data.supply import SourceAway
from renderer.data.table import Column, ColumnType
from renderer.spec.errors import Problem, SpecError, show
from renderer.spec.source import ColumnKind
from renderer.spec.text import TextError, clean_text
from renderer.spec.transform import Filter, Sort, Step

Steps = Sequence[tuple[str, Step]]
"""Steps with their pointers, in their order."""

_SQL_KIND: Final[dict[ColumnType, Type]] = {"number": "number", "time": "time", "category": "text"}
_KIND: Final[dict[Type, ColumnType]] = {
    "number": "number", "null": "number", "time": "time", "text": "category", "truth": "category",
}  # fmt: skip
_SOURCE: Final = '"source"'


def transform(table: SourceTable, steps: Steps, *, wanted: set[str], place: Place) -> SourceTable:
    """The rows of a table after all steps. Of the columns only those in `wanted` are made, others when asked for.

    Raises SpecError at the step, or the field of it, that is wrong.
    """
    return Transformed(table, steps, wanted, place)


def sketched(table: SourceTable, steps: Steps, *, place: Place) -> dict[str, Column]:
    """The columns after all steps, of one row each that says no more than their types: no row goes through the steps.

    Raises SpecError with what is wrong with the steps.
    """
    return _Sketched(table, steps, set(table.names), place).stand_ins


class Transformed(SourceTable):
    """What comes out of the steps. Its columns are typed already."""

    def __init__(self, table: SourceTable, steps: Steps, wanted: set[str], place: Place) -> None:
        self._table = table
        self._steps = steps
        self._place = place
        self._wanted = wanted
        self._columns: dict[str, Column] = {}
        self._names: tuple[str, ...] = ()
        self._length = 0
        self._run()

    @property
    def names(self) -> tuple[str, ...]:
        return self._names

    def __len__(self) -> int:
        return self._length

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def column(self, name: str, kind: ColumnKind | None = None) -> Column:
        """The column, as it came out or read as another type. Raises SpecError, at the step that made it."""
        if name not in self._columns:
            self._wanted = {*self._table.names, *self._names}
            self._run()
        column = self._columns[name]
        if kind is None:
            return column
        try:
            return read_as(column, kind, zone=self._place.zone, limits=self._place.limits)
        except CellError as error:  # its row is of no document
            raise SpecError.at(self._steps[-1][0], f"column {show(name)}: {error}") from None

    def _run(self) -> None:
        with self._engine() as engine:
            query = self._prepare(engine)
            self._go(query)
            variables = {name: query.columns[name] for name in query.columns if name in self._wanted}
            listed = "".join(f"{variable.sql}, " for variable in variables.values())
            most = self._place.limits.values // max(len(variables), 1)
            select = query.text(f"SELECT {listed}{ROW} FROM {query.relation} ORDER BY {ROW} LIMIT {most + 1}")
            try:
                found = engine.run(select, query.values)
            except EngineError as error:
                supply = self._table.scan(self._used())
                if supply is not None and supply.parquet is not None and not supply.parquet.exists():
                    raise SourceAway(GONE) from error
                raise SpecError.at(self._culprit(engine, error), str(error)) from error
            self._length = len(found["row"])
            if not self._length:
                raise SpecError.at(*self._emptied(engine), empty=True)
            if self._length > most:
                whole, most = query.count(), self._place.limits.values
                said = f"leave {whole:,} x {len(variables)} values; at most {most:,} are allowed"
                raise SpecError.at(self._steps[-1][0].rpartition("/")[0], said)
        self._names = query.names
        self._columns = {name: self._finished(name, variable, found) for name, variable in variables.items()}

    def _used(self) -> list[str]:
        """The columns of the source that a step or a channel may name."""
        used = self._wanted | {name for _, step in self._steps for name in names_in(step)}
        return [name for name in self._table.names if name in used]

    def _engine(self) -> Engine:
        supply = self._table.scan(self._used())
        return Engine(self._place.limits, files=[supply.parquet] if supply and supply.parquet else [])

    def _prepare(self, engine: Engine) -> Query:
        """The query that is the source."""
        used = self._used()
        supply = self._table.scan(used)
        if supply is not None:
            return scanned(engine, supply, used, self._place)
        columns: dict[str, Variable] = {}
        arrays: Arrays = {"row": np.arange(len(self._table), dtype=np.int64)}
        for number, name in enumerate(used):
            column = self._table.column(name)
            columns[name] = Variable(f'"s{number}"', _SQL_KIND[column.type], column=column)
            arrays[f"s{number}"] = column.values
        engine.register(_SOURCE.strip('"'), arrays)
        times = [variable.column.values for variable in columns.values() if variable.column and variable.type == "time"]
        clock = Clock.of(self._place.zone, times)
        known = self._table.names
        unread = frozenset(known) - columns.keys()
        return Query(engine, self._place, clock, columns, _SOURCE, known, unread, len(self._table))

    def _go(self, query: Query, last: int | None = None) -> None:
        """Through the steps, up to `last`. Errors that do not change the columns do not hide those behind them."""
        problems: list[Problem] = []
        for at, step in self._steps[:last]:
            try:
                apply(query, step, at)
            except StepError as error:
                problems.append(Problem(at + error.option, error.message))
                if not isinstance(step, Filter | Sort):
                    break
            except EngineError as error:  # of a look at the rows
                raise SpecError.at(at, str(error)) from error
        if problems:
            raise SpecError(problems)

    def _culprit(self, engine: Engine, error: EngineError) -> str:
        """The pointer of the step that the engine gave up at; of the whole transform, if it was for time or memory."""
        whole = self._steps[0][0].rpartition("/")[0]
        if isinstance(error, TooSlow | TooLarge):
            return whole
        for number, (at, _) in enumerate(self._steps, start=1):
            query = self._prepare(engine)
            try:
                self._go(query, number)
                engine.run(query.text(f"SELECT {query.listed()} FROM {query.relation}"), query.values)
            except (EngineError, SpecError):
                return at
        return whole

    def _emptied(self, engine: Engine) -> tuple[str, str]:
        """The step after which no row was left."""
        for number, (at, step) in enumerate(self._steps, start=1):
            query = self._prepare(engine)
            self._go(query, number)
            try:
                if not query.count():
                    return f"{at}/{type(step).verb}", "leaves no rows"
            except EngineError:
                break
        return self._steps[-1][0], "leaves no rows"

    def _finished(self, name: str, variable: Variable, found: Arrays) -> Column:
        values = found[variable.sql.strip('"')]
        match variable.type:
            case "number" | "null":
                return Column(name, "number", floats(values))
            case "time":
                return Column(name, "time", values.astype("datetime64[us]"))
            case "truth":
                words = np.array(["false", "true", None], dtype=object)
                codes = np.array([2 if v is None or v != v else int(v) for v in values.tolist()], dtype=np.int64)
                return Column(name, "category", words[codes])
        texts = values.astype(object)
        return Column(name, "category", self._clean(texts, variable) if variable.made_at else texts)

    def _clean(self, texts: Any, variable: Variable) -> Any:
        """Texts that were put together are held to the rules of texts that came with the data."""
        limit = self._place.limits.label_chars
        clean: dict[Any, str | None] = {None: None}
        for text in dict.fromkeys(texts.tolist()):
            if text is not None:
                try:
                    clean[text] = clean_text(text, limit=limit, line_breaks="space") or None
                except TextError as problem:
                    raise SpecError.at(variable.made_at, f"makes a text that {problem}") from None
        result = np.empty(len(texts), dtype=object)
        result[:] = [clean[text] for text in texts.tolist()]
        return result


class _Sketched(Transformed):
    """What would come out of the steps, without its rows."""

    stand_ins: dict[str, Column]

    def _run(self) -> None:
        with self._engine() as engine:
            query = self._prepare(engine)
            self._go(query)
        self.stand_ins = {
            name: variable.column or stand_in(name, _KIND[variable.type]) for name, variable in query.columns.items()
        }
