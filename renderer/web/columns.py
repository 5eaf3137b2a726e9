"""Columns of a dataset, as pages show them: what each holds, in words and as a small picture.

All of it was counted when the file was read; nothing here looks at a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

KINDS: Final = {"number": "number", "time": "time", "category": "category"}
_TOP: Final = 5
_HIGH: Final = 36
_WIDE: Final = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One of the most frequent values. ``share`` is in per cent of the most frequent one."""

    value: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``path`` draws its histogram, in a box as wide as ``width`` and as high as ``height``."""

    name: str
    kind: str
    missing: int
    missing_share: str
    distinct: int
    least: str
    middle: str
    most: str
    path: str
    told: str
    """What the histogram shows, for those who do not see it."""
    top: Sequence[Bar]
    others: int
    width: int
    height: int = _HIGH


def column_of(summary: Mapping[str, Any], rows: int) -> Column:
    """A column from what was counted of it. Datasets read before histograms or medians were counted have none."""
    counts = [int(count) for count in summary.get("histogram") or ()]
    found = summary.get("top") or ()
    highest = max((int(one["count"]) for one in found), default=1)
    top = [Bar(str(one["value"]), int(one["count"]), round(100 * int(one["count"]) / highest, 1)) for one in found]
    missing, distinct = int(summary["missing"]), int(summary["distinct"])
    return Column(
        name=str(summary["name"]),
        kind=KINDS.get(str(summary["type"]), "number"),
        missing=missing,
        missing_share=_per_cent(missing, rows),
        distinct=distinct,
        least=shown(summary.get("min")),
        middle=shown(summary.get("median")),
        most=shown(summary.get("max")),
        path=_path(counts),
        told=_told(counts, summary.get("min"), summary.get("max")),
        top=top[:_TOP],
        others=max(0, distinct - len(top[:_TOP])) if top else 0,
        width=_WIDE * max(1, len(counts)),
    )


def shown(value: float | str | None) -> str:
    """A number or a moment, short; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return cell(value.removesuffix("Z").removesuffix(".000"))
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))  # 2,026 is no year
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.6g}"


def cell(value: float | str | None) -> str:
    """A value of the table as people write it: 3 and not 3.0, a day without its midnight."""
    if value is None:
        return ""
    if isinstance(value, str):
        bare = value.removesuffix("T00:00:00Z").removesuffix("T00:00:00")
        return bare.replace("T", " ", 1) if bare[4:5] == "-" and bare[10:11] == "T" else bare
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.10g}"


def _path(counts: Sequence[int]) -> str:
    """The bars as one path. A part that holds anything is seen: it is at least one unit high."""
    highest = max(counts, default=0)
    if not highest:
        return ""
    bars = []
    for place, count in enumerate(counts):
        if count:
            height = max(1, round(count / highest * _HIGH, 1))
            bars.append(f"M{place * _WIDE} {_HIGH}v-{height:g}h{_WIDE - 1}v{height:g}z")
    return "".join(bars)


def _told(counts: Sequence[int], low: Any, high: Any) -> str:
    if not counts or low is None or high is None:
        return ""
    fullest = counts.index(max(counts))
    share = _per_cent(counts[fullest], sum(counts))
    start, end = (shown(_between(low, high, part / len(counts))) for part in (fullest, fullest + 1))
    return f"Histogram from {shown(low)} to {shown(high)}: most values, {share}, are from {start} to {end}."


def _between(low: Any, high: Any, share: float) -> float | str:
    if isinstance(low, str):
        first, last = datetime.fromisoformat(low), datetime.fromisoformat(high)
        moment: datetime = first + timedelta(seconds=round((last - first).total_seconds() * share))
        return f"{moment:%Y-%m-%dT%H:%M:%S}"
    return float(low + (high - low) * share)


def _per_cent(part: int, whole: int) -> str:
    if not part or not whole:
        return ""
    share = 100 * part / whole
    return "less than 1%" if share < 1 else f"{min(share, 99):.0f}%" if part < whole else "all"
