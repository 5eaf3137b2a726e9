"""The typeface: static instances of Inter, made once from the variable font that the package ``fontpkg-inter`` carries,
and after it the fonts that fill in for other scripts (``scripts``).

matplotlib draws a variable font at its default weight only, so three instances are cut at install time (``install``).
They lie in ``FIGPRESS_FONTS_DIR``, or else in matplotlib's own cache folder, where the first process that needs them
makes them. No font is ever fetched. Where they cannot be made, the charts are drawn in DejaVu Sans, which matplotlib
brings.

The regular and medium instances have digits of one width, so that columns of numbers stand straight and a label does
not jump when its value changes; titles keep the proportional ones. The family gets a name of its own: another Inter
that happens to be installed must not change our pictures.
"""

from __future__ import annotations

import io
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.resources import as_file
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import FT2Font

from renderer.drawing import scripts

FAMILY = "Inter for Figpress"
FALLBACK = "DejaVu Sans"
OWN = ""  # the typeface of our own themes; others are an operator's
ENVIRONMENT = "FIGPRESS_FONTS_DIR"
_VERSION = 1  # of the instances: a change of the cut below makes new files

_log = logging.getLogger(__name__)
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table that it cuts


@dataclass(frozen=True, slots=True)
class Cut:
    """One instance of the variable font: weight 100 to 900, optical size in points."""

    name: str
    weight: int
    optical_size: float
    tabular: bool

    @property
    def family(self) -> str:
        # A family of its own for the medium one: matplotlib's families know regular and bold, and warn about others.
        return f"{FAMILY} Medium" if self.weight == 500 else FAMILY

    @property
    def style(self) -> int:
        """The weight to ask matplotlib for."""
        return 700 if self.weight == 700 else 400

    @property
    def file(self) -> str:
        return f"figpress-inter-{_VERSION}-{self.name.lower()}.ttf"


CUTS = (
    Cut("Regular", 400, 14.0, tabular=True),
    Cut("Medium", 500, 14.0, tabular=True),
    Cut("Bold", 700, 24.0, tabular=False),
)
_CUTS = {cut.weight: cut for cut in CUTS}
WEIGHTS = tuple(_CUTS)


def folder() -> Path:
    """Where the instances are looked for, and made when they are missing."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else Path(matplotlib.get_cachedir()) / "figpress-fonts"


def install(into: Path) -> tuple[Path, ...]:
    """Cut the instances into a folder; files that are there are left alone. Takes some seconds.

    Returns those of Inter. Raises ImportError without the packages ``fontTools`` and ``fontpkg-inter``, OSError where
    the folder cannot be written.
    """
    into.mkdir(parents=True, exist_ok=True)
    for cut in CUTS:
        _make(into / cut.file, partial(_cut, cut))
    place = scripts.folder_of(scripts.PACKAGE)
    for script in scripts.SCRIPTS:
        if place is not None and script.titles:
            _make(into / script.bold_file, partial(_cut_bold, place / script.file))
    return tuple(into / cut.file for cut in CUTS)


def _make(target: Path, cut: Callable[[], Any]) -> None:
    if target.exists():
        return
    # Several processes may come here at once: each writes a file of its own, and the last rename wins.
    handle, temporary = tempfile.mkstemp(prefix=".making-", suffix=".ttf", dir=target.parent)
    os.close(handle)
    try:
        cut().save(temporary)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)


@cache
def ensure() -> bool:
    """Make the typeface known to matplotlib; False where that cannot be and DejaVu Sans stands in for it. Never
    fails.
    """
    place = folder()
    try:
        made = install(place)
    except (ImportError, OSError, RuntimeError) as problem:
        _log.warning("Charts are drawn in %s: the typeface cannot be made in %s (%s)", FALLBACK, place, problem)
        made = ()
    # Entered by hand: matplotlib would open each file, and know it by a name that another file may have as well.
    for fallback in scripts.fallbacks(place):
        for weight, file in ((400, fallback.regular), (700, fallback.bold or fallback.regular)):
            fontManager.ttflist.append(FontEntry(str(file), 0, fallback.family, weight=weight, size="scalable"))
    try:
        for file in made:
            fontManager.addfont(file)
    except (OSError, RuntimeError) as problem:
        _log.warning("Charts are drawn in %s: the typeface in %s cannot be read (%s)", FALLBACK, place, problem)
        return False
    return bool(made)


def register(name: str, chosen: Mapping[int, Path]) -> str:
    """Make an operator's typeface known, by weight (one of ``WEIGHTS``); what it lacks comes from ours. Returns the
    name to ask ``using`` for.
    """
    if name not in _registered:
        ensure()
        for weight, file in chosen.items():
            family, style = f"Figpress {name[:16]} {weight}", _CUTS[weight].style
            fontManager.ttflist.append(FontEntry(str(file), 0, family, weight=style, size="scalable"))
        _registered.add(name)
    return name


_registered: set[str] = set()
_current: ContextVar[str] = ContextVar("typeface", default=OWN)


@contextmanager
def using(typeface: str) -> Iterator[None]:
    """Measure and paint in a typeface: ``OWN``, or one that was registered."""
    token = _current.set(typeface)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    """The typeface in use."""
    return _current.get()


def families(weight: int) -> tuple[str, ...]:
    """The names to ask matplotlib for, first the typeface's, then those that fill in its missing glyphs."""
    return _families(current(), weight)


def files(weight: int) -> tuple[str, ...]:
    """The font files for a weight, in the order of ``families``."""
    return _files(current(), weight)


@cache
def _families(typeface: str, weight: int) -> tuple[str, ...]:
    ours = (_CUTS[weight].family,) if ensure() else ()
    theirs = (f"Figpress {typeface[:16]} {weight}",) if typeface else ()
    return (*theirs, *ours, *(fallback.family for fallback in scripts.fallbacks(folder())), FALLBACK)


@cache
def _files(typeface: str, weight: int) -> tuple[str, ...]:
    return tuple(
        str(findfont(FontProperties(family=family, weight=_CUTS[weight].style), fallback_to_default=False))
        for family in _families(typeface, weight)
    )


def needed(text: str, weight: int) -> tuple[int, ...]:
    """Which of ``files`` a text is drawn with: 0, and the first that has each character which 0 has not.

    A script's font is opened for drawing when a text needs it, and not before.
    """
    return tuple(sorted({0} | {holder for holder in (holder_of(c, weight) for c in set(text)) if holder is not None}))


def holder_of(character: str, weight: int) -> int | None:
    """The place in ``files`` of the first font that has a character; None if there is none."""
    return _holder_of(character, current(), weight)


@lru_cache(maxsize=4096)
def _holder_of(character: str, typeface: str, weight: int) -> int | None:
    code = ord(character)
    for place, file in enumerate(_files(typeface, weight)):
        covered = _coverage(file)
        at = int(np.searchsorted(covered, code))
        if at < len(covered) and covered[at] == code:
            return place
    return None


@cache
def _coverage(file: str) -> npt.NDArray[np.uint32]:
    """The characters that a font file has, in order. The font is closed again: kept open, twenty of them take 10 MB."""
    return np.sort(np.fromiter(FT2Font(file).get_charmap(), dtype=np.uint32))


def release(words: Iterable[tuple[str, int]]) -> None:
    """Let go of the glyphs that matplotlib's PDF files leave in the fonts of these words, each with its weight.

    A font keeps every glyph that was loaded until it is cleared, which its PDF backend never does (3.11.2): 0.3 MB a
    picture with many scripts.
    """
    for file in {files(weight)[place] for text, weight in words for place in needed(text, weight)}:
        get_font(file).clear()


def properties(weight: int, size: float, text: str = "") -> FontProperties:
    """What matplotlib's text drawing asks for, with the fonts that a text needs: weight one of ``WEIGHTS``, ``size`` in
    points.
    """
    all_families = families(weight)
    chosen = [all_families[place] for place in needed(text, weight)]
    return FontProperties(family=chosen, weight=_CUTS[weight].style, size=size)


def _cut(cut: Cut) -> Any:
    # Imported here, since drawing itself has no need of them.
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    # The subset is what takes the time; going through bytes gives each instance a font of its own.
    font = TTFont(io.BytesIO(_subset(cut.tabular)), recalcTimestamp=False)
    instance = instancer.instantiateVariableFont(font, {"wght": cut.weight, "opsz": cut.optical_size}, inplace=True)
    _name(instance, cut)
    return instance


@cache
def _subset(tabular: bool) -> bytes:
    """The variable font with what plain text needs: alternates, and rules that make an arrow of "->", go."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    with as_file(resources("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf") as path:
        font = TTFont(path, recalcTimestamp=False)
    substitutes = _single_substitutions(font, "tnum") if tabular else {}
    for table in font["cmap"].tables:
        if table.isUnicode():
            for code in range(ord("0"), ord("9") + 1):
                table.cmap[code] = substitutes.get(table.cmap[code], table.cmap[code])
    options = subset.Options(
        layout_features=["kern", "mark", "mkmk", "ccmp", "locl"], name_IDs=["*"], notdef_outline=True, hinting=False
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=list(font.getBestCmap()))
    subsetter.subset(font)
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def _single_substitutions(font: Any, feature: str) -> dict[str, str]:
    """Glyph by glyph, what a feature puts in place."""
    table = font["GSUB"].table
    found: dict[str, str] = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == feature:
            for index in record.Feature.LookupListIndex:
                for subtable in table.LookupList.Lookup[index].SubTable:
                    found.update(getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {}))
    return found


def _cut_bold(file: Path) -> Any:
    """The bold instance of a script's variable font, with a name that no other font of a picture has."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    instance = instancer.instantiateVariableFont(TTFont(file, recalcTimestamp=False), {"wght": 700}, inplace=True)
    name = instance["name"].getDebugName(6) or file.stem
    instance["name"].setName(f"{name.partition('-')[0]}-FigpressBold", 6, 3, 1, 0x409)
    return instance


def _name(font: Any, cut: Cut) -> None:
    names = font["name"]
    for identifier in (16, 17, 21, 22, 25):  # typographic and variation families: one plain family is enough here
        names.removeNames(nameID=identifier)
    full = f"{FAMILY} {cut.name}"
    for identifier, text in {1: cut.family, 2: cut.name, 3: full, 4: full, 6: f"FigpressInter-{cut.name}"}.items():
        names.setName(text, identifier, 3, 1, 0x409)
    font["OS/2"].usWeightClass = cut.style
    font["OS/2"].fsSelection = 0x20 if cut.style == 700 else 0x40
    font["head"].macStyle = 1 if cut.style == 700 else 0


if __name__ == "__main__":
    # python -m renderer.drawing.fonts: for the steps that build an image or set up a checkout.
    install(folder())
