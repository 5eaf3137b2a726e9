"""Statements: what is asked often, and written once.

The ORM takes ten times as long to write a small statement as the database to answer it, and writes it anew each time.
What each job and each call of the API asks is written by the ORM, too, but once for each connection: ::

    OF_KEY = Statement(lambda: Thing.objects.filter(key=Slot("key", CharField())).select_related("owner"))
    thing = OF_KEY.first(key="abc")

    update(Thing, {"pk": 7, "size__gt": 3}, {"name": "large"})  # Thing.objects.filter(...).update(...)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any, Final, Generic, TypeVar, cast

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Expression, Field, Model, QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery

R_co = TypeVar("R_co", covariant=True)
M = TypeVar("M", bound=Model)
W = TypeVar("W")
Where = Mapping[str, Any]
"""Look-ups, as ``filter`` takes them, of one table's columns; None is no value."""
Names = tuple[tuple[str, bool], ...]
"""The look-ups of a condition, each with whether it is for no value."""
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
        return self.output_field.get_db_prep_save(values[self.name], connection=connection)


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
        return list(self._rows(values))

    def first(self, **values: object) -> R_co | None:
        """The first row, or nothing."""
        return next(iter(self.all(**values)), None)

    def _rows(self, values: Mapping[str, object]) -> Iterable[Any]:
        connection = connections[self._alias]
        return _written(connection, self, lambda: _Question(self._ask(), connection)).rows(values, connection)


def get(model: type[M], where: Where) -> M | None:
    """A row for which all of ``where`` holds, if there is one."""
    found: M | None = next(iter(_get(model, _names(where))._rows(where)), None)
    return found


def value(model: type[Model], where: Where, name: str) -> Any:
    """What stands in this column of a row for which all of ``where`` holds; None if there is none."""
    return next(iter(_column(model, _names(where), name)._rows(where)), None)


def exists(model: type[Model], where: Where, *, lock: bool = False) -> bool:
    """Whether there is a row for which all of ``where`` holds. With ``lock`` it is held until the transaction ends,
    where the database has locks of rows."""
    return any(True for _ in _column(model, _names(where), "pk", lock=lock)._rows(where))


def update(model: type[Model], where: Where, values: Mapping[str, Any]) -> int:
    """Change the rows for which all of ``where`` holds. Returns how many. An expression among the values is the same
    object each time, for it is written once. The model has one table: columns of a parent's are not changed."""
    connection = connections[router.db_for_write(model)]
    expressions = tuple(value if isinstance(value, Expression) else None for value in values.values())
    key = ("update", model, _names(where), tuple(values), expressions)
    change = _written(connection, key, lambda: _Change(_update(model, _names(where), values), connection))
    return change.execute({**where, **{_new(name): value for name, value in values.items()}}, connection)


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model. Those whose keys the database gives do not learn them, and no signal is sent."""
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    key = ("insert", model, len(rows))
    change = _written(connection, key, lambda: _Change(_insert(model, len(rows)), connection))
    columns = _columns(model)
    values = {_nth(field.attname, i): field.pre_save(row, add=True) for i, row in enumerate(rows) for field in columns}
    change.execute(values, connection)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _written(connection: BaseDatabaseWrapper, key: Hashable, write: Callable[[], W]) -> W:
    """What was written under a key; if nothing was, it is written now."""
    written: dict[Hashable, W] = connection.__dict__.setdefault(_WRITTEN, {})
    if key not in written:
        written[key] = write()
    return written[key]


def _names(where: Where) -> Names:
    return tuple((name, value is None) for name, value in where.items())


def _rows(model: type[M], names: Names) -> QuerySet[M]:
    slots = {name: None if is_null else Slot(name, _field(model, name)) for name, is_null in names}
    return model._base_manager.using(router.db_for_write(model)).filter(**slots)


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    name = name.partition("__")[0]
    return cast("Field[Any, Any]", model._meta.pk if name == "pk" else model._meta.get_field(name))


@cache
def _get(model: type[M], names: Names) -> Statement[M]:
    return Statement(lambda: _rows(model, names)[:1])


@cache
def _column(model: type[Model], names: Names, name: str, *, lock: bool = False) -> Statement[Any]:
    def ask() -> QuerySet[Any, Any]:
        rows = _rows(model, names).values_list(name, flat=True)[:1]
        return rows.select_for_update() if lock else rows

    return Statement(ask)


def _update(model: type[Model], names: Names, values: Mapping[str, Any]) -> UpdateQuery:
    query = cast(UpdateQuery, _rows(model, names).query.chain(UpdateQuery))
    query.add_update_values(
        {
            name: value if isinstance(value, Expression) else Slot(_new(name), _field(model, name))
            for name, value in values.items()
        }
    )
    return query


def _insert(model: type[Model], count: int) -> InsertQuery:
    query = InsertQuery(model)
    fields = _columns(model)
    rows: list[Any] = [
        SimpleNamespace(**{f.attname: Slot(_nth(f.attname, i), f) for f in fields}) for i in range(count)
    ]
    query.insert_values(fields, rows, raw=True)
    return query


def _new(name: str) -> str:
    """The slot of what a column becomes; the one of what it was has its name."""
    return f"new {name}"


def _nth(name: str, row: int) -> str:
    return f"{name} {row}"


@cache
def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]


class _Change:
    """What the ORM has made of an UPDATE or INSERT."""

    def __init__(self, query: UpdateQuery | InsertQuery, connection: BaseDatabaseWrapper) -> None:
        written = query.get_compiler(connection=connection).as_sql()
        self.sql, self.parameters = written[0] if isinstance(written, list) else written

    def execute(self, values: Mapping[str, object], connection: BaseDatabaseWrapper) -> int:
        with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
            cursor.execute(self.sql, _filled(self.parameters, values, connection))
            return int(cursor.rowcount)


class _Question:
    """What the ORM has made of a queryset: the statement, and how its rows become what they are."""

    def __init__(self, queryset: QuerySet[Any, Any], connection: BaseDatabaseWrapper) -> None:
        compiler = queryset.query.get_compiler(queryset.db)
        self.sql, self.parameters = compiler.as_sql()
        self.converters = list(compiler.get_converters([c[0] for c in compiler.select[: compiler.col_count]]).items())
        self.make: Callable[[list[Any]], Any] = tuple
        if issubclass(queryset._iterable_class, FlatValuesListIterable):
            self.make = _only
        elif issubclass(queryset._iterable_class, ModelIterable):
            self.make = _objects(compiler, queryset.db)

    def rows(self, values: Mapping[str, object], connection: BaseDatabaseWrapper) -> Iterable[Any]:
        """The rows of today."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, _filled(self.parameters, values, connection))
            found = cursor.fetchall()
        for columns in found:
            row = list(columns)
            for position, (converters, expression) in self.converters:
                for convert in converters:
                    row[position] = convert(row[position], expression, connection)
            yield self.make(row)


def _filled(parameters: Iterable[Any], values: Mapping[str, object], connection: BaseDatabaseWrapper) -> list[Any]:
    return [p.filled(values, connection) if isinstance(p, Slot) else p for p in parameters]


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
