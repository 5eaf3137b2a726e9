"""Tag: a short word that a person puts on charts to find them again."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from renderer.models.chart import Chart


class Tag(models.Model):
    """One word on one chart. The owner stands here, too: all of somebody's tags are then one look into an index."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    chart = models.ForeignKey(Chart, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        constraints = (models.UniqueConstraint(name="tag_once_per_chart", fields=("chart", "name")),)
        indexes = (models.Index(fields=("owner", "name", "chart"), name="tag_by_owner"),)

    def __str__(self) -> str:
        return self.name
