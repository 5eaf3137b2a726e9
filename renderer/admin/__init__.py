"""The admin: every row to be looked at by operators, and the few things they may do, through the same verbs as all."""

from __future__ import annotations

from renderer.admin import access, batches, charts, jobs, people, schedules, sources, webhooks, workers

__all__ = ["access", "batches", "charts", "jobs", "people", "schedules", "sources", "webhooks", "workers"]
