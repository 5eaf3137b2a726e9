"""Schedules: their plan, their verbs, their history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from renderer.jobs import schedules
from renderer.models import Chart, RenderJob, Run, Schedule, Worker


@pytest.fixture
def path(api: Any, chart: Chart) -> str:
    """Where a schedule of Ada's is."""
    made = api.post("/schedules", {"chart": str(chart.pk), "cron": "0 7 * * 1-5", "timezone": "Europe/Berlin"})
    assert made.status == 201
    return str(made.headers["Location"])


def test_the_whole_plan(api: Any, chart: Chart) -> None:
    plan = {
        "cron": "*/10 * * * *", "timezone": "Asia/Tokyo", "missed_runs": "all", "jitter": 90, "skip_unchanged": False,
        "pause_after": 0, "ends_at": "2126-01-01T00:00:00+09:00", "max_runs": 10,
    }  # fmt: skip
    made = api.post("/schedules", {"chart": str(chart.pk), **plan})

    assert made.status == 201
    assert {name: made.body[name] for name in plan} == plan | {"ends_at": "2125-12-31T15:00:00Z"}
    assert 0 <= made.body["offset"] <= 90
    assert (made.body["words"], made.body["runs_made"], made.body["failures"]) == ("Every 10 minutes", 0, 0)

    changed = api.patch(made.headers["Location"], {"ends_at": None, "max_runs": None, "cron": "30 6 * * *"})
    assert changed.status == 200
    assert {name: changed.body[name] for name in plan} == plan | {
        "ends_at": None,
        "max_runs": None,
        "cron": "30 6 * * *",
    }


def test_by_default_it_is_calm(api: Any, path: str) -> None:
    body = api.get(path).body
    assert (body["missed_runs"], body["jitter"], body["skip_unchanged"], body["pause_after"]) == ("once", 0, True, 5)
    assert body["words"] == "At 07:00 on Monday through Friday"


def test_the_next_runs_come_with_notes(api: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api.patch(path, {"cron": "30 2 * * *"})
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 28, 12, tzinfo=UTC))
    row = Schedule.objects.get()
    runs = schedules.upcoming(row, after=timezone.now(), count=2)
    assert [run.note for run in runs] == ["02:30 does not exist on 29 March: runs at 03:00", ""]
    monkeypatch.undo()
    body = api.get(path).body
    assert [run["at"] for run in body["upcoming"]] == body["next_runs"]
    assert len(body["upcoming"]) == 5


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"cron": "whenever"}, ["/cron"]),
        ({"timezone": "Mars/Base"}, ["/timezone"]),
        ({"timezone": "localtime"}, ["/timezone"]),
        ({"timezone": "../../etc/passwd"}, ["/timezone"]),
        ({"timezone": 1e9}, ["/timezone"]),
        ({"cron": None}, ["/cron"]),
        ({"missed_runs": "some", "jitter": -1, "pause_after": 1000}, ["/missed_runs", "/jitter", "/pause_after"]),
        ({"jitter": 2.5, "skip_unchanged": "yes", "max_runs": 0}, ["/jitter", "/skip_unchanged", "/max_runs"]),
        ({"ends_at": "2020-01-01T00:00:00Z"}, ["/ends_at"]),
        ({"ends_at": 1e9}, ["/ends_at"]),
        ({"ends_at": "2126-01-01"}, ["/ends_at"]),
        ({"is_active": None, "tz": "UTC"}, ["/is_active", "/tz"]),
    ],
)
def test_a_wrong_plan_is_named_and_nothing_changes(
    api: Any, chart: Chart, path: str, body: dict[str, Any], pointers: list[str]
) -> None:
    before = api.get(path).body
    answer = api.patch(path, body)
    assert (answer.status, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert sorted(error["pointer"] for error in answer.body["errors"]) == sorted(pointers)
    assert api.get(path).body == before

    if "is_active" not in body:
        new = api.post("/schedules", {"chart": str(chart.pk), "cron": "0 7 * * *", **body})
        assert sorted(error["pointer"] for error in new.body["errors"]) == sorted(pointers)
        assert Schedule.objects.count() == 1
    assert not RenderJob.objects.exists()


def test_pause_and_resume(api: Any, path: str) -> None:
    api.post(f"{path}/pause")
    paused = api.post(f"{path}/pause")
    assert (paused.status, paused.body["is_active"], paused.body["next_runs"]) == (200, False, [])
    assert paused.body["paused_at"]
    assert paused.body["paused_reason"] == ""
    assert (paused.body["links"]["pause"], paused.body["links"]["resume"]) == (None, f"{path}/resume")

    Schedule.objects.update(failures=5, paused_reason="5 runs in a row failed: no rows.")
    assert api.get(path).body["paused_reason"] == "5 runs in a row failed: no rows."
    resumed = api.post(f"{path}/resume")
    assert (resumed.body["is_active"], resumed.body["failures"], resumed.body["paused_reason"]) == (True, 0, "")
    assert len(resumed.body["next_runs"]) == 5
    assert api.post(f"{path}/pause", {"for": "ever"}).status == 422


def test_history(api: Any, path: str, drawn: RenderJob, draw: Callable[..., RenderJob]) -> None:
    now = timezone.now()
    looked = []
    for minutes in (2, 1):
        Schedule.objects.update(next_due_at=now - timedelta(minutes=minutes))
        schedules.tick(now)
        looked.append(draw(RenderJob.objects.latest("pk")))
    schedules.settle(now)
    asked = api.post(f"{path}/run")
    assert asked.status == 202

    newest, last, _ = api.get(f"{path}/runs").body["items"]
    assert (last["outcome"], last["unchanged"], last["job"]) == ("succeeded", False, str(looked[1].pk))
    assert (newest["outcome"], newest["due_at"], newest["status"]) == ("pending", None, "queued")
    assert newest["links"]["job"] == asked.headers["Location"]

    job = draw(RenderJob.objects.get(pk=newest["job"]))
    schedules.settle(now)
    newest = api.get(f"{path}/runs?limit=1").body["items"][0]
    assert (newest["outcome"], newest["status"]) == ("succeeded", "succeeded")
    assert datetime.fromisoformat(newest["finished_at"]) == job.finished_at

    first = api.get(f"{path}/runs?limit=2")
    rest = api.get(f"{path}/runs?limit=2&cursor={first.body['next_cursor']}")
    assert (len(first.body["items"]), len(rest.body["items"]), rest.body["next_cursor"]) == (2, 1, None)
    assert len(api.get(f"{path}/runs?outcome=succeeded").body["items"]) == 3
    assert not api.get(f"{path}/runs?outcome=unchanged").body["items"]
    assert api.get(f"{path}/runs", If_None_Match=api.get(f"{path}/runs").headers["ETag"]).status == 304
    assert api.get(f"{path}/runs?outcome=lost").status == 422


def test_a_deleted_schedule_takes_its_history_with_it_and_leaves_the_chart(
    api: Any, path: str, drawn: RenderJob
) -> None:
    Schedule.objects.update(next_due_at=timezone.now())
    schedules.tick(timezone.now())
    assert api.delete(path).status == 204
    assert api.get(path).status == 404
    assert not Run.objects.exists()
    assert Chart.objects.exists()


def test_who_waits_in_vain_is_told(api: Any, path: str, queued: RenderJob) -> None:
    now = timezone.now()
    job = f"/jobs/{queued.pk}"
    assert api.get(job).body["notices"] == [], "not in its first seconds"
    RenderJob.objects.update(created_at=now - timedelta(minutes=3))
    [notice] = api.get(job).body["notices"]
    assert (notice["code"], notice["seen_at"]) == ("no_worker", None)

    seen_at = now - timedelta(minutes=3, seconds=5)
    Worker.objects.create(name="w", started_at=seen_at, seen_at=seen_at)
    [notice] = api.get(job).body["notices"]
    assert notice["message"].startswith("No worker has been seen for 3 minutes.")
    assert [notice["code"] for notice in api.get(path).body["notices"]] == ["no_worker"]

    Worker.objects.update(seen_at=now)
    assert api.get(job).body["notices"] == []
    assert [notice["code"] for notice in api.get(path).body["notices"]] == ["no_beat"]
    schedules.tick(now)
    assert api.get(path).body["notices"] == []
    assert api.get("/schedules").body["items"][0]["notices"] == []
