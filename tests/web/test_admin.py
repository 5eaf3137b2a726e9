"""The admin: every list and page opens, nothing is written by hand, and the actions go through the verbs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult
from pytest_django import DjangoCaptureOnCommitCallbacks

from renderer.accounts import totp
from renderer.jobs import batches, queues, schedules, workspaces
from renderer.jobs.charts import recipe_of
from renderer.models import (
    ApiToken,
    Attempt,
    AuditEntry,
    Beat,
    Chart,
    ChartDataset,
    Dataset,
    DatasetVersion,
    Export,
    Identity,
    KeptAnswer,
    Origin,
    Overview,
    PausedQueue,
    RenderJob,
    Run,
    Schedule,
    SecondFactor,
    ShareLink,
    Tally,
    Variant,
    Worker,
)
from renderer.models.job import Queue, Status
from renderer.webhooks import deliveries, hooks

Ended = Callable[[RenderJob, Status], RenderJob]


@pytest.fixture
def root(client: Client, staff: User) -> Client:
    """An operator's browser."""
    client.force_login(staff)
    return client


@pytest.fixture
def everything(drawn: Chart, job: RenderJob, ada: User) -> dict[str, Any]:
    """A row of each model, by its name."""
    now = timezone.now()
    dataset = Dataset.objects.create(owner=ada, name="sales")
    hook = hooks.create(ada, "https://example.org/hook")[0]
    schedule = schedules.create(ada, drawn, cron="0 7 * * *")
    batch = batches.create(ada, [(recipe_of(drawn), "")])
    variant = Variant.objects.create(chart=drawn, format="webp")
    workspace = workspaces.create(ada, "Sales")
    return {
        "workspace": workspace,
        "membership": workspace.memberships.get(),
        "variant": variant,
        "sharelink": ShareLink.issue(ada, variant)[0],
        "batch": batch,
        "batchitem": batch.items.get(),
        "beat": Beat.objects.create(name="schedules", seen_at=now),
        "run": Run.objects.create(schedule=schedule, due_at=now, job=job, created_at=now),
        "chart": drawn,
        "tag": drawn.tags.create(owner=ada, name="garden"),
        "renderjob": job,
        "attempt": job.attempts.get(),
        "rendition": job.renditions.first(),
        "schedule": schedule,
        "origin": Origin.objects.create(owner=ada, address="a" * 64, file="origins/a", sha256="b" * 64, fetched_at=now),
        "keptanswer": KeptAnswer.objects.create(owner=ada, key="8e03978e", fingerprint="f" * 64),
        "apitoken": ApiToken.issue(ada, "laptop")[0],
        "worker": Worker.objects.create(name="w@host#1", started_at=now, seen_at=now),
        "overview": Overview.objects.create(owner=ada, subject="jobs", seen_at=now),
        "tally": Tally.objects.create(name="jobs", labels="bulk bar succeeded -", numbers=[3]),
        "dataset": dataset,
        "datasetversion": DatasetVersion.objects.create(dataset=dataset, number=1, status="failed", message="Empty."),
        "chartdataset": ChartDataset.objects.create(chart=drawn, name="sales"),
        "webhook": hook,
        "delivery": hooks.send_test(hook),
        "secondfactor": SecondFactor.objects.create(user=ada, secret=totp.new_secret(), confirmed_at=now),
        "identity": Identity.objects.create(user=ada, issuer="https://id.example.org", subject="7"),
        "export": Export.objects.create(owner=ada),
        "auditentry": AuditEntry.objects.filter(action="webhook.made").get(),
        "pausedqueue": PausedQueue.objects.create(queue=Queue.BULK),
    }


def run(client: Client, model: str, action: str, *rows: Any) -> str:
    response = client.post(
        reverse(f"admin:renderer_{model}_changelist"),
        {"action": action, "_selected_action": [str(row.pk) for row in rows]},
        follow=True,
    )
    assert response.status_code == 200
    return response.content.decode()


def test_every_model_is_there(everything: dict[str, Any]) -> None:
    models = {model._meta.model_name for model in apps.get_app_config("renderer").get_models()}
    assert models - {"session"} == set(everything)  # its address there would be its key
    assert all(admin.site.is_registered(type(row)) for row in everything.values())


def test_every_list_and_page_opens(root: Client, everything: dict[str, Any]) -> None:
    for name, row in everything.items():
        assert root.get(reverse(f"admin:renderer_{name}_changelist"), {"q": "a"}).status_code == 200, name
        assert root.get(reverse(f"admin:renderer_{name}_change", args=[row.pk])).status_code == 200, name


def test_nothing_is_written_by_hand(root: Client, everything: dict[str, Any]) -> None:
    for name, row in everything.items():
        if name == "pausedqueue":
            continue  # to add one is to pause a queue
        if name == "workspace":
            continue  # its members may be mended
        change = reverse(f"admin:renderer_{name}_change", args=[row.pk])
        assert root.get(reverse(f"admin:renderer_{name}_add")).status_code == 403, name
        assert root.post(change, {"status": "failed"}).status_code == 403, name
    assert RenderJob.objects.get().status == Status.SUCCEEDED


def test_a_picture_is_shown_to_its_owner(client: Client, drawn: Chart, ada: User, root: Client) -> None:
    address = reverse("admin:renderer_chart_change", args=[drawn.pk])
    assert b"/image.png" not in root.get(address).content
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    client.force_login(ada)
    assert f'src="/api/v1/charts/{drawn.pk}/image.png?v=' in client.get(address).content.decode()


def test_a_secret_is_nowhere(root: Client, ada: User) -> None:
    token, _ = ApiToken.issue(ada, "laptop")
    assert token.digest not in root.get(reverse("admin:renderer_apitoken_change", args=[token.pk])).content.decode()


def test_a_failed_job_leads_to_its_traceback(root: Client, job: RenderJob, ended: Ended) -> None:
    ended(job, Status.FAILED)
    result = TaskResult.objects.create(task_id=f"task-{job.pk}", status="FAILURE", traceback="ValueError: <b>no</b>")
    result_page = reverse("admin:django_celery_results_taskresult_change", args=[result.pk])
    page = root.get(reverse("admin:renderer_renderjob_change", args=[job.pk])).content.decode()
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in page
    assert result_page in page
    attempt = Attempt.objects.get()
    assert result_page in root.get(reverse("admin:renderer_attempt_change", args=[attempt.pk])).content.decode()


def test_retry_and_cancel(root: Client, job: RenderJob) -> None:
    assert "Left alone: 1" in run(root, "renderjob", "retry", job)
    assert "Cancelled: 1" in run(root, "renderjob", "cancel", job)
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert "Left alone: 1" in run(root, "renderjob", "cancel", job)
    assert "Queued again: 1" in run(root, "renderjob", "retry", job)
    assert RenderJob.objects.filter(status=Status.QUEUED).count() == 1


def test_who_may_only_look_has_no_actions(client: Client, job: RenderJob) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_renderjob"))
    client.force_login(looker)
    page = client.get(reverse("admin:renderer_renderjob_changelist"))
    assert page.status_code == 200
    assert b'value="cancel"' not in page.content
    run(client, "renderjob", "cancel", job)
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_charts_are_drawn_again_and_deleted_with_their_files(
    root: Client, drawn: Chart, media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert "Queued: 1" in run(root, "chart", "draw", drawn)
    assert RenderJob.objects.filter(status=Status.QUEUED).count() == 1
    assert any(path.is_file() for path in media.rglob("*"))
    with django_capture_on_commit_callbacks(execute=True):
        root.post(reverse("admin:renderer_chart_delete", args=[drawn.pk]), {"post": "yes"})
    assert not Chart.objects.exists()
    assert not RenderJob.objects.exists()
    assert not any(path.is_file() for path in media.rglob("*"))


def test_many_charts_are_deleted_with_their_files(
    root: Client, drawn: Chart, media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        root.post(
            reverse("admin:renderer_chart_changelist"),
            {"action": "delete_selected", "_selected_action": [str(drawn.pk)], "post": "yes"},
        )
    assert not Chart.objects.exists()
    assert not any(path.is_file() for path in media.rglob("*"))


def test_schedules(root: Client, everything: dict[str, Any]) -> None:
    schedule: Schedule = everything["schedule"]
    run(root, "schedule", "pause", schedule)
    schedule.refresh_from_db()
    assert not schedule.is_active
    run(root, "schedule", "resume", schedule)
    schedule.refresh_from_db()
    assert schedule.is_active
    run(root, "schedule", "run_now", schedule)
    assert schedule.jobs.count() == 1


def test_a_queue_is_paused_and_goes_on(root: Client) -> None:
    assert root.post(reverse("admin:renderer_pausedqueue_add"), {"queue": "scheduled"}).status_code == 302
    assert queues.paused() == [Queue.SCHEDULED]
    root.post(reverse("admin:renderer_pausedqueue_delete", args=["scheduled"]), {"post": "yes"})
    assert queues.paused() == []


def test_a_target_that_is_gone_breaks_nothing(root: Client, job: RenderJob) -> None:
    RenderJob.objects.update(target_model="gone.model")
    assert root.get(reverse("admin:renderer_renderjob_change", args=[job.pk])).status_code == 200


def test_webhooks_are_switched_and_deliveries_sent_again(root: Client, everything: dict[str, Any], ada: User) -> None:
    hook, delivery = everything["webhook"], everything["delivery"]
    assert "Switched off: 1." in run(root, "webhook", "switch_off", hook)
    hook.refresh_from_db()
    assert not hook.is_active
    assert "Left alone: 1 (waiting already)." in run(root, "delivery", "redeliver", delivery)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    deliveries.attempt(delivery.pk)
    assert "Sent once more: 1." in run(root, "delivery", "redeliver", delivery)
    assert "Switched on: 1." in run(root, "webhook", "switch_on", hook)
    page = root.get(reverse("admin:renderer_webhook_change", args=[hook.pk])).content.decode()
    assert hook.seed not in page


def test_the_last_way_into_a_workspace(root: Client, ada: User, eve: User) -> None:
    """Its owner is gone: staff make another one, and neither make nor delete a workspace here."""
    workspace = workspaces.create(ada, "Sales")
    ada.delete()
    page = reverse("admin:renderer_workspace_change", args=[workspace.pk])
    inline = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-user": eve.pk, "0-role": "owner", "0-workspace": workspace.pk}
    fields = {f"memberships-{name}": value for name, value in inline.items()} | {"name": "Sales"}
    assert root.post(page, fields).status_code == 302
    assert workspace.memberships.get().user == eve
    assert root.get(reverse("admin:renderer_workspace_add")).status_code == 403
    assert root.post(reverse("admin:renderer_workspace_delete", args=[workspace.pk])).status_code == 403
