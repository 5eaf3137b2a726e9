"""Places on axes that an author writes: numbers, dates as in the data, names of categories."""

from __future__ import annotations

from datetime import UTC
from typing import Final

import numpy as np

from renderer.data.infer import read_moment
from renderer.data.table import Column
from renderer.data.zones import Times, to_utc
from renderer.spec.limits import LIMITS, Limits

Written = bool | int | float | str

_FIRST_YEAR, _LAST_YEAR = 1000, 2999
_YEAR: Final = 365.2425  # days


def moment_of(value: Written, zone: str, limits: Limits = LIMITS) -> Times | None:
    """The moment (one datetime64, UTC) that a value means in a column of times; None where it is no date."""
    if isinstance(value, bool):
        return None
    moment = read_moment(value, limits)
    if moment is None:
        return None
    if moment.tzinfo is not None:
        return np.array([moment.astimezone(UTC).replace(tzinfo=None)], dtype="datetime64[us]")
    return to_utc(np.array([moment], dtype="datetime64[us]"), zone)


def number_of(value: Written, limits: Limits = LIMITS) -> float | None:
    """A number as such; of a date the year with its fraction, for axes whose numbers are years."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    moment = read_moment(value, limits)
    if moment is None:
        return None
    return moment.year + (moment.timetuple().tm_yday - 1 + moment.hour / 24) / _YEAR


def name_of(value: Written) -> str:
    """How a value is written as the name of a category."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def holds_years(column: Column) -> bool:
    """Whether the numbers of a column look like years."""
    known = column.values[~column.missing] if column.type == "number" else np.empty(0)
    return bool(
        len(known)
        and (known == np.floor(known)).all()
        and float(known.min()) >= _FIRST_YEAR
        and float(known.max()) <= _LAST_YEAR
    )


def named_years(column: Column) -> bool:
    """Whether a column of numbers says by its name and its values that they are years: 2026 is no 2,026 of anything."""
    return column.type == "number" and "year" in column.name.casefold() and holds_years(column)
