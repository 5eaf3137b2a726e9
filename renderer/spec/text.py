"""Text that is drawn, stored and shown: what breaks a file, a database or the reader's eye is refused."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

# Control characters and noncharacters make SVG ill-formed; U+FEFF breaks PDF output; lone surrogates cannot be
# encoded; line and paragraph separators, bidi overrides and isolates, and tag characters show a text that is not
# the text which is stored. Real right-to-left text, joiners and emoji stay.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "\U000e0000-\U000e007f]"
)
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
MAX_COMBINING: Final = 6
"""More marks on one base character than any script needs; 500 of them draw 2,435 pixels high."""

LineBreaks = Literal["refuse", "keep", "space"]


class TextError(ValueError):
    """A text that cannot be accepted; str() is the sentence for its author."""


def clean_text(text: str, *, limit: int, line_breaks: LineBreaks = "refuse", lines: int = 1) -> str:
    """Return `text` in NFC with surrounding white space removed, or raise TextError.

    `limit` is in characters. `line_breaks` says what becomes of them: refused, kept (up to `lines` lines), or
    turned into spaces, as are tabs, which is what cells of data get.
    """
    if len(text) > limit:
        raise TextError(f"is longer than {limit} characters")
    if text.isascii() and text.isprintable():
        return text.strip()
    if line_breaks != "refuse":
        text = _LINE_BREAK.sub("\n" if line_breaks == "keep" else " ", text).replace("\t", " ")
    text = text.strip()
    if line_breaks == "keep":
        if text.count("\n") >= lines:
            raise TextError(f"has more than {lines} lines")
        found = _FORBIDDEN.search(text.replace("\n", " "))
    else:
        found = _FORBIDDEN.search(text)
    if found:
        what = "a line break" if found[0] in "\r\n" else f"the character U+{ord(found[0]):04X}"
        raise TextError(f"holds {what}, which is not allowed here")
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            raise TextError(f"holds more than {MAX_COMBINING} combining marks on one character")
    return unicodedata.normalize("NFC", text)
