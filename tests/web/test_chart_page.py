"""One chart: how it stands, live; what can be done with it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult

from renderer.jobs import charts, lifecycle, schedules
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob, Schedule, Worker
from renderer.models.dataset import QUEUE
from renderer.models.job import Queue, Reason, Status, Trigger

Ended = Callable[[RenderJob, Status], RenderJob]


def page(client: Client, chart: Chart) -> str:
    response = client.get(reverse("chart", args=[chart.pk]))
    assert response.status_code == 200
    return response.content.decode()


def live(client: Client, chart: Chart) -> str:
    response = client.get(reverse("chart-live", args=[chart.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_before_it_was_ever_drawn(signed_in: Client, chart: Chart) -> None:
    text = page(signed_in, chart)
    assert "Not drawn yet" in text
    assert "There is no picture yet." in text
    assert 'width="640"' in text, "the room that its picture will take"
    assert 'hx-get="/charts/' not in text


def test_waiting_it_polls_and_says_that_nobody_is_there(signed_in: Client, chart: Chart, job: RenderJob) -> None:
    text = page(signed_in, chart)
    assert f'hx-get="/charts/{chart.pk}/live/"' in text
    assert "Next in line." in text
    assert "Nobody is there to draw." in text
    assert "No worker has been seen yet." in text
    assert f"celery -A project worker -Q {','.join((*Queue.values, QUEUE))}" in text
    assert f'formaction="/charts/{chart.pk}/cancel/"' in text


def test_a_picture_that_is_still_right_says_so(
    signed_in: Client, drawn: Chart, execute: Callable[[RenderJob], RenderJob], ada: User
) -> None:
    schedule = schedules.create(ada, drawn, cron="0 9 * * *")
    now = timezone.now()
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=now)
    schedules.tick(now)
    job = execute(RenderJob.objects.latest("pk"))
    text = page(signed_in, drawn)
    assert "Nothing changed; the picture of" in text
    assert "Last found to be right:" in text
    assert f"/charts/{drawn.pk}/image" in text
    told = signed_in.get(reverse("job", args=[job.pk])).content.decode()
    assert "Nothing changed; the picture of" in told


def test_it_does_not_say_so_when_a_worker_is_there(signed_in: Client, chart: Chart, job: RenderJob) -> None:
    now = timezone.now()
    Worker.objects.create(name="w", started_at=now, seen_at=now)
    assert "Nobody is there" not in page(signed_in, chart)


def test_an_unchanged_state_is_not_sent_again(signed_in: Client, chart: Chart, job: RenderJob, ended: Ended) -> None:
    seen = re.search(r'"seen": "(\w+)"', page(signed_in, chart))
    assert seen
    address = reverse("chart-live", args=[chart.pk])
    assert signed_in.get(address, {"seen": seen[1]}).status_code == 204
    ended(job, Status.RUNNING)
    changed = signed_in.get(address, {"seen": seen[1]})
    assert changed.status_code == 200
    assert b"Drawing the picture." in changed.content


def test_drawn(signed_in: Client, drawn: Chart) -> None:
    text = live(signed_in, drawn)
    assert ">Ready<" in text
    assert "hx-get" not in text
    assert drawn.alt
    assert f'data-picture="/api/v1/charts/{drawn.pk}/image.png?v=' in text
    assert "In words:" in text
    downloads = re.findall(r'href="(/api/v1/charts/[^"]+)"\s+download', text)
    assert [address.partition("?")[0][-4:] for address in downloads] == [".png", ".svg"]
    assert all(signed_in.get(address).status_code == 200 for address in downloads)


def test_a_failure_is_a_sentence_with_advice(signed_in: Client, chart: Chart, job: RenderJob, ended: Ended) -> None:
    ended(job, Status.FAILED)
    text = page(signed_in, chart)
    assert "There are no rows." in text
    assert "Look at the data that the chart reads" in text
    assert 'hx-get="/charts/' not in text


def test_a_failure_keeps_the_last_good_picture(signed_in: Client, drawn: Chart, ended: Ended) -> None:
    ended(charts.render(drawn, trigger=Trigger.WEB, force=True).job, Status.FAILED)
    text = page(signed_in, drawn)
    assert ">Failed<" in text
    assert f'src="/api/v1/charts/{drawn.pk}/image.png?v=' in text
    assert "The picture is the last good one" in text


def test_tracebacks_are_for_staff(client: Client, ada: User, chart: Chart, job: RenderJob, ended: Ended) -> None:
    ended(job, Status.FAILED)
    TaskResult.objects.create(task_id=f"task-{job.pk}", status="FAILURE", traceback="ValueError: <secret>")
    client.force_login(ada)
    assert "secret" not in page(client, chart)
    assert "secret" not in client.get(reverse("job", args=[job.pk])).content.decode()
    ada.is_staff = True
    ada.save()
    assert "ValueError: &lt;secret&gt;" in page(client, chart)
    assert "ValueError: &lt;secret&gt;" in client.get(reverse("job", args=[job.pk])).content.decode()


def test_warnings_are_shown(signed_in: Client, drawn: Chart) -> None:
    Target.of(drawn, "image").jobs().update(warnings=["12 of 40 categories are shown."])
    assert "12 of 40 categories are shown." in page(signed_in, drawn)


def test_render_again_draws_though_nothing_changed(signed_in: Client, drawn: Chart) -> None:
    response = signed_in.post(reverse("render-chart", args=[drawn.pk]))
    assert response["Location"] == reverse("chart", args=[drawn.pk])
    newest = RenderJob.objects.first()
    assert newest
    assert (newest.status, newest.trigger, newest.owner) == (Status.QUEUED, Trigger.WEB, drawn.owner)
    again = signed_in.post(reverse("render-chart", args=[drawn.pk]), follow=True)
    assert "It is being drawn already." in again.content.decode()
    assert RenderJob.objects.count() == 2


def test_cancel(signed_in: Client, chart: Chart, job: RenderJob) -> None:
    signed_in.post(reverse("cancel-chart", args=[chart.pk]))
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    again = signed_in.post(reverse("cancel-chart", args=[chart.pk]), follow=True)
    assert "nothing left to cancel" in again.content.decode()


def test_cancel_of_a_running_job_says_so(signed_in: Client, chart: Chart, job: RenderJob, ended: Ended) -> None:
    ended(job, Status.RUNNING)
    signed_in.post(reverse("cancel-chart", args=[chart.pk]))
    assert "Asked to stop" in live(signed_in, chart)


def test_delete_takes_all_of_it(signed_in: Client, drawn: Chart) -> None:
    response = signed_in.post(reverse("delete-chart", args=[drawn.pk]), follow=True)
    assert "Deleted “Fruit &amp; &lt;nuts&gt;”." in response.content.decode()
    assert not Chart.objects.exists()
    assert not RenderJob.objects.exists()
    gone = signed_in.get(reverse("chart-live", args=[drawn.pk]))
    assert gone["HX-Refresh"] == "true"


def test_a_schedule_is_made(signed_in: Client, chart: Chart) -> None:
    form = {"cron": "0 7 * * 1-5", "timezone": "Europe/Berlin", "missed_runs": "skip"}
    response = signed_in.post(reverse("create-schedule", args=[chart.pk]), form, follow=True)
    schedule = Schedule.objects.get()
    assert (schedule.cron, schedule.timezone, schedule.missed_runs) == ("0 7 * * 1-5", "Europe/Berlin", "skip")
    assert schedule.owner == chart.owner
    assert "0 7 * * 1-5" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [("cron", "not a line", "is no cron line"), ("timezone", "Europe/Berlinn", "o time zone")],
)
def test_a_wrong_schedule_says_so_at_its_field(
    signed_in: Client, chart: Chart, field: str, text: str, says: str
) -> None:
    form = {"cron": "0 7 * * *", "timezone": "UTC", "missed_runs": "once", field: text}
    response = signed_in.post(reverse("create-schedule", args=[chart.pk]), form)
    assert response.status_code == 422
    (message,) = response.context["schedule_form"].errors[field]
    assert says in message
    assert text in response.content.decode(), "what was typed is kept"
    assert not Schedule.objects.exists()


def test_its_schedules_are_shown(signed_in: Client, chart: Chart, ada: User) -> None:
    schedules.pause(schedules.create(ada, chart, cron="0 7 * * *"))
    assert "Paused" in page(signed_in, chart)


def test_a_lost_worker_tells_what_to_do(signed_in: Client, chart: Chart, job: RenderJob) -> None:
    claim = lifecycle.claim(job.pk, worker="w", task_id="t")
    assert claim
    assert lifecycle.fail(claim, Reason.WORKER_LOST, lifecycle.LOST)
    assert "more memory than a worker has" in page(signed_in, chart)
