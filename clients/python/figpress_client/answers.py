"""Answers: what the server says about charts and jobs, with types. ``raw`` is all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from figpress_client.errors import FieldError

FINAL: Final = frozenset({"succeeded", "failed", "cancelled", "expired"})
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Job:
    """One ask to draw one chart."""

    id: str
    status: str
    reason: str | None
    message: str
    warnings: tuple[str, ...]
    url: str
    chart_url: str | None
    raw: Raw = field(repr=False)

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in FINAL

    @classmethod
    def of(cls, raw: Raw) -> Job:
        """A job out of the server's JSON."""
        links = raw["links"]
        return cls(
            id=raw["id"],
            status=raw["status"],
            reason=raw["reason"],
            message=raw["message"],
            warnings=tuple(raw["warnings"]),
            url=links["self"],
            chart_url=links["chart"],
            raw=raw,
        )


@dataclass(frozen=True)
class File:
    """One file of a picture."""

    format: str
    scale: float
    theme: str
    url: str
    width: int
    height: int
    sha256: str

    @classmethod
    def of(cls, raw: Raw) -> File:
        """A file out of the server's JSON."""
        return cls(**{name: raw[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Chart:
    """A saved chart with its last good picture."""

    id: str
    name: str
    title: str
    alt: str
    """What the picture shows, in words."""
    url: str
    image_url: str
    files: tuple[File, ...]
    warnings: tuple[str, ...]
    """What its newest job has to say about the picture."""
    raw: Raw = field(repr=False)

    @classmethod
    def of(cls, raw: Raw) -> Chart:
        """A chart out of the server's JSON."""
        picture = raw["picture"] or {"alt": "", "files": []}
        return cls(
            id=raw["id"],
            name=raw["name"],
            title=raw["title"],
            alt=picture["alt"],
            url=raw["links"]["self"],
            image_url=raw["links"]["image"],
            files=tuple(File.of(file) for file in picture["files"]),
            warnings=tuple(raw["job"]["warnings"]) if raw["job"] else (),
            raw=raw,
        )

    def file(self, format: str | None = None, *, scale: float | None = None, theme: str | None = None) -> File:
        """The file that fits. Raises LookupError, which names those that there are."""
        for file in self.files:
            at_scale = scale in (None, file.scale) or file.format in ("svg", "pdf")  # which have no pixels
            if format in (None, file.format) and theme in (None, file.theme) and at_scale:
                return file
        asked = " ".join(f"{part}" for part in (format, theme, scale and f"at scale {scale:g}") if part) or "any"
        drawn = ", ".join(f"{file.format} {file.theme} at scale {file.scale:g}" for file in self.files) or "nothing"
        raise LookupError(f"There is no file of it as {asked}; drawn: {drawn}.")


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    id: str
    total: int
    finished: int
    is_done: bool
    counts: Mapping[str, int]
    """How many of its charts are in each state."""
    url: str
    zip_url: str | None
    raw: Raw = field(repr=False)

    @classmethod
    def of(cls, raw: Raw) -> Progress:
        """A batch out of the server's JSON."""
        links = raw["links"]
        plain = {name: raw[name] for name in ("id", "total", "finished", "is_done", "counts")}
        return cls(**plain, url=links["self"], zip_url=links["zip"], raw=raw)


@dataclass(frozen=True)
class Item:
    """One chart of a batch."""

    position: int
    """Its place in what was sent, from 0."""
    status: str
    chart: str | None
    """The chart's id."""
    reason: str | None
    message: str

    @classmethod
    def of(cls, raw: Raw) -> Item:
        """A chart of a batch out of the server's JSON."""
        return cls(**{name: raw[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Checked:
    """What there is to say of a spec."""

    ok: bool
    errors: tuple[FieldError, ...]
    warnings: tuple[str, ...]
    raw: Raw = field(repr=False)

    @classmethod
    def of(cls, raw: Raw) -> Checked:
        """The verdict out of the server's JSON."""
        errors = tuple(FieldError(found["pointer"], found["message"]) for found in raw["errors"])
        return cls(ok=raw["ok"], errors=errors, warnings=tuple(raw["warnings"]), raw=raw)


@dataclass(frozen=True)
class Kind:
    """A kind of chart."""

    kind: str
    summary: str
    channels: tuple[str, ...]
    required: tuple[str, ...]

    @classmethod
    def of(cls, raw: Raw) -> Kind:
        """A kind out of the server's JSON."""
        return cls(raw["kind"], raw["summary"], tuple(raw["channels"]), tuple(raw["required"]))
