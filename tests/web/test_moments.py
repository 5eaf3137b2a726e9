"""Moments are written as app.js writes them, and that they are further away is no news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from renderer.models import RenderJob
from renderer.web import moments

NOW = datetime(2026, 3, 1, 22, 30, 8, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "just now"), (-44, "just now"), (1, "in a moment"), (-45, "1 minute ago"), (-90, "2 minutes ago"),
        (200, "in 3 minutes"), (-3600, "1 hour ago"), (-5400, "2 hours ago"), (-86_400, "yesterday"),
        (86_400, "tomorrow"), (-2.5 * 86_400, "3 days ago"), (9 * 86_400, "in 9 days"),
        (-30 * 86_400, "Sat 31 Jan 2026, 07:30"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: float, text: str) -> None:
    with timezone.override(TOKYO):
        assert moments.written(NOW + timedelta(seconds=seconds), "ago", NOW) == text


def test_the_other_styles() -> None:
    with timezone.override(TOKYO):
        assert moments.written(NOW, "at", NOW) == "Mon 2 Mar 2026, 07:30"
        assert moments.written(NOW, "clock", NOW) == "07:30:08"
        assert moments.in_full(NOW) == "2 Mar 2026, 07:30 JST"
    for seconds, text in ((-3, "0 s"), (59.9, "59 s"), (61, "1 min 1 s"), (7_265, "2 h 1 min")):
        assert moments.written(NOW - timedelta(seconds=seconds), "since", NOW) == text


def test_later_is_no_news(signed_in: Client, job: RenderJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiting job's clock runs, and its page is not swapped for it."""
    signed_in.cookies["figpress_zone"] = "Asia%2FTokyo"
    address = reverse("chart-live", args=[job.target_id])
    seen = ""
    for seconds, status in ((1, 200), (4, 204)):
        now = job.created_at + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        page = signed_in.get(address).content.decode()
        assert f">{seconds} s</time>" in page
        assert signed_in.get(address, {"seen": seen}).status_code == status
        seen = page.partition('"seen": "')[2].partition('"')[0]
