"""One chart: how it stands, live; what can be done with it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult
from pytest_django import Settings

from renderer.jobs import charts, datasets, lifecycle, schedules
from renderer.jobs.targets import Target
from renderer.models import Chart, Dataset, RenderJob, Schedule, Worker
from renderer.models.dataset import QUEUE
from renderer.models.job import Queue, Reason, Status, Trigger
from renderer.recipe import Recipe
from tests.web_servers import Server, answer

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
    assert f'hx-get="/charts/{chart.pk}/live/"' not in text


def test_waiting_it_polls_and_says_that_nobody_is_there(signed_in: Client, chart: Chart, job: RenderJob) -> None:
    text = page(signed_in, chart)
    assert f'hx-get="/charts/{chart.pk}/live/"' in text
    assert "Next in line." in text
    assert "Nobody is there to draw." in text
    assert "No worker has been seen yet." in text
    command = f"celery -A project worker -Q {',<wbr>'.join((*Queue.values, QUEUE))}"
    assert command in text  # a narrow page may break it behind commas
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
    assert "live/" not in text
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
    assert f'hx-get="/charts/{chart.pk}/live/"' not in text


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


# --- Versions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def redrawn(drawn: Chart, spec: dict[str, Any], execute: Callable[[RenderJob], RenderJob]) -> Chart:
    """Ada's chart with two versions: its recipe was changed, and drawn again."""
    changed = {**spec, "data": {"columns": {"day": [1, 2, 3], "sold": [9, 1, 5]}}}
    charts.change(drawn, recipe=Recipe.from_spec(changed, ["png"]))
    assert execute(charts.render(drawn, trigger=Trigger.WEB).job).status == Status.SUCCEEDED
    drawn.refresh_from_db()
    return drawn


def test_its_versions_are_shown_and_one_comes_back(signed_in: Client, redrawn: Chart) -> None:
    new, old = Target.of(redrawn, "image").jobs()
    text = page(signed_in, redrawn)
    address = reverse("chart-versions", args=[redrawn.pk])
    assert text.count(f'href="{address}?show=') == 2
    assert text.count('class="is-shown"') == 1

    beside = signed_in.get(address, {"show": str(old.pk)}, headers={"HX-Request": "true"})
    told = beside.content.decode()
    assert "<html" not in told
    assert "HX-Request" in beside["Vary"]
    pictures = re.findall(r'src="(/api/v1/charts/[^"]+)"', told)
    assert len(set(pictures)) == 2
    assert all(signed_in.get(html.unescape(url)).status_code == 200 for url in pictures)
    assert "another than the one that the chart has now" in told
    assert str(old.pk) in told
    assert old.content_key[:16] in told
    assert "Rows in the spec" in told

    answer = signed_in.post(reverse("restore-chart", args=[redrawn.pk]), {"version": str(old.pk)}, follow=True)
    said = answer.content.decode()
    assert "is shown again. The recipe is as it was" in said
    redrawn.refresh_from_db()
    assert redrawn.drawn_by_id == old.pk
    assert "as it is now" in signed_in.get(address, {"show": str(new.pk)}).content.decode()


def test_what_is_being_drawn_replaces_a_version_that_came_back(signed_in: Client, redrawn: Chart) -> None:
    old = Target.of(redrawn, "image").jobs().earliest("id")
    charts.render(redrawn, trigger=Trigger.WEB, force=True)
    answer = signed_in.post(reverse("restore-chart", args=[redrawn.pk]), {"version": str(old.pk)}, follow=True)
    assert "What is being drawn now will replace it." in answer.content.decode()


@pytest.mark.parametrize("version", ["", "nonsense", "01890000-0000-7000-8000-000000000000"])
def test_a_version_that_is_gone_changes_nothing(signed_in: Client, drawn: Chart, version: str) -> None:
    answer = signed_in.post(reverse("restore-chart", args=[drawn.pk]), {"version": version}, follow=True)
    assert "is not kept any more; nothing has changed." in answer.content.decode()
    before = drawn.drawn_by_id
    drawn.refresh_from_db()
    assert drawn.drawn_by_id == before


def test_versions_have_a_page_without_scripts(signed_in: Client, redrawn: Chart, chart: Chart) -> None:
    address = reverse("chart-versions", args=[redrawn.pk])
    text = signed_in.get(address).content.decode()
    assert "Before and after" in text, "the newest that is not shown"
    assert "Show this one again" in text
    assert signed_in.get(address, {"show": "01890000-0000-7000-8000-000000000000"}).status_code == 404


def test_a_chart_without_a_picture_has_no_versions(signed_in: Client, chart: Chart) -> None:
    assert "no versions of it" in signed_in.get(reverse("chart-versions", args=[chart.pk])).content.decode()


def test_files_of_one_format_are_told_apart(
    signed_in: Client, ada: User, spec: dict[str, Any], execute: Callable[[RenderJob], RenderJob]
) -> None:
    recipe = Recipe.from_spec(spec).with_files(scales=[1, 2], themes=["light", "dark"])
    chart, _ = charts.create(ada, recipe)
    execute(charts.render(chart, trigger=Trigger.WEB).job)
    text = page(signed_in, chart)
    for detail in ("light 1x", "light 2x", "dark 1x", "dark 2x"):
        assert f"{detail}, " in text
    assert "The picture in each theme" in text


# --- Data ----------------------------------------------------------------------------------------------------------


def rows_of(client: Client, chart: Chart) -> str:
    response = client.get(reverse("chart-data", args=[chart.pk]), headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert b"<html" not in response.content
    return response.content.decode()


def csv_of(client: Client, chart: Chart, table: int = 0) -> list[str]:
    response = client.get(reverse("chart-data-csv", args=[chart.pk]), {"table": table})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(response).decode().split("\r\n")


def test_the_rows_of_a_spec(signed_in: Client, drawn: Chart) -> None:
    assert 'hx-trigger="toggle once"' in page(signed_in, drawn)
    text = rows_of(signed_in, drawn)
    assert "Rows in the spec" in text
    assert "3 rows." in " ".join(text.split())
    assert '<td class="number">4</td>' in text
    assert "As drawn" not in text, "it would be the same"
    assert csv_of(signed_in, drawn) == ["day,sold", "1,1", "2,4", "3,2", ""]
    response = signed_in.get(reverse("chart-data-csv", args=[drawn.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="Fruit & -nuts-.csv"'
    whole = signed_in.get(reverse("chart-data", args=[drawn.pk])).content.decode()
    assert "<h1>Data</h1>" in whole


def test_no_cell_is_a_formula(signed_in: Client, ada: User) -> None:
    # In PostgreSQL the names of a JSON object are kept in the order of their lengths.
    cells = [("=cmd|' /C calc'!A0", -3), ("@SUM(1)", 1.5), (None, None)]
    values = [{"=who": who, "number": number} for who, number in cells]
    spec = {"kind": "bar", "data": {"values": values}, "x": "=who", "y": "number"}
    chart, _ = charts.create(ada, Recipe.from_spec(spec))
    assert csv_of(signed_in, chart) == ["'=who,number", "'=cmd|' /C calc'!A0,-3", "'@SUM(1),1.5", ",", ""]
    assert "=cmd|&#x27; /C calc&#x27;!A0" in rows_of(signed_in, chart)


def test_many_rows_are_shown_in_part_and_downloaded_whole(signed_in: Client, ada: User) -> None:
    spec = {"kind": "line", "data": {"columns": {"a": list(range(130)), "b": [1] * 130}}, "x": "a", "y": "b"}
    chart, _ = charts.create(ada, Recipe.from_spec(spec))
    text = rows_of(signed_in, chart)
    assert "The first 100 of 130 rows." in " ".join(text.split())
    assert text.count("<tr>") == 101
    assert len(csv_of(signed_in, chart)) == 132


def test_rows_after_transforms_are_a_table_too(signed_in: Client, ada: User) -> None:
    spec = {
        "kind": "bar",
        "data": {"columns": {"shop": ["a", "b", "a"], "sold": [1, 2, 3]}},
        "transform": [{"aggregate": {"sold": "sum(sold)"}, "by": ["shop"]}],
        "x": "shop",
        "y": "sold",
    }
    chart, _ = charts.create(ada, Recipe.from_spec(spec))
    assert "As drawn: bar" in rows_of(signed_in, chart)
    assert csv_of(signed_in, chart, 1)[1:3] == ["a,4", "b,2"]
    missing = signed_in.get(reverse("chart-data-csv", args=[chart.pk]), {"table": "7"})
    assert missing.status_code == 404


def test_the_rows_of_a_dataset_are_those_of_now(
    signed_in: Client, ada: User, execute: Callable[[RenderJob], RenderJob]
) -> None:
    def upload(text: bytes) -> None:
        assert datasets.execute(datasets.upload(ada, "sales", BytesIO(text), size=len(text), format="csv").pk)

    upload(b"city,sold\nBern,3\nUlm,5\n")
    spec = {"kind": "bar", "data": {"dataset": "sales"}, "x": "city", "y": "sold"}
    chart, _ = charts.create(ada, Recipe.from_spec(spec, owner=ada))
    assert execute(charts.render(chart, trigger=Trigger.WEB).job).status == Status.SUCCEEDED
    text = " ".join(rows_of(signed_in, chart).split())
    assert "Dataset “sales”" in text
    assert "2 rows. As of <time" in text
    assert "Newer than the picture." not in text
    upload(b"city,sold\nBern,3\nUlm,5\nGraz,=7\n")
    text = " ".join(rows_of(signed_in, chart).split())
    assert "3 rows." in text
    assert "Newer than the picture." in text
    assert csv_of(signed_in, chart) == ["city,sold", "Bern,3", "Ulm,5", "Graz,'=7", ""]
    datasets.delete(Dataset.objects.get())
    assert "There is no dataset of this name any more" in rows_of(signed_in, chart)
    assert signed_in.get(reverse("chart-data-csv", args=[chart.pk])).status_code == 404


def test_the_rows_of_a_url_are_its_last_answer(
    signed_in: Client, ada: User, settings: Settings, execute: Callable[[RenderJob], RenderJob]
) -> None:
    with Server(answer(b"day,sold\nMon,3\nTue,\n", "200 OK", ETag='"1"')) as server:
        settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
        spec = {"kind": "bar", "data": {"url": f"{server.url}/sales.csv?token=secret"}, "x": "day", "y": "sold"}
        chart, _ = charts.create(ada, Recipe.from_spec(spec))
        before = rows_of(signed_in, chart)
        assert "It is fetched only when the chart is drawn." in before
        assert execute(charts.render(chart, trigger=Trigger.WEB).job).status == Status.SUCCEEDED
    text = " ".join(rows_of(signed_in, chart).split())
    assert f"URL at {server.url}" in text
    assert "2 rows. As of <time" in text
    assert "secret" not in before + text
    assert csv_of(signed_in, chart) == ["day,sold", "Mon,3", "Tue,", ""]


def test_a_figure_function_says_that_its_rows_are_not_kept(signed_in: Client, ada: User, figures: object) -> None:
    chart, _ = charts.create(ada, Recipe.from_figure("tests.revenue", {"store_id": 1}))
    assert "reads its data by itself" in rows_of(signed_in, chart)
    assert signed_in.get(reverse("chart-data-csv", args=[chart.pk])).status_code == 404


def test_the_schedule_form_opens_when_asked(signed_in: Client, chart: Chart) -> None:
    form = r'id="schedule".*?<details class="disclosure"\s+(open)?'
    for query, opened in (({}, None), ({"open": "schedule"}, "open")):
        text = signed_in.get(reverse("chart", args=[chart.pk]), query).content.decode()
        found = re.search(form, text, re.DOTALL)
        assert found
        assert found[1] == opened
