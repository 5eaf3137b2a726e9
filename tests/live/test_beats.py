"""Two beats, as they come about when somebody starts a second one by mistake: each moment has one run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from project import local
from renderer.jobs import charts, notices, schedules
from renderer.models import RenderJob, Run, Schedule
from renderer.models.job import FINAL, Status
from renderer.models.run import Outcome
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live

SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


def test_two_beats_make_one_run_of_each_moment(live: Live) -> None:
    worker = live.start_worker(concurrency=2)
    owner = live.user()
    for number in range(6):
        chart, _ = charts.create(owner, Recipe.from_spec({**SPEC, "title": f"Chart {number}"}))
        schedules.create(owner, chart, cron="* * * * *", skip_unchanged=False)
    Schedule.objects.update(next_due_at=timezone.now() - timedelta(seconds=1))

    shell, flag, line = local.command("beat")
    line = line.replace("--loglevel INFO", "--loglevel DEBUG")  # it says then what it has sent
    beats = [
        # Each with a file of its own for its times, as on two machines.
        live.start("beat", [shell, flag, f"{line} --schedule {live.folder}/beat-{number}"], LOG_LEVEL="DEBUG")
        for number in (1, 2)
    ]
    live.wait_for(lambda: all("figpress.schedules.tick sent" in beat.output() for beat in beats), deadline=60)
    live.wait_for(lambda: Schedule.objects.filter(runs__outcome=Outcome.SUCCEEDED).distinct().count() == 6, deadline=60)

    for beat in beats:
        beat.stop()
    live.wait_for(lambda: not RenderJob.objects.exclude(status__in=FINAL).exists())
    moments = [*Run.objects.values_list("schedule", "due_at")]
    assert len(moments) == len(set(moments))
    assert sorted(RenderJob.objects.values_list("schedule", "due_at")) == sorted(moments)
    assert not RenderJob.objects.exclude(status=Status.SUCCEEDED).exists()
    assert notices.beat_seen()
    assert "Traceback" not in worker.output()
