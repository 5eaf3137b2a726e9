"""Finding: what the gallery is asked to show, read from its query string, and the rows that fit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, OrderBy, Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from renderer.jobs import standing
from renderer.jobs.standing import Standing
from renderer.models import Chart, Tag

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FUNCTION: Final = "figure-function"
"""What stands in the query string for charts without a kind."""
SORTS: Final = {"newest": "Newest", "name": "Name", "drawn": "Last drawn"}
STATES: Final = {
    Standing.WAITING: "Waiting",
    Standing.DRAWING: "Drawing",
    Standing.READY: "Ready",
    Standing.FAILED: "Failed",
    Standing.NEVER: "Never drawn",
}


class Place(NamedTuple):
    """Where a page begins: after this chart, which stood at this place in the order."""

    after: UUID
    at: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is looked for. What cannot be understood is not looked for."""

    q: str = ""
    kind: str = ""
    state: str = ""
    stale: bool = False
    tag: str = ""
    sort: str = "newest"
    place: Place | None = None

    @classmethod
    def of(cls, asked: QueryDict) -> Self:
        """What a query string asks for."""
        place = None
        with suppress(ValueError):  # no page was asked for, or none that there is: the first
            place = Place(UUID(asked.get("before", "")), asked.get("at", "").replace("\0", "")[:500])
        # A text with a NUL is in no row, and PostgreSQL would refuse to look for it.
        q, kind, tag = (asked.get(name, "").replace("\0", "").strip()[:200] for name in ("q", "kind", "tag"))
        state, sort = asked.get("state", ""), asked.get("sort", "")
        return cls(
            q=q,
            kind=kind,
            state=state if state in list(Standing) else "",
            stale=asked.get("stale") == "1",
            tag=tag,
            sort=sort if sort in SORTS else "newest",
            place=place,
        )

    @property
    def is_filtered(self) -> bool:
        """Whether some charts may be left out."""
        return bool(self.q or self.kind or self.state or self.stale or self.tag)

    @property
    def query(self) -> str:
        """The query string that asks for just this, with its question mark; "" for all of them from the start."""
        parts = {"q": self.q, "kind": self.kind, "state": self.state, "tag": self.tag}
        parts |= {"stale": "1" if self.stale else "", "sort": self.sort if self.sort != "newest" else ""}
        if self.place:
            parts |= {"before": str(self.place.after), "at": self.place.at}
        said = urlencode({name: value for name, value in parts.items() if value})
        return f"?{said}" if said else ""

    @property
    def first(self) -> Finding:
        """The first page of it."""
        return replace(self, place=None)

    def after(self, chart: Chart) -> Finding:
        """The page that begins after a chart."""
        at = {"name": chart.sort_name, "drawn": chart.rendered_at.isoformat() if chart.rendered_at else ""}
        return replace(self, place=Place(chart.pk, at.get(self.sort, "")))

    def rows(self, account: User) -> QuerySet[Chart]:
        """The charts that fit, in order, from where the page begins."""
        rows: QuerySet[Chart] = Chart.objects.for_user(account)
        if self.q:
            rows = rows.filter(Q(name__icontains=self.q) | Q(title__icontains=self.q) | Q(figure__icontains=self.q))
        if self.kind:
            rows = rows.filter(kind="" if self.kind == FUNCTION else self.kind)
        if self.tag:
            rows = rows.filter(pk__in=Tag.objects.filter(owner=account, name=self.tag).values("chart"))
        if self.state:
            rows = standing.standing(rows, account, Standing(self.state))
        if self.stale:
            rows = standing.stale(rows)
        return self._ordered(rows)

    def _ordered(self, rows: QuerySet[Chart]) -> QuerySet[Chart]:
        place = self.place
        if self.sort == "name":
            if place:
                rows = rows.filter(sort_name__gte=place.at).exclude(sort_name=place.at, pk__lte=place.after)
            return rows.order_by("sort_name", "pk")
        if self.sort == "drawn":
            drawn = _moment(place.at) if place else None
            if place and drawn:
                earlier = Q(rendered_at__lt=drawn) | Q(rendered_at=drawn, pk__lt=place.after)
                rows = rows.filter(earlier | Q(rendered_at=None))
            elif place:
                rows = rows.filter(rendered_at=None, pk__lt=place.after)
            return rows.order_by(_drawn_last_first(), "-pk")
        if place:
            rows = rows.filter(pk__lt=place.after)
        return rows.order_by("-pk")


def _drawn_last_first() -> OrderBy:
    """Those that were never drawn stand last, on PostgreSQL as well."""
    return F("rendered_at").desc(nulls_last=True)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
