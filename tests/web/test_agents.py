"""What browsers are called on the page of the sessions."""

from __future__ import annotations

import pytest

from renderer.web import agents

MOZILLA = "Mozilla/5.0 "
KHTML = "AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (MOZILLA + "(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (MOZILLA + f"(Windows NT 10.0; Win64; x64) {KHTML}Chrome/142.0.0.0 Safari/537.36", "Chrome on Windows"),
        (MOZILLA + f"(Windows NT 10.0; Win64; x64) {KHTML}Chrome/142.0.0.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        (MOZILLA + f"(Linux; Android 10; K) {KHTML}Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (MOZILLA + f"(iPhone; CPU iPhone OS 18_7 like Mac OS X) {KHTML}Version/26.0 Safari/604.1", "Safari on iPhone"),
        (MOZILLA + f"(Macintosh; Intel Mac OS X 10_15_7) {KHTML}Version/26.0 Safari/605.1.15", "Safari on macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "A program"),
    ],
)
def test_a_browser_is_called_by_its_name(agent: str, name: str) -> None:
    assert agents.called(agent) == name
