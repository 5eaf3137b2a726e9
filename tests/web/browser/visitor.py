"""Somebody at a browser, and what the browser and a careful reader would complain about."""

from __future__ import annotations

import gzip
from typing import Any

import brotli
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect

DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
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
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


class Visitor:
    """Somebody at a browser. Whatever the browser complains about ends the test, unless it was expected."""

    def __init__(self, browser: Browser, origin: str, **context: Any) -> None:
        self.origin = origin
        self.context = browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB", **context)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
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
        """By the cookie that signing in would bring."""
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.origin}])

    def open(self, path: str) -> Page:
        """Go to a page."""
        self.document = self.page.goto(self.origin + path)
        return self.page

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
    """Whether it is a part of the page: no picture, and nothing that a live part asks for again and again, which the
    browser does not keep."""
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
    """Open each page: none is too wide, heavy, moves while it loads, or breaks a rule of WCAG 2.2 AA."""
    for path in paths:
        page = visitor.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, f"{path} is {width} pixels too wide"
        assert violations(page) == [], path
        assert page.evaluate("window.violations") == [], path
        assert page.evaluate("window.shifted") < 0.05, (path, page.evaluate("window.movers"))
        assert 10_000 < visitor.weight() < HEAVY, (path, visitor.weight())


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page as it stands: the rule, and the element that breaks it."""
    found = AXE.run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
