"""Log lines cannot be forged by what users write, hold no secrets, and carry the ids that lead from one to the next."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from renderer import logs
from renderer.logs import HIDDEN, JsonFormatter, LineFormatter

HOSTILE = "title: x\n2026-01-01T00:00:00+0000 ERROR django: you were hacked\x1b[31m\r\u2028\u202e"


def record(message: str, exc_info: object = None, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("figpress", logging.INFO, "file.py", 1, message, None, exc_info)  # type: ignore[arg-type]  # any exc_info
    made.__dict__.update(extra)
    return made


def as_json(made: logging.LogRecord) -> dict[str, Any]:
    text = JsonFormatter().format(made)
    assert text.isascii()
    assert text.isprintable(), "one line, and nothing that a terminal obeys"
    event: dict[str, Any] = json.loads(text)
    return event


def test_a_title_with_a_newline_stays_one_line() -> None:
    line = LineFormatter(times=False).format(record(HOSTILE))
    assert line == (
        "INFO figpress: title: x\\n2026-01-01T00:00:00+0000 ERROR django: you were hacked\\x1b[31m\\r\\u2028\\u202e"
    )


def test_in_json_too_and_it_says_what_was_written() -> None:
    assert as_json(record(HOSTILE))["message"] == HOSTILE


def test_a_field_cannot_forge_a_line_either() -> None:
    with logs.context(request_id="a\nb"):
        assert "\n" not in LineFormatter().format(record("hello"))
        assert as_json(record("hello", path="/\r\n\x1b[2J"))["path"] == "/\r\n\x1b[2J"


def test_a_traceback_follows_indented() -> None:
    try:
        raise ValueError("wrong\x07")
    except ValueError:
        failed = record("failed", sys.exc_info())
    lines = LineFormatter().format(failed).splitlines()
    assert lines[0].endswith("INFO figpress: failed")
    assert lines[1] == "    Traceback (most recent call last):"
    assert lines[-1] == "    ValueError: wrong\\x07"
    assert "ValueError: wrong\x07" in as_json(failed)["exception"]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("token figp_AbC-123_xyz was used", "figp_AbC-123_xyz"),
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpwYXNz"),
        ("sent bearer eyJhbGciOi.J9eyJzdWIi.abc", "eyJhbGciOi"),
        ("Cookie: sessionid=zxcvb; csrftoken=qwert", "zxcvb"),
        ("postgres://figpress:hunter2@db.example.org:5432/figpress is away", "hunter2"),
        ("redis://:hunter2@10.0.0.1:6379/0", "hunter2"),
        ("https://b.s3.amazonaws.com/a.png?X-Amz-Credential=AKIA%2F1&X-Amz-Signature=0a1b2c", "0a1b2c"),
        ("https://b.s3.amazonaws.com/a.png?X-Amz-Credential=AKIA%2F1&X-Amz-Signature=0a1b2c", "AKIA"),
        ("GET /x?token=s3cr3t&page=2", "s3cr3t"),
        ("password = hunter2", "hunter2"),
        ('{"api_key": "hunter2"}', "hunter2"),
        ("/figures/InNob3Ai:1t2ABC:" + "k" * 43 + "/", "k" * 43),
    ],
)
def test_secrets_are_hidden(text: str, secret: str) -> None:
    assert secret not in LineFormatter().format(record(text))
    event = as_json(record("a request", path=text, timings={"drawing": 1.5, "note": text}))
    assert secret not in json.dumps(event)
    assert HIDDEN in event["path"]
    assert event["timings"]["drawing"] == 1.5
    try:
        raise RuntimeError(text)
    except RuntimeError:
        assert secret not in json.dumps(as_json(record("failed", sys.exc_info())))


@pytest.mark.parametrize(
    "text",
    [
        "job 01a224f0-3381-755f-94bb-03a24d40e31e: succeeded in 268 ms",
        "https://example.org/charts/?page=2&sort=name",
        "redis://127.0.0.1:6379/0 does not answer",
        "The token was revoked. Ask for another signature.",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert logs.redact(text) == text


def test_what_is_bound_stands_in_every_line() -> None:
    with logs.context(job="job-1", request_id="req-1", worker=""):
        event = as_json(record("matplotlib says something"))
        assert (event["job"], event["request_id"]) == ("job-1", "req-1")
        assert "worker" not in event, "what is empty is left out"
        assert LineFormatter(times=False).format(record("hello")) == "INFO figpress: hello job=job-1 request_id=req-1"
        assert LineFormatter(times=False).format(record("job-1 is done")).count("job-1") == 1
        assert logs.request_id() == "req-1"
    assert logs.request_id() == ""
    assert "job" not in as_json(record("afterwards"))
