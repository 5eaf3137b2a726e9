"""Logs: one event is one line, with the ids that lead from a request to its job and to the worker, and nothing in it
that user text could forge or that should stay secret.

This app only writes records, with their fields as ``extra``; how they look is the project's choice. The formatters
here are ours, for a project's ``LOGGING``: :class:`JsonFormatter` for programs, :class:`LineFormatter` for people. Both
also show what is bound with structlog's ``contextvars``.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from structlog.contextvars import bound_contextvars, get_contextvars

FIELDS: Final = (
    "action", "request_id", "job", "chart", "schedule", "owner", "queue", "worker", "attempt", "reason",
    "method", "path", "status", "ms", "waited_ms", "timings", "count",
)  # fmt: skip
"""What a record may carry as ``extra`` and is shown: ours, and not what Django or Celery hang on theirs."""

HIDDEN: Final = "[hidden]"
_SECRETS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # Our tokens and links, wherever they stand.
    (re.compile(r"fig[ps]_[A-Za-z0-9_-]+"), HIDDEN),
    # Headers. The scheme stays: it says what was tried.
    (re.compile(r"(?i)\b(authorization['\"]?\s*[:=]\s*['\"]?)(?:(basic|bearer|digest|token)\s+)?[^\s'\",;]+"),
     rf"\1\2 {HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b((?:set-)?cookie['\"]?\s*[:=]\s*).+"), rf"\1{HIDDEN}"),
    # Addresses with a password: databases, brokers, proxies.
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]*@"), rf"\1:{HIDDEN}@"),
    # Signed links of storages, and parameters that are secrets by their names.
    (re.compile(
        r"(?i)([?&;\s]|\b)((?:x-amz-)?(?:signature|credential|security-token)|sig|token|access_token|awsaccesskeyid"
        r"|api_?key|secret(?:_key)?|password|passwd)(['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;]+"),
     rf"\1\2\3{HIDDEN}"),
    # What Django signed: value, time and signature.
    (re.compile(r"[\w.-]+(?::[\w-]{6})?:[\w-]{43}(?![\w-])"), HIDDEN),
)  # fmt: skip


def context(**fields: object) -> AbstractContextManager[None]:
    """Bind fields to every line that is written inside, whoever writes it."""
    return bound_contextvars(**{name: value for name, value in fields.items() if value not in ("", None)})


def request_id() -> str:
    """The id of the request that is being answered here; empty outside of one."""
    return str(get_contextvars().get("request_id", ""))


def redact(text: str) -> str:
    """The text without secrets: tokens, passwords in addresses, signed links."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class LineFormatter(logging.Formatter):
    """For people. One record is one line: control characters are escaped, so a title with a newline cannot add a line
    of its own and an escape sequence does not reach the operator's terminal. A traceback follows its line, indented."""

    def __init__(self, *, times: bool = True) -> None:
        """Without ``times`` for a terminal or a journal that writes them itself."""
        time = "%(asctime)s " if times else ""
        super().__init__(f"{time}%(levelname)s %(name)s: %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        head, *rest = super().format(record).split("\n") if record.exc_info else (super().format(record),)
        # The ids of the context that the sentence itself does not name.
        bound = get_contextvars()
        known = {name: getattr(record, name, None) or bound.get(name) for name in ("job", "request_id")}
        ids = {name: value for name, value in known.items() if value}
        more = "".join(f" {name}={value}" for name, value in ids.items() if str(value) not in head)
        return "\n".join([printable(redact(head + more)), *(f"    {printable(redact(line))}" for line in rest)])


class JsonFormatter(logging.Formatter):
    """For programs: one record is one JSON object on one line, in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **get_contextvars(),
            **{name: value for name in FIELDS if (value := getattr(record, name, None)) is not None},
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            event["stack"] = self.formatStack(record.stack_info)
        return json.dumps(_redacted(event), default=str)


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(name): _redacted(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value if isinstance(value, int | float | None) else redact(str(value))


def printable(text: str) -> str:
    """The text with its control characters escaped: what a terminal or a line may be given."""
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)
