"""Somebody at a browser, and what the browser and a careful reader would complain about."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect

from renderer.web import zone

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "is_mobile": True, "has_touch": True,
}  # fmt: skip
at_desk = pytest.mark.parametrize("visitor", [DESK], ids=["desk"], indirect=True)
"""For what is the same on the phone."""
ZONE = "Asia/Tokyo"
WATCH = """
window.violations = [];
window.shifted = 0;
window.movers = [];
document.addEventListener("securitypolicyviolation", (e) => {
  window.violations.push(`${e.violatedDirective} ${e.blockedURI}`);
});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries().filter((entry) => !entry.hadRecentInput)) {
    window.shifted += entry.value;
    window.movers.push(...entry.sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? "?").slice(0, 90)));
  }
}).observe({ type: "layout-shift", buffered: true });
"""
HEAVY = 200_000
"""Bytes without pictures: more than this and a page is slow where the network is."""
PARTS = {"document", "script", "stylesheet", "font"}
AXE = Axe()
SHIFTED = 0.01
"""The cumulative layout shift of a page that keeps still; 0.1 is what most call good."""
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
"""What the dark changes, and nothing else."""


class Visitor:
    """Somebody at a browser. Whatever the browser complains about ends the test, unless it was expected."""

    def __init__(self, browser: Browser, origin: str, **context: Any) -> None:
        self.origin = origin
        self.has_scripts = context.get("java_script_enabled", True)
        self.context = browser.new_context(timezone_id=ZONE, locale="en-GB", **context)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)  # a busy machine is no reason to fail
        self.complaints: list[str] = []
        self.pictures = 0
        self.expected: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{error}"))
        self.document: Response | None = None
        self.fetched: list[Response] = []
        self.page.on("response", lambda response: self.fetched.append(response))
        # What the page before had asked for may still come until the next one is there.
        self.page.on("framenavigated", lambda frame: self.fetched.clear())

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def sign_in(self, user: User) -> None:
        """By the cookies that signing in would bring: the session's, and the zone that the page for it tells."""
        client = Client()
        client.force_login(user)
        cookies = {django_settings.SESSION_COOKIE_NAME: client.cookies[django_settings.SESSION_COOKIE_NAME].value}
        if self.has_scripts:
            cookies[zone.COOKIE] = quote(ZONE, safe="")
        self.context.add_cookies([{"name": k, "value": v, "url": self.origin} for k, v in cookies.items()])

    def open(self, path: str) -> Page:
        """Go to a page."""
        self.document = self.page.goto(self.origin + path)
        return self.page

    @contextmanager
    def otherwise_lit(self) -> Iterator[None]:
        """For a while in the dark, if it was light, or in the light."""
        one, other = ("light", "dark") if self._scheme() == "light" else ("dark", "light")
        self.page.emulate_media(color_scheme=other)  # type: ignore[arg-type]  # one of the two
        yield
        self.page.emulate_media(color_scheme=one)  # type: ignore[arg-type]

    def keep_picture(self, path: str) -> None:
        """A picture of the page for somebody to look at, if SHOTS names a folder for them."""
        if folder := os.environ.get("SHOTS"):
            assert self.page.viewport_size
            name = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[^\w]+", "-", path).strip("-") or "gallery"
            name = f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[0].split('/')[-1]}-{name[:60]}"
            self.pictures += 1
            name += f"-{self.pictures:02d}-{self.page.viewport_size['width']}-{self._scheme()}.png"
            self.page.screenshot(path=f"{folder}/{name}", full_page=True)

    def _scheme(self) -> str:
        return "dark" if self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"

    def weight(self) -> int:
        """Bytes that came for the page but for pictures. Static files and the API's answers are sent compressed."""
        parts = {
            response.url: response for response in (self.document, *self.fetched) if response and _weighs(response)
        }
        return sum(_sent(url, response.body()) for url, response in parts.items())

    def close(self) -> None:
        """Leave, and say what was wrong."""
        violations = self.page.evaluate("window.violations")
        self.context.close()
        complaints = [text for text in self.complaints if not any(part in text for part in self.expected)]
        assert complaints == []
        assert violations == []


def _weighs(response: Response) -> bool:
    """Whether it is a part of the page: no way there, no picture, and nothing that a live part asks for again and
    again, which the browser does not keep."""
    request = response.request
    if 300 <= response.status < 400:
        return False  # a redirect has no body; that of a form may come while the next page is already asked for
    return request.resource_type in PARTS or (request.resource_type == "fetch" and "/api/" in request.url)


def _sent(url: str, body: bytes) -> int:
    """How many bytes a browser is sent. Pages go as they are: their length would tell of secrets (BREACH)."""
    if django_settings.STATIC_URL in url:
        return len(brotli.compress(body))  # by WhiteNoise
    return len(gzip.compress(body) if "/api/" in url else body)


def look(visitor: Visitor, paths: list[str]) -> None:
    """Open each page: none is too wide, heavy, moves while it loads, or breaks a rule of WCAG 2.2 AA, whether in light
    or in the dark."""
    for path in paths:
        page = visitor.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert too_wide(page) <= 0, f"{path} is {too_wide(page)} pixels too wide"
        assert violations(page) == [], path
        assert page.evaluate("window.violations") == [], path
        assert page.evaluate("window.shifted") < SHIFTED, (path, page.evaluate("window.movers"))
        assert 10_000 < visitor.weight() < HEAVY, (path, visitor.weight())
        visitor.keep_picture(path)
        with visitor.otherwise_lit():
            assert violations(page, COLOURS) == [], f"{path} in the other scheme"
            visitor.keep_picture(path)


def too_wide(page: Page) -> int:
    """By how many pixels a page is wider than the window."""
    assert page.viewport_size
    return int(page.evaluate("document.documentElement.scrollWidth")) - page.viewport_size["width"]


def violations(page: Page, options: dict[str, Any] = RULES) -> list[str]:
    """What axe-core finds wrong with a page as it stands: the rule, and the element that breaks it."""
    found = AXE.run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
