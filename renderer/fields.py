"""FigureField: an image field that knows how its picture is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, overload

from django.core import checks
from django.db import models
from django.db.models.fields.files import ImageFieldFile, ImageFileDescriptor

from renderer import registry
from renderer.spec.errors import SpecError

if TYPE_CHECKING:
    from renderer.jobs.targets import Target
    from renderer.models import RenderJob
    from renderer.recipe import Recipe

Params = Mapping[str, object] | Callable[[Any], Mapping[str, object]]


class FigureFieldFile(ImageFieldFile):
    """The picture of one row, and the job that draws it."""

    field: FigureField

    @property
    def recipe(self) -> Recipe:
        """What would be drawn now. Raises SpecError if the parameters do not fit the figure function."""
        from renderer.recipe import Recipe

        return Recipe.from_figure(self.field.figure, self.field.params_for(self.instance), self.field.formats)

    @property
    def target(self) -> Target:
        """Where it goes. Raises ValueError while the row is not saved."""
        from renderer.jobs.targets import Target

        return Target.of(self.instance, self.field.name)

    def render(self, **options: Any) -> RenderJob:
        """Ask for the picture to be drawn. Returns the job; workers hear of it when the transaction commits.

        Takes the options of ``renderer.enqueue``. Raises SpecError if the parameters do not fit, ValueError while the
        row is not saved.
        """
        from renderer.jobs.code import ask

        target = self.target  # first: the parameters of a row that is not saved make no sense
        return ask(self.recipe, target, **options)

    @property
    def job(self) -> RenderJob | None:
        """The newest job for this picture."""
        return self.target.jobs().first()

    @property
    def state(self) -> str:
        """The newest job's status, such as ``queued`` or ``succeeded``; empty if there never was one."""
        job = self.job
        return job.status if job else ""

    @property
    def rendered_at(self) -> datetime | None:
        """When the picture that is shown was drawn."""
        job = self._shown
        return job.finished_at if job else None

    @property
    def checked_at(self) -> datetime | None:
        """When it was last found to be right: drawn, or left because nothing had changed."""
        from renderer.models.job import Status

        job = self._shown
        if job is None:
            return None
        later = self.target.jobs().filter(
            status=Status.SUCCEEDED, unchanged=True, digest=job.digest, content_key=job.content_key, pk__gt=job.pk
        )
        last = later.exclude(digest="").first()
        return last.finished_at if last else job.finished_at

    @property
    def is_stale(self) -> bool:
        """Whether drawing now would use other parameters, or another version of the drawing code, than the picture
        shows; also when there is none. What the figure function reads from elsewhere is not looked at."""
        job = self._shown
        return job is None or job.content_key != self.recipe.content_key

    @property
    def _shown(self) -> RenderJob | None:
        from renderer.jobs import pictures

        return pictures.shown_by(self.target) if self.name else None


class FigureField(models.ImageField):
    """An ``ImageField`` drawn by a figure function.

    ``params`` are the function's parameters, or a callable that makes them of the row. ``formats`` are the files that
    are made; the first raster one (PNG or WebP) is this field's, the others are renditions of the job. ::

        revenue_chart = FigureField(
            "shop.monthly_revenue", params=lambda store: {"store_id": store.pk}, upload_to="stores/"
        )
    """

    attr_class = FigureFieldFile
    descriptor_class = ImageFileDescriptor

    if TYPE_CHECKING:  # for type checkers: a row's attribute is a picture that can be drawn

        @overload  # type: ignore[override]  # more than an ImageField's picture
        def __get__(self, instance: None, owner: Any) -> ImageFileDescriptor: ...
        @overload
        def __get__(self, instance: models.Model, owner: Any) -> FigureFieldFile: ...
        @overload
        def __get__(self, instance: Any, owner: Any) -> Self: ...
        def __get__(self, instance: Any, owner: Any) -> Any:
            """What the descriptor gives."""

    def __init__(
        self, figure: str = "", *, params: Params | None = None, formats: Sequence[str] = ("png",), **options: Any
    ) -> None:
        self.figure = figure
        self.params: Params = params if params is not None else {}
        self.formats = tuple(formats)
        options.setdefault("blank", True)  # a picture comes after its row
        options.setdefault("editable", False)  # and from a worker, not from a form
        super().__init__(**options)

    def params_for(self, instance: models.Model) -> Mapping[str, object]:
        """The parameters for one row."""
        return self.params(instance) if callable(self.params) else self.params

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """For migrations it is an ImageField: how it is drawn is no matter of the schema."""
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.ImageField", args, options

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:  # type: ignore[override]  # the stubs of Field and FileField disagree
        """Also: with the row go its jobs and files."""
        super().contribute_to_class(cls, name, private_only=private_only)
        if not cls._meta.abstract:
            models.signals.post_delete.connect(self._forget, sender=cls)

    def check(self, **options: Any) -> list[checks.CheckMessage]:
        """Also: the figure function is registered, and takes fixed parameters as they are."""
        return [*super().check(**options), *self._check_figure()]

    def _check_figure(self) -> list[checks.CheckMessage]:
        try:
            figure = registry.get(self.figure)
            if not callable(self.params):
                figure.validate(self.params)
        except SpecError as error:
            hint = "Figure functions are found in the figures.py of each installed app."
            return [checks.Error(str(error), hint=hint, obj=self, id="figpress.E001")]
        return []

    def _forget(self, instance: models.Model, **_: Any) -> None:
        from renderer.jobs import pictures
        from renderer.jobs.targets import Target

        pictures.forget(Target.of(instance, self.name))
