"""Tables to upload as datasets, by the names under which the example charts of the language read them.

Penguins are real, and so are the days of ``acme_ohlc``, those of the volatility index (examples/data/README.md).
What there is no free table of is made here, by a formula, and stands for nothing.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"


def tables() -> dict[str, str]:
    """CSV texts by the names of their datasets."""
    return {
        "penguins": (DATA / "penguins.csv").read_text(encoding="utf-8"),
        "acme_ohlc": _acme(),
        "shop": _table(("product", "price"), [("Mug", 9), ("Shirt", 25), ("Poster", 14)]),
        "events": _table(("day", "orders", "sessions"), _events()),
        "kpis": _table(("day", "mrr", "cpu"), _kpis()),
        "life_expectancy": _table(("country", "year", "sex", "years"), _lives()),
    }


def _acme() -> str:
    """Real days of trading, with a volume that is made up."""
    with (DATA / "vix-2009.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return _table(
        ("day", "open", "high", "low", "close", "volume"),
        [
            (row["date"], row["open"], row["high"], row["low"], row["close"], 1000 + 137 * n % 900)
            for n, row in enumerate(rows)
        ],
    )


def _events() -> list[tuple[str, int, int]]:
    return [
        (_day(n), 40 + n // 4 + round(12 * math.sin(n * 2 * math.pi / 7)), 1500 + 9 * n + 211 * n % 300)
        for n in range(120)
    ]


def _kpis() -> list[tuple[str, int, int]]:
    return [(_day(n), 48_000 + 310 * n + 97 * n % 700, 45 + 31 * n % 40) for n in range(30)]


def _lives() -> list[tuple[str, str, str, float]]:
    """Two rows for each country and year, so that there is something to be uncertain of."""
    rows = []
    for country, start, gain in (("France", 70.0, 0.22), ("Japan", 67.0, 0.30), ("Brazil", 54.0, 0.36)):
        for year in range(1950, 2024):
            years = start + gain * (year - 1960) * (1 - (year - 1960) / 260)
            rows += [(country, f"{year}-01-01", sex, round(years + more, 1)) for sex, more in (("f", 2.6), ("m", -2.6))]
    return rows


def _day(number: int) -> str:
    return str(date(2026, 1, 1) + timedelta(days=number))


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()
