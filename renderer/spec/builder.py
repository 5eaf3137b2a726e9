"""Chart specs built in Python. ``renderer.charts`` has the typed functions; here is what they make.

What is built is the JSON of the language and nothing else: it goes wherever a chart spec goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, final

from renderer.spec.errors import SpecError, show
from renderer.spec.model import Chart
from renderer.spec.parse import parse

_SCALARS: Final = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a chart: made by a function that is named after its kind, such as ``charts.bar``."""

    json: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a chart: made by ``charts.panel``."""

    json: Mapping[str, Any]


@final
class Spec(Mapping[str, Any]):
    """A chart spec, made by ``charts.chart``. It is a mapping, equal to its JSON, and never changes: what is taken out
    of it is a copy.
    """

    __slots__ = ("_json",)

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._json: dict[str, Any] = plain(document)

    def __getitem__(self, name: str) -> Any:
        return _copy(self._json[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._json)

    def __len__(self) -> int:
        return len(self._json)

    def __eq__(self, other: object) -> bool:
        return self._json == (other._json if isinstance(other, Spec) else other)

    __hash__ = None  # type: ignore[assignment]  # as of all mappings

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._json.get('title') or self._json.get('kind') or 'chart'!r}>"

    def replace(self, **fields: Any) -> Spec:
        """The same chart with other fields, such as ``title`` or ``theme``."""
        return Spec({**self._json, **fields})

    def to_dict(self) -> dict[str, Any]:
        """The spec as JSON values; a copy."""
        copied: dict[str, Any] = _copy(self._json)
        return copied

    def to_json(self, indent: int | None = None) -> str:
        """The spec as JSON text."""
        return json.dumps(self._json, ensure_ascii=False, allow_nan=False, indent=indent)

    def check(self) -> Chart:
        """The chart as the language reads it. Raises SpecError with everything that is wrong with its form; its
        columns are held against its data when it is asked for.
        """
        return parse(self._json)


def layer(kind: str, fields: Mapping[str, Any]) -> Layer:
    """A layer of a kind."""
    return Layer(plain({"kind": kind, **fields}))


def spec(one: Layer | None, fields: Mapping[str, Any]) -> Spec:
    """A chart of one layer in the short form, or of what its ``layers`` or ``panels`` are."""
    if one is None:
        return Spec(fields)
    both = sorted((set(one.json) & set(fields)) - {"title"})
    if both or {"layers", "panels"} & set(fields):
        name = both[0] if both else next(name for name in ("layers", "panels") if name in fields)
        raise SpecError.at(f"/{name}", f"{show(name)} is given twice: by the layer, and by the chart")
    if "title" in one.json:  # of a key figure: in the short form it would be that of the chart
        return Spec({**fields, "layers": [one]})
    return Spec({**one.json, **fields})


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as ISO text, decimals as numbers, whatever is listed as a list.

    Arrays and columns of data frames are lists when they have a ``tolist``. Raises TypeError for what JSON cannot say.
    """
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Layer | Panel):
        return plain(value.json)
    if isinstance(value, Spec):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(part) for part in value]
    for kind in (str, int, float):  # what is derived of them: members of enumerations, of choices
        if isinstance(value, kind):
            return kind.__str__(value) if kind is str else kind(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON can say")


def _copy(value: Any) -> Any:
    if type(value) is dict:
        return {name: _copy(part) for name, part in value.items()}
    if type(value) is list:
        return [_copy(part) if type(part) in (dict, list) else part for part in value]
    return value
