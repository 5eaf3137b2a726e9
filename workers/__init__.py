"""What a worker process is. Imported by Celery (``CELERY_IMPORTS``), it connects itself to the worker's signals."""

from __future__ import annotations

from . import process

__all__ = ["process"]
