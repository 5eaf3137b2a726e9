"""The single values of the language: numbers in a range, texts, colours, formats, locales, zones, dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from renderer.spec.colors import CSS_COLORS, HEX_COLOR, PALETTES, parse_color
from renderer.spec.errors import did_you_mean, listed, show, suggest
from renderer.spec.formats import MAX_CHARS, FormatError, currencies, parse_format
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.text import TextError, clean_text

OWN_ERROR: Final = "figpress"
"""The type of the errors whose sentence is ours already; explain.py rewrites all others."""


def wrong(message: str, *, at: str = "") -> NoReturn:
    """Refuse the value being validated, with a sentence; `at` names a field inside it, where it is an object."""
    raise PydanticCustomError(OWN_ERROR, "{sentence}", {"sentence": message, "at": at})


def limits_of(info: core_schema.ValidationInfo[Any]) -> Limits:
    """The limits that this validation runs under."""
    context = info.context
    return context if isinstance(context, Limits) else LIMITS


class Checked:
    """A marker for Annotated: `check(value, limits)` returns the accepted value or calls wrong()."""

    def check(self, value: Any, limits: Limits) -> Any:
        raise NotImplementedError

    def schema(self) -> JsonSchemaValue:
        """What JSON Schema can say of it."""
        return {}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def check(value: Any, info: core_schema.ValidationInfo[Any]) -> Any:
            return self.check(value, limits_of(info))

        return core_schema.with_info_plain_validator_function(check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return self.schema()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_magnitude(value: int | float, limits: Limits) -> None:
    """Numbers beyond the limit, infinities and NaN overflow the arithmetic of ticks."""
    if not -limits.magnitude <= value <= limits.magnitude:
        wrong(f"must be a number from -{limits.magnitude:g} to {limits.magnitude:g}")


@dataclass(frozen=True)
class Between(Checked):
    """A number from `low` to `high`, both included; whole numbers only if both are integers."""

    low: float
    high: float

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    def check(self, value: Any, limits: Limits) -> Any:
        what = "a whole number" if self.whole else "a number"
        allowed = isinstance(value, int) if self.whole else isinstance(value, int | float)
        if isinstance(value, bool) or not allowed or not self.low <= value <= self.high:
            wrong(f"must be {what} from {self.low:g} to {self.high:g}, not {show(value)}")
        return value if self.whole else float(value)

    def schema(self) -> JsonSchemaValue:
        return {"type": "integer" if self.whole else "number", "minimum": self.low, "maximum": self.high}


class _AnyNumber(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        if not _is_number(value):
            wrong(f"must be a number, not {show(value)}")
        check_magnitude(value, limits)
        return float(value)

    def schema(self) -> JsonSchemaValue:
        return {"type": "number", "minimum": -LIMITS.magnitude, "maximum": LIMITS.magnitude}


Number = Annotated[float, _AnyNumber()]


@dataclass(frozen=True)
class _Text(Checked):
    """A text of one slot; the slot's length is a limit, so that an operator may change it."""

    slot: Literal["label_chars", "title_chars", "alt_chars"]
    multiline: bool = False
    required: bool = False

    def check(self, value: Any, limits: Limits) -> Any:
        if not isinstance(value, str):
            wrong(f"must be a text, not {show(value)}")
        try:
            text = clean_text(
                value,
                limit=getattr(limits, self.slot),
                line_breaks="keep" if self.multiline else "refuse",
                lines=limits.text_lines,
            )
        except TextError as problem:
            wrong(str(problem))
        if self.required and not text:
            wrong("must not be empty")
        return text

    def schema(self) -> JsonSchemaValue:
        schema: JsonSchemaValue = {"type": "string", "maxLength": getattr(LIMITS, self.slot)}
        return schema | {"minLength": 1} if self.required else schema


class _ColumnName(_Text):
    """The name of a column: held to the rules of text, but taken as it is, because it must equal the data's own."""

    def check(self, value: Any, limits: Limits) -> Any:
        super().check(value, limits)
        return value


Title = Annotated[str, _Text("title_chars", multiline=True)]
AltText = Annotated[str, _Text("alt_chars", multiline=True)]
Label = Annotated[str, _Text("label_chars")]
NoteText = Annotated[str, _Text("label_chars", multiline=True)]
Name = Annotated[str, _Text("label_chars", required=True)]
ColumnName = Annotated[str, _ColumnName("label_chars", required=True)]


SOURCE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*", re.ASCII)
"""Names of datasets, dataset functions and databases: words that SQL takes as they are, with dots for functions."""


class _SourceName(Checked):
    most = 100

    def check(self, value: Any, limits: Limits) -> Any:
        if not isinstance(value, str) or len(value) > self.most or not SOURCE_NAME.fullmatch(value):
            wrong(f"must be a name of small letters, digits and _, such as 'orders', not {show(value)}")
        return value

    def schema(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{SOURCE_NAME.pattern}$", "maxLength": self.most}


SourceName = Annotated[str, _SourceName()]

_COLOR_FORMS: Final = "; write '#rrggbb' or a CSS name such as 'teal'"


class _Color(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        color = parse_color(value) if isinstance(value, str) else None
        if color is None:
            near = suggest(value, CSS_COLORS) if isinstance(value, str) else []
            wrong(f"{show(value)} is no colour{did_you_mean(near) or _COLOR_FORMS}")
        return color

    def schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "pattern": f"^{HEX_COLOR}$"}, {"enum": sorted(CSS_COLORS)}]}


Color = Annotated[str, _Color()]


class _Background(_Color):
    def check(self, value: Any, limits: Limits) -> Any:
        return value if value == "transparent" else super().check(value, limits)

    def schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"const": "transparent"}, *super().schema()["anyOf"]]}


Background = Annotated[str, _Background()]


class _Palette(Checked):
    """A palette's name, or a list of colours."""

    most = 20

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, str):
            if value not in PALETTES:
                near = did_you_mean(suggest(value, PALETTES)) or f"; there are {listed(PALETTES, most=20)}"
                wrong(f"no palette {show(value)}{near}")
            return value
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= self.most:
            wrong(f"must be a palette's name or a list of 1 to {self.most} colours")
        for place, color in enumerate(value):
            if not isinstance(color, str) or parse_color(color) is None:
                wrong(f"{show(color)} is no colour{_COLOR_FORMS}", at=str(place))
        return tuple(color.lower() for color in value)

    def schema(self) -> JsonSchemaValue:
        colors = {"type": "array", "items": _Color().schema(), "minItems": 1, "maxItems": self.most}
        return {"anyOf": [{"enum": list(PALETTES)}, colors]}


Palette = Annotated[str | tuple[str, ...], _Palette()]


class _Format(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        if not isinstance(value, str):
            wrong(f"must be a text such as 'compact', ',.1f' or '%b %Y', not {show(value)}")
        try:
            parse_format(value)
        except FormatError as problem:
            wrong(str(problem))
        return value

    def schema(self) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": MAX_CHARS}


FormatText = Annotated[str, _Format()]
"""A format that formats.parse_format() understands."""


@dataclass(frozen=True)
class _Known(Checked):
    """A text that a lookup knows; the lookup returns its canonical form, or None."""

    find: Callable[[str], str | None]
    what: str
    example: str

    def check(self, value: Any, limits: Limits) -> Any:
        found = self.find(value) if isinstance(value, str) else None
        if found is None:
            wrong(f"{show(value)} is no {self.what}; write one such as {self.example}")
        return found

    def schema(self) -> JsonSchemaValue:
        return {"type": "string", "examples": [self.example.strip("'")]}


_LOCALE_ID: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_ZONE_ID: Final = re.compile(r"[A-Za-z0-9_+\-]{1,32}(?:/[A-Za-z0-9_+\-]{1,32}){0,2}", re.ASCII)


@lru_cache(maxsize=256)
def _find_locale(text: str) -> str | None:
    if len(text) > 30 or not _LOCALE_ID.fullmatch(text):
        return None
    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=256)
def _find_zone(text: str) -> str | None:
    if not _ZONE_ID.fullmatch(text[:120]) or len(text) > 100:
        return None
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as "America"
        return None


def _find_currency(text: str) -> str | None:
    return text if text in currencies() else None


class _Freshness(Checked):
    """true, false, or a text with {time} or {date}."""

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, bool):
            return FRESHNESS if value else None
        if not isinstance(value, str):
            wrong(f'must be true, false or a text such as "{FRESHNESS}", not {show(value)}')
        text: str = _Text("label_chars", required=True).check(value, limits)
        for name in re.findall(r"\{([^{}]{0,40})\}", text):
            if name not in ("time", "date"):
                wrong(f"{show('{' + name + '}')} stands for nothing; there are {{time}} and {{date}}")
        if "{time}" not in text and "{date}" not in text:
            wrong('needs {time} or {date}, where the moment stands, such as "Stand: {time}"')
        return text

    def schema(self) -> JsonSchemaValue:
        text = {"type": "string", "pattern": r"\{(time|date)\}", "maxLength": LIMITS.label_chars}
        return {"anyOf": [{"type": "boolean"}, text]}


FRESHNESS: Final = "Data as of {time}"
Freshness = Annotated[str | None, _Freshness()]

LocaleName = Annotated[str, _Known(_find_locale, "locale", "'en' or 'de-CH'")]
ZoneName = Annotated[str, _Known(_find_zone, "time zone", "'Europe/Berlin'")]
CurrencyCode = Annotated[str, _Known(_find_currency, "currency", "'EUR'")]

ISO_DATE: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
    re.ASCII,
)
"""The shape of the dates and date-times that the language reads: ISO 8601's extended form."""


def parse_date(text: str, limits: Limits = LIMITS) -> datetime | None:
    """The (naive or aware) moment that an ISO 8601 text means, or None: impossible dates, and years beyond limits."""
    if len(text) > 40 or not ISO_DATE.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper().replace(",", "."))
    except ValueError:
        return None
    return moment if limits.first_year <= moment.year <= limits.last_year else None


def check_scalar(value: Any, limits: Limits, *, at: str = "") -> bool | int | float | str:
    """One value of data: a number, a text or a truth value; others are refused, at the item `at` of their list."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not -limits.magnitude <= value <= limits.magnitude:
            wrong(f"must be a number from -{limits.magnitude:g} to {limits.magnitude:g}", at=at)
        return value
    if not isinstance(value, str):
        wrong(f"must be a number, a text, true or false, not {show(value)}", at=at)
    try:
        return clean_text(value, limit=limits.label_chars)
    except TextError as problem:
        wrong(str(problem), at=at)


class _Scalar(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        return check_scalar(value, limits)

    def schema(self) -> JsonSchemaValue:
        return {"type": ["number", "string", "boolean"]}


Scalar = Annotated[bool | int | float | str, _Scalar()]


PARAM: Final = re.compile(r"\$[^\W\d]\w{0,39}")
"""How a place says that it is a parameter's: "$since"."""


class _Position(Checked):
    """A place on a number or time axis, or the parameter that holds it."""

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, str):
            if parse_date(value, limits) is None and not PARAM.fullmatch(value):
                wrong(f"{show(value)} is neither a number nor a date such as '2026-01-31' or '2026-01-31T12:00:00Z'")
            return value
        if not _is_number(value):
            wrong(f"must be a number or an ISO date, not {show(value)}")
        check_magnitude(value, limits)
        return float(value)

    def schema(self) -> JsonSchemaValue:
        return {"type": ["number", "string"]}


Position = Annotated[float | str, _Position()]
