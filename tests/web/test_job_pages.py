"""Jobs: the list with its filters, and one job's story."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from renderer.jobs import batches, charts, lifecycle, schedules
from renderer.models import Chart, RenderJob
from renderer.models.job import Reason, Status, Trigger
from renderer.recipe import Recipe
from renderer.web import sieve
from renderer.web.jobs import A_PAGE
from renderer.web.story import spans_of, steps_of, story_of

Ended = Callable[[RenderJob, Status], RenderJob]


def test_empty(signed_in: Client) -> None:
    assert "No jobs yet." in signed_in.get("/jobs/").content.decode()
    assert "No job is in this state." in signed_in.get("/jobs/?status=failed").content.decode()


def test_the_list_counts_and_filters(signed_in: Client, chart: Chart, job: RenderJob, ended: Ended) -> None:
    ended(job, Status.FAILED)
    charts.render(chart, trigger=Trigger.WEB)
    text = signed_in.get("/jobs/").content.decode()
    counts = dict(re.findall(r'id="filter-(\w+)".*?class="count">(\d+)<', text, re.DOTALL))
    assert counts == {
        "all": "2", "queued": "1", "running": "0", "succeeded": "0", "failed": "1", "cancelled": "0", "expired": "0",
    }  # fmt: skip
    assert text.count('class="cell-name"') == 2
    assert "Fruit &amp; &lt;nuts&gt;" in text
    assert "There are no rows." in text
    failed = signed_in.get("/jobs/?status=failed").content.decode()
    assert failed.count('class="cell-name"') == 1
    assert 'hx-get="/jobs/live/?status=failed"' in failed
    assert signed_in.get("/jobs/?status=nonsense").content.decode().count('class="cell-name"') == 2


def test_the_list_is_live_and_asks_less_often_when_nothing_goes_on(
    signed_in: Client, job: RenderJob, ended: Ended
) -> None:
    busy = signed_in.get("/jobs/").content.decode()
    assert 'hx-trigger="every 2s"' in busy
    seen = re.search(r'"seen": "(\w+)"', busy)
    assert seen
    assert signed_in.get("/jobs/live/", {"seen": seen[1]}).status_code == 204
    ended(job, Status.CANCELLED)
    idle = signed_in.get("/jobs/live/", {"seen": seen[1]})
    assert idle.status_code == 200
    assert b'hx-trigger="every 10s"' in idle.content


def test_the_list_is_paged(signed_in: Client, chart: Chart, ended: Ended) -> None:
    for _ in range(A_PAGE + 1):
        ended(charts.render(chart, trigger=Trigger.WEB).job, Status.CANCELLED)
    first = signed_in.get("/jobs/?status=cancelled").content.decode()
    older = re.search(r'href="(\?status=cancelled&amp;before=[^"]+)"', first)
    assert older
    second = signed_in.get("/jobs/" + older[1].replace("&amp;", "&")).content.decode()
    assert second.count('class="cell-name"') == 1
    assert ">Older<" not in second
    assert "Newest" in second


def test_its_queries_do_not_grow(
    signed_in: Client, ada: User, spec: dict[str, Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        chart, _ = charts.create(ada, Recipe.from_spec(spec), name=f"{number}")
        charts.render(chart, trigger=Trigger.WEB)
    signed_in.get("/jobs/")  # which makes the rows of the overviews
    # the session, the user, the jobs, a count for each state, the charts, the workers, the paused queues, the
    # overviews, the menu
    with django_assert_num_queries(14):
        signed_in.get("/jobs/")


def test_the_list_is_sifted(signed_in: Client, ada: User, chart: Chart, job: RenderJob, ended: Ended) -> None:
    ended(job, Status.FAILED)
    batch = batches.create(ada, [(charts.recipe_of(chart), "")], name="Many")
    schedule = schedules.create(ada, chart, cron="0 7 * * *")
    other = RenderJob.objects.exclude(pk=job.pk).get()
    RenderJob.objects.filter(pk=other.pk).update(schedule=schedule)
    for query, found in (
        ("reason=data_error", {job.pk}), ("reason=timeout", set()), ("trigger=web", {job.pk}),
        ("since=1h", {job.pk, other.pk}), (f"chart={chart.pk}", {job.pk, other.pk}), (f"chart={job.pk}", set()),
        (f"schedule={schedule.pk}", {other.pk}), (f"batch={batch.pk}", {other.pk}),
        (f"chart={chart.pk}&status=failed&since=24h", {job.pk}), ("since=never&chart=x", {job.pk, other.pk}),
    ):  # fmt: skip
        text = signed_in.get(f"/jobs/?{query}").content.decode()
        assert set(re.findall(r'id="job-([^"]+)"', text)) == {str(pk) for pk in found}, query
    assert (
        'hx-get="/jobs/live/?status=failed&amp;since=24h"'
        in signed_in.get("/jobs/?status=failed&since=24h").content.decode()
    )


def test_counting_stops_where_nobody_needs_to_know(
    signed_in: Client, chart: Chart, ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sieve, "COUNTED", 2)
    for _ in range(4):
        ended(charts.render(chart, trigger=Trigger.WEB).job, Status.CANCELLED)
    text = signed_in.get("/jobs/").content.decode()
    assert "All 2+ that match" in text


def test_many_are_cancelled_after_a_question(
    signed_in: Client, ada: User, eve: User, spec: dict[str, Any], ended: Ended
) -> None:
    mine = [charts.render(charts.create(ada, Recipe.from_spec(spec), name=f"{n}")[0], trigger=Trigger.WEB).job
            for n in range(3)]  # fmt: skip
    hers = charts.render(charts.create(eve, Recipe.from_spec(spec))[0], trigger=Trigger.WEB).job
    address = reverse("change-jobs")
    ticked = {"verb": "cancel", "job": [str(mine[0].pk), str(mine[1].pk), str(hers.pk), "nonsense"]}
    asked = signed_in.post(address, ticked).content.decode()
    assert "Cancel 2 jobs?" in asked
    assert not RenderJob.objects.filter(status=Status.CANCELLED).exists()
    done = signed_in.post(address, ticked | {"sure": "1"}, follow=True).content.decode()
    assert "2 jobs cancelled or asked to stop." in done
    one = signed_in.post(address, {"verb": "cancel", "job": str(mine[2].pk)}, follow=True).content.decode()
    assert "1 job cancelled" in one
    hers.refresh_from_db()
    assert hers.status == Status.QUEUED
    nothing = signed_in.post(address, {"verb": "cancel"}, follow=True).content.decode()
    assert "there is nothing to cancel" in nothing


def test_all_that_match_are_drawn_once_more(signed_in: Client, ada: User, spec: dict[str, Any], ended: Ended) -> None:
    for n in range(2):
        chart, _ = charts.create(ada, Recipe.from_spec(spec), name=f"{n}")
        for _ in range(2):
            ended(charts.render(chart, trigger=Trigger.WEB).job, Status.FAILED)
    ask = {"verb": "retry", "all": "1", "status": "failed"}
    assert "Draw 4 jobs once more?" in signed_in.post(reverse("change-jobs"), ask).content.decode()
    done = signed_in.post(reverse("change-jobs"), ask | {"sure": "1"}, follow=True)
    assert "2 jobs are waiting to be drawn." in done.content.decode()
    assert done.redirect_chain == [("/jobs/?status=failed", 302)]
    assert RenderJob.objects.filter(trigger=Trigger.RETRY, status=Status.QUEUED).count() == 2


def test_jobs_of_a_projects_own_code_are_shown_to_staff(client: Client, staff: User, job: RenderJob) -> None:
    RenderJob.objects.update(owner=None, target_model="shop.store", target_id="3", target_field="revenue_chart")
    client.force_login(staff)
    assert "shop.store 3 · revenue_chart" in client.get("/jobs/").content.decode()
    assert client.get(reverse("job", args=[job.pk])).status_code == 200


def test_a_jobs_page(signed_in: Client, drawn: Chart, job: RenderJob) -> None:
    text = signed_in.get(reverse("job", args=[job.pk])).content.decode()
    assert "Where the time went" in text
    assert "Attempt 1 began" in text
    assert f'formaction="/jobs/{job.pk}/retry/"' in text
    assert "hx-get" not in text
    assert reverse("chart", args=[drawn.pk]) in text


def test_a_waiting_jobs_page_is_live(signed_in: Client, job: RenderJob) -> None:
    text = signed_in.get(reverse("job", args=[job.pk])).content.decode()
    assert f'hx-get="/jobs/{job.pk}/live/"' in text
    assert "Nobody is there to draw." in text
    assert signed_in.get(reverse("job-live", args=[job.pk])).status_code == 200


def test_workers_are_named_to_staff_only(client: Client, ada: User, job: RenderJob, ended: Ended) -> None:
    ended(job, Status.FAILED)
    client.force_login(ada)
    address = reverse("job", args=[job.pk])
    assert "w@host#1" not in client.get(address).content.decode()
    ada.is_staff = True
    ada.save()
    assert "w@host#1" in client.get(address).content.decode()


def test_the_story_of_a_job_that_needed_three_attempts(job: RenderJob) -> None:
    for number in (1, 2):
        claim = lifecycle.claim(job.pk, worker=f"w{number}", task_id=f"t{number}")
        assert claim
        assert lifecycle.rescue(claim.job)
    claim = lifecycle.claim(job.pk, worker="w3", task_id="t3")
    assert claim
    assert lifecycle.fail(claim, Reason.WORKER_LOST, lifecycle.LOST)
    job.refresh_from_db()
    events = story_of(job, for_operator=False)
    assert [event.title for event in events] == [
        "Asked for on a page",
        "Attempt 1 began",
        "Attempt 1 ended",
        "Attempt 2 began",
        "Attempt 2 ended",
        "Attempt 3 began",
        "Failed",
    ]
    assert events[-1].detail == lifecycle.LOST


def test_the_steps_fill_a_bar(job: RenderJob, ended: Ended) -> None:
    steps = steps_of(ended(job, Status.SUCCEEDED))
    assert [step.name for step in steps] == ["Drawing", "Encoding"]
    assert steps[1].x == steps[0].width
    assert round(sum(step.width for step in steps), 2) == 100


def test_a_life_is_told_in_stretches_that_fit_the_bar(job: RenderJob, ended: Ended) -> None:
    claim = lifecycle.claim(job.pk, worker="w1", task_id="t1")
    assert claim
    assert lifecycle.rescue(claim.job)
    job.refresh_from_db()
    assert [span.name for span in spans_of(job, timezone.now())] == ["Waiting", "Attempt 1", "Waiting again"]
    job = ended(job, Status.SUCCEEDED)
    spans = spans_of(job, timezone.now())
    assert [span.name for span in spans][:5] == ["Waiting", "Attempt 1", "Waiting again", "Drawing", "Encoding"]
    assert all(span.x >= 0 and span.x + span.width <= 100.01 for span in spans)


def test_cancel(signed_in: Client, job: RenderJob) -> None:
    response = signed_in.post(reverse("cancel-job", args=[job.pk]))
    assert response["Location"] == reverse("job", args=[job.pk])
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    again = signed_in.post(reverse("cancel-job", args=[job.pk]), follow=True)
    assert "It had ended already." in again.content.decode()


def test_retry_is_a_new_job(signed_in: Client, job: RenderJob, ended: Ended) -> None:
    early = signed_in.post(reverse("retry-job", args=[job.pk]), follow=True)
    assert "It has not ended yet." in early.content.decode()
    ended(job, Status.FAILED)
    response = signed_in.post(reverse("retry-job", args=[job.pk]))
    newest = RenderJob.objects.first()
    assert newest
    assert newest.pk != job.pk
    assert newest.trigger == Trigger.RETRY
    assert response["Location"] == reverse("job", args=[newest.pk])
