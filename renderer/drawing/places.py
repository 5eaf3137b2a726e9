"""Places that an author writes on an axis."""

from __future__ import annotations

import numpy as np

from renderer.drawing.dates import to_days
from renderer.spec.scalars import parse_date


def position(value: bool | int | float | str) -> float:
    """A place that the author wrote on an axis: a number, or a date as days since 1970."""
    if isinstance(value, str):
        moment = parse_date(value)
        if moment is None:
            return float("nan")
        naive = moment.replace(tzinfo=None) - (moment.utcoffset() or moment - moment)
        return float(to_days(np.array([np.datetime64(naive, "us")]))[0])
    return float(value)
