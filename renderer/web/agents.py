"""What browsers say that they are, in words that people know them by."""

from __future__ import annotations

import re

# The first that fits: most call themselves by the names of several others.
BROWSERS = (
    ("Edge", "Edg"),
    ("Opera", "OPR/"),
    ("Samsung Internet", "SamsungBrowser/"),
    ("Firefox", "Firefox/|FxiOS/"),
    ("Chrome", "Chrome/|CriOS/"),
    ("Safari", "Safari/"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("macOS", "Macintosh"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux|X11"),
)


def called(agent: str) -> str:
    """``Firefox on Windows``. What is none of the browsers is called by what it says first, such as ``curl/8.5.0``."""
    browser, system = _first(BROWSERS, agent), _first(SYSTEMS, agent)
    if not browser:
        return agent.split(" ")[0][:60] or "A program"
    return f"{browser} on {system}" if system else browser


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")
