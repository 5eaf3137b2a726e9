"""Of when the data are, in the chart's words: "Data as of Nov 29, 2026, 9:30 AM CET"."""

from __future__ import annotations

from datetime import UTC, datetime

from babel.dates import format_date, format_time

from renderer.drawing.dates import calendar
from renderer.spec.model import Chart


def freshness(chart: Chart, as_of: datetime | None) -> str | None:
    """The sentence that the chart's author asks for; None where nothing is asked, or there is no moment to tell."""
    if chart.freshness is None or as_of is None:
        return None
    return chart.freshness.replace("{time}", stamp(chart, as_of)).replace("{date}", _date(chart, as_of))


def stamp(chart: Chart, moment: datetime) -> str:
    """A moment to the minute, on the chart's clock, with the name that the clock then has."""
    local = _local(chart, moment)
    clock = format_time(local, "short", tzinfo=local.tzinfo, locale=calendar(chart.locale, chart.timezone).locale)
    zone = local.tzname() or ""
    zone = f"UTC{zone}" if zone[:1] in ("+", "-") else zone
    return f"{_date(chart, moment)}, {clock} {zone}".rstrip()


def caption(chart: Chart, as_of: datetime | None) -> str | None:
    """What stands below the chart: its caption, and how fresh its data are."""
    parts = [part for part in (chart.caption, freshness(chart, as_of)) if part]
    return " · ".join(parts) or None


def _local(chart: Chart, moment: datetime) -> datetime:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(calendar(chart.locale, chart.timezone).zone)


def _date(chart: Chart, moment: datetime) -> str:
    return str(
        format_date(_local(chart, moment).date(), "medium", locale=calendar(chart.locale, chart.timezone).locale)
    )
