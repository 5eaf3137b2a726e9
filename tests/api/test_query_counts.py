"""How many queries each GET of the API takes, with several rows in every list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from renderer.jobs import charts, schedules
from renderer.models import ApiToken, Chart, RenderJob
from renderer.models.job import Trigger
from renderer.recipe import Recipe
from tests import query_counts
from tests.api.test_auth import SESSIONS, fill, mine, operations

__all__ = ["mine"]


STREAMS = {"get_events", "get_job_events"}
"""They never end, and need a server that keeps connections open: see tests of their own."""


def test_looking_takes_as_many_queries_as_it_did(
    api: Any,
    browser: Any,
    ada: User,
    spec: dict[str, Any],
    mine: dict[str, UUID | str],
    queued: RenderJob,
    draw: Callable[[RenderJob], RenderJob],
) -> None:
    draw(queued)
    for number in range(3):
        chart = charts.create(ada, Recipe.from_spec({**spec, "title": str(number)}), name=str(number))[0]
        draw(charts.render(chart, trigger=Trigger.API).job)
        schedules.create(ada, chart, cron="0 7 * * *", tz="UTC")
        ApiToken.issue(ada, str(number))
    assert Chart.objects.count() >= 4

    found = {}
    for name, method, path in operations():
        if method != "GET" or name in STREAMS:
            continue
        client = browser if name in SESSIONS else api
        client.get(fill(path, mine))  # what is cached, or noted once a minute
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(fill(path, mine))
        assert answer.status in (200, 404, 422), (name, answer.content)
        found[name] = len(queries)
    query_counts.compare("api", found)
