"""Periods of time: the one that a chart shows, and the one before it."""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

from pydantic.json_schema import JsonSchemaValue

from renderer.spec.errors import any_of, did_you_mean, show, suggest
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.scalars import Checked, wrong
from renderer.spec.spans import SpanError, parse_span
from renderer.spec.text import TextError, clean_text

WHOLE: Final = ("year", "quarter", "month", "week", "day")
"""Periods of the calendar: "year" is the year in which the latest row lies."""


class Period(NamedTuple):
    """`amount` of a unit that ends with the latest row, or the `whole` unit of the calendar in which it lies."""

    amount: int
    unit: str
    whole: bool
    name: str
    """What the period before it is called."""


class _Period(Checked):
    """A period, or {"by": period, "name": what the one before it is called}."""

    def check(self, value: Any, limits: Limits) -> Any:
        by, at = value, ""
        if isinstance(value, dict):
            strange = next((key for key in value if key not in ("by", "name")), None)
            if strange is not None:
                wrong(f"unknown field {show(strange)}{did_you_mean(suggest(strange, ('by', 'name')))}", at=strange)
            if "by" not in value:
                wrong('\'by\' is required: the period, such as "year" or "30d"')
            by, at = value["by"], "by"
            if "name" in value:
                value = {"by": by, "name": _read_name(value["name"], limits)}
        if not isinstance(by, str):
            wrong(f'must be a period such as "year" or "30d", not {show(by)}', at=at)
        try:
            if not period_of(by).amount:
                wrong("a period has a length", at=at)
        except SpanError:
            near = did_you_mean(suggest(by, WHOLE)) or f"; write {any_of(WHOLE)}, or a span such as '30d' or '12mo'"
            wrong(f"{show(by)} is no period{near}", at=at)
        return value

    def schema(self) -> JsonSchemaValue:
        period: JsonSchemaValue = {
            "anyOf": [{"enum": list(WHOLE)}, {"type": "string", "pattern": "^[0-9]{1,6} ?(s|min|h|d|w|mo|q|y)$"}]
        }
        name = {"type": "string", "minLength": 1, "maxLength": LIMITS.label_chars}
        named = {
            "type": "object",
            "properties": {"by": period, "name": name},
            "required": ["by"],
            "additionalProperties": False,
        }
        return {"anyOf": [*period["anyOf"], named]}


def _read_name(name: Any, limits: Limits) -> str:
    if not isinstance(name, str):
        wrong(f"must be a text, not {show(name)}", at="name")
    try:
        text = clean_text(name, limit=limits.label_chars)
    except TextError as problem:
        wrong(str(problem), at="name")
    if not text:
        wrong("must not be empty", at="name")
    return text


PeriodBefore = Annotated[str | dict[str, str], _Period()]
"""A period of time whose predecessor is drawn with it, as its author wrote it."""


def period_of(written: str | dict[str, str]) -> Period:
    """What an author's period means. Raises SpanError."""
    by, name = (written, "") if isinstance(written, str) else (written["by"], written.get("name", ""))
    if by in WHOLE:
        return Period(1, by, True, name or f"Previous {by}")
    amount, unit = parse_span(by)
    plural = "s" if amount > 1 else ""
    return Period(amount, unit, False, name or f"{amount} {unit}{plural} before")
