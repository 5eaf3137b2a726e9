"""The chart's clock in SQL: what clocks in its time zone show, by the same tables of changes as renderer.data.zones.

DuckDB has zones of its own, from another release of the time zone database and with another choice for the hour that
comes twice; a month must not begin at one moment in a transform and at another in a channel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from renderer.data.zones import Times, years_of, zone_changes

Let = Callable[[str], str]

_COMMON: Final = np.arange(1970, 2041)
"""Years whose changes are known also where no row lies in them: dates may be computed."""
_MOST_YEARS: Final = 400


@dataclass(frozen=True, slots=True)
class Clock:
    """Changes of a zone: from `starts` (in UTC) or `local` (on its clocks) on, it is ahead of UTC by `offsets`.

    All in microseconds. Years without a row and outside of the common ones have the offset of those before them.
    """

    zone: str
    starts: tuple[int, ...] = ()
    local: tuple[int, ...] = ()
    offsets: tuple[int, ...] = ()

    @classmethod
    def of(cls, zone: str, times: list[Times]) -> Clock:
        """The clock of a zone for columns of times."""
        if zone == "UTC":
            return cls(zone)
        years = np.unique(np.concatenate([_COMMON, *(years_of(column) for column in times)]))
        nearby = np.unique(np.concatenate([years - 1, years, years + 1]))
        if len(nearby) > _MOST_YEARS:
            nearby = nearby[(nearby >= _COMMON[0] - 200) & (nearby <= _COMMON[-1] + 200)]
        starts, offsets, local = (_integers(column) for column in zone_changes(zone, nearby))
        kept = np.flatnonzero(np.concatenate([[True], offsets[1:] != offsets[:-1]]))
        return cls(zone, *(tuple(column[kept].tolist()) for column in (starts, local, offsets)))

    def local_of(self, time: str, let: Let) -> str:
        """SQL for what the clock shows at a moment."""
        return self._shifted(time, self.starts, "+", let)

    def moment_of(self, clock: str, let: Let) -> str:
        """SQL for the moment at which the clock shows this; of two, the first."""
        return self._shifted(clock, self.local, "-", let)

    def truncated(self, time: str, unit: str, let: Let) -> str:
        """SQL for the start of the unit, one of functions.UNITS, in which a moment lies."""
        clock = self.local_of(time, let)
        start = f"date_trunc('{unit}', {clock})::TIMESTAMP"
        if self.zone == "UTC":
            return start
        if unit in ("hour", "minute", "second"):
            # The hour that a clock shows twice stays two hours: each moment keeps its own offset.
            clock = let(clock)
            past = f"(epoch_us({clock}) - epoch_us(date_trunc('{unit}', {clock})))"
            return f"make_timestamp(epoch_us({time}) - {past})"
        return self.moment_of(start, let)

    def _shifted(self, time: str, changes: tuple[int, ...], sign: str, let: Let) -> str:
        if self.zone == "UTC":
            return time
        micros = let(f"epoch_us({time})")
        return f"make_timestamp({micros} {sign} {_search(micros, changes, self.offsets)})"


def _search(value: str, starts: tuple[int, ...], offsets: tuple[int, ...]) -> str:
    """SQL for the offset of the last start that is not above a value: a binary search, written out."""
    if len(starts) == 1:
        return f"({offsets[0]})"
    half = len(starts) // 2
    below, above = _search(value, starts[:half], offsets[:half]), _search(value, starts[half:], offsets[half:])
    return f"CASE WHEN {value} < {starts[half]} THEN {below} ELSE {above} END"


def _integers(values: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    return values.astype(np.int64)
