"""A disk without room: what people, programs and operators are told, and that it is over when there is some."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from renderer import health, readiness, storage
from renderer.jobs import charts, datasets, executor, exports, lifecycle
from renderer.jobs.executor import RenderFailed
from renderer.models import ApiToken, Dataset, DatasetVersion, RenderJob
from renderer.models.access import Scope
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from tests import disk

ROWS = b"fruit,n\nFig,1\n"


@pytest.fixture
def small_disk(media: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(readiness, "_good_until", {})
    with disk.small(media) as folder:
        yield folder


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_an_upload_is_refused_in_words_and_leaves_nothing(
    small_disk: Path, signed_in: Client, ada: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    token = ApiToken.issue(ada, "test", scopes=Scope.values)[1]

    def send() -> Any:
        return Client().generic(
            "POST", "/api/v1/datasets?name=fruit", data=ROWS, content_type="text/csv",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    filler = disk.fill(small_disk)
    answer = send()
    assert (answer.status_code, answer["Content-Type"]) == (507, "application/problem+json")
    assert (answer.json()["code"], answer.json()["detail"]) == ("storage_full", storage.NO_ROOM)
    assert answer["Retry-After"]
    form = {"name": "fruit", "file": SimpleUploadedFile("fruit.csv", ROWS)}
    page = signed_in.post(reverse("new-dataset"), form)
    assert page.status_code == 422
    assert storage.NO_ROOM in page.content.decode()
    assert left(small_disk) == {"filler"}
    assert not Dataset.objects.exists()

    filler.unlink()
    assert send().status_code == 202

    # There was room for the upload, and then there is none for its rows: it waits, at no cost, and says so.
    version = DatasetVersion.objects.get()
    filler = disk.fill(small_disk)
    for _ in range(5):
        assert datasets.execute(version.pk)
    version.refresh_from_db()
    assert (version.status, version.attempt, version.message) == ("reading", 0, datasets.WAITS_FOR_ROOM)
    page = signed_in.get(reverse("dataset", args=[version.dataset_id]))
    assert datasets.WAITS_FOR_ROOM in page.content.decode()
    assert left(small_disk) == {"filler", Path(str(version.upload)).name}
    filler.unlink()
    with django_capture_on_commit_callbacks(execute=True):
        assert datasets.execute(version.pk)
    version.refresh_from_db()
    assert (version.status, version.rows, version.message) == ("ready", 1, "")

    address = reverse("retype-dataset", args=[version.dataset_id])
    disk.fill(small_disk)
    page = signed_in.post(address, {"column": "n", "kind": "category"}, follow=True)
    assert storage.NO_ROOM in page.content.decode()


def test_rows_that_found_no_room_for_an_hour_are_given_up(small_disk: Path, ada: User) -> None:
    version = datasets.upload(ada, "fruit", io.BytesIO(ROWS), size=len(ROWS), format="csv")
    DatasetVersion.objects.update(created_at=timezone.now() - lifecycle.ROOM_WITHIN - timedelta(minutes=1))
    disk.fill(small_disk)
    assert datasets.execute(version.pk)
    version.refresh_from_db()
    assert (version.status, version.message) == ("failed", datasets.NO_ROOM)


def test_a_copy_of_everything_finds_no_room(small_disk: Path, ada: User) -> None:
    export = exports.ask(ada)
    disk.fill(small_disk)
    assert exports.execute(export.pk)
    export.refresh_from_db()
    assert export.status == "failed"
    assert "There is no room for it at present." in export.message
    assert left(small_disk) == {"filler"}


def test_a_job_waits_for_room_at_no_cost_and_is_drawn(
    small_disk: Path, ada: User, spec: dict[str, Any], execute: Callable[[RenderJob], RenderJob]
) -> None:
    chart, _ = charts.create(ada, Recipe.from_spec(spec))
    job = charts.render(chart, trigger=Trigger.API).job
    filler = disk.fill(small_disk)
    for _ in range(5):  # more often than a job is tried for faults of its own
        RenderJob.objects.update(available_at=job.created_at)
        with pytest.raises(RenderFailed):
            executor.execute(job.pk, worker="w@host#1", task_id="t")
        job.refresh_from_db()
        assert (job.status, job.message) == (Status.QUEUED, executor.FULL)
        assert job.available_at - timezone.now() <= lifecycle.A_MINUTE
    assert left(small_disk) == {"filler"}
    filler.unlink()
    RenderJob.objects.update(available_at=job.created_at)
    assert execute(job).status == Status.SUCCEEDED


def test_operators_and_people_read_that_it_is_full(small_disk: Path, client: Client, ada: User, staff: User) -> None:
    disk.fill(small_disk)
    assert client.get("/readyz").json()["parts"]["storage"] == readiness.FULL
    finding = health.look_at_storage()
    assert (finding.says, finding.todo) == (f"{small_disk} is full: no picture can be stored", health.TODO_FULL)
    client.force_login(staff)
    text = client.get("/health/").content.decode()
    assert readiness.FULL in text
    assert health.TODO_FULL in text
    assert "MEDIA_ROOT" not in text
    client.force_login(ada)
    assert "There is no room for new ones at present." in client.get("/health/").content.decode()
    assert left(small_disk) == {"filler"}
