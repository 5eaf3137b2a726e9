"""What is kept of what happened, and of what has no name, goes after its time and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from renderer.jobs import records, schedules, shares
from renderer.jobs.variants import Look
from renderer.models import Batch, Chart, Run, Schedule, ShareLink
from renderer.models.run import Outcome
from renderer.recipe import Recipe

pytestmark = pytest.mark.django_db

SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
OLD = timezone.now() - timedelta(days=500)


def _chart(owner: User, title: str, name: str = "") -> Chart:
    from renderer.jobs import charts

    chart, _ = charts.create(owner, Recipe.from_spec(SPEC | {"title": title}), name=name)
    Chart.objects.filter(pk=chart.pk).update(updated_at=OLD)
    return chart


def test_records_go_after_their_time_and_pending_ones_stay(settings: Settings) -> None:
    owner = User.objects.create(username="ada")
    schedule = schedules.create(owner, _chart(owner, "A"), cron="0 6 * * *")
    for outcome, made in ((Outcome.SUCCEEDED, OLD), (Outcome.PENDING, OLD), (Outcome.FAILED, timezone.now())):
        Run.objects.create(
            schedule=schedule,
            outcome=outcome,
            created_at=made,
            finished_at=None if outcome is Outcome.PENDING else made,
        )
    for made in (OLD, timezone.now()):
        Batch.objects.create(owner=owner, total=1, created_at=made)
    link, _ = shares.create(owner, _chart(owner, "B"), Look("png"))
    ShareLink.objects.filter(pk=link.pk).update(revoked_at=OLD)

    assert records.sweep(timezone.now()) == 3
    assert set(Run.objects.values_list("outcome", flat=True)) == {Outcome.PENDING, Outcome.FAILED}
    assert (Batch.objects.count(), ShareLink.objects.count()) == (1, 0)
    assert Chart.objects.count() == 2, "charts stay, unless somebody says otherwise"

    settings.FIGPRESS_KEEP_RECORDS = {"runs": 0, "pictures": 3}
    with pytest.raises(ValueError, match="there are no pictures"):
        records.sweep(timezone.now())


def test_charts_without_a_name_go_if_nothing_holds_them(settings: Settings) -> None:
    owner = User.objects.create(username="ada")
    _chart(owner, "Asked for once")
    held, named = _chart(owner, "On a schedule"), _chart(owner, "Named", "Mine")
    schedules.create(owner, held, cron="0 6 * * *")
    shared = _chart(owner, "Shared")
    shares.create(owner, shared, Look("png"))
    Chart.objects.update(updated_at=OLD)
    settings.FIGPRESS_KEEP_RECORDS = {"unnamed": 30}
    assert records.sweep(timezone.now()) == 1
    assert {*Chart.objects.values_list("pk", flat=True)} == {held.pk, named.pk, shared.pk}
    assert Schedule.objects.count() == 1
