"""Charts over sources outside of them, with a real worker, a real web server, a real PostgreSQL."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from project import local
from renderer.jobs import schedules
from renderer.models import Attempt, Chart, Origin, RenderJob, Schedule
from renderer.models.job import Status
from tests.postgres import Postgres
from tests.web_servers import Server, answer

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live

BAR = {"kind": "bar", "title": "Sold", "x": "day", "y": "sold"}


class Shop:
    """A server whose table changes, and which can be closed."""

    def __init__(self) -> None:
        self.body, self.is_open = b"day,sold\nMon,3\n", True

    def __call__(self, connection: socket.socket, head: str) -> None:
        tag = f'"{len(self.body)}"'
        if not self.is_open:
            found = answer(b"secret banner", "503 Closed")
        elif f"If-None-Match: {tag}" in head:
            found = answer(b"", "304 Not Modified", ETag=tag)
        else:
            found = answer(self.body, ETag=tag, Content_Type="text/csv")
        found(connection, head)


def end_of(live: Live, job: RenderJob, deadline: float = 60) -> RenderJob:
    def ended() -> bool:
        job.refresh_from_db()
        return job.is_final

    live.wait_for(ended, deadline=deadline, what=f"the end of {job}")
    return job


def run(schedule: Schedule) -> RenderJob:
    """What a tick makes of a schedule that has come due."""
    now = timezone.now()
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=now)
    assert schedules.tick(now) == 1
    return RenderJob.objects.get(schedule=schedule, due_at=now)


def test_a_url_that_changes_between_two_runs_and_then_is_away(live: Live) -> None:
    shop = Shop()
    with Server(shop) as server:
        inside: Any = {"FIGPRESS_FETCH_INTERNAL": f"127.0.0.1:{server.port}"}
        live.start_worker(queues="fetch,upkeep", **inside)
        live.start_web(**inside)
        spec = BAR | {"data": {"url": f"{server.url}/sales.csv?token=hush"}}
        asked = live.call("POST", "/api/v1/charts", {"spec": spec}, headers={"Prefer": "wait=30"})
        assert asked.status == 201, asked.body
        chart = Chart.objects.get()
        first = Path(chart.image.path).read_bytes()
        assert "Mon" in chart.alt
        assert "Tue" not in chart.alt

        schedule = schedules.create(live.user(), chart, cron="0 0 1 1 *")
        assert end_of(live, run(schedule)).status == Status.SUCCEEDED
        assert [request.count("If-None-Match") for request in server.requests] == [0, 1]
        shop.body = b"day,sold\nMon,3\nTue,9\n"
        job = end_of(live, run(schedule))
        assert (job.status, job.queue) == (Status.SUCCEEDED, "fetch")
        chart.refresh_from_db()
        second = Path(chart.image.path).read_bytes()
        assert "Tue" in chart.alt
        assert first != second

        shop.is_open = False
        job = run(schedule)
        RenderJob.objects.filter(pk=job.pk).update(max_attempts=2)  # the third would come eight seconds later
        end_of(live, job)
        assert (job.status, job.reason, job.attempt) == (Status.FAILED, "data_error", 2)
        assert job.message == f"/data/url: {server.url} answers 503."
        assert list(Attempt.objects.filter(job=job).values_list("outcome", flat=True)) == [
            "failed for now: data_error", "failed: data_error",
        ]  # fmt: skip
        chart.refresh_from_db()
        assert Path(chart.image.path).read_bytes() == second

        shop.is_open = True
        assert end_of(live, run(schedule)).status == Status.SUCCEEDED
    assert Origin.objects.count() == 1
    logs = "".join(process.output() for process in live.processes)
    assert "hush" not in logs
    assert "secret banner" not in logs


def test_postgresql_and_functions_over_http(live: Live, postgres: Postgres) -> None:
    postgres.run(
        "CREATE TABLE live_sales (day date, shop text, amount numeric)",
        "INSERT INTO live_sales SELECT date '2026-01-01' + n, 'Shop ' || n % 3, n FROM generate_series(0, 99) n",
        "CREATE ROLE live_reader LOGIN PASSWORD 'not-a-secret'",
        "GRANT SELECT ON live_sales TO live_reader",
    )
    named: Any = {
        "FIGPRESS_DATABASES": json.dumps(
            {
                "warehouse": {"dsn": postgres.dsn("live_reader"), "timeout": 1},
                "too_much": postgres.dsn(),
                "gone": f"postgresql://a:hunter2@127.0.0.1:{local.free_port()}/x",
            }
        )
    }
    live.start_worker(concurrency=1, **named)
    live.start_web(**named)
    source = {"database": "warehouse", "query": "SELECT shop, sum(amount) AS sold FROM live_sales GROUP BY 1"}
    spec = BAR | {"x": "shop", "data": source}

    def ask(**data: Any) -> Any:
        return live.call(
            "POST", "/api/v1/charts", {"spec": spec | {"data": source | data}}, headers={"Prefer": "wait=30"}
        )

    refused = ask().json()
    assert [error["pointer"] for error in refused["errors"]] == ["/spec/data/database"]
    live.user().user_permissions.add(Permission.objects.get(codename="write_sql"))

    drawn = ask()
    assert drawn.status == 201, drawn.body
    assert "Shop 0" in Chart.objects.get().alt
    params = {"query": "SELECT shop, amount AS sold FROM live_sales WHERE amount > :least", "params": {"least": 97}}
    assert ask(**params).status == 201

    for data, said in (
        ({"query": "SELECT pg_sleep(30)::text AS shop, 1 AS sold"}, "/data/query: took longer than 1 seconds"),
        ({"query": "DELETE FROM live_sales RETURNING shop, 1 AS sold"}, "/data/query: the database says: syntax error"),
        ({"query": "SELECT shop, 1 AS sold FROM live_sales; DELETE FROM live_sales"}, "the database says: "),
        (
            {"query": "SELECT pg_read_file('/etc/passwd') AS shop, 1 AS sold"},
            "permission denied for function",
        ),
        ({"database": "too_much"}, "is not set up for reading; its operator can see why with doctor"),
    ):
        job = ask(**data).json()["job"]
        assert (job["status"], job["reason"]) == ("failed", "data_error")
        assert said in job["message"]
    sent = {"spec": spec | {"data": source | {"database": "gone"}}}
    away = live.call("POST", "/api/v1/charts", sent).json()["job"]
    said = live.wait_for(lambda: RenderJob.objects.get(pk=away["id"]).message, what="the first attempt")
    assert said == "/data/database: the database 'gone' does not answer."
    live.call("POST", f"/api/v1/jobs/{away['id']}/cancel")
    assert ask().status in (200, 201), "the next job works"
    assert "hunter2" not in "".join(process.output() for process in live.processes)
