"""Standing: charts by how they stand, as a part of a query, so that lists can be filtered by it page by page.

``charts.stale`` and the words on the pages say the same of one chart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce

from renderer.models import Chart, ChartDataset, Dataset, RenderJob
from renderer.models.job import Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHART = Chart._meta.label_lower


class Standing(StrEnum):
    """How a chart stands."""

    WAITING = "waiting"
    DRAWING = "drawing"
    READY = "ready"
    FAILED = "failed"
    NEVER = "never"


_STATUS = {Standing.WAITING: Status.QUEUED, Standing.DRAWING: Status.RUNNING, Standing.FAILED: Status.FAILED}


def standing(rows: QuerySet[Chart], owner: User, how: Standing) -> QuerySet[Chart]:
    """Those of the charts that stand like this by their newest job; ``NEVER`` are those without a picture."""
    if how is Standing.NEVER:
        return rows.filter(image="")
    of_charts = RenderJob.objects.filter(target_model=CHART, target_field="image")
    if how is Standing.READY:  # most are: each is asked, until the page is full
        newest = of_charts.filter(target_id=_AsText(OuterRef("pk"))).order_by("-id").values("status")[:1]
        status = Coalesce(Subquery(newest), Value(Status.SUCCEEDED.value))
        return rows.exclude(image="").alias(newest=status).filter(newest=Status.SUCCEEDED)
    # Few are: those jobs are looked up, by indexes of one owner's.
    newer = of_charts.filter(target_id=OuterRef("target_id"), pk__gt=OuterRef("pk"))
    jobs = of_charts.filter(~Exists(newer), owner=owner, status=_STATUS[how]).order_by()
    return rows.filter(pk__in=jobs.values_list(_AsId(F("target_id")), flat=True))


def stale(rows: QuerySet[Chart]) -> QuerySet[Chart]:
    """Those of the charts whose picture is not what drawing now would give."""
    newer = Dataset.objects.filter(
        owner=OuterRef("chart__owner"),
        name=OuterRef("name"),
        current__data_at__gt=OuterRef("chart__drawn_by__started_at"),
    )
    unchecked = Q(chart__checked_at=None) | Exists(newer.filter(current__data_at__gt=OuterRef("chart__checked_at")))
    has_newer = Exists(ChartDataset.objects.filter(unchecked, Exists(newer), chart=OuterRef("pk")))
    return rows.filter(Q(drawn_by=None) | ~Q(drawn_by__content_key=F("recipe_key")) | has_newer)


class _AsText(Func):
    """An id as the jobs' rows have it, as text with hyphens; SQLite keeps it as 32 hexadecimal digits."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        e = "%(expressions)s"
        parts = [f"SUBSTR({e}, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
        return self.as_sql(compiler, connection, template=" || '-' || ".join(parts).join("()"), **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::varchar", **context)


class _AsId(Func):
    """The other way round."""

    output_field = UUIDField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="REPLACE(%(expressions)s, '-', '')", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::uuid", **context)
