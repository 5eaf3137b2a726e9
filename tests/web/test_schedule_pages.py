"""Schedules: the list and its verbs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from renderer.jobs import schedules
from renderer.models import Chart, RenderJob, Schedule
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
