"""The formats of tables: how they are called in HTTP, in file names, and by their first bytes."""

from __future__ import annotations

from typing import Final, Literal

Format = Literal["csv", "tsv", "json", "ndjson", "parquet", "arrow"]

CONTENT_TYPES: Final[dict[str, Format]] = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.apache.arrow.file": "arrow",
    "application/vnd.apache.arrow.stream": "arrow",
}
_ENDINGS: Final[dict[str, Format]] = {
    "csv": "csv",
    "tsv": "tsv",
    "tab": "tsv",
    "txt": "csv",
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "parquet": "parquet",
    "arrow": "arrow",
    "arrows": "arrow",
    "feather": "arrow",
}
_PACKED: Final = ("gz", "gzip", "zip")


def of_content_type(content_type: str) -> Format | None:
    """The format that a Content-Type names."""
    return CONTENT_TYPES.get(content_type.partition(";")[0].strip().lower())


def of_file_name(name: str) -> Format | None:
    """The format that a file's name ends in, also inside of an archive: sales.csv.gz."""
    endings = name.lower().rsplit("/", 1)[-1].split(".")[1:]
    if endings and endings[-1] in _PACKED:
        endings.pop()
    return _ENDINGS.get(endings[-1]) if endings else None


def bare_name(name: str) -> str:
    """What a file was called, to be shown: never to be opened."""
    return "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable())[:200]


def of_first_bytes(head: bytes) -> Format | None:
    """The binary format that a file begins like."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    return None
