"""The functions of expressions: what they take and give. How they are computed is the data's part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["number", "text", "time", "truth"]
Takes = Literal["number", "text", "time", "truth", "any", "same", "unit", "span"]
"""What an argument may be. "any": every kind; "same": every kind, but all of them one; "unit" and "span": a text that
is written out, such as 'week' and '7d'."""
Gives = Literal["number", "text", "time", "truth", "same"]


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `least` of its arguments must be given; with `many`, the last one may be repeated."""

    name: str
    takes: tuple[Takes, ...]
    gives: Gives
    least: int
    many: bool
    form: str
    """How it is written: "round(x, digits)"."""

    def takes_at(self, place: int) -> Takes:
        """What the argument at `place` may be."""
        return self.takes[min(place, len(self.takes) - 1)]


def _read(line: str) -> Function:
    """A line such as "round(x number, digits number?) number"; `?` may be left out, `...` may be repeated."""
    form, _, gives = line.rpartition(" ")
    name, _, rest = form.rstrip(")").partition("(")
    pairs = [pair.split() for pair in rest.split(",") if pair.strip()]
    kinds = [kind.rstrip("?.") for _, kind in pairs]
    return Function(
        name=name,
        takes=tuple(kinds),  # type: ignore[arg-type]  # the words of the table below, which a test reads
        gives=gives,  # type: ignore[arg-type]  # the same
        least=sum(not kind.endswith("?") for _, kind in pairs),
        many=any(kind.endswith("...") for _, kind in pairs),
        form=f"{name}({', '.join(word + ('...' if kind.endswith('...') else '') for word, kind in pairs)})",
    )


_TABLE: Final = """
abs(x number) number
ceil(x number) number
clamp(x number, low number, high number) number
exp(x number) number
floor(x number) number
ln(x number) number
log10(x number) number
log2(x number) number
max(a same, b same...) same
min(a same, b same...) same
pow(x number, y number) number
round(x number, digits number?) number
sign(x number) number
sqrt(x number) number
trunc(x number) number
coalesce(a same, b same...) same
if(condition truth, yes same, no same) same
nullif(a same, b same) same
concat(a any, b any...) text
contains(text text, part text) truth
ends_with(text text, part text) truth
length(text text) number
lower(text text) text
replace(text text, old text, new text) text
starts_with(text text, part text) truth
substr(text text, start number, length number?) text
trim(text text) text
upper(text text) text
year(t time) number
quarter(t time) number
month(t time) number
week(t time) number
day(t time) number
hour(t time) number
minute(t time) number
second(t time) number
weekday(t time) number
date_add(unit unit, n number, t time) time
date_diff(unit unit, a time, b time) number
date_trunc(unit unit, t time) time
date(text_or_year any, month number?, day number?) time
ago(span span) time
now() time
to_number(x any) number
to_text(x any) text
"""
FUNCTIONS: Final = {function.name: function for function in map(_read, _TABLE.strip().splitlines())}
"""All functions, by name."""
UNITS: Final = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
"""The units that a time can be cut to, and counted in."""
CLOCK_FUNCTIONS: Final = frozenset({"ago", "now"})
"""The functions whose value depends on when the chart is drawn."""
