"""Databases that the operator named, as sources: who may write SQL for them, and what they answer.

What a query may do is decided by the rights of the role that runs it, and never by reading the SQL (T8): a role that
may write is refused, on top of a read-only transaction.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from renderer.data.supply import SourceAway, Supply
from renderer.data.values import column_of, digest
from renderer.spec.errors import Problem, SpecError, did_you_mean, listed, pointer, show, suggest
from renderer.spec.limits import LIMITS
from renderer.spec.scalars import SOURCE_NAME
from renderer.spec.source import Source
from renderer.spec.text import TextError, clean_text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DATABASES = "FIGPRESS_DATABASES"
PERMISSION: Final = "renderer.write_sql"
MAX_PARAMS: Final = 50

Value = str | int | float | bool | None
Kind = Literal["postgres", "sqlite"]

logger = logging.getLogger(__name__)


class Options(BaseModel):
    """What an operator writes of a database: its DSN alone, or an object with more."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    dsn: str = Field(repr=False)
    users: list[str] | None = None
    groups: list[str] | None = None
    max_rows: int = Field(default=100_000, ge=1, le=LIMITS.values)
    max_bytes: int = Field(default=64 << 20, ge=1024)
    timeout: float = Field(default=15, gt=0, le=600)


@dataclass(frozen=True, slots=True)
class Database:
    """A database that may be read."""

    name: str
    kind: Kind
    dsn: str = field(repr=False)
    """With its password: it is shown nowhere."""
    users: frozenset[str] | None = None
    """Who may read it, besides superusers; together with ``groups``. None and None are all who may write SQL."""
    groups: frozenset[str] | None = None
    max_rows: int = 100_000
    max_bytes: int = 64 << 20
    seconds: float = 15

    def is_open_to(self, user: User) -> bool:
        """Whether this user, who may write SQL, may do so here."""
        if user.is_superuser or (self.users is None and self.groups is None):
            return True
        if self.users and user.get_username() in self.users:
            return True
        return bool(self.groups) and user.groups.filter(name__in=self.groups or ()).exists()


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query answered, column by column."""

    names: Sequence[str]
    columns: Sequence[list[Any]]

    @property
    def length(self) -> int:
        return len(self.columns[0]) if self.columns else 0


class QueryError(Exception):
    """The database refused a query, or its answer cannot be taken. str() is for those who may write SQL."""


class DatabaseAway(Exception):
    """The database does not answer, or not in time. str() goes on after its name: "does not answer"."""


class RoleError(Exception):
    """The database is set up so that charts must not read it. str() is for its operator."""


class DatabasesError(ValueError):
    """FIGPRESS_DATABASES is wrong. str() says where, and holds no DSN."""


def configured() -> Mapping[str, Database]:
    """The databases of this installation, by name. Raises DatabasesError."""
    return read_settings(getattr(settings, DATABASES, None) or {})


def read_settings(written: object) -> Mapping[str, Database]:
    """From what an operator writes, in Python or as JSON: names to DSNs, or to objects of :class:`Options`.

    Raises DatabasesError.
    """
    if isinstance(written, str):
        try:
            written = json.loads(written)
        except ValueError as error:
            raise DatabasesError(f"is no JSON: {error}") from None
    if not isinstance(written, Mapping):
        raise DatabasesError('must be an object, such as {"warehouse": "postgresql://reader:secret@host/name"}')
    databases = [_database(name, options) for name, options in written.items()]
    return {database.name: database for database in databases}


def _database(name: object, written: object) -> Database:
    if not isinstance(name, str) or not SOURCE_NAME.fullmatch(name):
        raise DatabasesError(f"{show(name)} is no name of small letters, digits and _")
    try:
        options = _OPTIONS.validate_python({"dsn": written} if isinstance(written, str) else written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "".join(f"/{part}" for part in first["loc"])
        raise DatabasesError(f"{name}{place}: {first['msg']}") from None
    kind = _KINDS.get(options.dsn.partition(":")[0])
    if kind is None:
        raise DatabasesError(f"{name}: begin the DSN with postgresql:// or sqlite:///")
    return Database(
        name=name,
        kind=kind,
        dsn=options.dsn,
        users=None if options.users is None else frozenset(options.users),
        groups=None if options.groups is None else frozenset(options.groups),
        max_rows=options.max_rows,
        max_bytes=options.max_bytes,
        seconds=options.timeout,
    )


_OPTIONS: Final = TypeAdapter(Options)
_KINDS: Final[Mapping[str, Kind]] = {"postgresql": "postgres", "postgres": "postgres", "sqlite": "sqlite"}


def may_write_sql(user: User | None) -> bool:
    """Whether somebody may write SQL at all: a permission of its own, which superusers have."""
    return user is not None and user.has_perm(PERMISSION)


def check(source: Source, at: str, owner: User | None) -> Database:
    """The database that a source names. Raises SpecError at ``at``/database and ``at``/params/..."""
    if owner is None or not may_write_sql(owner):
        who = "you may not write SQL" if owner else "nobody asks who may write SQL: give the job an owner"
        raise SpecError.at(f"{at}/database", f"{who}; an operator gives the permission '{PERMISSION}'")
    mine = {name: one for name, one in configured().items() if one.is_open_to(owner)}
    name = source.database or ""
    problems = []
    if name not in mine:
        hint = did_you_mean(suggest(name, mine)) or (f"; there are {listed(sorted(mine))}" if mine else "")
        problems.append(Problem(f"{at}/database", f"no database {show(name)} that you may read{hint}"))
    problems += _param_problems(source.params or {}, at)
    if problems:
        raise SpecError(problems)
    return mine[name]


def _param_problems(params: Mapping[str, Any], at: str) -> list[Problem]:
    if len(params) > MAX_PARAMS:
        return [Problem(f"{at}/params", f"has {len(params):,} parameters; at most {MAX_PARAMS} are allowed")]
    problems = []
    for name, value in params.items():
        where = at + pointer("params", name)
        if not name.isidentifier() or not name.isascii():
            problems.append(Problem(where, f"{show(name)} is no name of letters, digits and _"))
        elif not isinstance(value, str | int | float | bool | None):
            problems.append(Problem(where, f"must be a text, a number, true, false or null, not {show(value)}"))
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            problems.append(Problem(where, "is too large a number"))
    return problems


def supply(source: Source, at: str, owner: User | None) -> Supply:
    """The rows that a query answers. The owner's permission is asked for again: it may be gone since."""
    database = check(source, at, owner)
    try:
        rows = _reader(database.kind)(database, source.query or "", source.params or {})
    except DatabaseAway as error:
        raise SourceAway(f"{at}/database: the database '{database.name}' {error}.") from error
    except RoleError as error:
        logger.error("database %s is not read: %s", database.name, error)
        sentence = f"the database '{database.name}' is not set up for reading; its operator can see why with doctor"
        raise SpecError.at(f"{at}/database", sentence) from None
    except QueryError as error:
        raise SpecError.at(f"{at}/query", str(error)) from None
    names = _names(rows, at)
    return Supply(
        columns={name: partial(column_of, name, cells) for name, cells in zip(names, rows.columns, strict=True)},
        length=rows.length,
        version=digest(names, rows.columns),
        as_of=datetime.now(UTC),
    )


def examine(database: Database) -> str:
    """Look at a database for its operator: what it is. Raises DatabaseAway and RoleError."""
    if database.kind == "postgres":
        from renderer.sources import postgres

        return postgres.examine(database)
    from renderer.sources import sqlite

    return sqlite.examine(database)


def _reader(kind: Kind) -> Callable[[Database, str, Mapping[str, Value]], Rows]:
    """Only here: an installation without databases imports no driver."""
    if kind == "postgres":
        from renderer.sources import postgres

        return postgres.read
    from renderer.sources import sqlite

    return sqlite.read


def _names(rows: Rows, at: str) -> Sequence[str]:
    if len(rows.names) > LIMITS.columns or len(rows.names) * rows.length > LIMITS.values:
        message = f"answers {len(rows.names):,} x {rows.length:,} values; at most {LIMITS.values:,} are allowed"
        raise SpecError.at(f"{at}/query", message)
    seen = set[str]()
    for name in rows.names:
        try:
            clean = clean_text(name, limit=LIMITS.label_chars)
        except TextError as problem:
            raise SpecError.at(f"{at}/query", f"the column name {show(name)} {problem}") from None
        if not clean:
            raise SpecError.at(f"{at}/query", "a column has no name: write AS and one")
        if name in seen:
            raise SpecError.at(f"{at}/query", f"two columns are called {show(name)}: write AS and another name")
        seen.add(name)
    return rows.names
