"""The pages in a real browser: what a person does, at desk and on the phone, in light and in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Route, expect
from pytest_django.live_server_helper import LiveServer

from examples.shop.models import Report
from renderer.jobs import batches, charts, drafts, schedules
from renderer.jobs.enqueue import enqueue
from renderer.jobs.targets import Target
from renderer.models import ApiToken, Chart, Delivery, RenderJob, Run, Schedule, Webhook
from renderer.models.job import Status, Trigger
from renderer.models.run import Outcome
from renderer.recipe import Recipe
from renderer.web.starters import STARTERS
from renderer.webhooks import hooks, outbox
from tests.web.browser.visitor import DESK, Visitor, at_desk, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_signing_in_to_the_picture(visitor: Visitor, ada: User, draw: Callable[[], RenderJob]) -> None:
    page = visitor.open("/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Bars").click()
    page.get_by_label("Name").fill("My first chart")
    page.get_by_label("SVG").check()
    page.get_by_role("button", name="Draw it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("My first chart")
    status = page.locator(".status-line .state")
    expect(status).to_have_text("Waiting")
    expect(page.get_by_text("Nobody is there to draw.")).to_be_visible()
    page.evaluate("window.neverReloaded = true; window.shifted = 0")
    picture = page.locator("#picture img")
    room = picture.bounding_box()

    assert draw().status == Status.SUCCEEDED
    expect(status).to_have_text("Ready")
    expect(picture).to_have_attribute("src", re.compile(r"/api/v1/charts/.+/image\.png\?v="))
    expect(picture).to_have_attribute("alt", re.compile("Revenue by quarter"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1600
    assert picture.bounding_box() == room, "the picture takes the room that was kept for it"
    assert page.evaluate("window.neverReloaded") is True
    assert page.locator("#announcer").text_content() == "Ready. "
    assert page.locator(".live[hx-get]").count() == 0, "nothing asks any more"

    with page.expect_download() as downloading:
        page.get_by_role("link", name="SVG").click()
    assert downloading.value.suggested_filename.endswith(".svg")


def test_from_a_figure_function_to_the_picture(visitor: Visitor, ada: User, draw: Callable[[], RenderJob]) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/")
    expect(page.locator("#preview .state")).to_have_text("Waiting")  # the editor's draft, which goes with its page
    page.get_by_role("link", name="From a figure function").click()
    page.get_by_role("link", name="Revenue of a store").click()
    expect(page.get_by_label("Year")).to_have_accessible_description("Of which the months are shown.")
    expect(page.get_by_label("Store id")).to_have_accessible_description("The number on the door.")
    expect(page.locator(".prose")).to_have_text("Revenue by month.")
    picture = page.locator("#picture img")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Store id: This field is required.")
    page.get_by_label("Store id").fill("3")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview .state")).to_have_text("Waiting")
    assert draw().status == Status.SUCCEEDED
    expect(page.locator("#preview .state")).to_have_text("Ready")
    expect(picture).to_have_attribute("src", re.compile(r"image\.png\?v="))
    expect(picture).to_have_attribute("alt", re.compile("Revenue of a store"))
    first = picture.get_attribute("src")
    page.get_by_label("Palette").select_option("Cool")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview .state")).to_have_text("Waiting")
    assert picture.get_attribute("src") == first, "it stays until the next one is there"
    page.get_by_label("Stacked").check()
    page.get_by_role("button", name="Draw it").click()
    expect(page.locator(".status-line .state")).to_have_text("Waiting")
    assert draw().status == Status.SUCCEEDED
    expect(page.locator(".status-line .state")).to_have_text("Ready")
    expect(page.locator("#picture img")).to_have_attribute("src", re.compile(r"image\.png\?v="))
    assert Chart.objects.get().params["palette"] == "cool"


def test_a_failure_is_told_where_the_person_waits(visitor: Visitor, ada: User, draw: Callable[[], RenderJob]) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/figures/tests.broken/")
    page.get_by_role("button", name="Draw it").click()
    expect(page.locator(".status-line .state")).to_have_text("Waiting")
    assert draw().status == Status.FAILED
    expect(page.locator(".status-line .state")).to_have_text("Failed")
    expect(page.locator(".side").get_by_text("raised KeyError")).to_be_visible()
    expect(page.get_by_text("has to be mended")).to_be_visible()
    expect(page.get_by_text("secret-detail")).to_have_count(0)


def test_the_gallery_fills_itself(visitor: Visitor, ada: User, job: RenderJob, draw: Callable[[], RenderJob]) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/")
    card = page.get_by_role("link", name="Fruit")
    expect(card.locator(".state")).to_have_text("Waiting")
    draw()
    expect(card.locator(".state")).to_have_text("Ready")
    expect(card.locator("img")).to_have_attribute("src", re.compile(r"image\.png\?v="))


def test_the_jobs_list_fills_itself(visitor: Visitor, ada: User, chart: Chart, draw: Callable[[], RenderJob]) -> None:
    visitor.sign_in(ada)
    charts.render(chart, trigger=Trigger.WEB)
    page = visitor.open("/jobs/")
    expect(page.get_by_role("link", name="Waiting 1")).to_be_visible()
    draw()
    expect(page.get_by_role("link", name="Ready 1")).to_be_visible()
    page.get_by_role("link", name="Fruit").click()
    expect(page.get_by_text("Where the time went")).to_be_visible()
    page.get_by_role("button", name="Draw once more").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".status-line .state")).to_have_text("Cancelled")


def test_a_page_of_a_chart_that_was_deleted_elsewhere(visitor: Visitor, ada: User, chart: Chart) -> None:
    visitor.sign_in(ada)
    charts.render(chart, trigger=Trigger.WEB)
    page = visitor.open(reverse("chart", args=[chart.pk]))
    visitor.expected.append("404 (Not Found)")
    charts.delete(chart)
    expect(page.get_by_role("heading", name="There is nothing here.")).to_be_visible()


def test_what_goes_with_the_page_does_not_hold_it(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/")
    expect(page.locator("#preview .state")).to_have_text("Waiting")
    held: list[Route] = []
    page.route(lambda url: url.endswith("/charts/new/"), lambda route: held.append(route))
    with page.expect_response(lambda response: response.headers.get("hx-refresh") == "true"):
        page.get_by_role("button", name="Draw it").click(no_wait_after=True)
        assert drafts.forget(ada, Chart.objects.get(is_draft=True).pk), "as the server does before it answers"
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"/charts/[0-9a-f-]{36}/"))
    expect(page.locator(".status-line .state")).to_have_text("Waiting")


def test_errors_lead_to_their_lines(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    visitor.expected.append("422 (Unprocessable")
    page = visitor.open("/charts/new/?start=line")
    spec = page.locator(".cm-content")
    text = page.locator("textarea[name=spec]").input_value().replace('"color"', '"hue"')
    spec.press("Control+a")
    page.keyboard.insert_text(text)
    spec.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("did you mean 'color'?")
    expect(page.locator("textarea[name=spec]")).to_have_value(text)
    page.get_by_role("button", name=re.compile("line ")).click()
    expect(spec).to_be_focused()
    assert '"hue"' in page.evaluate("getSelection().toString()")


def test_a_schedule_in_the_readers_zone(visitor: Visitor, ada: User, chart: Chart) -> None:
    visitor.sign_in(ada)
    page = visitor.open(reverse("chart", args=[chart.pk]))
    page.get_by_text("Draw it on a schedule").click()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.locator(".next-runs time")).to_have_count(5)
    page.get_by_label("When").fill("whenever")
    expect(page.locator(".runs-preview .errors")).to_contain_text("is no cron line")
    page.get_by_label("When").fill("0 7 * * *")
    expect(page.locator(".next-runs time").first).to_contain_text("07:00")
    page.get_by_role("button", name="Add schedule").click()
    schedule = Schedule.objects.get()
    assert (schedule.cron, schedule.timezone) == ("0 7 * * *", "Asia/Tokyo")

    page.get_by_role("link", name="Schedules").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("link", name="Fruit").click()
    expect(page.locator(".next-runs time")).to_have_count(5)
    page.get_by_text("Change it").click()
    page.get_by_label("When").fill("30 7 * * *")
    expect(page.locator(".runs-preview")).to_contain_text("At 07:30 every day")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts code")).to_have_text("30 7 * * *")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator(".status-line .state")).to_have_text("Waiting")


def test_a_batch_fills_itself(visitor: Visitor, ada: User, spec: dict[str, Any], draw: Callable[[], RenderJob]) -> None:
    visitor.sign_in(ada)
    recipes = [(Recipe.from_spec({**spec, "title": f"Fruit {n}"}), "") for n in range(3)]
    batches.create(ada, recipes, name="March")
    page = visitor.open("/batches/")
    page.get_by_role("link", name="March").click()
    expect(page.locator(".status-line")).to_contain_text("0 of 3")
    draw()
    expect(page.locator(".status-line")).to_contain_text("1 of 3")
    expect(page.get_by_role("link", name="Fruit 0").locator("img")).to_have_attribute(
        "src", re.compile(r"image\.png\?v=")
    )
    page.get_by_role("link", name="Its jobs").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")
    page.go_back()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download what is drawn").click()
    assert downloading.value.suggested_filename.startswith("March-")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".status-line .state")).to_have_text("Cancelled")


def test_deleting_asks_first(visitor: Visitor, ada: User, chart: Chart) -> None:
    visitor.sign_in(ada)
    page = visitor.open(reverse("chart", args=[chart.pk]))
    page.get_by_role("button", name="Delete this chart…").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_hidden()
    assert Chart.objects.exists()
    page.get_by_role("button", name="Delete this chart…").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Deleted “Fruit & <nuts>”.")).to_be_visible()
    assert not Chart.objects.exists()


def test_a_token_by_hand(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/")
    page.get_by_role("button", name="Account of ada").click()
    page.get_by_role("link", name="API tokens").click()
    page.get_by_label("Name").fill("nightly report")
    page.get_by_role("button", name="Make token").click()
    secret = page.locator("#secret").text_content() or ""
    token = ApiToken.find(secret)
    assert token
    page.get_by_role("button", name="Revoke nightly report").click()
    expect(page.get_by_text("Revoked “nightly report”.")).to_be_visible()
    assert ApiToken.find(secret) is None
    page.get_by_role("button", name="Account of ada").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@at_desk
def test_a_figure_on_anybodys_page_swaps_itself(
    visitor: Visitor, spec: dict[str, Any], draw: Callable[[], RenderJob]
) -> None:
    report = Report.objects.create(title="Best sellers", year=2026)
    enqueue(Recipe.from_spec(spec), Target.of(report, "image"), trigger=Trigger.CODE)
    page = visitor.open(reverse("shop:overview"))
    image = page.locator(".figpress-figure img")
    expect(image).to_have_attribute("alt", re.compile("is being drawn"))
    assert draw().status == Status.SUCCEEDED
    report.refresh_from_db()
    expect(image).to_have_attribute("src", report.image.url)
    expect(image).not_to_have_attribute("alt", re.compile("is being drawn"))
    expect(page.locator(".figpress-figure")).to_have_attribute("data-state", "succeeded")


@at_desk
def test_the_first_tab_stop_skips_to_the_content(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()


def test_everything_is_readable_without_scripts(
    chromium: Browser, live_server: LiveServer, ada: User, drawn: Chart
) -> None:
    visitor = Visitor(chromium, live_server.url, java_script_enabled=False, **DESK)
    visitor.sign_in(ada)
    page = visitor.open(reverse("chart", args=[drawn.pk]))
    expect(page.locator(".status-line .state")).to_have_text("Ready")
    expect(page.locator(".runs time").first).to_contain_text("UTC")
    page.get_by_role("button", name="Render again").click()
    expect(page.locator(".status-line .state")).to_have_text("Waiting")
    visitor.context.close()


def test_every_page_fits_and_can_be_read(
    visitor: Visitor,
    ada: User,
    drawn: Chart,
    draw: Callable[[], RenderJob],
) -> None:
    """No page is wider than its window, low in contrast, nameless in a control, or complained about."""
    broken, _ = charts.create(ada, Recipe.from_figure("tests.broken"), name="A long name " * 12)
    failed = charts.render(broken, trigger=Trigger.WEB).job
    draw()
    waiting = [charts.create(ada, Recipe.from_spec(starter.document))[0] for starter in STARTERS]
    for chart in waiting:
        charts.render(chart, trigger=Trigger.API)
    charts.render(drawn, trigger=Trigger.WEB, force=True)
    schedules.pause(schedules.create(ada, drawn, cron="0 7 * * *"))
    schedule = schedules.create(ada, broken, cron="0 7 * * *", tz="America/Argentina/ComodRivadavia")
    for outcome in (Outcome.SUCCEEDED, Outcome.UNCHANGED, Outcome.FAILED, Outcome.SKIPPED, Outcome.CANCELLED):
        ended = timezone.now()
        Run.objects.create(schedule=schedule, outcome=outcome, note="Why. " * 40, created_at=ended, finished_at=ended)
    batch = batches.create(ada, [(charts.recipe_of(chart), "") for chart in (drawn, broken, *waiting)], name="A " * 90)
    schedules._pause_itself(schedule, "It failed for a long reason. " * 16, timezone.now())
    ApiToken.issue(ada, "a token with quite a long name, as people give them")
    hook, _ = hooks.create(ada, f"https://example.org/{'a-long-path' * 20}")
    told = hooks.send_test(hook)
    Webhook.objects.update(disabled_at=timezone.now(), disabled_reason="It failed for a long reason. " * 10)
    Delivery.objects.update(
        status="failed",
        next_attempt_at=None,
        finished_at=timezone.now(),
        message="The receiver answered 503.",
        last_ms=812,
    )
    outbox.jobs_ended([failed])
    User.objects.filter(pk=ada.pk).update(is_staff=True)

    paths = ["/sign-in/"]
    look(visitor, paths)
    visitor.sign_in(ada)
    paths = ["/", "/charts/new/", "/charts/new/figures/", "/charts/new/figures/tests.revenue/", "/jobs/", "/schedules/"]
    paths += ["/jobs/?status=failed", "/jobs/?status=expired", "/tokens/"]
    paths += [reverse("chart", args=[chart.pk]) for chart in (drawn, broken, waiting[0])]
    paths += [reverse("edit-chart", args=[drawn.pk]), reverse("job", args=[failed.pk])]
    paths += [reverse("job", args=[drawn.drawn_by_id]), reverse("schedule", args=[schedule.pk])]
    paths += ["/batches/", reverse("batch", args=[batch.pk])]
    paths += ["/webhooks/", reverse("webhook", args=[told.webhook_id])]
    look(visitor, paths)
    visitor.expected.append("404 (Not Found)")
    look(visitor, ["/charts/00000000-0000-7000-8000-000000000000/"])


@at_desk
def test_the_admin_keeps_the_policy_too(visitor: Visitor, staff: User, drawn: Chart, job: RenderJob) -> None:
    visitor.sign_in(staff)
    for path in ("renderjob/", f"renderjob/{job.pk}/change/", f"chart/{drawn.pk}/change/", "schedule/"):
        page = visitor.open(f"/admin/renderer/{path}")
        expect(page.locator("#content h1, #content h2").first).to_be_visible()
        assert page.evaluate("window.violations") == [], path
