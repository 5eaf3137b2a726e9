"""What a test must leave as it was, for the sake of those that come after it in the same process."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import celery._state
import matplotlib
from django.utils import timezone, translation
from opentelemetry import trace

from renderer import registry

Look = Callable[[], Any]

NOT_OF_A_TEST = {"PYTEST_CURRENT_TEST", "DJANGO_ALLOW_ASYNC_UNSAFE"}
"""Variables that pytest sets anew for each step, and that the browser's fixture sets for the tests of a module."""


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in NOT_OF_A_TEST}


def _current_app() -> Any:
    """Without asking for it: that would make one where there is none."""
    state: Any = celery._state
    return getattr(state._tls, "current_app", None)


def _matplotlib() -> dict[str, Any]:
    kept: Any = matplotlib.rcParams  # its own look-ups are slow
    return dict(dict.items(kept))


def _logging() -> tuple[int, list[type], int]:
    """But for the handlers of pytest, which come and go with the steps of a test. That of the installation is made anew
    with each ASGI application."""
    root = logging.getLogger()
    handlers = [type(handler) for handler in root.handlers if not type(handler).__module__.startswith("_pytest.")]
    return root.level, handlers, logging.root.manager.disable


def _signals() -> list[Any]:
    return [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)]


LOOKS: dict[str, Look] = {
    "the current Celery app": _current_app,
    "the environment": _environment,
    "the working directory": Path.cwd,
    "matplotlib's rcParams": _matplotlib,
    "the root logger": _logging,
    "the handlers of signals": _signals,
    "the import path": lambda: list(dict.fromkeys(sys.path)),  # Celery adds the working directory with each app
    "the time zone": lambda: (time.tzname, timezone.get_current_timezone_name()),
    "the language": translation.get_language,
    "the timeout of sockets": socket.getdefaulttimeout,
    "OpenTelemetry's provider": trace.get_tracer_provider,
    "the figure functions": lambda: dict(registry._figures),
    "the dataset functions": lambda: dict(registry._datasets),
}


def look() -> dict[str, Any]:
    """How it all is now."""
    return {what: how() for what, how in LOOKS.items()}


def changed(before: dict[str, Any]) -> list[str]:
    """What is no longer as it was, and in what it differs; one line each."""
    now = look()
    return [f"{what}: {_difference(was, now[what])}" for what, was in before.items() if was != now[what]]


def _difference(was: Any, now: Any) -> str:
    if isinstance(was, dict):
        names = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
        return ", ".join(f"{name} was {was.get(name)!r}, is {now.get(name)!r}" for name in names)
    return f"was {was!r}, is {now!r}"
