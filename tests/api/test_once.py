"""Idempotency-Key: an ask sent again does nothing twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import encode_multipart
from django.utils import timezone
from pytest_django import Settings

from renderer.api import once
from renderer.jobs import datasets, retention
from renderer.models import Chart, DatasetVersion, Delivery, KeptAnswer, RenderJob, Schedule, ShareLink, Webhook

KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


def test_a_named_chart_is_made_once(api: Any, spec: dict[str, Any]) -> None:
    sent = {"spec": spec, "name": "Fruit"}

    first = api.post("/charts", sent, Idempotency_Key=KEY)
    again = api.post("/charts", sent, Idempotency_Key=KEY)

    assert (first.status, again.status) == (202, 202)
    assert again.body["job"]["id"] == first.body["job"]["id"]
    assert again.body["chart"]["id"] == first.body["chart"]["id"]
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert (Chart.objects.count(), RenderJob.objects.count()) == (1, 1)

    other = api.post("/charts", sent, Idempotency_Key="another-key")
    assert other.body["chart"]["id"] != first.body["chart"]["id"]


def test_the_answer_is_the_job_as_it_is_then(
    api: Any, spec: dict[str, Any], draw: Callable[[RenderJob], RenderJob]
) -> None:
    api.post("/charts", {"spec": spec, "name": "Fruit"}, Idempotency_Key=KEY)
    draw(RenderJob.objects.get())

    again = api.post("/charts", {"spec": spec, "name": "Fruit"}, Idempotency_Key=KEY)

    assert (again.status, again.body["job"]["status"]) == (201, "succeeded")
    assert RenderJob.objects.count() == 1


def test_forcing_and_trying_again_are_done_once(api: Any, drawn: RenderJob) -> None:
    for path, body in ((f"/charts/{drawn.target_id}/render", {"force": True}), (f"/jobs/{drawn.pk}/retry", None)):
        before = RenderJob.objects.count()
        ids = {api.post(path, body, Idempotency_Key=path).body["job"]["id"] for _ in range(2)}
        assert len(ids) == 1, path
        assert RenderJob.objects.count() - before <= 1, path


def test_another_body_needs_another_key(api: Any, spec: dict[str, Any]) -> None:
    api.post("/charts", {"spec": spec}, Idempotency_Key=KEY)

    for path, body in (("/charts", {"spec": spec, "name": "Other"}), ("/figures/test.sales/render", {"spec": spec})):
        answer = api.post(path, body, Idempotency_Key=KEY)
        assert (answer.status, answer.body["code"]) == (422, "idempotency_key_reused")
    assert Chart.objects.count() == 1


def test_keys_are_their_owners(api: Any, bobs_api: Any, spec: dict[str, Any]) -> None:
    mine = api.post("/charts", {"spec": spec}, Idempotency_Key=KEY)
    his = bobs_api.post("/charts", {"spec": spec}, Idempotency_Key=KEY)

    assert his.status == 202
    assert his.body["chart"]["id"] != mine.body["chart"]["id"]


def test_what_fails_keeps_nothing(api: Any, spec: dict[str, Any]) -> None:
    assert api.post("/charts", {"spec": {}}, Idempotency_Key=KEY).status == 422
    assert api.post("/charts", {"spec": spec}, Idempotency_Key=KEY).status == 202


def test_a_schedule_is_answered_with_what_was_said(api: Any, chart: Chart) -> None:
    sent = {"chart": str(chart.pk), "cron": "0 7 * * *"}

    first, again = (api.post("/schedules", sent, Idempotency_Key=KEY) for _ in range(2))

    assert (first.status, first.body) == (again.status, again.body)
    assert first.headers["Location"] == again.headers["Location"]
    assert Schedule.objects.count() == 1


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256, '"a"b"', "schl\u00fcssel"])
def test_a_key_that_is_none(api: Any, spec: dict[str, Any], key: str) -> None:
    answer = api.post("/charts", {"spec": spec}, Idempotency_Key=key)

    assert (answer.status, answer.body["code"]) == (400, "bad_request")
    assert not Chart.objects.exists()


def test_a_key_is_forgotten_after_a_day(api: Any, spec: dict[str, Any]) -> None:
    api.post("/charts", {"spec": spec, "name": "Fruit"}, Idempotency_Key=KEY)
    assert retention.forget_answers(timezone.now()) == 0

    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    api.post("/charts", {"spec": spec, "name": "Fruit"}, Idempotency_Key=KEY)
    assert Chart.objects.count() == 2

    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert retention.forget_answers(timezone.now()) == 1
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_one(api: Any, spec: dict[str, Any]) -> None:
    together, answers = threading.Barrier(3), []

    def ask() -> None:
        together.wait(30)
        try:
            answers.append(api.post("/charts", {"spec": spec, "name": "Fruit"}, Idempotency_Key=KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [answer.status for answer in answers] == [202, 202, 202]
    assert len({answer.body["job"]["id"] for answer in answers}) == 1
    assert Chart.objects.count() == 1


def test_what_is_said_once_is_said_again_to_its_key(api: Any, chart: Chart, drawn: RenderJob) -> None:
    asks: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
        ("/webhooks", {"url": "https://example.org/hook"}, {"url": "https://example.org/other"}, "secret"),
        (f"/charts/{chart.pk}/links", {"name": "Mail"}, {"name": "Post"}, "url"),
    ]
    for path, sent, other, secret in asks:
        first, again = (api.post(path, sent, Idempotency_Key=path) for _ in range(2))
        assert (first.status, again.status, again.body) == (201, 201, first.body), path
        assert (again.headers["Location"], again.headers["Cache-Control"]) == (first.headers["Location"], "no-store")
        assert again.headers["Idempotent-Replayed"] == "true"
        assert api.post(path, other, Idempotency_Key=path).body["code"] == "idempotency_key_reused"
        with connection.cursor() as cursor:
            cursor.execute("SELECT body FROM renderer_keptanswer WHERE key = %s", [path])
            assert first.body[secret] not in cursor.fetchone()[0], "kept in plain text"
    assert (Webhook.objects.count(), ShareLink.objects.count()) == (1, 1)

    hook = f"/webhooks/{Webhook.objects.get().pk}"
    for path in (f"{hook}/rotate", f"{hook}/test"):
        first, again = (api.post(path, Idempotency_Key=path) for _ in range(2))
        assert (again.status, again.body) == (first.status, first.body), path
    delivery = Delivery.objects.get()
    Delivery.objects.update(status="failed", finished_at=timezone.now(), next_attempt_at=None)
    path = f"{hook}/deliveries/{delivery.pk}/redeliver"
    assert [api.post(path, Idempotency_Key=path).status for _ in range(2)] == [202, 202], "the second one waits already"


def test_a_lost_key_of_the_database_says_so(api: Any, settings: Settings) -> None:
    api.post("/webhooks", {"url": "https://example.org/hook"}, Idempotency_Key=KEY)
    token = api.headers
    settings.SECRET_KEY, settings.FIGPRESS_ENCRYPTION_KEYS = "another one", []
    again = api.post("/webhooks", {"url": "https://example.org/hook"}, Idempotency_Key=KEY)
    assert (again.status, again.body["code"], api.headers) == (404, "not_found", token)
    assert Webhook.objects.count() == 1


@pytest.mark.usefixtures("media")
def test_a_table_is_taken_once(api: Any) -> None:
    def send(content: bytes, *, name: str = "sales", file: str = "sales.csv", boundary: str = "a1") -> tuple[Any, Any]:
        fields = {"name": name, "file": SimpleUploadedFile(file, content, "text/csv")}
        sent = encode_multipart(boundary, fields)
        answer = api.client.post(
            "/api/v1/datasets", data=sent, content_type=f"multipart/form-data; boundary={boundary}",
            headers=api.headers | {"Idempotency-Key": KEY},
        )  # fmt: skip
        return answer, json.loads(answer.content)

    first, made = send(b"a,b\n1,2\n")
    again, same = send(b"a,b\n1,2\n", boundary="an-other-one")
    assert (first.status_code, again.status_code, same["id"]) == (202, 202, made["id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    for other in (send(b"a,b\n1,3\n"), send(b"a,b\n1,2\n", name="other"), send(b"a,b\n1,2\n", file="other.csv")):
        assert (other[0].status_code, other[1]["code"]) == (422, "idempotency_key_reused")
    assert len(default_storage.listdir("datasets/uploads")[1]) == 1
    version = DatasetVersion.objects.get()
    datasets.execute(version.pk)
    assert send(b"a,b\n1,2\n")[0].status_code == 201, "as it is then"

    # Its body alone is the same ask, and the key of another address is another one.
    headers = api.headers | {"Idempotency-Key": "raw"}
    for name, status in (("more", 202), ("more", 202), ("most", 422)):
        url = f"/api/v1/datasets?name={name}"
        answer = api.client.post(url, data=b"a\n1\n", content_type="text/csv", headers=headers)
        assert answer.status_code == status
    assert DatasetVersion.objects.count() == 2


@pytest.mark.usefixtures("media")
def test_a_version_is_made_once(api: Any) -> None:
    def put(content: bytes, key: str, name: str = "sales") -> Any:
        return api.client.put(
            f"/api/v1/datasets/{name}?render=true", data=content, content_type="text/csv",
            headers=api.headers | {"Idempotency-Key": key},
        )  # fmt: skip

    first, again = put(b"a\n1\n", KEY), put(b"a\n1\n", KEY)
    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert DatasetVersion.objects.count() == len(default_storage.listdir("datasets/uploads")[1]) == 1
    datasets.execute(DatasetVersion.objects.get().pk)
    assert put(b"a\n1\n", KEY).status_code == 201, "as it is then"
    assert put(b"a\n1\n", "another-key").status_code == 202
    assert DatasetVersion.objects.count() == 2
    for content, name in ((b"a\n2\n", "sales"), (b"a\n1\n", "goals")):
        assert json.loads(put(content, KEY, name).content)["code"] == "idempotency_key_reused"


@pytest.mark.usefixtures("media")
def test_of_two_uploads_at_once_one_file_stays(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked for the key in vain, and have stored their file."""

    def post() -> Any:
        return api.client.post(
            "/api/v1/datasets?name=sales", data=b"a\n1\n", content_type="text/csv",
            headers=api.headers | {"Idempotency-Key": KEY},
        )  # fmt: skip

    monkeypatch.setattr(once, "answered", lambda *_: None)
    assert [post().status_code, post().status_code] == [202, 202]
    assert len(default_storage.listdir("datasets/uploads")[1]) == DatasetVersion.objects.count() == 1
