"""Log lines that user text cannot forge."""

from __future__ import annotations

import logging


class LineFormatter(logging.Formatter):
    """One record is one line: control characters are escaped, so a title with a newline cannot add a line of its own
    and an escape sequence does not reach the operator's terminal. A traceback follows its line, indented."""

    def __init__(self, *, times: bool = True) -> None:
        """Without ``times`` for a terminal or a journal that writes them itself."""
        time = "%(asctime)s " if times else ""
        super().__init__(f"{time}%(levelname)s %(name)s: %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        head, *rest = super().format(record).split("\n") if record.exc_info else (super().format(record),)
        return "\n".join([_printable(head), *(f"    {_printable(line)}" for line in rest)])


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)
