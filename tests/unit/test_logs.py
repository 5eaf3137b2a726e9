"""Log lines cannot be forged by what users write."""

from __future__ import annotations

import logging
import sys

from renderer.logs import LineFormatter


def record(message: str, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("figpress", logging.INFO, "file.py", 1, message, None, exc_info)  # type: ignore[arg-type]  # any exc_info


def test_a_title_with_a_newline_stays_one_line() -> None:
    forged = record("title: x\n2026-01-01T00:00:00+0000 ERROR django: you were hacked\x1b[31m")
    line = LineFormatter(times=False).format(forged)
    assert line == ("INFO figpress: title: x\\n2026-01-01T00:00:00+0000 ERROR django: you were hacked\\x1b[31m")


def test_a_traceback_follows_indented() -> None:
    try:
        raise ValueError("wrong\x07")
    except ValueError:
        lines = LineFormatter().format(record("failed", sys.exc_info())).splitlines()
    assert lines[0].endswith("INFO figpress: failed")
    assert lines[1] == "    Traceback (most recent call last):"
    assert lines[-1] == "    ValueError: wrong\\x07"
