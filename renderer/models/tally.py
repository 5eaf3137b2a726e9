"""Tally: what the counters of /metrics have counted so far, and up to when."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """One counter or histogram with its labels. Kept apart from the jobs it counts, which retention deletes: a counter
    never goes down."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    labels = models.CharField(max_length=200, blank=True, help_text="Values, separated by spaces.")
    numbers: models.JSONField[list[float], list[float]] = models.JSONField(
        default=list, help_text="A counter's value; of a histogram the sum, then how many fell into each bucket."
    )
    counted_until = models.DateTimeField(
        null=True, help_text="Of rows that count nothing, but say up to when the others do."
    )

    class Meta:
        verbose_name_plural = "tallies"
        constraints = (models.UniqueConstraint(name="tally_once_per_name_and_labels", fields=("name", "labels")),)

    def __str__(self) -> str:
        return f"{self.name} {self.labels}".strip()
