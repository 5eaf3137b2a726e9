"""Idempotency-Key: an ask sent again does nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from renderer.jobs import retention
from renderer.models import Chart, KeptAnswer, RenderJob, Schedule

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
