"""Datasets in a real browser: a file that goes up with a bar, a new version, and a dialog that says who reads it."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Route, expect
from pytest_django.live_server_helper import LiveServer

from renderer.jobs import charts, datasets
from renderer.models import Dataset, DatasetVersion
from renderer.recipe import Recipe
from tests.web.browser.visitor import DESK, Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CSV = "day,city,sold,returned\n" + "".join(
    f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d},{('Bern', 'Ulm', 'Graz')[n * n % 3]},{n * n % 97},{n % 5 or ''}\n"
    for n in range(200)
)


def file_of(text: str, name: str = "Sales 2026.csv") -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def read_next() -> DatasetVersion:
    """A worker's work: read the oldest upload that waits."""
    version = DatasetVersion.objects.filter(status="reading").earliest("created_at")
    assert datasets.execute(version.pk)
    version.refresh_from_db()
    return version


def reader_of(ada: User, name: str, title: str) -> None:
    spec = {"kind": "bar", "title": title, "data": {"dataset": name}, "x": "city", "y": "sum(sold)"}
    charts.create(ada, Recipe.from_spec(spec))


def test_from_a_file_to_its_columns_and_its_next_version(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    visitor.expected.append("422 (Unprocessable")
    page = visitor.open("/")
    page.get_by_role("link", name="Datasets").click()
    page.get_by_role("link", name="Upload a file").click()

    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Choose a file, or paste rows.")).to_be_visible()
    expect(page.get_by_label("File")).to_be_focused()

    page.get_by_label("File").set_input_files(file_of(CSV))
    expect(page.get_by_label("Name")).to_have_value("sales_2026")
    held: list[Route] = []
    page.route("**/datasets/new/", lambda route: held.append(route), times=1)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. Nothing was stored.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_hidden()
    assert not Dataset.objects.exists()
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("sales_2026")
    state = page.locator(".status-line .state")
    expect(state).to_have_text("Waiting to be read")
    page.evaluate("window.neverReloaded = true")
    read_next()
    expect(state).to_have_text("Ready")
    expect(page.get_by_role("region", name="First rows").get_by_role("columnheader")).to_have_count(4)
    expect(page.get_by_role("img", name="Histogram from 0 to")).to_be_visible()
    expect(page.locator(".top-values").get_by_text("Ulm")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
    assert page.locator("#announcer").text_content() == "Ready. "
    assert page.locator("[hx-get]").count() == 0, "nothing asks any more"
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download CSV").click()
    assert downloading.value.suggested_filename == "sales_2026.csv"

    page.get_by_text("Paste rows instead").click()
    page.get_by_label("Pasted rows").fill("city,sold\nBern,1\nUlm\n")
    page.get_by_role("button", name="Upload a new version").click()
    expect(page.get_by_text("Charts read version 1 until it is ready.")).to_be_visible()
    assert read_next().status == "failed"
    expect(page.locator(".notice.bad")).to_contain_text("Line 3 has 1 cell where the header has 2.")
    drop = "form => form.querySelector('[data-drop]').dispatchEvent(new DragEvent('drop', {dataTransfer: (() => {"
    drop += "const moved = new DataTransfer(); moved.items.add(new File(['city,sold\\nBern,1\\n'], 'next.csv'));"
    drop += "return moved; })(), bubbles: true, cancelable: true}))"
    page.locator("form[data-upload]").evaluate(drop)
    page.get_by_role("button", name="Upload a new version").click()
    expect(page.get_by_text("Waiting to be read").first).to_be_visible()
    assert read_next().status == "ready"
    expect(page.locator(".versions li").first).to_contain_text("what charts read")
    expect(page.locator(".figures")).to_contain_text("3")


def test_deleting_says_who_reads_it(visitor: Visitor, ada: User) -> None:
    row = datasets.upload(ada, "sales", BytesIO(CSV.encode()), size=len(CSV), format="csv").dataset
    read_next()
    reader_of(ada, "sales", "Sold by city")
    visitor.sign_in(ada)
    page = visitor.open(reverse("dataset", args=[row.pk]))
    page.get_by_role("button", name="Delete this dataset…").click()
    dialog = page.locator("#confirm-delete")
    expect(dialog).to_contain_text("One chart reads it.")
    expect(dialog).to_contain_text("Sold by city")
    page.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Delete this dataset…").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Deleted “sales”.")).to_be_visible()
    assert not Dataset.objects.exists()


def test_a_file_goes_up_without_scripts(chromium: Browser, live_server: LiveServer, ada: User) -> None:
    visitor = Visitor(chromium, live_server.url, java_script_enabled=False, **DESK)
    visitor.sign_in(ada)
    page = visitor.open("/datasets/new/")
    page.get_by_label("File").set_input_files(file_of(CSV))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("sales_2026")
    read_next()
    page.reload()
    expect(page.locator(".status-line .state")).to_have_text("Ready")
    visitor.context.close()


def test_every_page_fits_and_can_be_read(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    look(visitor, ["/datasets/", "/datasets/new/?paste"])
    uploads = [
        datasets.upload(ada, name, BytesIO(text.encode()), size=len(text), format="csv", source_name=f"{name}.csv")
        for name, text in (
            ("sales", CSV),
            ("a_name_as_long_as_they_come_" * 3, "a,b\n1,2\n3\n"),
            ("wide", ",".join(f"column_{n}" for n in range(60)) + "\n" + ",".join(["A long text. " * 9] * 60) + "\n"),
        )
    ]
    for _ in uploads:
        read_next()
    Dataset.objects.filter(name="sales").update(title="What the three shops sold in 2026", description="By day.\n\nAll")
    datasets.upload(ada, "sales", BytesIO(b"a\n1\n2,3\n"), size=8, format="csv", source_name="mended.csv")
    read_next()
    for number in range(3):
        reader_of(ada, "sales", f"Sold by city, and a long title {number}")
    uploads.append(datasets.upload(ada, "coming", BytesIO(b"a\n1\n"), size=4, format="csv"))
    look(visitor, ["/datasets/", "/datasets/?q=none", *(reverse("dataset", args=[one.dataset_id]) for one in uploads)])
