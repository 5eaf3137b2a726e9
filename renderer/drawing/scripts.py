"""Letters beyond Inter: which font fills in for which script, and in what order they are asked.

The package ``manimgx-fonts`` carries Noto Sans for the scripts that Latin faces lack, and Noto Emoji in one colour, as
variable fonts. FreeType draws a variable font at its default weight, which is the regular one, so those files are used
as they lie there; for titles, bold instances of the scripts that most people read are cut at install time.

Chinese, Japanese and Korean are an extra (``pip install figpress[cjk]``: 30 MB, which most installations do not need).
Whatever else an operator's readers read is named in ``FIGPRESS_FONTS_EXTRA``: font files, or folders of them, separated
as in PATH.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "manimgx_fonts"
EXTRA = "FIGPRESS_FONTS_EXTRA"
_SUFFIXES = {".ttf", ".otf", ".ttc"}
_VERSION = 1  # of the bold instances: a change of their cut makes new files

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fallback:
    """A font that fills in. ``family`` is a name of our own, so that a font of the machine is never taken instead."""

    family: str
    regular: Path
    bold: Path | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """One file of the package. ``titles`` says that a bold instance is cut of it."""

    name: str
    file: str
    titles: bool = False

    @property
    def bold_file(self) -> str:
        return f"figpress-{self.name.lower()}-{_VERSION}-bold.ttf"


# Those first that are asked most often: the first font that has a character gives it. Emoji come before the symbols, so
# that all pictograms look alike.
SCRIPTS = (
    Script("Arabic", "NotoSansArabic[wght].ttf", titles=True),
    Script("Hebrew", "NotoSansHebrew[wght].ttf", titles=True),
    Script("Devanagari", "NotoSansDevanagari[wght].ttf", titles=True),
    Script("Thai", "NotoSansThai[wght].ttf", titles=True),
    Script("Emoji", "NotoEmoji[wght].ttf"),
    Script("Latin", "NotoSans[wght].ttf"),
    Script("Bengali", "NotoSansBengali[wght].ttf", titles=True),
    Script("Tamil", "NotoSansTamil[wght].ttf", titles=True),
    Script("Telugu", "NotoSansTelugu[wght].ttf"),
    Script("Gujarati", "NotoSansGujarati[wght].ttf"),
    Script("Gurmukhi", "NotoSansGurmukhi[wght].ttf"),
    Script("Kannada", "NotoSansKannada[wght].ttf"),
    Script("Malayalam", "NotoSansMalayalam[wght].ttf"),
    Script("Oriya", "NotoSansOriya[wght].ttf"),
    Script("Sinhala", "NotoSansSinhala[wght].ttf"),
    Script("Georgian", "NotoSansGeorgian[wght].ttf", titles=True),
    Script("Armenian", "NotoSansArmenian[wght].ttf", titles=True),
    Script("Khmer", "NotoSansKhmer[wght].ttf"),
    Script("Lao", "NotoSansLao[wght].ttf"),
    Script("Myanmar", "NotoSansMyanmar[wght].ttf"),
    Script("Ethiopic", "NotoSansEthiopic[wght].ttf"),
    Script("Symbols", "NotoSansSymbols[wght].ttf"),
)

# What `figpress[cjk]` installs: static fonts that hold Chinese, Japanese and Korean, in the Japanese forms.
_CJK_REGULAR = ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf")
_CJK_BOLD = ("noto_cjk_sans_jp_bold", "NotoSansCJKjp-Bold.otf")


@cache
def folder_of(package: str) -> Path | None:
    """Where an installed package lies, found without importing it."""
    spec = find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def fallbacks(bold_folder: Path) -> tuple[Fallback, ...]:
    """The fonts that are there, in the order in which they are asked; bold instances are taken from a folder."""
    found = []
    place = folder_of(PACKAGE)
    for script in SCRIPTS:
        bold = bold_folder / script.bold_file
        if place is not None and (regular := place / script.file).exists():
            found.append(Fallback(f"Figpress {script.name}", regular, bold if bold.exists() else None))
    return (*found, *extras())


def extras() -> tuple[Fallback, ...]:
    """What is not of the package: Chinese, Japanese and Korean where they are installed, then the operator's files."""
    found = []
    regular, bold = _file_of(*_CJK_REGULAR), _file_of(*_CJK_BOLD)
    if regular is not None:
        found.append(Fallback("Figpress CJK", regular, bold))
    found += [Fallback(f"Figpress Extra {place}", file) for place, file in enumerate(_named(), 1)]
    return tuple(found)


def _file_of(package: str, name: str) -> Path | None:
    place = folder_of(package)
    return place / name if place is not None and (place / name).exists() else None


def _named() -> list[Path]:
    files: list[Path] = []
    for part in os.environ.get(EXTRA, "").split(os.pathsep):
        if not part.strip():
            continue
        path = Path(part.strip())
        within = sorted(path.iterdir()) if path.is_dir() else [path]
        fonts = [file for file in within if file.suffix.lower() in _SUFFIXES and file.is_file()]
        if not fonts:
            _log.warning("%s: there is no font at %s", EXTRA, path)
        files += fonts
    return files
