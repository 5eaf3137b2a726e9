"""Free SQL: one SELECT over named tables, written by their owner, in an engine that can reach nothing else.

What may be read is decided by the parsed query: tables by their names, and nothing that is a file or a setting. The
locked engine is the second wall, the limits of the process the third.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from renderer.data.engine import Engine, EngineError
from renderer.data.query import floats
from renderer.data.stored import ColumnInfo
from renderer.data.table import Column, ColumnType
from renderer.data.uploads.summary import literal, quoted
from renderer.spec.errors import SpecError, did_you_mean, listed, show, suggest
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.text import TextError, clean_text

_ROWS_FROM: Final = frozenset({"range", "generate_series", "unnest"})
"""The functions that may stand in FROM: they make rows of nothing but their arguments."""
_NO_FUNCTIONS: Final = frozenset({"current_setting", "getenv", "getvariable", "set_config", "write_log"})
"""Functions that tell of the engine or the machine, and not of rows."""
_OF_ENGINE: Final = ("duckdb_", "pg_", "pragma_", "sqlite_", "information_schema")
_NUMBERS: Final = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
    "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM", '"NULL"',
)  # fmt: skip
_ZONED: Final = "TIMESTAMP WITH TIME ZONE"


class SelectError(ValueError):
    """A query that cannot be answered. str() is a sentence for its author."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column of a query's result: its name, its type, and the SQL that makes it so."""

    name: str
    type: ColumnType
    sql: str
    on_clock: bool = False


def tables_of(query: str, *, limits: Limits = LIMITS) -> tuple[str, ...]:
    """The tables that a query reads. Raises SelectError if it is not one SELECT, or reads anything else."""
    with Engine(limits) as engine:
        try:
            said = engine.ask("SELECT json_serialize_sql($text) AS tree", {"text": query})["tree"][0]
            tree = json.loads(said)
        except (EngineError, RecursionError) as error:
            raise SelectError("the query is too long to be read") from error
    if tree["error"]:
        sentence = tree["error_message"]
        raise SelectError("must be one SELECT" if tree["error_type"] == "not implemented" else sentence)
    if len(tree["statements"]) != 1:
        raise SelectError("must be one SELECT; there are several statements")
    return _tables(tree["statements"][0])


def _tables(tree: Any) -> tuple[str, ...]:
    own: set[str] = set()
    read: dict[str, None] = {}
    for node in _nodes(tree):
        if "cte_map" in node:
            own |= {entry["key"].lower() for entry in node["cte_map"].get("map", ())}
        match node.get("type"):
            case "BASE_TABLE":
                if node.get("schema_name") or node.get("catalog_name"):
                    raise SelectError(f"a dataset is named without a schema, not {show(node['schema_name'])}")
                read[str(node["table_name"]).lower()] = None
            case "TABLE_FUNCTION":
                name = str(node["function"].get("function_name", "")).lower()
                if name not in _ROWS_FROM:
                    raise SelectError(f"{name} cannot stand in FROM: a query reads datasets by their names")
            case "SHOW_REF":
                raise SelectError("must be one SELECT")
        if node.get("class") == "FUNCTION" and str(node.get("function_name", "")).lower() in _NO_FUNCTIONS:
            raise SelectError(f"there is no function {show(node['function_name'])} here")
    for name in own:
        if name.startswith(_OF_ENGINE):
            raise SelectError(f"a part of the query cannot be called {show(name)}")
    return tuple(name for name in read if name not in own)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack += node.values()
        elif isinstance(node, list):
            stack += node


def unknown(name: str, known: Sequence[str]) -> str:
    """The sentence for a table that there is not."""
    hint = did_you_mean(suggest(name, known)) or (f"; there are {listed(known)}" if known else "")
    return f"no dataset {show(name)}{hint}"


def outline(query: str, tables: Mapping[str, Sequence[ColumnInfo]], *, limits: Limits = LIMITS) -> list[Outcome]:
    """The columns of a query, of tables of which only the columns are looked at. Raises SelectError."""
    with Engine(limits) as engine:
        for name, columns in tables.items():
            nothing = ", ".join(f"NULL::{_sql_type(info)} AS {quoted(str(info['name']))}" for info in columns)
            engine.view(name, f"SELECT {nothing} WHERE false")
        return _outcomes(engine, query)


def select(query: str, tables: Mapping[str, Path], at: str, *, limits: Limits = LIMITS) -> dict[str, Column]:
    """The columns of a query's result.

    Raises SpecError at the pointer `at` of the query.
    """
    with Engine(limits, files=tuple(tables.values())) as engine:
        for name, path in tables.items():
            engine.view(name, f"SELECT * FROM read_parquet({literal(str(path))})")
        try:
            outcomes = _outcomes(engine, query)
            most = limits.values // max(1, len(outcomes))
            made = ", ".join(f"{outcome.sql} AS r{place}" for place, outcome in enumerate(outcomes))
            found = engine.ask(f"SELECT {made} FROM {_inner(query, len(outcomes))} LIMIT {most + 1}")
        except (SelectError, EngineError) as error:
            raise SpecError.at(at, str(error)) from error
    rows = len(found["r0"])
    if rows > most:
        said = f"gives more than {most:,} rows of {len(outcomes)} columns; at most {limits.values:,} values are allowed"
        raise SpecError.at(at, said)
    return {outcome.name: _column(outcome, found[f"r{place}"], at, limits) for place, outcome in enumerate(outcomes)}


def _inner(query: str, columns: int) -> str:
    return f"(\n{query.strip().rstrip(';')}\n) AS q({', '.join(f'q{place}' for place in range(columns))})"


def _outcomes(engine: Engine, query: str) -> list[Outcome]:
    try:
        described = engine.ask(f"DESCRIBE {query.strip().rstrip(';')}")
    except EngineError as error:
        raise SelectError(str(error)) from error
    names = described["column_name"].tolist()
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise SelectError(f"two columns of the result are called {show(twice)}: name one of them with AS")
    return [
        _outcome(name, kind, f"q{place}")
        for place, (name, kind) in enumerate(zip(names, described["column_type"].tolist(), strict=True))
    ]


def _outcome(name: str, kind: str, column: str) -> Outcome:
    if kind.startswith(_NUMBERS) and not kind.endswith("]"):
        return Outcome(name, "number", f"{column}::DOUBLE")
    if kind == _ZONED:
        return Outcome(name, "time", f"{column}::TIMESTAMP")
    if kind == "DATE" or (kind.startswith("TIMESTAMP") and not kind.endswith("]")):
        return Outcome(name, "time", f"{column}::TIMESTAMP", on_clock=True)
    if kind == "BOOLEAN":
        return Outcome(name, "category", f"CASE {column} WHEN true THEN 'true' WHEN false THEN 'false' END")
    if kind in ("VARCHAR", "UUID") or (kind.startswith("ENUM") and not kind.endswith("]")):
        return Outcome(name, "category", f"{column}::VARCHAR")
    remedy = "; cast it to a number, a date or a text"
    raise SelectError(f"column {show(name)} of the result is {kind[:40]}{remedy}")


def _sql_type(info: ColumnInfo) -> str:
    if info["type"] == "time":
        return "TIMESTAMP" if info.get("clock") else _ZONED
    return "DOUBLE" if info["type"] == "number" else "VARCHAR"


def _column(outcome: Outcome, values: Any, at: str, limits: Limits) -> Column:
    if outcome.type == "number":
        return Column(outcome.name, "number", floats(values))
    if outcome.type == "time":
        return Column(outcome.name, "time", values.astype("datetime64[us]"), clock=outcome.on_clock)
    texts = values.astype(object)
    clean: dict[Any, str | None] = {None: None}
    for text in dict.fromkeys(texts.tolist()):
        if text is not None:
            try:
                clean[text] = clean_text(text, limit=limits.label_chars, line_breaks="space") or None
            except TextError as problem:
                raise SpecError.at(at, f"column {show(outcome.name)} holds a text that {problem}") from None
    made = np.empty(len(texts), dtype=object)
    made[:] = [clean[text] for text in texts.tolist()]
    return Column(outcome.name, "category", made)
