"""Settings of a worker whose children last, so that a benchmark sees them grow."""

from __future__ import annotations

from benchmarks.settings import *  # noqa: F403 - that is what settings of another installation are

CELERY_WORKER_MAX_TASKS_PER_CHILD = None
CELERY_WORKER_MAX_MEMORY_PER_CHILD = None
