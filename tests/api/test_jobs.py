"""Jobs: polling, cancelling, trying again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from renderer.jobs import lifecycle, pace
from renderer.models import Chart, RenderJob
from renderer.models.job import Stage, Status, Trigger


def test_a_waiting_job_tells_its_place(api: Any, queued: RenderJob, chart: Chart) -> None:
    answer = api.get(f"/jobs/{queued.pk}")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    job = answer.body
    assert (job["status"], job["stage"], job["reason"], job["queue_position"]) == ("queued", None, None, 0)
    assert (job["trigger"], job["attempt"], job["max_attempts"], job["timings"]) == ("api", 0, 3, {})
    assert job["links"] == {
        "self": f"/api/v1/jobs/{queued.pk}",
        "chart": f"/api/v1/charts/{chart.pk}",
        "image": None,
        "cancel": f"/api/v1/jobs/{queued.pk}/cancel",
        "retry": None,
    }


def test_a_drawn_job_tells_its_times_and_warnings(api: Any, drawn: RenderJob, chart: Chart) -> None:
    answer = api.get(f"/jobs/{drawn.pk}")

    job = answer.body
    assert (job["status"], job["queue_position"], job["warnings"]) == ("succeeded", None, ["a glyph is missing"])
    assert job["timings"]["drawing"] == 12.3
    assert job["timings"]["total"] >= job["timings"]["queued"] >= 0
    assert job["links"]["image"] == f"/api/v1/charts/{chart.pk}/image"
    assert job["links"]["cancel"] is None
    assert "Retry-After" not in answer.headers


def test_a_failed_job_says_why_in_a_word_and_a_sentence(api: Any, failed: RenderJob) -> None:
    job = api.get(f"/jobs/{failed.pk}").body
    assert (job["reason"], job["message"]) == ("figure_error", "The figure function raised an error.")


def test_an_unchanged_job_is_304_and_a_changed_one_is_not(api: Any, queued: RenderJob) -> None:
    etag = api.get(f"/jobs/{queued.pk}").headers["ETag"]

    same = api.get(f"/jobs/{queued.pk}", If_None_Match=f'"other", W/{etag}')
    assert (same.status, same.content, same.headers["ETag"]) == (304, b"", etag)
    assert "Retry-After" in same.headers, "the client still has to know when to ask again"

    claim = lifecycle.claim(queued.pk, worker="w@host#1", task_id="t")
    assert claim
    lifecycle.advance(claim, Stage.DRAWING)
    changed = api.get(f"/jobs/{queued.pk}", If_None_Match=etag)
    assert (changed.status, changed.body["stage"]) == (200, "drawing")


@pytest.mark.parametrize(("fixture", "most"), [("queued", 3), ("drawn", 2)])
def test_polling_takes_few_queries(
    request: pytest.FixtureRequest,
    api: Any,
    fixture: str,
    most: int,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "FRESH_FOR", 3600)  # looked at once a second for everybody, not for each poll
    job = request.getfixturevalue(fixture)
    api.get(f"/jobs/{job.pk}")  # notes the use of the token, once a minute

    with django_assert_num_queries(most) as queries:
        assert api.get(f"/jobs/{job.pk}").status == 200
    assert not [query for query in queries if '"recipe"' in query["sql"]], "a recipe may be megabytes of data"


def test_jobs_are_listed_newest_first_by_status_and_chart(api: Any, chart: Chart, drawn: RenderJob, spec: Any) -> None:
    other = api.post("/charts", {"spec": spec}).body["job"]["id"]

    assert [job["id"] for job in api.get("/jobs").body["items"]] == [other, str(drawn.pk)]
    assert [job["id"] for job in api.get("/jobs?status=succeeded").body["items"]] == [str(drawn.pk)]
    assert [job["id"] for job in api.get(f"/jobs?chart={chart.pk}").body["items"]] == [str(drawn.pk)]
    assert [job["id"] for job in api.get("/jobs?limit=1").body["items"]] == [other]
    wrong = api.get("/jobs?status=done")
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, "/status")
    assert "'succeeded'" in wrong.body["errors"][0]["message"]


def test_a_waiting_job_is_cancelled_at_once(api: Any, queued: RenderJob) -> None:
    answer = api.post(f"/jobs/{queued.pk}/cancel")

    assert (answer.status, answer.body["status"]) == (200, "cancelled")


def test_a_running_job_is_asked_to_stop(api: Any, queued: RenderJob) -> None:
    assert lifecycle.claim(queued.pk, worker="w@host#1", task_id="t")

    first, second = api.post(f"/jobs/{queued.pk}/cancel"), api.post(f"/jobs/{queued.pk}/cancel")

    assert (first.status, second.status) == (202, 202)
    assert (first.body["status"], first.body["cancel_requested"]) == ("running", True)


def test_a_job_that_runs_over_its_time_says_so(api: Any, queued: RenderJob) -> None:
    assert lifecycle.claim(queued.pk, worker="w@host#1", task_id="t")
    assert api.get(f"/jobs/{queued.pk}").body["overdue"] is False
    RenderJob.objects.update(started_at=timezone.now() - timedelta(seconds=50))
    assert api.get(f"/jobs/{queued.pk}").body["overdue"] is True


def test_what_has_ended_cannot_be_cancelled(api: Any, drawn: RenderJob) -> None:
    answer = api.post(f"/jobs/{drawn.pk}/cancel")

    assert (answer.status, answer.body["code"], answer.body["job_status"]) == (409, "job_is_final", "succeeded")


def test_a_failed_job_is_tried_again_as_a_new_one(api: Any, failed: RenderJob) -> None:
    answer = api.post(f"/jobs/{failed.pk}/retry", X_Request_ID="again")

    new = RenderJob.objects.get(status=Status.QUEUED)
    assert (answer.status, answer.headers["Location"]) == (202, f"/api/v1/jobs/{new.pk}")
    assert (new.trigger, new.request_id, new.owner) == (Trigger.RETRY, "again", failed.owner)
    assert answer.body["chart"]["job"]["id"] == str(new.pk)


def test_what_has_not_ended_cannot_be_tried_again(api: Any, queued: RenderJob) -> None:
    answer = api.post(f"/jobs/{queued.pk}/retry")

    assert (answer.status, answer.body["code"], answer.body["job_status"]) == (409, "job_is_active", "queued")


def test_bodies_of_verbs_have_no_fields(api: Any, queued: RenderJob) -> None:
    answer = api.post(f"/jobs/{queued.pk}/cancel", {"now": True})

    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/now")
    queued.refresh_from_db()
    assert queued.status == Status.QUEUED


def test_a_number_that_is_none_is_sent_as_null(api: Any, drawn: RenderJob, draw: Callable[..., RenderJob]) -> None:
    RenderJob.objects.filter(pk=drawn.pk).update(warnings=["\u2028 \x1b[31m"])
    assert api.get(f"/jobs/{drawn.pk}").body["warnings"] == ["\u2028 \x1b[31m"]
