"""Signals: what becomes of a job or a schedule, for a project's own code.

::

    from renderer.signals import job_succeeded

    @receiver(job_succeeded, sender=Report)
    def mail_it(sender, job, **kwargs): ...

They are sent when the change is committed, in the process where it happened: most of them in a worker. ``sender`` is
the model that the picture is for; ``job`` is the job as the change left it, which nobody reads again from the database.
What a receiver raises is logged, and stops neither the job nor the other receivers; what it does takes a worker's time.

A job whose worker dies in the moment after its commit is the job without its signal: the row is the truth. What must
happen for each picture belongs into a task that looks at the rows.
"""

from __future__ import annotations

from django.dispatch import Signal

job_queued = Signal()
"""A job was made. Nobody hears of an ask that joined a job, or whose picture was there."""
job_started = Signal()
"""A worker claimed it."""
job_advanced = Signal()
"""It came to another stage: ``job.stage``."""
job_succeeded = Signal()
"""Its picture is on its target, unless a newer one was there already."""
job_failed = Signal()
"""It ended without a picture: ``job.reason``, and ``job.message`` for a person."""
job_cancelled = Signal()
"""Somebody stopped it, or what it was for is gone."""
job_expired = Signal()
"""Nobody drew it in time."""
job_requeued = Signal()
"""It waits for another attempt: its worker died or shut down, or an error will pass."""

schedule_paused = Signal()
"""A schedule paused by itself. ``sender`` is the model; ``schedule`` the row, ``reason`` a sentence for a person."""
