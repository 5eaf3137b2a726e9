"""What both clients say to httpx."""

from __future__ import annotations

from typing import Final

import httpx

STREAM: Final = {"Accept": "text/event-stream"}
SILENCE: Final = 40.0
"""Seconds after which a stream is taken for dead: the server sends a heartbeat every fifteen."""


def headers_of(token: str) -> dict[str, str]:
    """Of every request."""
    headers = {"User-Agent": "figpress-client/0.1"}
    return headers | {"Authorization": f"Bearer {token}"} if token else headers


def time_limit(timeout: float, held: float) -> httpx.Timeout:
    """What the server was asked to hold back does not count as its slowness."""
    return httpx.Timeout(timeout, read=timeout + held)


def listening(seconds: float) -> httpx.Timeout:
    """The time limit of a stream that is heard for so many seconds."""
    return httpx.Timeout(10, read=max(0.01, min(SILENCE, seconds)))


def reason(error: httpx.TransportError, url: str) -> str:
    """Why there was no answer, for a person."""
    return f"No answer from {httpx.URL(url).copy_with(raw_path=b'/')}: {str(error) or type(error).__name__}"
