"""What is written once does what the ORM does each time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import CharField, DateTimeField, Q
from django.db.models.functions import Now
from django.utils import timezone

from renderer.jobs import charts
from renderer.models import ApiToken, Attempt, Chart, RenderJob, statements
from renderer.models.job import Stage, Status, Trigger
from renderer.models.statements import Slot, Statement
from renderer.recipe import Recipe

SPEC = {"kind": "bar", "title": "50 % \N{GREEK SMALL LETTER PI}", "x": "x", "y": "y",
        "data": {"columns": {"x": ["a"], "y": [1]}}}  # fmt: skip


NAMED = Statement(
    lambda: (
        ApiToken.objects.filter(Q(name=Slot("name", CharField())), created_at__lt=Slot("now", DateTimeField()))
        .select_related("owner")
        .defer("hint")
        .order_by("pk")
    )
)
HINTS = Statement(lambda: ApiToken.objects.filter(name=Slot("name", CharField())).values_list("hint", flat=True))
PAIRS = Statement(lambda: ApiToken.objects.filter(name=Slot("name", CharField())).values_list("pk", "scopes"))


@pytest.mark.django_db
def test_rows_are_what_the_orm_makes_of_them(django_assert_num_queries: Any) -> None:
    ada, bob = User.objects.create_user("ada"), User.objects.create_user("bob")
    first = ApiToken.issue(ada, "one", scopes=["read"])[0]
    second = ApiToken.issue(bob, "one", expires_at=timezone.now() + timedelta(days=1))[0]
    other = ApiToken.issue(ada, "'; --")[0]
    soon = timezone.now() + timedelta(minutes=1)

    with django_assert_num_queries(1):
        found = NAMED.all(name="one", now=soon)
        assert [(row, row.owner, row.scopes, row.expires_at) for row in found] == [
            (first, ada, ["read"], None),
            (second, bob, second.scopes, second.expires_at),
        ]
    assert found[0].get_deferred_fields() == {"hint"}
    assert found[0].hint == first.hint
    assert NAMED.all(name="one", now=soon - timedelta(days=1)) == []
    assert NAMED.first(name="'; --", now=soon) == other
    assert NAMED.first(name="two", now=soon) is None
    assert HINTS.first(name="'; --") == other.hint
    assert PAIRS.all(name="'; --") == [(other.pk, other.scopes)]


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
    assert statements.value(RenderJob, {"pk": job.pk}, "memory") == {}
    assert statements.value(RenderJob, {"pk": job.pk, "status": Status.RUNNING}, "memory") is None


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
