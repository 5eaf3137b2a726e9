"""An operator's own themes: typed files that are read and checked when Figpress starts.

A file ``acme.toml`` (or ``acme.json``) in the folder that ``FIGPRESS_THEMES`` names makes ``"theme": "acme"`` a choice
of every chart. Nothing is drawn here: a theme is words, numbers and the bytes of its files. Its digest is part of the
content key of charts that use it, so that a changed theme draws them afresh.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from PIL import Image, ImageColor, UnidentifiedImageError
from pydantic import Field, ValidationError

from renderer.spec.base import Model
from renderer.spec.errors import Problem, SpecError, did_you_mean, listed, show, suggest
from renderer.spec.limits import Limits
from renderer.spec.scalars import Between, Checked, Color, Palette, wrong

THEMES = "FIGPRESS_THEMES"
BUILT_IN: Final = ("light", "dark")
CORNERS: Final = ("top-left", "top-right", "bottom-left", "bottom-right")
_SUFFIXES: Final = (".toml", ".json")
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
_FILE_BYTES: Final = 256 * 1024
_FONT_BYTES: Final = 32 * 1024 * 1024
_LOGO_PIXELS: Final = 4_000_000
_FONT_STARTS: Final = (b"\x00\x01\x00\x00", b"OTTO", b"true")
_CONTRAST: Final = {"text": 4.5, "muted": 3.0}  # WCAG 2.2: 1.4.3, and for large letters


class ThemeError(ValueError):
    """Theme files that cannot be used; str() names each file, the place in it, and what to do."""


class Colors(Model):
    """What is not said is as in the base."""

    background: Color | None = None
    text: Color | None = None
    muted: Color | None = None
    """Axis labels, subtitles, captions."""
    grid: Color | None = None
    axis: Color | None = None


class Sizes(Model):
    """CSS pixels."""

    title: Annotated[float, Between(10.0, 40.0)] | None = None
    subtitle: Annotated[float, Between(8.0, 30.0)] | None = None
    label: Annotated[float, Between(7.0, 24.0)] | None = None
    caption: Annotated[float, Between(7.0, 24.0)] | None = None
    margin: Annotated[float, Between(4.0, 80.0)] | None = None
    """Between the picture's edge and what is drawn."""
    gap: Annotated[float, Between(2.0, 30.0)] | None = None
    """Between things that stand side by side."""
    line: Annotated[float, Between(0.5, 8.0)] | None = None
    marker: Annotated[float, Between(2.0, 20.0)] | None = None
    """Diameter of a point."""


class Fonts(Model):
    """Static TrueType or OpenType files, beside the theme's file. Letters that they lack come from Figpress's own."""

    regular: str
    medium: str | None = None
    """By default the regular one."""
    bold: str | None = None
    """For titles; by default the regular one."""


class Logo(Model):
    """A picture in a corner. Words and marks keep clear of it."""

    file: str
    """PNG or WebP, beside the theme's file; at least twice as high as it is shown."""
    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = "top-right"
    height: Annotated[float, Between(8.0, 120.0)] = 24.0
    """CSS pixels; its width follows."""


class ThemeFile(Model):
    """What one theme file says."""

    base: Literal["light", "dark"] = "light"
    """Where everything comes from that the file does not say."""
    colors: Colors = Field(default_factory=Colors)
    palette: Palette | None = None
    """The colours of categories: a palette's name, or a list of colours."""
    ramp: Palette | None = None
    """The colours of numbers."""
    diverging: Palette | None = None
    """The colours of numbers around a middle."""
    sizes: Sizes = Field(default_factory=Sizes)
    fonts: Fonts | None = None
    logo: Logo | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OwnTheme:
    """A theme that was read and checked. Paths are absolute; ``digest`` covers the bytes of all its files."""

    name: str
    file: ThemeFile
    fonts: Mapping[int, Path]
    logo: Path | None
    digest: str


class Catalogue:
    """The operator's themes, by name. Made at start; read for the life of the process."""

    def __init__(self) -> None:
        self._place: str | None = None

    @cached_property
    def _themes(self) -> Mapping[str, OwnTheme]:
        place = self._place if self._place is not None else os.environ.get(THEMES, "")
        return MappingProxyType(read(Path(place)) if place else {})

    def use(self, place: str | None) -> None:
        """Read the themes of a file or a folder, of the environment's for None. Raises ThemeError."""
        self._place = place
        self.__dict__.pop("_themes", None)
        _ = self._themes

    def names(self) -> tuple[str, ...]:
        """Every theme that a chart can ask for."""
        return (*BUILT_IN, *self._themes)

    def get(self, name: str) -> OwnTheme | None:
        """One of the operator's themes; None for those that Figpress brings."""
        return self._themes.get(name)


catalogue = Catalogue()


class _ThemeName(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        names = catalogue.names()
        if value not in names:
            near = did_you_mean(suggest(value, names)) if isinstance(value, str) else ""
            wrong(f"no theme {show(value)}{near or f'; there are {listed(names, most=20)}'}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"enum": list(catalogue.names()), "type": "string"}


ThemeName = Annotated[str, _ThemeName()]


def read(place: Path) -> dict[str, OwnTheme]:
    """The themes of a file, or of the files of a folder. Raises ThemeError with all that is wrong with any of them."""
    if place.is_dir():
        files = sorted(file for file in place.iterdir() if file.suffix in _SUFFIXES)
    elif place.is_file():
        files = [place]
    else:
        raise ThemeError(f"{THEMES}: there is neither a file nor a folder at {place}")
    themes: dict[str, OwnTheme] = {}
    problems: list[str] = []
    for file in files:
        try:
            theme = _read_one(file)
            if theme.name in themes:
                raise SpecError.at("", f"there is another theme {show(theme.name)}; rename one of the files")
            themes[theme.name] = theme
        except SpecError as error:
            problems += [f"{file} {problem.pointer or '/'}: {problem.message}" for problem in error.problems]
    if problems:
        raise ThemeError("\n".join(problems))
    return themes


def _read_one(file: Path) -> OwnTheme:
    if file.stem in BUILT_IN or not _NAME.fullmatch(file.stem):
        raise SpecError.at(
            "", "the file's name is the theme's: small letters, digits and dashes, not 'light' or 'dark'"
        )
    raw = _bytes(file, "", _FILE_BYTES)
    parsed = _parse(_document(raw, file.suffix))
    problems = list(_unreadable(parsed))
    digest = hashlib.sha256(raw)
    fonts: dict[int, Path] = {}
    if parsed.fonts is not None:
        regular = parsed.fonts.regular
        chosen = {400: regular, 500: parsed.fonts.medium or regular, 700: parsed.fonts.bold or regular}
        fields = {400: "regular", 500: "medium", 700: "bold"}
        for weight, name in chosen.items():
            fonts[weight] = file.parent / name
            try:
                data = _bytes(fonts[weight], f"/fonts/{fields[weight]}", _FONT_BYTES)
                if not data.startswith(_FONT_STARTS):
                    raise SpecError.at(f"/fonts/{fields[weight]}", f"{show(name)} is no TrueType or OpenType font")
                digest.update(data)
            except SpecError as error:
                if name == regular and weight != 400:
                    continue  # said already
                problems += error.problems
    logo = file.parent / parsed.logo.file if parsed.logo is not None else None
    if logo is not None:
        try:
            digest.update(_bytes(logo, "/logo/file", _FONT_BYTES))
            _check_logo(logo)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return OwnTheme(file.stem, parsed, MappingProxyType(fonts), logo, digest.hexdigest())


def _bytes(file: Path, pointer: str, most: int) -> bytes:
    try:
        if file.stat().st_size > most:
            raise SpecError.at(pointer, f"{show(file.name)} is larger than {most // 1024:,} kB")
        return file.read_bytes()
    except OSError as error:
        raise SpecError.at(pointer, f"{show(file.name)} cannot be read: {error.strerror}") from None


def _document(raw: bytes, suffix: str) -> dict[str, Any]:
    try:
        document = json.loads(raw) if suffix == ".json" else tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise SpecError.at("", f"is no {suffix.removeprefix('.').upper()}: {error}") from None
    if not isinstance(document, dict):
        raise SpecError.at("", "a theme is an object")
    return document


def _parse(document: dict[str, Any]) -> ThemeFile:
    # Imported here: explain knows the chart, and the chart knows the names of the themes.
    from renderer.spec.explain import explain

    try:
        return ThemeFile.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise SpecError(explain(found, document, flat=False, root=ThemeFile)) from None


def _check_logo(file: Path) -> None:
    try:
        with Image.open(file, formats=("PNG", "WEBP")) as image:
            if image.width * image.height > _LOGO_PIXELS:
                raise SpecError.at("/logo/file", f"has more than {_LOGO_PIXELS:,} pixels")
            image.load()
    except (UnidentifiedImageError, OSError):
        raise SpecError.at("/logo/file", f"{show(file.name)} is no PNG and no WebP") from None


def _unreadable(theme: ThemeFile) -> list[Problem]:
    """Words that nobody could read, where the theme says both their colour and the one behind them."""
    background = theme.colors.background or {"light": "#ffffff", "dark": "#15181d"}[theme.base]
    problems = []
    for name, least in _CONTRAST.items():
        color = getattr(theme.colors, name)
        if color is not None and (found := _contrast(color, background)) < least:
            problems.append(
                Problem(
                    f"/colors/{name}", f"{color} on {background} has a contrast of {found:.1f}; {least:g} is needed"
                )
            )
    return problems


def _contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [part / 255 for part in ImageColor.getrgb(color)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
