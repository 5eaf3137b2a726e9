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


_ACTIVE = {Standing.WAITING: Status.QUEUED, Standing.DRAWING: Status.RUNNING}


def standing(rows: QuerySet[Chart], how: Standing, owner: User) -> QuerySet[Chart]:
    """Those of an owner's charts that stand like this by their newest job; ``NEVER`` are those without a picture."""
    if how is Standing.NEVER:
        return rows.filter(image="")
    of_charts = RenderJob.objects.filter(target_model=CHART, target_field="image")
    newest = of_charts.filter(target_id=_AsText(OuterRef("pk"))).order_by("-id").values("status")[:1]
    if how is Standing.READY:  # most are: each is asked, until the page is full
        status = Coalesce(Subquery(newest), Value(Status.SUCCEEDED.value))
        return rows.exclude(image="").alias(newest=status).filter(newest=Status.SUCCEEDED)
    if how is Standing.FAILED:  # of those that no picture came for since; one may be waiting for it
        marked = rows.filter(failed_at__isnull=False)
        return marked.alias(newest=Subquery(newest)).filter(newest=Status.FAILED)
    # Few are: those jobs are looked up, by the index that has an owner's by status.
    newer = of_charts.filter(target_id=OuterRef("target_id"), pk__gt=OuterRef("pk"))
    jobs = of_charts.filter(~Exists(newer), owner=owner, status=_ACTIVE[how]).order_by()
    return rows.filter(pk__in=jobs.values_list(_AsId(F("target_id")), flat=True))


def stale(rows: QuerySet[Chart]) -> QuerySet[Chart]:
    """Those of the charts whose picture is not what drawing now would give."""
    has_newer = ChartDataset.objects.filter(
        _has_rows_since("chart__drawn_by__started_at"),
        Q(chart__checked_at=None) | _has_rows_since("chart__checked_at"),
        chart=OuterRef("pk"),
    )
    return rows.filter(Q(drawn_by=None) | ~Q(drawn_by__content_key=F("recipe_key")) | Exists(has_newer))


def _has_rows_since(moment: str) -> Exists:
    """Of what a chart reads: whether its dataset got rows after a moment of the chart's."""
    of_the_name = Dataset.objects.filter(owner=OuterRef("chart__owner"), name=OuterRef("name"))
    return Exists(of_the_name.filter(current__data_at__gt=OuterRef(moment)))


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
