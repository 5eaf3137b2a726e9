"""Celery tasks: thin. Each parses its arguments, calls ``renderer`` and returns.

Task names are explicit and do not change with the place of a module: messages outlive deployments.
"""

from __future__ import annotations

from . import datasets, delivery, exports, render, schedules, upkeep

__all__ = ["datasets", "delivery", "exports", "render", "schedules", "upkeep"]
