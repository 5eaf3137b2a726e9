"""Names of regions: codes, English names and those of other languages, however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from babel import Locale

_WORD = re.compile(r"[^\w]+")
_SAINT = re.compile(r"\bst\b")
_ARTICLE = re.compile(r"\bthe\b")


def folded(text: str) -> str:
    """What two spellings of one name have in common: "Côte d’Ivoire" and "cote d'ivoire", "St. Lucia"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = _WORD.sub(" ", plain.replace("&", " and ").replace("’", "'"))
    return " ".join(_ARTICLE.sub(" ", _SAINT.sub("saint", plain)).split())


@lru_cache(maxsize=32)
def territories(locale: str) -> dict[str, str]:
    """The two-letter code of each country by its name in a language."""
    names = Locale.parse(locale).territories
    return {folded(name): code for code, name in names.items() if len(code) == 2}


def lookup(regions: Iterable[tuple[int, Iterable[str], Iterable[str]]]) -> dict[str, int]:
    """The place of each region by all its codes and names: (place, codes, names). The first of a name has it."""
    found: dict[str, int] = {}
    listed = list(regions)
    for place, codes, _ in listed:
        for code in codes:
            found.setdefault(folded(code), place)
            if code.isdigit():
                found.setdefault(str(int(code)), place)  # a code that came as a number has lost its zeros
    for place, _, names in listed:
        for name in names:
            found.setdefault(folded(name), place)
    return found
