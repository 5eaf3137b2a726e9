"""The tasks that keep house: what is past its time, files without rows and rows without files, the counters.

All of it is idempotent, and any number may run at once.
"""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from renderer import audit
from renderer.jobs import drafts, exports, orphans, overviews, records, retention, tallies
from renderer.webhooks import deliveries

from .safe import SafeTask

# Long enough for a storage with a million files, and below the broker's visibility_timeout (600 s).
LONG = 500


@shared_task(name="figpress.upkeep.retention", base=SafeTask, ignore_result=True)
def sweep_jobs() -> int:
    """Delete jobs past their time, drafts that nobody edits, and old records, with their files. Returns how many."""
    now = timezone.now()
    return retention.sweep(now) + drafts.sweep(now) + records.sweep(now)


@shared_task(name="figpress.upkeep.results", base=SafeTask, ignore_result=True)
def sweep_results() -> int:
    """Delete what Celery's result backend kept, old answers to Idempotency-Keys, old lines of the audit log, sessions
    that are over and exports past their time. Returns how many rows."""
    now = timezone.now()
    return (
        retention.forget_results(now)
        + retention.forget_answers(now)
        + retention.forget_sessions(now)
        + audit.forget(now)
        + exports.forget(now)
    )


@shared_task(
    name="figpress.upkeep.orphans", base=SafeTask, ignore_result=True, soft_time_limit=LONG, time_limit=LONG + 60
)
def sweep_orphans() -> int:
    """Delete files that no row names, draw again what lost its file. Returns how many files were deleted."""
    return orphans.sweep(timezone.now()).deleted


@shared_task(name="figpress.upkeep.tallies", base=SafeTask, ignore_result=True)
def count_jobs() -> int:
    """Count what has finished, for the metrics. Returns how many jobs."""
    return tallies.count(timezone.now())


@shared_task(name="figpress.upkeep.overviews", base=SafeTask, ignore_result=True)
def draw_overviews() -> int:
    """Have the pictures drawn that stand above the lists of jobs, where somebody looks. Returns how many."""
    return overviews.draw_due(timezone.now())


@shared_task(name="figpress.upkeep.deliveries", base=SafeTask, ignore_result=True)
def sweep_deliveries() -> int:
    """Delete deliveries that ended long ago. Returns how many."""
    return deliveries.forget(timezone.now())
