"""The ``{% figure %}`` tag, and the address that its script asks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from PIL import Image

from examples.shop.models import Report
from renderer.jobs import charts
from renderer.jobs.enqueue import enqueue
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from renderer.web import figures as web_figures

Ended = Callable[[RenderJob, Status], RenderJob]
Execute = Callable[[RenderJob], RenderJob]

ALT = "Best <sellers>"


@pytest.fixture
def report(db: None) -> Report:
    """A row of a project's own model, with a plain ImageField."""
    return Report.objects.create(title="Best sellers", year=2026)


@pytest.fixture
def report_job(report: Report, spec: dict[str, Any]) -> RenderJob:
    return enqueue(Recipe.from_spec(spec), Target.of(report, "image"), trigger=Trigger.CODE).job


def rendered(image: object, template: str = '{% load figures %}{% figure image alt="Best <sellers>" %}') -> str:
    return Template(template).render(Context({"image": image}))


def attributes(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', html)}


def test_a_row_that_never_asked(report: Report) -> None:
    html = rendered(report.image)
    found = attributes(html)
    assert found["src"].endswith("placeholder-none.svg")
    assert found["alt"] == f"{ALT} (not drawn)"
    assert (found["data-state"], found["loading"]) == ("none", "lazy")
    assert "data-poll" not in html
    assert "<script" not in html


def test_a_row_that_is_not_saved() -> None:
    assert "placeholder-none.svg" in rendered(Report(title="x", year=1).image)


def test_while_it_is_drawn(report: Report, report_job: RenderJob) -> None:
    html = rendered(report.image)
    found = attributes(html)
    assert found["alt"] == f"{ALT} (is being drawn)"
    assert found["data-state"] == "queued"
    assert found["data-alt"] == ALT
    assert html.count('figure.js" defer></script>') == 1


def test_when_it_is_drawn(report: Report, report_job: RenderJob, execute: Execute) -> None:
    assert execute(report_job).status == Status.SUCCEEDED
    report.refresh_from_db()
    html = rendered(report.image)
    found = attributes(html)
    assert found["src"] == report.image.url
    assert (found["width"], found["height"]) == ("640", "400")
    assert found["alt"] == ALT
    assert found["data-state"] == "succeeded"
    assert "data-poll" not in html


def test_a_failure_is_said(report: Report, report_job: RenderJob, ended: Ended) -> None:
    ended(report_job, Status.FAILED)
    found = attributes(rendered(report.image))
    assert found["alt"] == f"{ALT} (could not be drawn)"
    assert found["src"].endswith("placeholder-none.svg")


def test_a_failure_keeps_the_last_good_picture(
    report: Report, report_job: RenderJob, execute: Execute, ended: Ended, spec: dict[str, Any]
) -> None:
    execute(report_job)
    again = enqueue(Recipe.from_spec(spec | {"title": "2"}), Target.of(report, "image"), trigger=Trigger.CODE).job
    ended(again, Status.FAILED)
    report.refresh_from_db()
    found = attributes(rendered(report.image))
    assert found["src"] == report.image.url
    assert found["width"] == "640", "of the picture that is shown, not of the job that failed"
    assert found["alt"] == f"{ALT} (last good picture; a newer one could not be drawn)"


def test_a_picture_that_we_did_not_draw(report: Report, media: Path) -> None:
    path = Path(report.image.storage.path("reports/own.png"))
    path.parent.mkdir(parents=True)
    Image.new("RGB", (30, 20)).save(path)
    Report.objects.update(image="reports/own.png")
    found = attributes(rendered(Report.objects.get().image))
    assert (found["width"], found["height"], found["data-state"]) == ("30", "20", "succeeded")
    path.unlink()
    assert "width" not in attributes(rendered(Report.objects.get().image)), "a file that is gone breaks no page"


def test_a_charts_image_comes_from_the_api(drawn: Chart) -> None:
    found = attributes(rendered(drawn.image, "{% load figures %}{% figure image %}"))
    assert found["src"].startswith(f"/api/v1/charts/{drawn.pk}/image.png?v=")
    assert found["alt"] == drawn.alt


def test_the_script_comes_once_a_page(report: Report, report_job: RenderJob) -> None:
    template = (
        "{% load figures %}{% for i in '123' %}{% figure image %}{% endfor %}"
        "{% include inner %}{% include inner only %}{% with x=1 %}{% figure image %}{% endwith %}"
    )
    inner = Template("{% load figures %}{% if image %}{% figure image %}{% endif %}")
    page = Template(template)
    html = page.render(Context({"image": report.image, "inner": inner}))
    assert html.count("<script") == 1
    assert rendered(report.image).count("<script") == 1, "and again on the next page"


def test_texts_of_users_stay_texts(report: Report) -> None:
    text = '"><script>alert(1)</script> & more'
    html = Template("{% load figures %}{% figure image alt=text %}").render(
        Context({"image": report.image, "text": text})
    )
    assert "<script" not in html
    assert attributes(html)["alt"] == f"{text} (not drawn)"
    literal = rendered(report.image, """{% load figures %}{% figure image alt='5" pipes &amp; bolts' %}""")
    assert attributes(literal)["alt"] == '5" pipes & bolts (not drawn)'


def test_it_takes_nothing_but_image_fields() -> None:
    with pytest.raises(TypeError, match="takes an image field of a row"):
        rendered("picture.png")


def test_anybody_who_saw_the_page_may_ask(
    client: Client, report: Report, report_job: RenderJob, execute: Execute
) -> None:
    address = attributes(rendered(report.image))["data-poll"]
    waiting = client.get(address)
    assert waiting.json() == {"state": "queued", "url": None}
    assert "no-store" in waiting["Cache-Control"]
    execute(report_job)
    report.refresh_from_db()
    assert client.get(address).json() == {"state": "succeeded", "url": report.image.url}
    assert client.post(address).status_code == 405


def test_it_tells_of_the_newest_job(
    client: Client, report: Report, report_job: RenderJob, ended: Ended, spec: dict[str, Any]
) -> None:
    address = attributes(rendered(report.image))["data-poll"]
    ended(report_job, Status.CANCELLED)
    enqueue(Recipe.from_spec(spec), Target.of(report, "image"), trigger=Trigger.CODE)
    assert client.get(address).json()["state"] == "queued"


def test_a_row_that_is_gone_is_gone(client: Client, report: Report, report_job: RenderJob) -> None:
    address = attributes(rendered(report.image))["data-poll"]
    Report.objects.all().delete()
    assert client.get(address).status_code == 404
    RenderJob.objects.all().delete()
    assert client.get(address).status_code == 404


def test_nobody_makes_up_an_address(client: Client, job: RenderJob) -> None:
    good = web_figures.sign(job)
    forged = [
        good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        signing.dumps(job.pk.hex, salt="another"),
        signing.dumps({"job": job.pk.hex}, salt=web_figures.SALT),
        signing.dumps("nonsense", salt=web_figures.SALT),
        str(job.pk),
    ]
    for signed in forged:
        assert client.get(reverse("figure-state", args=[signed])).status_code == 404, signed
    assert client.get(reverse("figure-state", args=[good])).status_code == 200


def test_an_address_ends(client: Client, job: RenderJob, monkeypatch: pytest.MonkeyPatch) -> None:
    address = reverse("figure-state", args=[web_figures.sign(job)])
    later = time.time() + web_figures.GOOD_FOR.total_seconds() + 5
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get(address).status_code == 404


def test_a_chart_gone_from_under_a_page(client: Client, job: RenderJob, chart: Chart) -> None:
    address = reverse("figure-state", args=[web_figures.sign(job)])
    charts.delete(chart)
    assert client.get(address).status_code == 404
