"""The tasks that keep house, as beat sends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from renderer import metrics

pytestmark = pytest.mark.usefixtures("db", "media")


@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_entry_of_beat_is_a_task_that_runs_any_number_of_times(entry: str) -> None:
    scheduled: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE[entry]
    task: Callable[[], int] = current_app.tasks[scheduled["task"]]
    assert [task(), task()] == [0, 0]
    every = scheduled["schedule"]
    if isinstance(every, float):
        assert scheduled["options"]["expires"] < every, "a worker that was away does not wake to a pile of them"
    assert scheduled["options"]["queue"] == "upkeep"


def test_the_metrics_say_when_beat_ticked() -> None:
    before = timezone.now() - timedelta(seconds=1)
    current_app.tasks["figpress.schedules.tick"]()
    families = text_string_to_metric_families(metrics.text().decode())
    (beat,) = [family for family in families if family.name == "figpress_beat_last_seen_timestamp_seconds"]
    assert beat.samples[0].value > before.timestamp()
