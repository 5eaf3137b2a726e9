"""Statements: queries that are written once and asked often.

The ORM takes ten times as long to write a small statement as the database to answer it, and writes it anew each time.
What each call of the API asks is written by the ORM, too, but once for each connection: ::

    OF_KEY = Statement(lambda: Thing.objects.filter(key=Slot("key", CharField())).select_related("owner"))
    thing = OF_KEY.first(key="abc")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, get_related_populators

R_co = TypeVar("R_co", covariant=True)
_WRITTEN: Final = "_figpress_statements"
"""Where a connection keeps its own: they go with it."""


class Slot(Expression):
    """A value that is given when the statement is asked."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: object, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """A place in the statement, and who fills it."""
        return "%s", (self,)

    def filled(self, values: Mapping[str, object], connection: BaseDatabaseWrapper) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(values[self.name], connection=connection)


class Statement(Generic[R_co]):
    """A queryset with slots: of objects, with ``select_related``, ``defer`` and ``annotate``, or of ``values_list``.

    It depends on nothing but its slots, and has no ``prefetch_related``.
    """

    def __init__(self, ask: Callable[[], QuerySet[Any, R_co]]) -> None:
        self._ask = ask

    @cached_property
    def _alias(self) -> str:
        return self._ask().db

    def all(self, **values: object) -> list[R_co]:
        """Every row."""
        connection = connections[self._alias]
        written: dict[Statement[Any], _Written] = connection.__dict__.setdefault(_WRITTEN, {})
        if self not in written:
            written[self] = _Written(self._ask(), connection)
        return list(written[self].rows(values, connection))

    def first(self, **values: object) -> R_co | None:
        """The first row, or nothing."""
        return next(iter(self.all(**values)), None)


class _Written:
    """What the ORM has made of a queryset: the statement, and how its rows become what they are."""

    def __init__(self, queryset: QuerySet[Any, Any], connection: BaseDatabaseWrapper) -> None:
        compiler = queryset.query.get_compiler(queryset.db)
        self.sql, parameters = compiler.as_sql()
        self.parameters = tuple(parameters)
        self.converters = list(compiler.get_converters([c[0] for c in compiler.select[: compiler.col_count]]).items())
        self.make: Callable[[list[Any]], Any] = tuple
        if issubclass(queryset._iterable_class, FlatValuesListIterable):
            self.make = _only
        elif issubclass(queryset._iterable_class, ModelIterable):
            self.make = _objects(compiler, queryset.db)

    def rows(self, values: Mapping[str, object], connection: BaseDatabaseWrapper) -> Iterable[Any]:
        """The rows of today."""
        filled: list[Any] = [p.filled(values, connection) if isinstance(p, Slot) else p for p in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, filled)
            found = cursor.fetchall()
        for columns in found:
            row = list(columns)
            for position, (converters, expression) in self.converters:
                for convert in converters:
                    row[position] = convert(row[position], expression, connection)
            yield self.make(row)


def _objects(compiler: Any, alias: str) -> Callable[[list[Any]], Any]:
    """As ModelIterable makes them."""
    about = compiler.klass_info
    model, start, end = about["model"], about["select_fields"][0], about["select_fields"][-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    related = get_related_populators(about, compiler.select, alias)  # type: ignore[call-arg]  # of a newer Django
    annotated = list(compiler.annotation_col_map.items())

    def make(row: list[Any]) -> Any:
        found = model.from_db(alias, names, row[start:end])
        for one in related:
            one.populate(row, found)
        for name, position in annotated:
            setattr(found, name, row[position])
        return found

    return make


def _only(row: list[Any]) -> Any:
    return row[0]
