"""Readiness: whether this process could do its work now. Each part is asked in a thread and has a moment to answer;
one that hangs is said to be away, and is not asked again before its thread is back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from celery import current_app
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from renderer import storage

logger = logging.getLogger(__name__)

PATIENCE: Final = 1.0
"""Seconds that the parts have to answer, all at the same time."""
FULL: Final = "is full: no picture can be stored until there is room"
HOLDS: Final[dict[str, float]] = {"database": 1, "migrations": float("inf"), "broker": 1, "storage": 15}
"""Seconds that a good answer holds: probes write no file each second. Migrations that are applied stay so."""


class NotReady(Exception):
    """A part does not work. The message is for people, without addresses and passwords."""


def look_at_database() -> None:
    """It answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def look_at_migrations() -> None:
    """The tables are as this code needs them."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        raise NotReady(f"{missing} migration{'s are' if missing > 1 else ' is'} not applied")


def look_at_broker() -> None:
    """Jobs can be published."""
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)


def look_at_storage() -> None:
    """Pictures can be written, and not be read by everybody."""
    try:
        trial = storage.try_out()
    except OSError as error:
        if storage.is_full(error):
            raise NotReady(FULL) from error
        raise
    if trial.is_public:
        raise NotReady("is public: everybody can read the pictures in it")


PARTS: Final[dict[str, tuple[Callable[[], None], str]]] = {
    "database": (look_at_database, "does not answer"),
    "migrations": (look_at_migrations, "could not be looked at"),
    "broker": (look_at_broker, "does not answer; jobs are kept and published later"),
    "storage": (look_at_storage, "takes no files"),
}
"""What is looked at, and what is said when that raises."""

_threads = ThreadPoolExecutor(max_workers=len(PARTS), thread_name_prefix="figpress-ready")
_asked: dict[str, Future[str]] = {}
_good_until: dict[str, float] = {}


def examine() -> dict[str, str]:
    """What does not work, each with a few words; empty if all does. Returns within the patience, whatever hangs."""
    now = time.monotonic()
    for name in PARTS:
        known = _asked.get(name)
        if _good_until.get(name, 0) < now and (known is None or known.done()):
            _asked[name] = _threads.submit(_look, name)
    asked = {name: _asked[name] for name in PARTS if _good_until.get(name, 0) < now}
    wait(asked.values(), timeout=PATIENCE)
    found = {name: one.result() if one.done() else "does not answer in time" for name, one in asked.items()}
    return {name: says for name, says in found.items() if says}


def _look(name: str) -> str:
    look, says = PARTS[name]
    try:
        look()
    except NotReady as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, the part is not ready
        logger.warning("not ready: %s: %s", name, error, extra={"action": "ready.missing", "reason": name})
        return says
    finally:
        connections.close_all()  # this thread's own
    _good_until[name] = time.monotonic() + HOLDS[name]
    return ""
