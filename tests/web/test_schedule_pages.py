"""Schedules: the list and its verbs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from renderer.jobs import schedules
from renderer.models import Chart, RenderJob, Run, Schedule, Worker
from renderer.models.job import Status


@pytest.fixture
def schedule(ada: User, chart: Chart) -> Schedule:
    return schedules.create(ada, chart, cron="30 7 * * *", tz="Europe/Berlin")


def test_empty(signed_in: Client) -> None:
    assert "Nothing is on a schedule." in signed_in.get("/schedules/").content.decode()


def test_the_list_says_what_and_when(signed_in: Client, schedule: Schedule) -> None:
    response = signed_in.get("/schedules/")
    ((line, summary),) = response.context["lines"]
    assert len(line.runs) == 5
    assert line.runs[0].at == schedule.next_due_at
    assert summary.chart == schedule.chart
    text = response.content.decode()
    assert text.count("<time") == 1
    assert "At 07:30 every day" in text
    assert "Europe/Berlin" in text


def test_pause_and_resume(signed_in: Client, schedule: Schedule) -> None:
    signed_in.post(reverse("pause-schedule", args=[schedule.pk]))
    schedule.refresh_from_db()
    assert not schedule.is_active
    assert "Paused" in signed_in.get("/schedules/").content.decode()
    signed_in.post(reverse("resume-schedule", args=[schedule.pk]))
    schedule.refresh_from_db()
    assert schedule.is_active
    assert schedule.next_due_at


def test_run_now(signed_in: Client, schedule: Schedule) -> None:
    response = signed_in.post(reverse("run-schedule", args=[schedule.pk]))
    assert response["Location"] == reverse("chart", args=[schedule.chart_id])
    job = RenderJob.objects.get()
    assert (job.schedule, job.status) == (schedule, Status.QUEUED)


def test_delete_keeps_the_chart(signed_in: Client, schedule: Schedule, chart: Chart) -> None:
    signed_in.post(reverse("delete-schedule", args=[schedule.pk]))
    assert not Schedule.objects.exists()
    assert Chart.objects.filter(pk=chart.pk).exists()


def test_the_preview_says_when_or_what_is_wrong(signed_in: Client) -> None:
    good = signed_in.get("/schedules/preview/", {"cron": "0 7 * * 1-5", "timezone": "Asia/Tokyo"})
    assert good.content.decode().count("<time") == 5
    bad = signed_in.get("/schedules/preview/", {"cron": "whenever", "timezone": "Asia/Tokio"})
    assert bad.status_code == 200
    assert "is no cron line" in bad.content.decode()
    assert "o time zone" in bad.content.decode()
    assert signed_in.get("/schedules/preview/").status_code == 200


def test_a_schedules_own_page(signed_in: Client, schedule: Schedule) -> None:
    schedules.change(schedule, jitter=600, max_runs=50)
    response = signed_in.get(reverse("schedule", args=[schedule.pk]))
    text = response.content.decode()
    assert len(response.context["next"]) == 5
    assert text.count(" there</span>") == 5
    assert "At 07:30 every day" in text
    assert "It has not run yet." in text
    assert "0 of 50" in text


def test_history_is_shown_as_squares_and_as_a_list(signed_in: Client, schedule: Schedule, job: RenderJob) -> None:
    now = timezone.now()
    for hours, outcome, note in (
        (3, "succeeded", ""),
        (2, "skipped", "Nobody ticked <at> its time."),
        (1, "pending", ""),
    ):
        Run.objects.create(
            schedule=schedule,
            due_at=now - timedelta(hours=hours),
            job=job if outcome == "pending" else None,
            outcome=outcome,
            note=note,
            created_at=now,
            finished_at=None if outcome == "pending" else now,
        )
    for path in ("/schedules/", reverse("chart", args=[schedule.chart_id])):
        text = signed_in.get(path).content.decode()
        states = re.findall(r'<li data-state="(\w+)"\s+title="', text)
        assert states == ["succeeded", "skipped", "queued"], path
        assert "Nobody ticked &lt;at&gt; its time." in text
    page = signed_in.get(reverse("schedule", args=[schedule.pk])).content.decode()
    assert [word for word in ("Drawn", "Missed", "Waiting") if word in page] == ["Drawn", "Missed", "Waiting"]
    assert reverse("job", args=[job.pk]) in page
    assert reverse("schedule-live", args=[schedule.pk]) in page, "it asks again while one has not ended"
    assert signed_in.get(reverse("schedule-live", args=[schedule.pk])).status_code == 200


def test_a_schedule_in_utc_stays_in_utc_for_a_reader_elsewhere(signed_in: Client, schedule: Schedule) -> None:
    """The script puts the reader's zone only where nobody has chosen one."""
    Schedule.objects.update(timezone="UTC")
    signed_in.cookies["figpress_zone"] = "Asia%2FTokyo"
    page = signed_in.get(reverse("schedule", args=[schedule.pk])).content.decode()
    assert 'value="UTC"' in page
    assert "data-own-zone" not in page
    assert "data-own-zone" in signed_in.get(reverse("chart", args=[schedule.chart_id])).content.decode()


def test_why_it_paused_is_shown_until_it_is_resumed(signed_in: Client, schedule: Schedule) -> None:
    schedules._pause_itself(schedule, "5 runs in a row failed: There are no rows.", timezone.now())
    for path in ("/schedules/", reverse("schedule", args=[schedule.pk]), reverse("chart", args=[schedule.chart_id])):
        text = signed_in.get(path).content.decode()
        assert "Paused by itself" in text, path
        assert "5 runs in a row failed: There are no rows." in text, path
    response = signed_in.post(reverse("resume-schedule", args=[schedule.pk]) + "?from=page")
    assert response["Location"] == reverse("schedule", args=[schedule.pk])
    assert "Paused by itself" not in signed_in.get("/schedules/").content.decode()


def test_the_plan_is_changed(signed_in: Client, schedule: Schedule) -> None:
    address = reverse("change-schedule", args=[schedule.pk])
    plan = {
        "cron": "0 6 * * 1",
        "timezone": "Asia/Tokyo",
        "missed_runs": "all",
        "jitter": "30",
        "last_day": "2126-05-31",
    }
    response = signed_in.post(address, plan)
    assert response["Location"] == reverse("schedule", args=[schedule.pk])
    schedule.refresh_from_db()
    assert (schedule.cron, schedule.timezone, schedule.missed_runs, schedule.jitter) == (
        "0 6 * * 1", "Asia/Tokyo", "all", 30,
    )  # fmt: skip
    assert (schedule.skip_unchanged, schedule.pause_after) == (False, 5), "an empty box is a no"
    assert schedule.ends_at
    assert schedule.ends_at.isoformat() == "2126-05-31T14:59:59+00:00"
    form = signed_in.get(reverse("schedule", args=[schedule.pk])).context["schedule_form"]
    assert form["last_day"].value().isoformat() == "2126-05-31"

    wrong = signed_in.post(address, {**plan, "cron": "whenever", "last_day": "2020-01-01", "jitter": "-5"})
    assert wrong.status_code == 422
    wrong = signed_in.post(address, {**plan, "cron": "whenever", "last_day": "2020-01-01"})
    errors = wrong.context["schedule_form"].errors
    assert set(errors) == {"cron", "last_day"}


def test_who_waits_for_a_tick_in_vain_is_told(signed_in: Client, schedule: Schedule) -> None:
    pages = ("/schedules/", reverse("schedule", args=[schedule.pk]), reverse("chart", args=[schedule.chart_id]))
    assert "Nobody is there to draw." in signed_in.get("/schedules/").content.decode()
    now = timezone.now()
    Worker.objects.create(name="w", started_at=now, seen_at=now)
    for path in pages:
        text = signed_in.get(path).content.decode()
        assert "Nobody ticks, so nothing comes due." in text, path
        assert "celery -A project beat" in text, path
    schedules.tick(now)
    for path in pages:
        assert "Nobody ticks" not in signed_in.get(path).content.decode(), path


def test_the_preview_tells_of_daylight_saving(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 28, 12, tzinfo=UTC))
    answer = signed_in.get("/schedules/preview/", {"cron": "30 2 * * *", "timezone": "Europe/Berlin"})
    text = answer.content.decode()
    assert "At 02:30 every day" in text
    assert "02:30 does not exist on 29 March: runs at 03:00" in text
