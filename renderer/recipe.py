"""Recipe: what is to be drawn, a chart spec or a figure function with its parameters, and its content key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from renderer import registry, spec
from renderer.data.resolve import load
from renderer.drawing.version import DRAWING_VERSION
from renderer.sources.supplier import check_sources
from renderer.spec import themes as own
from renderer.spec.errors import Problem, SpecError, did_you_mean, listed, show, suggest
from renderer.spec.limits import LIMITS
from renderer.spec.model import Chart

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RASTER = ("png", "webp")
FORMATS = (*RASTER, "svg", "pdf")
MIN_SCALE, MAX_SCALE, MOST_SCALES = 0.1, 4.0, 4
"""From a thumbnail to the densest screens; a few of them for one chart."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A validated recipe. Make one with :meth:`from_spec` or :meth:`from_figure`.

    ``formats`` x ``scales`` x ``themes`` are the files that are made of it; the first raster file goes onto the
    target's image field. Without scales or themes, the recipe's own are used. Vector files have no scale.
    """

    spec: Mapping[str, Any] | None = None
    figure: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = ("png",)
    scales: tuple[float, ...] = ()
    themes: tuple[str, ...] = ()
    title: str = ""

    @classmethod
    def from_spec(cls, document: object, formats: Sequence[str] | None = None, *, owner: User | None = None) -> Self:
        """A recipe from a chart spec of ``owner``, whose columns are checked against its data.

        Of data that it names, the names are checked, what its owner may read, and of a dataset its columns. Without
        ``formats`` the spec's own ``image.format`` decides. Raises SpecError with every problem located in
        ``document``, then at ``/formats``.
        """
        chart = spec.parse(document)
        if chart.named_sources:
            check_sources(chart, owner)  # their rows are for the worker: a request waits for nothing outside
        else:
            try:
                load(chart)
            except SpecError as error:
                if not chart.bears(error):
                    raise
        assert isinstance(document, Mapping), "parse() takes nothing else"
        recipe = cls(spec=dict(document), formats=_complete((chart.image.format,)), title=chart.title or "")
        return recipe.with_files(formats=formats)

    @classmethod
    def from_figure(
        cls, name: str, params: Mapping[str, object] | None = None, formats: Sequence[str] | None = None
    ) -> Self:
        """A recipe from a figure function. Raises SpecError at ``/figure``, ``/params/...`` and ``/formats``."""
        figure = registry.get(name)
        recipe = cls(figure=name, params=figure.validate(params or {}), title=figure.title)
        return recipe.with_files(formats=formats)

    def with_files(
        self, *, formats: Sequence[str] | None = None, scales: Sequence[float] = (), themes: Sequence[str] = ()
    ) -> Self:
        """The recipe with other files to be made of it. Raises SpecError at ``/formats``, ``/scales``, ``/themes``."""
        problems = [*_name_problems(formats, themes), *_scale_problems(scales, self.size if scales else (0, 0))]
        if problems:
            raise SpecError(problems)
        return replace(
            self,
            formats=self.formats if formats is None else _complete(formats),
            scales=tuple(map(float, scales)),
            themes=tuple(themes),
        )

    @property
    def size(self) -> tuple[int, int]:
        """CSS pixels; 0, 0 for a figure function, whose size is known only when it has drawn."""
        if self.spec is None:
            return 0, 0
        image = spec.parse(self.spec).image
        return image.width, image.height

    @property
    def kind(self) -> str:
        """The kind in a spec, or "layers" or "panels" where each has its own; "" of a figure function."""
        if self.spec is None:
            return ""
        return str(self.spec.get("kind") or next((part for part in ("panels", "layers") if part in self.spec), ""))[:40]

    @property
    def pure(self) -> bool:
        """Whether the recipe alone decides the picture. A figure function may read anything, at any time, and a spec
        with now() or ago() is another chart each time."""
        chart = self.chart
        return chart is not None and not chart.reads_clock and not chart.named_sources

    @property
    def chart(self) -> Chart | None:
        """The chart spec, parsed; None of a figure function."""
        return None if self.spec is None else spec.parse(self.spec)

    @property
    def fetches(self) -> bool:
        """Whether drawing it reads a URL or a database. What a function reads is its own affair."""
        return self.spec is not None and _names(self.spec, ("url", "database"))

    @property
    def names_dataset(self) -> bool:
        """Whether a dataset, or a dataset function, is named anywhere in it."""
        return self.spec is not None and _names(self.spec, ("dataset",))

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

    def _look(self) -> dict[str, dict[str, str]]:
        """What decides the picture and stands in files of the operator's: a change of them draws charts afresh."""
        named = self.themes or ((str(self.spec.get("theme", "")),) if self.spec is not None else ())
        found = {name: theme.digest for name in named if (theme := own.catalogue.get(name)) is not None}
        return {"theme_files": found} if found else {}

    def as_json(self) -> dict[str, Any]:
        """What a job keeps."""
        drawn = {"spec": self.spec} if self.spec is not None else {"figure": self.figure, "params": self.params}
        files = {"formats": list(self.formats), "scales": list(self.scales), "themes": list(self.themes)}
        return {**drawn, **{name: wanted for name, wanted in files.items() if wanted}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The recipe that :meth:`as_json` kept. It was validated when it was made."""
        return cls(
            spec=data.get("spec"),
            figure=data.get("figure", ""),
            params=data.get("params", {}),
            formats=tuple(data["formats"]),
            scales=tuple(data.get("scales", ())),
            themes=tuple(data.get("themes", ())),
        )


def _has_transform(node: object) -> bool:
    """Whether a spec has a transform anywhere, without reading the whole of it: few have, and this is asked often."""
    if isinstance(node, Mapping):
        return "transform" in node or any(_has_transform(child) for name, child in node.items() if name != "data")
    return isinstance(node, list) and any(_has_transform(child) for child in node)


def _names(node: object, kinds: Collection[str]) -> bool:
    """Whether a spec names data of some kind anywhere, without reading the whole of it: this is asked of each job."""
    if isinstance(node, Mapping):
        data = node.get("data")
        if isinstance(data, Mapping) and any(data.get(kind) is not None for kind in kinds):
            return True
        return any(_names(child, kinds) for name, child in node.items() if name != "data")
    return isinstance(node, list | tuple) and any(_names(child, kinds) for child in node)


def _complete(formats: Sequence[str]) -> tuple[str, ...]:
    """Each format once, and a raster among them: an ImageField holds nothing else (Pillow cannot read SVG or PDF)."""
    unique = tuple(dict.fromkeys(formats))
    return unique if any(name in RASTER for name in unique) else ("png", *unique)


def _name_problems(formats: Sequence[str] | None, themes: Sequence[str]) -> Iterator[Problem]:
    if formats is not None and not formats:
        yield Problem("/formats", "name at least one format, or leave 'formats' out")
    for place, names, known in (("formats", formats or (), FORMATS), ("themes", themes, own.catalogue.names())):
        for i, name in enumerate(names):
            if name not in known:
                hint = did_you_mean(suggest(str(name), known)) or f"; there are {listed(known)}"
                yield Problem(f"/{place}/{i}", f"no {place[:-1]} {show(name)}{hint}")
    if len(set(themes)) < len(themes):
        yield Problem("/themes", "holds each theme once")


def _scale_problems(scales: Sequence[float], size: tuple[int, int]) -> Iterator[Problem]:
    if len(scales) > MOST_SCALES or len(set(scales)) < len(scales):
        yield Problem("/scales", f"holds at most {MOST_SCALES} different scales")
    for i, scale in enumerate(scales):
        if not MIN_SCALE <= scale <= MAX_SCALE:
            yield Problem(f"/scales/{i}", f"must be from {MIN_SCALE:g} to {MAX_SCALE:g}, not {show(scale)}")
            continue
        width, height = (round(side * scale) for side in size)
        if max(width, height) > LIMITS.side or width * height > LIMITS.pixels:
            most = f"{LIMITS.side} pixels a side and {LIMITS.pixels / 1e6:g} million in all"
            yield Problem(f"/scales/{i}", f"a picture has at most {most}, not {width} x {height}")
