"""Recipe: what is to be drawn, a chart spec or a figure function with its parameters, and its content key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from renderer import registry, spec
from renderer.data.resolve import load
from renderer.drawing.version import DRAWING_VERSION
from renderer.spec import themes
from renderer.spec.errors import Problem, SpecError, did_you_mean, listed, show, suggest

RASTER = ("png", "webp")
FORMATS = (*RASTER, "svg", "pdf")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A validated recipe. Make one with :meth:`from_spec` or :meth:`from_figure`.

    ``formats`` are the files that are made of it; the first raster format goes onto the target's image field.
    """

    spec: Mapping[str, Any] | None = None
    figure: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = ("png",)
    title: str = ""

    @classmethod
    def from_spec(cls, document: object, formats: Sequence[str] | None = None) -> Self:
        """A recipe from a chart spec, whose columns are checked against its data.

        Without ``formats`` the spec's own ``image.format`` decides. Raises SpecError with every problem located in
        ``document``; a problem with ``formats`` is at ``/formats``.
        """
        problems = list(_format_problems(formats))
        try:
            chart = spec.parse(document)
            load(chart)
        except SpecError as error:
            raise SpecError([*error.problems, *problems]) from None
        if problems:
            raise SpecError(problems)
        assert isinstance(document, Mapping), "parse() takes nothing else"
        return cls(
            spec=dict(document), formats=_complete(formats or (chart.image.format or "png",)), title=chart.title or ""
        )

    @classmethod
    def from_figure(
        cls, name: str, params: Mapping[str, object] | None = None, formats: Sequence[str] | None = None
    ) -> Self:
        """A recipe from a figure function. Raises SpecError at ``/figure``, ``/params/...`` and ``/formats``."""
        problems = list(_format_problems(formats))
        try:
            figure = registry.get(name)
            validated = figure.validate(params or {})
        except SpecError as error:
            raise SpecError([*error.problems, *problems]) from None
        if problems:
            raise SpecError(problems)
        return cls(figure=name, params=validated, formats=_complete(formats or ("png",)), title=figure.title)

    @property
    def pure(self) -> bool:
        """Whether the recipe alone decides the picture. A figure function may read anything, at any time."""
        return self.spec is not None

    @property
    def raster(self) -> str:
        """The format that goes onto an image field."""
        return next(name for name in self.formats if name in RASTER)

    @property
    def content_key(self) -> str:
        """SHA-256 (hex) over the canonical recipe and the drawing version.

        Over the canonical *text*: in Python ``1 == 1.0 == True``, but they are drawn differently.
        """
        canonical = json.dumps(
            {"drawing": DRAWING_VERSION, **self._look(), **self.as_json()},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    def _look(self) -> dict[str, str]:
        """What decides the picture and stands in a file of the operator's: a change of it draws charts afresh."""
        own = themes.catalogue.get(str(self.spec.get("theme", ""))) if self.spec is not None else None
        return {"theme_file": own.digest} if own is not None else {}

    def as_json(self) -> dict[str, Any]:
        """What a job keeps."""
        if self.spec is not None:
            return {"spec": self.spec, "formats": list(self.formats)}
        return {"figure": self.figure, "params": self.params, "formats": list(self.formats)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The recipe that :meth:`as_json` kept. It was validated when it was made."""
        return cls(
            spec=data.get("spec"),
            figure=data.get("figure", ""),
            params=data.get("params", {}),
            formats=tuple(data["formats"]),
        )


def _complete(formats: Sequence[str]) -> tuple[str, ...]:
    """Each format once, and a raster among them: an ImageField holds nothing else (Pillow cannot read SVG or PDF)."""
    unique = tuple(dict.fromkeys(formats))
    return unique if any(name in RASTER for name in unique) else ("png", *unique)


def _format_problems(formats: Sequence[str] | None) -> list[Problem]:
    if formats is None:
        return []
    if not formats:
        return [Problem("/formats", "name at least one format, or leave 'formats' out")]
    return [
        Problem(
            f"/formats/{i}",
            f"no format {show(name)}{did_you_mean(suggest(str(name), FORMATS)) or '; ' + listed(FORMATS)}",
        )
        for i, name in enumerate(formats)
        if name not in FORMATS
    ]
