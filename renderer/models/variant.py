"""Variant: a chart's picture in one more format, size or theme, beside those that the chart itself is drawn in."""

from __future__ import annotations

from django.db import models

from renderer.models.owned import new_id


class Variant(models.Model):
    """One look of a chart. Its ``image`` is a target of jobs as the chart's own is, and is drawn when it is asked for.

    A vector format has a raster twin on ``image``, and its own file beside it, as everywhere.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chart = models.ForeignKey("renderer.Chart", on_delete=models.CASCADE, related_name="variants")
    format = models.CharField(max_length=4)
    width = models.PositiveIntegerField(default=0, help_text="Pixels; 0: as the scale says.")
    scale = models.FloatField(default=0, help_text="Pixels for each CSS pixel; 0: as the chart says.")
    theme = models.CharField(max_length=40, blank=True, help_text="Empty: as the chart says.")
    image = models.ImageField(upload_to="variants/", blank=True, max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="variant_once_per_look", fields=("chart", "format", "width", "scale", "theme")
            ),
        )

    def __str__(self) -> str:
        size = f" {self.width}px" if self.width else f" @{self.scale:g}x" if self.scale else ""
        return f"{self.format}{size}{' ' + self.theme if self.theme else ''} of {self.chart_id}"
