"""``manage.py jobs``: what an operator sees and does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_celery_results.models import TaskResult

from renderer.jobs import charts, lifecycle, queues
from renderer.models import Chart, RenderJob, Worker
from renderer.models.job import Queue, Reason, Status, Trigger
from renderer.recipe import Recipe


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def make(ada: User) -> Callable[..., RenderJob]:
    """A job of a chart of its own, in some status."""
    titles = iter(range(1000))

    def job(status: Status = Status.QUEUED, queue: Queue = Queue.INTERACTIVE, owner: User = ada) -> RenderJob:
        spec = {"kind": "bar", "title": f"{next(titles)}", "data": {"columns": {"x": ["a"], "y": [1]}}}
        chart, _ = charts.create(owner, Recipe.from_spec({**spec, "x": "x", "y": "y"}))
        made = charts.render(chart, trigger=Trigger.API, queue=queue, request_id="req-1").job
        if status is not Status.QUEUED:
            claim = lifecycle.claim(made.pk, worker="figpress@host#1", task_id=f"task {made.pk}")
            assert claim
            if status is Status.FAILED:
                lifecycle.fail(claim, Reason.FIGURE_ERROR, "It raised ValueError.\n\x1b[31mforged")
        return RenderJob.objects.get(pk=made.pk)

    return job


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("jobs", *words, stdout=out, stderr=out, no_color=True)
    return out.getvalue()


def test_the_list_is_a_table_that_nothing_breaks(make: Callable[..., RenderJob]) -> None:
    waiting, failed = make(queue=Queue.BULK), make(Status.FAILED)
    head, first, second = run("list").splitlines()
    assert first.startswith(f"{failed.pk}  failed  interactive  ada")
    assert first.endswith("figure_error: It raised ValueError.\\n\\x1b[31mforged")
    assert second.startswith(f"{waiting.pk}  queued  bulk         ada")
    assert head.index("queue") == first.index("interactive") == second.index("bulk")


def test_the_list_is_filtered(make: Callable[..., RenderJob]) -> None:
    bob = User.objects.create_user("bob")
    old, bulk, bobs = make(), make(queue=Queue.BULK), make(owner=bob)
    RenderJob.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=3))

    def found(*words: str) -> set[str]:
        return {json.loads(line)["id"] for line in run("list", "--json", *words).splitlines()}

    assert found() == {str(old.pk), str(bulk.pk), str(bobs.pk)}
    assert found("--queue", "bulk") == {str(bulk.pk)}
    assert found("--owner", "bob") == {str(bobs.pk)}
    assert found("--older-than", "2h") == {str(old.pk)}
    assert found("--chart", bulk.target_id) == {str(bulk.pk)}
    assert found("--status", "failed") == set()
    assert run("list", "--status", "failed") == "No such jobs.\n"
    assert "1 of 3 jobs" in run("list", "--limit", "1")
    with pytest.raises(CommandError, match="no user eve"):
        run("list", "--owner", "eve")
    with pytest.raises(CommandError, match="write 90s, 30m, 2h or 7d"):
        run("list", "--older-than", "soon")


def test_counts(make: Callable[..., RenderJob]) -> None:
    make(), make(queue=Queue.BULK), make(Status.FAILED)
    said = run("counts")
    assert said.splitlines()[0].split()[:3] == ["queue", "queued", "running"]
    assert [line.split()[:2] for line in said.splitlines() if line.startswith(("bulk", "all"))] == [
        ["bulk", "1"],
        ["all", "2"],
    ]
    assert "No worker is alive." in said
    now = timezone.now()
    Worker.objects.create(name="w", concurrency=4, queues="bulk", started_at=now, seen_at=now)
    assert "1 worker alive, 4 jobs at a time." in run("counts")
    told = json.loads(run("counts", "--json"))
    assert (told["queues"]["bulk"]["queued"], told["slots"]) == (1, 4)


def test_the_story_of_a_job(make: Callable[..., RenderJob]) -> None:
    job = make(Status.FAILED)
    TaskResult.objects.create(task_id=f"task {job.pk}", traceback="Traceback:\n  File x\nValueError: \x1b[2Jno")
    said = run("show", str(job.pk))
    for part in ("failed (figure_error)", "ada", "req-1", "attempt 1 began on figpress@host#1", "ValueError: \\x1b[2J"):
        assert part in said
    assert "\x1b" not in said
    told = json.loads(run("show", "--json", str(job.pk)))
    assert told["attempts"][0]["traceback"].startswith("Traceback")
    with pytest.raises(CommandError, match="no job"):
        run("show", str(job.target_id))


def test_cancel(make: Callable[..., RenderJob]) -> None:
    waiting, running, bulk, failed = make(), make(Status.RUNNING), make(queue=Queue.BULK), make(Status.FAILED)
    assert run("cancel", str(waiting.pk)) == "1 job cancelled.\n"
    with pytest.raises(CommandError, match="is failed: nothing to cancel"):
        run("cancel", str(failed.pk))
    with pytest.raises(CommandError, match="This would cancel 2 jobs: say --yes"):
        run("cancel", "--owner", "ada")
    assert run("cancel", "--owner", "ada", "--yes") == "1 job cancelled, 1 running asked to stop.\n"
    for job, status in ((waiting, "cancelled"), (bulk, "cancelled"), (running, "running"), (failed, "failed")):
        assert RenderJob.objects.get(pk=job.pk).status == status
    with pytest.raises(CommandError, match="Name jobs by their ids, or choose them"):
        run("cancel")


def test_retry(make: Callable[..., RenderJob]) -> None:
    first, second, waiting = make(Status.FAILED), make(Status.FAILED), make()
    assert run("retry", str(first.pk)) == "1 job made.\n"
    with pytest.raises(CommandError, match="nothing to retry"):
        run("retry", str(waiting.pk))
    with pytest.raises(CommandError, match="say --yes"):
        run("retry", "--status", "failed")
    assert run("retry", "--status", "failed", "--yes") == "1 job made.\n", "the first one is on its way"
    assert RenderJob.objects.filter(trigger=Trigger.RETRY, target_id=second.target_id).count() == 1


def test_pause_and_resume(db: None) -> None:
    assert run("pause", "bulk") == "The queue bulk is paused.\n"
    assert run("pause", "bulk") == "The queue bulk was paused already.\n"
    assert queues.paused() == [Queue.BULK]
    assert run("resume", "bulk") == "The queue bulk goes on.\n"
    assert run("resume", "bulk") == "The queue bulk was not paused.\n"


def test_rescue(make: Callable[..., RenderJob]) -> None:
    lost = make(Status.RUNNING)
    RenderJob.objects.filter(pk=lost.pk).update(lease_expires_at=timezone.now() - timedelta(minutes=1))
    assert run("rescue").startswith("1 lost job brought back")
    assert RenderJob.objects.get(pk=lost.pk).status == Status.QUEUED
    assert Chart.objects.exists()
