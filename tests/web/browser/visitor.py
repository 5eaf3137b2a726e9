"""Somebody at a browser, and what the browser and a careful reader would complain about."""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
WATCH = """
window.violations = [];
window.shifted = 0;
document.addEventListener("securitypolicyviolation", (e) => {
  window.violations.push(`${e.violatedDirective} ${e.blockedURI}`);
});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
LOW_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const light = (color) => {
    const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(rgba(getComputedStyle(e).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const below = background(element);
    const text = light(over(rgba(getComputedStyle(element).color), below));
    const ground = light(below);
    const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 90)}`);
  }
  return low;
}"""
UNNAMED = """() => {
  const name = (e) => e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent;
  const bad = [...document.querySelectorAll("a, button, select, textarea, input:not([type=hidden])")]
    .filter((e) => e.checkVisibility() && !e.closest("[aria-hidden=true]") && !name(e)?.trim());
  const images = [...document.images].filter((e) => !e.hasAttribute("alt"));
  return [...bad, ...images].map((e) => e.outerHTML.slice(0, 120));
}"""


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
        self.page.goto(self.origin + path)
        return self.page

    def close(self) -> None:
        """Leave, and say what was wrong."""
        violations = self.page.evaluate("window.violations")
        self.context.close()
        complaints = [text for text in self.complaints if not any(part in text for part in self.expected)]
        assert complaints == []
        assert violations == []


def look(visitor: Visitor, paths: list[str]) -> None:
    """Open each page: none is wider than its window, low in contrast, nameless in a control, or complained about."""
    for path in paths:
        page = visitor.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, f"{path} is {width} pixels too wide"
        assert page.evaluate(LOW_CONTRAST) == [], path
        assert page.evaluate(UNNAMED) == [], path
        assert page.evaluate("window.violations") == [], path
        assert page.evaluate("window.shifted") < 0.05, path
