"""Chart: a saved figure with its parameters, its picture and its renditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from renderer.models.owned import OwnedQuerySet, new_id

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


def default_formats() -> list[str]:
    """A chart's files, if nobody says otherwise."""
    return ["png"]


class ChartQuerySet(OwnedQuerySet["Chart"]):
    """Charts. Drafts are none yet: whoever does not ask for them finds only what its owner keeps."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser, *, drafts: bool = False) -> Self:
        """The charts that this user may see; with ``drafts`` also what their editors draw while they type."""
        found = super().for_user(user)
        return found if drafts else found.filter(is_draft=False)


class Chart(models.Model):
    """A recipe that somebody keeps, and the picture last drawn from it.

    The recipe is either a chart spec or the name of a figure function with its parameters, never both.
    ``image`` shows the last good picture: it is replaced only by a newer good one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="charts")
    name = models.CharField(max_length=200, blank=True, help_text="Shown in lists. Without one, the title is shown.")
    title = models.CharField(max_length=500, blank=True, editable=False, help_text="The title in the recipe.")

    kind = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="The kind in the spec; empty of a figure function.",
    )
    # Kept by the database, so that no way of changing a name can forget it; in a column, so that an index sorts by it.
    sort_name = models.GeneratedField(
        expression=Lower(Coalesce(NullIf(F("name"), Value("")), NullIf(F("title"), Value("")), F("figure"))),
        output_field=models.CharField(max_length=500),
        db_persist=True,
    )

    spec = models.JSONField(null=True, blank=True, help_text="The chart spec, if the recipe is one.")
    figure = models.CharField(max_length=200, blank=True, help_text="The figure function's name, if the recipe is one.")
    params: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text="Parameters of the figure function."
    )
    formats: models.JSONField[list[str], list[str]] = models.JSONField(default=default_formats)
    scales: models.JSONField[list[float], list[float]] = models.JSONField(default=list, blank=True)
    themes: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    recipe_key = models.CharField(max_length=64, editable=False, help_text="Content key of the recipe as it is now.")

    # The size is kept in columns of our own: ImageField(width_field=...) opens the file whenever a row
    # without a picture is loaded (django.db.models.fields.files: update_dimension_fields).
    image = models.ImageField(upload_to="charts/", blank=True, max_length=200)
    image_width = models.PositiveIntegerField(null=True, editable=False)
    image_height = models.PositiveIntegerField(null=True, editable=False)
    alt = models.TextField(blank=True, editable=False, help_text="What the picture shows, in words.")
    drawn_by = models.ForeignKey(
        "renderer.RenderJob", null=True, editable=False, on_delete=models.SET_NULL, related_name="+",
        help_text="The job whose picture is shown.",
    )  # fmt: skip
    rendered_at = models.DateTimeField(null=True, editable=False)
    checked_at = models.DateTimeField(
        null=True, editable=False, help_text="When the picture was last drawn, or found to be right as it is."
    )
    failed_at = models.DateTimeField(
        null=True, editable=False,
        help_text="When drawing it failed, if no picture has come since: the few that may stand as failed.",
    )  # fmt: skip

    is_draft = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Whether it is only the preview of an editor, and goes after a day.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[ChartQuerySet] = ChartQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)
        permissions = (("write_sql", "Can write SQL for the databases that the operator named"),)
        constraints = (
            models.CheckConstraint(
                name="chart_has_one_recipe",
                condition=Q(spec__isnull=False, figure="") | (Q(spec__isnull=True) & ~Q(figure="")),
            ),
            # A chart without a name is its recipe: asking for it again finds it.
            models.UniqueConstraint(
                name="chart_unnamed_once_per_recipe", fields=("owner", "recipe_key"), condition=Q(name="")
            ),
        )
        indexes = (
            models.Index(fields=("owner", "-id"), name="chart_by_owner"),
            # The gallery's filter and its other two orders.
            models.Index(fields=("owner", "kind", "-id"), name="chart_by_kind"),
            models.Index(fields=("owner", "sort_name", "id"), name="chart_by_name"),
            models.Index(fields=("owner", "-rendered_at", "-id"), name="chart_by_drawn"),
            models.Index(fields=("owner", "-id"), name="chart_failed", condition=Q(failed_at__isnull=False)),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What a person calls this chart."""
        return self.name or self.title or self.figure or f"Chart {str(self.pk)[-6:]}"
