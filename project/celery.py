"""The Celery app of this installation. Its settings are the ``CELERY_*`` names of project/settings.py."""

from __future__ import annotations

import os

# numpy's BLAS would start a thread for each core, and reserve address space for them, in every worker child.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
# Celery makes Django's checks and does nothing with what they find; but they import all pages and the whole API, which
# were half a second and 30 MB of each worker. What must stop it is in check() below.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from typing import Any

from celery import Celery, signals

app = Celery("figpress")
app.config_from_object("django.conf:settings", namespace="CELERY")


@signals.worker_init.connect(weak=False)
@signals.beat_init.connect(weak=False)
def check(**kwargs: Any) -> None:
    """Start no worker and no beat with settings that are not safe."""
    from project.guard import check_safety  # Django is set up by now

    check_safety()
