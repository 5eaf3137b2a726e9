"""Statements written by hand do what the ORM's do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from renderer import statements
from renderer.jobs import charts
from renderer.models import Attempt, Chart, RenderJob
from renderer.models.job import Stage, Status, Trigger
from renderer.recipe import Recipe

SPEC = {"kind": "bar", "title": "50 % \N{GREEK SMALL LETTER PI}", "x": "x", "y": "y",
        "data": {"columns": {"x": ["a"], "y": [1]}}}  # fmt: skip


@pytest.fixture
def job() -> RenderJob:
    chart, _ = charts.create(User.objects.create(username="ada"), Recipe.from_spec(SPEC))
    return charts.render(chart, trigger=Trigger.API).job


@pytest.mark.django_db
def test_a_row_is_what_the_orm_reads(job: RenderJob) -> None:
    for model in (RenderJob, Chart):
        expected = model._base_manager.get()
        found = statements.get(model, {"pk": str(expected.pk)})
        names = [field.attname for field in model._meta.concrete_fields]
        assert found is not None
        assert [getattr(found, name) for name in names] == [getattr(expected, name) for name in names]
        assert not found._state.adding
        assert found == expected
    assert statements.get(RenderJob, {"pk": job.pk, "status": Status.RUNNING}) is None


@pytest.mark.django_db
def test_only_the_rows_that_are_meant_change(job: RenderJob) -> None:
    begun, later = timezone.now(), Now() + timedelta(minutes=1)
    values = {
        "files": ["a%s.png"],
        "memory": {"b": [1, None]},
        "stage": Stage.DRAWING,
        "started_at": begun,
        "available_at": later,
    }

    assert statements.update(RenderJob, {"pk": job.pk, "status": Status.RUNNING}, {"stage": "storing"}) == 0
    assert statements.update(RenderJob, {"pk": job.pk, "cancel_requested_at": None}, values) == 1
    assert statements.update(RenderJob, {"id__gt": job.pk}, {"stage": "storing"}) == 0

    job.refresh_from_db()
    assert (job.files, job.memory, job.stage) == (["a%s.png"], {"b": [1, None]}, Stage.DRAWING)
    assert job.started_at == begun
    assert timedelta() < job.available_at - begun < timedelta(minutes=2)
    assert statements.exists(RenderJob, {"pk": job.pk}, lock=True)
    assert not statements.exists(RenderJob, {"owner_id": job.owner_id, "id__gt": job.pk})


@pytest.mark.django_db
def test_rows_are_written_as_they_stand(job: RenderJob) -> None:
    begun = timezone.now()
    rows = [Attempt(job=job, number=n, task_id="100 %s", worker="w", started_at=begun) for n in (1, 2)]
    statements.insert(rows)

    found = list(Attempt.objects.all())
    assert [(row.job, row.number, row.task_id, row.started_at, row.ended_at) for row in found] == [
        (job, number, "100 %s", begun, None) for number in (1, 2)
    ]


@pytest.mark.django_db
def test_what_goes_wrong_ends_the_transaction_around_it(job: RenderJob) -> None:
    twice = [Attempt(job=job, number=1, task_id="", worker="", started_at=timezone.now())] * 2
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            statements.insert(twice)
        assert transaction.get_rollback()
        transaction.set_rollback(True)
    assert not Attempt.objects.exists()
