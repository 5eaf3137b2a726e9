"""Encodings: every text file becomes UTF-8 without a byte order mark, as a stream."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from renderer.data.uploads.trouble import Unreadable

_BLOCK: Final = 1 << 20
_SAMPLE: Final = 256 << 10
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16, which its mark begins like."""


def decode(source: Path, folder: Path) -> tuple[Path, str]:
    """A file of the same text in UTF-8, and the encoding that it had. Raises Unreadable."""
    with source.open("rb") as file:
        head = file.read(_SAMPLE)
    mark, encoding = next((found for found in _MARKS if head.startswith(found[0])), (b"", ""))
    if not encoding and head[1:2] == b"\x00" and head[3:4] == b"\x00":
        encoding = "utf-16-le"  # without a mark, as some programs write it
    if not mark and not encoding and b"\x00" in head:
        raise Unreadable("this is no text: it holds bytes that no text holds")
    if not mark and not encoding and _is_utf8(source):
        return source, "utf-8"
    encoding = encoding or _guessed(head)
    return _rewritten(source, folder, encoding), encoding


def _is_utf8(source: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _guessed(head: bytes) -> str:
    # Only here: most files are UTF-8, and its tables take a while to load.
    from charset_normalizer import from_bytes

    best = from_bytes(head).best()
    if best is None:
        raise Unreadable("the encoding of the text is unknown; save it as UTF-8")
    return best.encoding


def _rewritten(source: Path, folder: Path, encoding: str) -> Path:
    target = folder / "decoded"
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    try:
        with source.open("rb") as file, target.open("w", encoding="utf-8", newline="") as plain:
            while block := file.read(_BLOCK):
                plain.write(decoder.decode(block))
            plain.write(decoder.decode(b"", final=True))
    except UnicodeError as error:
        raise Unreadable(f"the text is not {encoding.upper()}, as it looked; save it as UTF-8") from error
    return target
