"""What works in the admin: workers, beat, and what was counted of them."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone

from renderer.admin.base import ModelAdmin, ReadOnly
from renderer.models import (
    Beat,
    Overview,
    Tally,
    Worker,
)


@admin.register(Worker)
class WorkerAdmin(ReadOnly, ModelAdmin[Worker]):
    """Worker processes and their last sign of life."""

    list_display = ("name", "state", "queues", "concurrency", "started_at", "seen_at")
    list_filter = ("seen_at",)
    search_fields = ("name",)

    @admin.display(description="state")
    def state(self, worker: Worker) -> str:
        """What it is now."""
        return worker.state(timezone.now()).label


@admin.register(Beat)
class BeatAdmin(ReadOnly, ModelAdmin[Beat]):
    """When ticks last came."""

    list_display = ("name", "seen_at")
    search_fields = ("name",)


@admin.register(Overview)
class OverviewAdmin(ReadOnly, ModelAdmin[Overview]):
    """Pictures of the last day."""

    list_display = ("owner", "everyone", "subject", "seen_at", "drawn_at")
    list_filter = ("everyone", "subject")
    search_fields = ("owner__username",)


@admin.register(Tally)
class TallyAdmin(ReadOnly, ModelAdmin[Tally]):
    """What /metrics has counted."""

    list_display = ("name", "labels", "numbers", "counted_until")
    list_filter = ("name",)
    search_fields = ("name", "labels")
