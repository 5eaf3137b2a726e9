"""A job's life in any order: what may happen does, at random, twice and too late; the rules hold after each step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from renderer.jobs import charts, lifecycle
from renderer.jobs.enqueue import enqueue
from renderer.jobs.lifecycle import Claim
from renderer.jobs.targets import Target
from renderer.models import Attempt, RenderJob
from renderer.models.job import FINAL, Queue, Reason, Stage, Status, Trigger
from renderer.recipe import Recipe

WORKERS = st.sampled_from(["w@one#1", "w@two#2"])
PURE = Recipe.from_spec(
    {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
)
CHANGING = Recipe(figure="reads.tables", params={}, formats=("png",))


class Life(RuleBasedStateMachine):
    """Some charts, two workers that may be slow or dead, a broker that delivers when and how often it likes."""

    jobs = Bundle("jobs")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        ada = User.objects.create_user("ada")
        self.charts = [charts.create(ada, PURE, name=f"chart {number}")[0] for number in range(2)]
        self.ended: dict[Any, dict[str, Any]] = {}
        self.winners: dict[Any, int] = {}
        self.tasks = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule(target=jobs, number=st.integers(0, 1), recipe=st.sampled_from([PURE, CHANGING]), short=st.booleans())
    def ask(self, number: int, recipe: Recipe, short: bool) -> RenderJob:
        late = timezone.now() + timedelta(minutes=5 if short else 500)
        onto = Target.of(self.charts[number], "image")
        job, created = enqueue(recipe, onto, trigger=Trigger.API, force=True, expires_at=late)
        assert created or job.status in (Status.QUEUED, Status.RUNNING)
        return job

    @rule(target=claims, job=jobs, worker=WORKERS)
    def deliver(self, job: RenderJob, worker: str) -> Any:
        """The message comes: for the first time, again, or long after the job has ended."""
        before = self.row(job)
        self.tasks += 1
        claim = lifecycle.claim(job.pk, worker=worker, task_id=f"task-{self.tasks}")
        waits = before["status"] == Status.QUEUED and before["available_at"] <= timezone.now()
        assert (claim is not None) == waits
        if claim is None:
            return multiple()
        assert claim.attempt == before["attempt"] + 1
        return claim

    @rule(claim=claims, stage=st.sampled_from(Stage))
    def advance(self, claim: Claim, stage: Stage) -> None:
        going = self.going(claim)
        assert lifecycle.advance(claim, stage) is going

    @rule(claim=claims)
    def succeed(self, claim: Claim) -> None:
        held = self.going(claim)
        assert lifecycle.succeed(claim, warnings=[], timings={}) is held
        self.winners[claim.job.pk] = self.winners.get(claim.job.pk, 0) + held
        assert self.winners[claim.job.pk] <= 1, "one winner"

    @rule(claim=claims)
    def fail(self, claim: Claim) -> None:
        self.ends(claim, lifecycle.fail(claim, Reason.FIGURE_ERROR, "no"), Status.FAILED)

    @rule(claim=claims)
    def overrun(self, claim: Claim) -> None:
        self.ends(claim, lifecycle.overrun(claim, "slow"), Status.FAILED, Status.CANCELLED)

    @rule(claim=claims)
    def stop(self, claim: Claim) -> None:
        self.ends(claim, lifecycle.stop(claim, "gone"), Status.CANCELLED)

    @rule(claim=claims)
    def retry(self, claim: Claim) -> None:
        self.ends(
            claim, lifecycle.retry(claim, Reason.STORAGE_ERROR, "full"),
            Status.QUEUED, Status.FAILED, Status.CANCELLED,
        )  # fmt: skip

    @rule(claim=claims)
    def release(self, claim: Claim) -> None:
        self.ends(claim, lifecycle.release(claim), Status.QUEUED, Status.CANCELLED)

    @rule(claim=claims)
    def rescue(self, claim: Claim) -> None:
        """Somebody takes the worker for dead, rightly or not, now or when it was long over."""
        job = claim.job
        job.attempt = claim.attempt
        self.ends(claim, lifecycle.rescue(job), Status.QUEUED, Status.FAILED, Status.CANCELLED)

    @rule(target=claims, worker=WORKERS)
    def take_the_next(self, worker: str) -> Any:
        """A message that names no job: whoever is next in line."""
        self.tasks += 1
        waits = RenderJob.objects.filter(status=Status.QUEUED, available_at__lte=timezone.now()).exists()
        claim = lifecycle.claim_next([Queue.INTERACTIVE], worker=worker, task_id=f"task-{self.tasks}")
        assert (claim is not None) == waits
        return claim or multiple()

    @rule(job=jobs)
    def cancel(self, job: RenderJob) -> None:
        before = self.row(job)["status"]
        assert lifecycle.cancel(job) is (before not in FINAL)
        if before == Status.QUEUED:
            assert self.row(job)["status"] == Status.CANCELLED

    @rule(job=jobs)
    def keep(self, job: RenderJob) -> None:
        assert lifecycle.keep(job) is (self.row(job)["status"] == Status.RUNNING)

    @rule(worker=WORKERS)
    def renew(self, worker: str) -> None:
        held = RenderJob.objects.filter(status=Status.RUNNING, worker=worker).count()
        assert lifecycle.renew(worker, [f"task-{number + 1}" for number in range(self.tasks)]) == held

    @rule()
    def expire(self) -> None:
        lifecycle.expire(timezone.now() + timedelta(minutes=10))

    @rule()
    def time_passes(self) -> None:
        RenderJob.objects.filter(status=Status.QUEUED).update(available_at=timezone.now())

    @invariant()
    def final_is_final(self) -> None:
        rows = {row["id"]: dict(row) for row in RenderJob.objects.filter(status__in=FINAL).values()}
        for pk, row in self.ended.items():
            assert rows.get(pk) == row
        self.ended = rows

    @invariant()
    def attempts_add_up(self) -> None:
        for job in RenderJob.objects.all():
            attempts = list(Attempt.objects.filter(job=job).order_by("number"))
            assert [attempt.number for attempt in attempts] == list(range(1, job.attempt + 1))
            still_open = [attempt.number for attempt in attempts if attempt.ended_at is None]
            assert still_open == ([job.attempt] if job.status == Status.RUNNING else [])
            assert job.attempt <= job.max_attempts
            assert sum(attempt.outcome == "succeeded" for attempt in attempts) == (job.status == Status.SUCCEEDED)

    @invariant()
    def one_active_job_for_one_picture(self) -> None:
        active = RenderJob.objects.filter(status__in=[Status.QUEUED, Status.RUNNING])
        joinable = [
            (job.target_id, job.content_key) for job in active if job.pure or job.status == Status.QUEUED
        ]  # fmt: skip
        assert len(joinable) == len(set(joinable))

    def row(self, job: RenderJob) -> dict[str, Any]:
        return dict(RenderJob.objects.filter(pk=job.pk).values().get())

    def holds(self, claim: Claim) -> bool:
        row = self.row(claim.job)
        return bool(row["status"] == Status.RUNNING and row["attempt"] == claim.attempt)

    def going(self, claim: Claim) -> bool:
        """Whether it holds, and nobody asked it to stop."""
        return self.holds(claim) and self.row(claim.job)["cancel_requested_at"] is None

    def ends(self, claim: Claim, took_effect: bool, *statuses: Status) -> None:
        """The claim was good exactly if the verb took effect, and then it led to one of these."""
        row = self.row(claim.job)
        if took_effect:
            assert row["status"] in statuses
        assert not self.holds(claim)


@pytest.mark.django_db
def test_no_order_of_events_breaks_the_rules() -> None:
    run_state_machine_as_test(Life, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))
