"""JSON: a list of objects, an object of lists, or rows with a header, read piece by piece; and a JSON value a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO

from renderer.data.uploads.columns import Cells
from renderer.data.uploads.trouble import Unreadable
from renderer.spec.errors import counted, show
from renderer.spec.limits import Limits

_BLOCK: Final = 1 << 16
_ROWS: Final = 20_000
_BLANK: Final = " \t\r\n"

Batch = tuple[dict[str, Cells], int]


def document(path: Path, limits: Limits) -> Iterator[Batch]:
    """The batches of a JSON document in UTF-8. Raises Unreadable."""
    with path.open(encoding="utf-8") as file:
        pieces = _Pieces(file, limits)
        first = pieces.sign()
        if first == "[":
            yield from _of_list(pieces)
        elif first == "{":
            yield from _of_object(pieces, limits)
        else:
            raise Unreadable('a table in JSON is a list of objects, or an object of lists: {"sold": [3, 5]}')
        pieces.end()


def lines(path: Path, limits: Limits) -> Iterator[Batch]:
    """The batches of a file with one JSON object a line."""
    rows: list[dict[str, Any]] = []
    with path.open("rb") as file:
        number = 0
        while line := file.readline(limits.piece_bytes + 1):
            number += 1
            if len(line) > limits.piece_bytes:
                raise Unreadable(f"line {number} is longer than {limits.piece_bytes >> 20} MB")
            if not line.strip():
                continue
            value = _value(line, f"line {number}")
            if not isinstance(value, dict):
                raise Unreadable(f"line {number} must be an object, not {show(value)}")
            rows.append(value)
            if len(rows) == _ROWS:
                yield _by_column(rows)
                rows = []
    if rows:
        yield _by_column(rows)


def _of_list(pieces: _Pieces) -> Iterator[Batch]:
    rows: list[dict[str, Any]] = []
    for number, value in enumerate(pieces.items("]"), start=1):
        if not isinstance(value, dict):
            raise Unreadable(f"row {number} must be an object, not {show(value)}")
        rows.append(value)
        if len(rows) == _ROWS:
            yield _by_column(rows)
            rows = []
    if rows:
        yield _by_column(rows)


def _of_object(pieces: _Pieces, limits: Limits) -> Iterator[Batch]:
    """An object of lists, or of one of the shapes that a chart's data have."""
    found: dict[str, Any] = {}
    values = 0
    for name in pieces.names():
        if name in found:
            raise Unreadable(f"{show(name)} is given twice")
        found[name] = value = pieces.value()
        values += len(value) if isinstance(value, list) else 1
        if values > limits.loaded_values:
            raise Unreadable(f"an object of lists may have {limits.loaded_values:,} values; send a list of objects")
    if found.keys() == {"rows", "header"}:
        yield _of_rows(found["rows"], found["header"])
        return
    for shape in ("values", "columns"):
        inner = found.get(shape)
        if len(found) == 1 and isinstance(inner, dict):
            found = inner
        elif len(found) == 1 and isinstance(inner, list) and inner and all(isinstance(row, dict) for row in inner):
            yield _by_column(inner)
            return
    yield _of_columns(found)


def _of_rows(rows: Any, header: Any) -> Batch:
    if not isinstance(rows, list) or not isinstance(header, list):
        raise Unreadable("'rows' and 'header' are lists")
    names = [name if isinstance(name, str) else str(name) for name in header]
    if len(set(names)) < len(names):
        raise Unreadable("two columns have the same name")
    for number, cells in enumerate(rows, start=1):
        if not isinstance(cells, list) or len(cells) != len(names):
            has = f"has {counted(len(cells), 'cell')}" if isinstance(cells, list) else "must be a list"
            raise Unreadable(f"row {number} {has} where the header has {len(names)}")
    return {name: [cells[place] for cells in rows] for place, name in enumerate(names)}, len(rows)


def _of_columns(columns: dict[str, Any]) -> Batch:
    for name, cells in columns.items():
        if not isinstance(cells, list):
            raise Unreadable(f"column {show(name)} must be a list, not {show(cells)}")
    lengths = {name: len(cells) for name, cells in columns.items()}
    first = next(iter(lengths), "")
    for name, length in lengths.items():
        if length != lengths[first]:
            raise Unreadable(
                f"all columns must have the same length, but {show(first)} has {lengths[first]} rows and"
                f" {show(name)} has {length}"
            )
    return columns, lengths.get(first, 0)


def _by_column(rows: Sequence[dict[str, Any]]) -> Batch:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}, len(rows)


def _value(raw: bytes, where: str) -> Any:
    # What strict_json() refuses besides is refused of the columns that are made of it, as a name or as a cell.
    try:
        return _DECODER.decode(raw.decode())
    except UnicodeDecodeError:
        raise Unreadable(f"{where} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"{where} is not JSON: {error.msg.lower()} at column {error.colno}") from None
    except RecursionError:
        raise Unreadable(f"{where} is nested too deeply") from None
    except ValueError:
        raise Unreadable(f"{where} holds a number that is none, or of thousands of digits") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)


class _Pieces:
    """A JSON text, value by value: the whole of it is never in memory."""

    def __init__(self, file: TextIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._text = ""
        self._place = 0
        self._line = 1
        self._over = False
        self._scan = _DECODER.raw_decode

    def sign(self) -> str:
        """The next character that is not blank, which is then behind; '' at the end."""
        while True:
            while self._place < len(self._text) and self._text[self._place] in _BLANK:
                self._place += 1
            if self._place < len(self._text):
                self._place += 1
                return self._text[self._place - 1]
            if not self._more():
                return ""

    def items(self, closing: str) -> Iterator[Any]:
        """The values of a list whose bracket is behind."""
        sign = self.sign()
        if sign == closing:
            return
        if not sign:
            self._wrong("a value or the end of the list is expected", sign)
        self._place -= 1
        while True:
            yield self.value()
            sign = self.sign()
            if sign == closing:
                return
            if sign != ",":
                self._wrong("a comma or the end of the list is expected", sign)

    def names(self) -> Iterator[str]:
        """The names in an object whose bracket is behind. Their values are to be read in between."""
        sign = self.sign()
        if sign == "}":
            return
        if not sign:
            self._wrong("a name or the end of the object is expected", sign)
        self._place -= 1
        while True:
            name = self.value()
            if not isinstance(name, str) or self.sign() != ":":
                self._wrong("a name and a colon are expected", "")
            yield name
            sign = self.sign()
            if sign == "}":
                return
            if sign != ",":
                self._wrong("a comma or the end of the object is expected", sign)

    def value(self) -> Any:
        """The next value."""
        self.sign()
        self._place = max(0, self._place - 1)
        value, end = None, 0
        while True:
            try:
                value, end = self._scan(self._text, self._place)
                # A number may go on behind what is read so far.
                if end < len(self._text) or not self._more():
                    break
            except json.JSONDecodeError:
                if not self._more():
                    self._wrong("a value is not whole", "")
            except RecursionError:
                raise Unreadable("the JSON is nested too deeply") from None
            except ValueError:
                self._wrong("a number is none, or has thousands of digits", "")
        self._place = end
        return value

    def end(self) -> None:
        """Nothing may follow."""
        if sign := self.sign():
            self._wrong("nothing is expected after the end", sign)

    def _more(self) -> bool:
        if self._over:
            return False
        self._line += self._text.count("\n", 0, self._place)
        rest = self._text[self._place :]
        if len(rest) > self._limits.piece_bytes:
            raise Unreadable(f"one value has more than {self._limits.piece_bytes >> 20} MB; send a list of objects")
        # As much again as there is, so that a long value is not read from its beginning again and again.
        block = self._file.read(max(_BLOCK, len(rest)))
        self._over = not block
        self._text, self._place = rest + block, 0
        return bool(block)

    def _lines(self) -> int:
        return self._line + self._text.count("\n", 0, self._place)

    def _wrong(self, what: str, sign: str) -> NoReturn:
        raise Unreadable(f"this is not JSON: {what}{f', not {show(sign)},' if sign else ''} in line {self._lines()}")
