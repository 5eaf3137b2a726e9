"""Statements that every job needs, written without the ORM, which takes ten times as long to write one as a database to
answer it.

They are so plain that it has nothing to add: one table, columns compared with values. Whatever is more than that, or
another project's model, is asked of the ORM. Values and rows go through the models' fields as they do there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model
from django.db.models.expressions import Combinable
from django.db.models.sql import Query

M = TypeVar("M", bound=Model)
Where = Mapping[str, Any]
"""Names of columns and what they are; ``<name>__gt`` is above it, None is no value."""

COMPARISONS: Final = {"": "=", "gt": ">"}


def update(model: type[Model], where: Where, values: Mapping[str, Any]) -> int:
    """Change the rows for which all of ``where`` holds. Returns how many. An expression among the values names no
    columns, and is the same object each time, for it is compiled once."""
    connection = _to(model)
    parts, params = [], list[Any]()
    for name, value in values.items():
        field = _field(model, name)
        if isinstance(value, Combinable):
            text, more = _compiled(value, connection.alias)
            params += more
        else:
            text = "%s"
            params.append(field.get_db_prep_save(value, connection))
        parts.append(f"{_quoted(connection, field.column)} = {text}")
    condition, more = _condition(model, where, connection)
    text = f"UPDATE {_table(model, connection)} SET {', '.join(parts)} WHERE {condition}"  # noqa: S608 - names of our own
    return _execute(connection, text, [*params, *more])


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model. Those whose keys the database gives do not learn them."""
    model = type(rows[0])
    connection = _to(model)
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(_quoted(connection, field.column) for field in fields)
    one = f"({', '.join(['%s'] * len(fields))})"
    params = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]
    all_of_them = ", ".join([one] * len(rows))
    text = f"INSERT INTO {_table(model, connection)} ({columns}) VALUES {all_of_them}"  # noqa: S608 - nor in this
    _execute(connection, text, params)


def exists(model: type[Model], where: Where, *, lock: bool = False) -> bool:
    """Whether there is a row for which all of ``where`` holds; with ``lock`` it is held until the transaction ends,
    where the database has locks of rows."""
    connection = _to(model)
    condition, params = _condition(model, where, connection)
    text = f"SELECT 1 FROM {_table(model, connection)} WHERE {condition} LIMIT 1"  # noqa: S608 - names of our own
    if lock and connection.features.has_select_for_update:
        text += " FOR UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchone() is not None


def get(model: type[M], where: Where) -> M | None:
    """The row for which all of ``where`` holds, if there is one."""
    return first(model, *_condition(model, where, _to(model)))


def first(model: type[M], condition: str, params: Iterable[Any]) -> M | None:
    """The first row of a condition that is written by hand, with what follows it."""
    connection = _to(model)
    columns = ", ".join(_quoted(connection, field.column) for field in model._meta.concrete_fields)
    with connection.cursor() as cursor:
        text = f"SELECT {columns} FROM {_table(model, connection)} WHERE {condition}"  # noqa: S608 - nor in this
        cursor.execute(text, list(params))
        found = cursor.fetchone()
    if found is None:
        return None
    row = list(found)
    for place, expression, converters in _converters(model, connection.alias):
        for convert in converters:
            row[place] = convert(row[place], expression, connection)
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, row)


def _to(model: type[Model]) -> BaseDatabaseWrapper:
    return connections[router.db_for_write(model)]


def _execute(connection: BaseDatabaseWrapper, text: str, params: Sequence[Any]) -> int:
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        cursor.execute(text, params)
        return int(cursor.rowcount)


def _condition(model: type[Model], where: Where, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
    parts, params = [], list[Any]()
    for key, value in where.items():
        name, _, comparison = key.partition("__")
        field = _field(model, name)
        column = _quoted(connection, field.column)
        if value is None:
            parts.append(f"{column} IS NULL")
        else:
            parts.append(f"{column} {COMPARISONS[comparison]} %s")
            params.append(field.get_db_prep_value(field.get_prep_value(value), connection, prepared=True))
    return " AND ".join(parts), params


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    meta = model._meta
    found: Any = meta.pk if name == "pk" else meta.get_field(name)
    field: Field[Any, Any] = found
    return field


def _table(model: type[Model], connection: BaseDatabaseWrapper) -> str:
    return _quoted(connection, model._meta.db_table)


def _quoted(connection: BaseDatabaseWrapper, name: str | None) -> str:
    assert name is not None, "only a field of many rows has no column"
    return str(connection.ops.quote_name(name))


@cache
def _compiled(expression: Any, alias: str) -> tuple[str, list[Any]]:
    query = Query(None)  # of no table: it names no columns
    text, params = query.get_compiler(alias).compile(expression.resolve_expression(query))
    return text, list(params)


@cache
def _converters(model: type[Model], alias: str) -> list[tuple[int, Any, list[Any]]]:
    """Of the columns that do not come as the fields have them: their places, and what makes them so."""
    connection = connections[alias]
    found = []
    for place, field in enumerate(model._meta.concrete_fields):
        expression: Any = field.get_col(model._meta.db_table)
        converters = connection.ops.get_db_converters(expression) + expression.get_db_converters(connection)
        if converters:
            found.append((place, expression, converters))
    return found
