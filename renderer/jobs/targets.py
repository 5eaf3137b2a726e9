"""Target: where a picture goes, as (model, primary key, field name)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

from renderer.models import Chart, RenderJob, statements
from renderer.models.job import Status
from renderer.models.statements import Slot

OF_TARGET: Final = {
    "target_model": Slot("model", models.CharField()),
    "target_id": Slot("pk", models.CharField()),
    "target_field": Slot("field", models.CharField()),
}
"""What a statement about the jobs of one target says of them; ``target._asdict()`` fills it."""


class Target(NamedTuple):
    """One image field of one row."""

    model: str
    pk: str
    field: str

    @classmethod
    def of(cls, instance: models.Model, field: str) -> Self:
        """The target that is ``instance.field``.

        Raises ValueError if the instance is not saved yet, TypeError if the field holds no images.
        """
        if instance.pk is None:
            raise ValueError(
                f"save this {instance._meta.verbose_name} before drawing onto it: it has no primary key yet"
            )
        if not isinstance(instance._meta.get_field(field), models.ImageField):
            raise TypeError(f"{instance._meta.label}.{field} is not an ImageField")
        return cls(instance._meta.label_lower, str(instance.pk), field)

    @classmethod
    def of_job(cls, job: RenderJob) -> Self:
        """The target of a job."""
        return cls(job.target_model, job.target_id, job.target_field)

    @property
    def image_field(self) -> models.ImageField:
        """The model's field."""
        field = apps.get_model(self.model)._meta.get_field(self.field)
        assert isinstance(field, models.ImageField)
        return field

    def row(self) -> QuerySet[Any]:
        """A queryset of the one row, past any default manager that would hide it."""
        rows: QuerySet[Any] = apps.get_model(self.model)._base_manager.filter(pk=self.pk)
        return rows

    def instance(self) -> models.Model | None:
        """The row, as it stands now; None if it is gone."""
        return statements.get(apps.get_model(self.model), {"pk": self.pk})

    def shows(self) -> str:
        """The name of the file that it shows; empty if it shows none, or is gone."""
        return str(statements.value(apps.get_model(self.model), {"pk": self.pk}, self.field) or "")

    def hold(self) -> bool:
        """Keep the row as it is until the transaction ends, where the database has locks of rows: two jobs of one
        target wait here for each other. (SQLite has one writer anyway.) False if it is gone."""
        return statements.exists(apps.get_model(self.model), {"pk": self.pk}, lock=True)

    def update(self, columns: Mapping[str, Any]) -> None:
        """Change the row."""
        if self.model == Chart._meta.label_lower:
            statements.update(Chart, {"pk": self.pk}, columns)
        else:  # another project's may lie in several tables
            self.row().update(**columns)

    def jobs(self) -> QuerySet[RenderJob]:
        """Every job that drew, draws or will draw onto it; the newest first."""
        return RenderJob.objects.filter(**self._of_jobs)

    def has_newer(self, job: RenderJob) -> bool:
        """Whether a job that was asked for after this one has succeeded."""
        return statements.exists(RenderJob, {**self._of_jobs, "status": Status.SUCCEEDED, "id__gt": job.pk})

    @property
    def _of_jobs(self) -> Mapping[str, str]:
        return {"target_model": self.model, "target_id": self.pk, "target_field": self.field}
