"""A person with a webhook, and a chart whose jobs it is told of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from renderer.jobs import charts, lifecycle
from renderer.jobs.lifecycle import Claim
from renderer.models import Chart, Webhook
from renderer.models.job import Trigger
from renderer.recipe import Recipe
from renderer.webhooks import hooks

SPEC = {"kind": "bar", "title": "Hush", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def hook(ada: User) -> Webhook:
    """One that is told of everything."""
    return hooks.create(ada, "https://example.org/hook")[0]


@pytest.fixture
def chart(ada: User) -> Chart:
    return charts.create(ada, Recipe.from_spec(SPEC))[0]


@pytest.fixture
def running(chart: Chart) -> Callable[[], Claim]:
    """Make a job that is being drawn."""

    def make() -> Claim:
        job = charts.render(chart, trigger=Trigger.API, force=True).job
        claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id="task-1")
        assert claimed
        return claimed

    return make
