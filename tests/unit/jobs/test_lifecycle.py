"""Each verb of the lifecycle, from each status: what it changes, and that it changes nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from renderer.jobs import charts, lifecycle
from renderer.jobs.enqueue import enqueue
from renderer.jobs.lifecycle import Claim
from renderer.jobs.targets import Target
from renderer.models import Attempt, Chart, RenderJob
from renderer.models.job import Queue, Reason, Stage, Status, Trigger
from renderer.recipe import Recipe

Q, R, S, F, C, E = (
    Status.QUEUED,
    Status.RUNNING,
    Status.SUCCEEDED,
    Status.FAILED,
    Status.CANCELLED,
    Status.EXPIRED,
)


def _claim(job: RenderJob) -> bool:
    return lifecycle.claim(job.pk, worker="v@host#2", task_id="task-2") is not None


def _claim_next(job: RenderJob) -> bool:
    return lifecycle.claim_next([Queue(job.queue)], worker="v@host#2", task_id="task-2") is not None


def _as_claim(verb: Callable[[Claim], bool]) -> Callable[[RenderJob], bool]:
    return lambda job: verb(Claim(job, job.attempt))


VERBS: dict[str, tuple[Callable[[RenderJob], bool], dict[Status, Status]]] = {
    # verb: how it is said, and the statuses it leaves with where it leads; from all others it must change nothing
    "claim": (_claim, {Q: R}),
    "claim_next": (_claim_next, {Q: R}),
    "advance": (_as_claim(lambda claim: lifecycle.advance(claim, Stage.DRAWING)), {R: R}),
    "succeed": (_as_claim(lambda claim: lifecycle.succeed(claim, warnings=[], timings={})), {R: S}),
    "leave": (_as_claim(lambda claim: lifecycle.leave(claim, "as it was", digest="", timings={})), {R: S}),
    "force": (lifecycle.force, {Q: Q, R: R}),
    "fail": (_as_claim(lambda claim: lifecycle.fail(claim, Reason.TIMEOUT, "slow")), {R: F}),
    "overrun": (_as_claim(lambda claim: lifecycle.overrun(claim, "slow")), {R: F}),
    "stop": (_as_claim(lambda claim: lifecycle.stop(claim, "gone")), {R: C}),
    "retry": (_as_claim(lambda claim: lifecycle.retry(claim, Reason.STORAGE_ERROR, "full")), {R: Q}),
    "wait_for_room": (_as_claim(lambda claim: lifecycle.wait_for_room(claim, "full")), {R: Q}),
    "release": (_as_claim(lifecycle.release), {R: Q}),
    "rescue": (lifecycle.rescue, {R: Q}),
    "cancel": (lifecycle.cancel, {Q: C, R: R}),
    "cancel_all": (lambda job: bool(lifecycle.cancel_all(RenderJob.objects.filter(pk=job.pk))), {Q: C, R: R}),
    "keep": (lifecycle.keep, {R: R}),
    "renew": (lambda job: bool(lifecycle.renew(job.worker, ["task-1"])), {R: R}),
    "expire": (lambda job: bool(lifecycle.expire(timezone.now() + timedelta(hours=2))), {Q: E}),
    "hurry": (lambda job: bool(lifecycle.hurry(timezone.now() - timedelta(hours=1))), {Q: Q}),
}

RUNNING: dict[str, tuple[Status | None, Status]] = {
    # verb: where it leads a running job that somebody asked to stop (None: nowhere), and one on its last attempt
    "advance": (None, R),
    "succeed": (None, S),
    "leave": (None, S),
    "force": (R, R),
    "fail": (F, F),
    "overrun": (C, F),
    "stop": (C, C),
    "retry": (C, F),
    "wait_for_room": (C, Q),
    "release": (C, Q),
    "rescue": (C, F),
    "cancel": (R, R),
    "cancel_all": (None, R),
    "keep": (R, R),
    "renew": (R, R),
}


@pytest.mark.parametrize("verb", RUNNING)
@pytest.mark.parametrize("asked", [True, False], ids=["asked to stop", "on its last attempt"])
def test_a_verb_knows_when_a_running_job_has_come_to_its_end(verb: str, asked: bool, claim: Claim) -> None:
    if asked:
        lifecycle.cancel(claim.job)
    else:
        RenderJob.objects.update(max_attempts=1)
    leads = RUNNING[verb][0 if asked else 1]

    took_effect = VERBS[verb][0](claim.job)

    claim.job.refresh_from_db()
    assert took_effect is (leads is not None)
    assert claim.job.status == (leads or R)


def test_the_tables_know_every_verb() -> None:
    """What is public in the lifecycle and leads to a row, is in the tables; what leads from `running`, in both."""
    verbs = {
        name
        for name, verb in vars(lifecycle).items()
        if inspect.isfunction(verb) and verb.__module__ == lifecycle.__name__ and not name.startswith("_")
    }
    assert VERBS.keys() == verbs - {"soft_limit", "hard_limit", "lease_end", "backoff"}
    assert RUNNING.keys() == {verb for verb, (_, leads) in VERBS.items() if R in leads}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", Status)
def test_a_verb_changes_only_the_statuses_it_is_for(
    verb: str, status: Status, job_in: Callable[[Status], RenderJob]
) -> None:
    say, leads = VERBS[verb]
    job = job_in(status)
    before = RenderJob.objects.filter(pk=job.pk).values().get()

    took_effect = say(job)

    after = RenderJob.objects.filter(pk=job.pk).values().get()
    assert took_effect is (status in leads)
    if status in leads:
        assert after["status"] == leads[status]
    else:
        assert after == before


def test_a_claim_counts_the_attempt_and_says_who_and_until_when(job: RenderJob) -> None:
    claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id="task-1")

    assert claimed
    job.refresh_from_db()
    assert (job.attempt, job.worker, job.stage) == (1, "w@host#1", Stage.LOADING)
    assert job.lease_expires_at
    assert job.started_at
    assert abs(job.lease_expires_at - job.started_at - lifecycle.LEASE) < timedelta(seconds=10)
    attempt = Attempt.objects.get(job=job)
    assert (attempt.number, attempt.task_id, attempt.worker, attempt.ended_at) == (1, "task-1", "w@host#1", None)


def test_a_job_is_not_claimed_before_it_is_available_nor_after_it_expired(job: RenderJob) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    RenderJob.objects.update(available_at=soon)
    assert not _claim(job)

    RenderJob.objects.update(available_at=job.created_at, expires_at=timezone.now())
    assert not _claim(job)


@pytest.mark.parametrize("verb", ["advance", "succeed", "fail", "overrun", "stop", "retry", "wait_for_room", "release"])
def test_a_worker_that_lost_its_claim_changes_nothing(verb: str, claim: Claim) -> None:
    assert lifecycle.rescue(claim.job)
    assert lifecycle.claim(claim.job.pk, worker="other@host#2", task_id="task-2")
    before = RenderJob.objects.values().get()

    stale = claim.job  # still knows itself as attempt 1
    assert VERBS[verb][0](stale) is False

    assert RenderJob.objects.values().get() == before


def test_retry_waits_longer_each_time_and_fails_when_no_attempt_is_left(claim: Claim) -> None:
    waits = []
    for number in (1, 2):
        now = timezone.now()
        assert lifecycle.retry(claim, Reason.STORAGE_ERROR, "The disk is full.")
        claim.job.refresh_from_db()
        assert (claim.job.status, claim.job.message, claim.job.reason) == (Q, "The disk is full.", "")
        assert claim.job.turn == 0, "it has waited already"
        waits.append(claim.job.available_at - now)
        RenderJob.objects.update(available_at=now)
        again = lifecycle.claim(claim.job.pk, worker="w@host#1", task_id=f"task-{number + 1}")
        assert again
        claim = again
    assert waits[1] > 2 * waits[0]

    assert lifecycle.retry(claim, Reason.STORAGE_ERROR, "The disk is full.")

    claim.job.refresh_from_db()
    assert (claim.job.status, claim.job.reason, claim.job.attempt) == (F, Reason.STORAGE_ERROR, 3)
    outcomes = list(Attempt.objects.order_by("number").values_list("outcome", flat=True))
    assert outcomes == ["failed for now: storage_error", "failed for now: storage_error", "failed: storage_error"]


def test_a_poison_job_is_rescued_until_its_attempts_are_used_up(claim: Claim) -> None:
    for number in (2, 3):
        assert lifecycle.rescue(claim.job)
        again = lifecycle.claim(claim.job.pk, worker="w@host#1", task_id=f"task-{number}")
        assert again
        claim = again

    assert lifecycle.rescue(claim.job)

    claim.job.refresh_from_db()
    assert (claim.job.status, claim.job.reason) == (F, Reason.WORKER_LOST)
    assert not _claim(claim.job)


def test_release_costs_no_attempt(claim: Claim) -> None:
    for _ in range(5):
        assert lifecycle.release(claim)
        again = lifecycle.claim(claim.job.pk, worker="w@host#1", task_id="task")
        assert again
        claim = again
    assert claim.attempt == 6
    claim.job.refresh_from_db()
    assert claim.job.max_attempts - claim.job.attempt == 2


def test_a_running_job_that_is_cancelled_stops_at_the_next_stage_and_is_not_revived(claim: Claim) -> None:
    assert lifecycle.cancel(claim.job)
    assert not lifecycle.advance(claim, Stage.DRAWING)

    assert lifecycle.rescue(claim.job), "its worker died before it could stop"

    claim.job.refresh_from_db()
    assert claim.job.status == C
    assert Attempt.objects.get().outcome == "cancelled"


def test_a_cancelled_running_job_may_be_wanted_again(claim: Claim) -> None:
    lifecycle.cancel(claim.job)
    assert lifecycle.keep(claim.job)
    assert lifecycle.advance(claim, Stage.DRAWING)


def test_advance_renews_the_lease(claim: Claim) -> None:
    RenderJob.objects.update(lease_expires_at=timezone.now())
    assert lifecycle.advance(claim, Stage.ENCODING)
    claim.job.refresh_from_db()
    assert claim.job.lease_expires_at
    assert claim.job.lease_expires_at > timezone.now() + lifecycle.LEASE / 2


def test_a_heartbeat_renews_only_what_a_child_draws_and_only_up_to_the_hard_limit(claim: Claim) -> None:
    def renewed(*task_ids: str, worker: str = claim.job.worker) -> bool:
        RenderJob.objects.update(lease_expires_at=timezone.now())
        return lifecycle.renew(worker, task_ids) == 1

    assert renewed("task-0", "task-1")
    assert not renewed("task-0"), "its child is done with it, and could not say so"
    assert not renewed("task-1", worker="other@host#2")
    RenderJob.objects.update(started_at=timezone.now() - lifecycle.hard_limit() - lifecycle.LEASE)
    assert not renewed("task-1"), "its time is up, whatever the child does"


def test_a_clock_that_was_set_back_holds_up_no_job(claim: Claim) -> None:
    """Its next attempt is due in an hour then."""
    lifecycle.retry(claim, Reason.STORAGE_ERROR, "full")
    RenderJob.objects.update(available_at=timezone.now() + timedelta(hours=1))
    assert lifecycle.hurry(timezone.now()) == 1
    assert _claim(claim.job)


def test_a_job_that_is_meant_to_wait_is_not_hurried(job: RenderJob) -> None:
    RenderJob.objects.update(available_at=timezone.now() + timedelta(hours=1))
    assert lifecycle.hurry(timezone.now()) == 0


def test_a_lost_job_whose_picture_was_asked_for_again_gives_way(chart: Chart) -> None:
    """A recipe that reads changing data: the new ask waits beside the running job, and takes its place."""
    recipe = Recipe(figure="anything", params={}, formats=("png",))
    target = Target.of(chart, "image")
    first = enqueue(recipe, target, trigger=Trigger.CODE).job
    assert lifecycle.claim(first.pk, worker="w@host#1", task_id="task-1")
    second = enqueue(recipe, target, trigger=Trigger.CODE)
    assert second.created

    first.refresh_from_db()
    assert lifecycle.rescue(first)

    first.refresh_from_db()
    assert (first.status, first.message) == (C, lifecycle.REPLACED)


def test_expire_ends_only_what_waits_too_long(chart: Chart, job: RenderJob) -> None:
    assert lifecycle.expire(timezone.now()) == 0
    RenderJob.objects.update(expires_at=timezone.now())
    assert lifecycle.expire(timezone.now()) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"status": S},
        {"status": R},
        {"status": F, "finished_at": timezone.now()},
        {"finished_at": timezone.now()},
        {"attempt": 4},
        {"reason": Reason.TIMEOUT},
    ],
)
def test_the_database_refuses_rows_that_make_no_sense(values: dict[str, object], job: RenderJob) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RenderJob.objects.filter(pk=job.pk).update(**values)


def test_two_active_jobs_for_one_picture_are_refused_by_the_database(job: RenderJob) -> None:
    job.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        RenderJob.objects.create(
            trigger=Trigger.API,
            recipe=job.recipe,
            content_key=job.content_key,
            pure=True,
            target_model=job.target_model,
            target_id=job.target_id,
            target_field=job.target_field,
        )


def test_deleting_a_chart_ends_its_jobs(claim: Claim, chart: Chart) -> None:
    charts.delete(chart)
    assert not RenderJob.objects.exists()
    assert not lifecycle.advance(claim, Stage.STORING)
