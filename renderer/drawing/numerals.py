"""Numbers as text, in a locale. The patterns and symbols are CLDR's, through Babel.

Babel writes a number in about 0.1 ms; where a locale groups digits by threes, which is nearly everywhere, Python's own
formatting with the locale's symbols put in gives the same text a hundred times faster.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from babel import Locale
from babel import numbers as babel_numbers
from babel.numbers import get_decimal_symbol, get_group_symbol

from renderer.spec.formats import NumberPattern, NumberStyle

_babel: Any = babel_numbers  # its published types are older than it

MINUS = "\u2212"
_COMPACT_FROM = 1e6  # "auto" writes 1.5M from here on
_SCIENTIFIC_BELOW, _SCIENTIFIC_FROM = 1e-4, 1e15
_NAMELESS_FROM = 1e18  # no locale has a short name for so much, and Babel's decimals end soon after
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SI = {
    -8: "y",
    -7: "z",
    -6: "a",
    -5: "f",
    -4: "p",
    -3: "n",
    -2: "µ",
    -1: "m",
    0: "",
    1: "k",
    2: "M",
    3: "G",
    4: "T",
    5: "P",
}
_SI |= {6: "E", 7: "Z", 8: "Y"}
_BYTES = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_ENGLISH_ORDINALS = {"one": "st", "two": "nd", "few": "rd"}


def power_of_ten(exponent: int) -> str:
    """10 raised, in superscript digits: plain text, never markup."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def decimals_of(values: Sequence[float], *, most: int = 12) -> int:
    """The decimals that it takes to tell evenly spaced values, such as ticks, from each other and write them
    exactly.
    """
    finite = [abs(value) for value in values if math.isfinite(value)]
    if not finite:
        return 0
    tolerance = 1e-6 * (_smallest_step(finite) or max(finite) or 1.0)
    for decimals in range(most):
        if all(abs(round(value, decimals) - value) <= tolerance for value in finite):
            return decimals
    return most


def _smallest_step(values: Sequence[float]) -> float:
    ordered = sorted(values)
    steps = [after - before for before, after in pairwise(ordered) if after > before]
    return min(steps, default=0.0)


def decimals_for_reading(values: Sequence[float]) -> int:
    """The decimals with which measured values show about three digits: 1,234 and 12.3 and 0.123."""
    finite = [abs(value) for value in values if math.isfinite(value)]
    if not finite or all(value == round(value) for value in finite):
        return 0
    largest = max(finite)
    digits = max(0, 2 - math.floor(math.log10(largest))) if largest > 0 else 0
    # No more than it takes to write them exactly: 0.5 stays 0.5.
    return min(digits, decimals_of(finite))


@dataclass(frozen=True)
class Numerals:
    """Writes numbers in one locale. ``currency`` is what the format "currency" means, an ISO 4217 code."""

    locale: Locale
    currency: str = "USD"

    @cached_property
    def _symbols(self) -> dict[int, str]:
        return {
            ord(","): get_group_symbol(self.locale),
            ord("."): get_decimal_symbol(self.locale),
            ord("-"): MINUS,
        }

    @cached_property
    def _by_threes(self) -> bool:
        return tuple(self.locale.decimal_formats[None].grouping) == (3, 3)

    def plain(self, value: float, decimals: int, *, group: bool = True) -> str:
        """1,234.50 with the locale's symbols."""
        if value == 0:
            value = 0.0  # no minus before nothing
        text = f"{value:{',' if group else ''}.{decimals}f}"
        if text.startswith("-") and not text.strip("-0.,"):
            text = text[1:]
        if group and not self._by_threes and abs(value) < 1e21:
            whole = self.locale.decimal_formats[None].pattern.split(".")[0]
            pattern = _babel.parse_pattern(whole + "." + "0" * decimals if decimals else whole)
            written: str = pattern.apply(Decimal(text.replace(",", "")), self.locale)
            return written.replace("-", MINUS)
        return text.translate(self._symbols)

    def scientific(self, value: float, decimals: int) -> str:
        """2.5×10⁶; 10⁶ where the digits are a one."""
        if value == 0:
            return "0"
        mantissa, exponent = f"{value:.{decimals}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        power = power_of_ten(int(exponent))
        sign = MINUS if mantissa.startswith("-") else ""
        digits = mantissa.lstrip("-")
        return f"{sign}{power}" if digits == "1" else f"{sign}{digits.translate(self._symbols)}×{power}"

    def compact(self, value: float, decimals: int) -> str:
        """1.5M, 1,5 Mio."""
        if abs(value) < 1000:
            return self.plain(value, min(decimals, decimals_of([value], most=2)))
        if abs(value) >= _NAMELESS_FROM:
            return self.scientific(value, 2)
        written = str(
            _babel.format_compact_decimal(Decimal(str(float(value))), locale=self.locale, fraction_digits=decimals)
        )
        return written.replace("-", MINUS)

    def auto(self, values: Sequence[float], *, exact: bool) -> list[str]:
        """Values that are shown together, alike; ``exact`` for ticks, which are round, else to about three digits."""
        finite = [abs(value) for value in values if math.isfinite(value) and value != 0]
        largest, smallest = max(finite, default=0.0), min(finite, default=0.0)
        if largest >= _SCIENTIFIC_FROM or (finite and largest < _SCIENTIFIC_BELOW):
            return [self.scientific(value, 3 if exact else 2) for value in values]
        if largest >= _COMPACT_FROM and (exact or smallest >= _COMPACT_FROM / 100):
            return self._compact_all(values, exact=exact)
        decimals = decimals_of(values) if exact else decimals_for_reading(values)
        return [self.plain(value, decimals) for value in values]

    def _compact_all(self, values: Sequence[float], *, exact: bool, currency: str | None = None) -> list[str]:
        """With as few decimals as keep the texts apart, where they stand for ticks."""
        texts: list[str] = []
        for decimals in range(0 if exact else 1, 5):
            texts = [
                self._money_compact(value, currency, decimals) if currency else self.compact(value, decimals)
                for value in values
            ]
            if not exact or len(set(texts)) == len(set(values)):
                if exact and not self._even(values, decimals):
                    continue
                break
        return texts

    @staticmethod
    def _even(values: Sequence[float], decimals: int) -> bool:
        """Whether a thousandfold written with so many decimals is still the value."""
        for value in values:
            if abs(value) >= 1000:
                unit = 1000.0 ** (math.floor(math.log10(abs(value)) + 1e-9) // 3)
                if abs(round(value / unit, decimals) * unit - value) > 1e-6 * abs(value):
                    return False
        return True

    def styled(self, values: Sequence[float], style: NumberStyle, *, exact: bool) -> list[str]:
        """Values in a named format."""
        decimals = decimals_of(values) if exact else decimals_for_reading(values)
        match style.name:
            case "auto":
                return self.auto(values, exact=exact)
            case "compact":
                return self._compact_all(values, exact=exact)
            case "percent":
                return self._percent(values, exact=exact)
            case "currency":
                return self._money(values, style, exact=exact)
            case "si":
                return [self._si(value, exact=exact) for value in values]
            case "bytes":
                return [self._bytes(value) for value in values]
            case "duration":
                return [duration(value) for value in values]
            case "ordinal":
                return [self._ordinal(value, decimals) for value in values]

    def _percent(self, values: Sequence[float], *, exact: bool) -> list[str]:
        hundredfold = [value * 100 for value in values]
        decimals = decimals_of(hundredfold) if exact else min(1, decimals_for_reading(hundredfold))
        return [self.percent(value, decimals) for value in values]

    def percent(self, value: float, decimals: int) -> str:
        """0.25 as 25%, 25 % or %25, as the locale has it."""
        pattern = self.locale.percent_formats[None]
        number = self.plain(value * 100, decimals) if abs(value) < _SCIENTIFIC_FROM else self.scientific(value * 100, 2)
        sign, digits = (MINUS, number[1:]) if number.startswith(MINUS) else ("", number)
        return f"{sign}{pattern.prefix[0]}{digits}{pattern.suffix[0]}"

    def _money(self, values: Sequence[float], style: NumberStyle, *, exact: bool) -> list[str]:
        code = style.currency or self.currency
        if style.compact or (
            exact and max((abs(value) for value in values if math.isfinite(value)), default=0) >= _COMPACT_FROM
        ):
            return self._compact_all(values, exact=exact, currency=code)
        whole = all(value == round(value) for value in values if math.isfinite(value)) or max(map(abs, values)) >= 1000
        decimals = 0 if whole else max(2, decimals_of(values)) if exact else 2
        return [self._money_exact(value, code, decimals) for value in values]

    def _money_exact(self, value: float, currency: str, decimals: int) -> str:
        """€1,234.50, 1.234,50 €, CHF 5: CLDR's pattern, with a space between a currency's letters and the digits."""
        pattern = self.locale.currency_formats["standard"]
        symbol = str(_babel.get_currency_symbol(currency, self.locale))
        number = self.plain(value, decimals)
        sign, digits = (MINUS, number[1:]) if number.startswith(MINUS) else ("", number)
        before, after = pattern.prefix[0].replace("¤", symbol), pattern.suffix[0].replace("¤", symbol)
        if before and before[-1].isalpha():
            before += "\u00a0"
        if after and after[0].isalpha():
            after = "\u00a0" + after
        return f"{sign}{before}{digits}{after}"

    def _money_compact(self, value: float, currency: str, decimals: int) -> str:
        if abs(value) >= _NAMELESS_FROM:
            return f"{self.scientific(value, 2)} {currency}"
        written = _babel.format_compact_currency(
            Decimal(str(float(value))), currency, locale=self.locale, fraction_digits=decimals
        )
        return str(written).replace("-", MINUS)

    def _si(self, value: float, *, exact: bool, precision: int | None = None) -> str:
        if value == 0:
            return "0"
        group = max(-8, min(8, math.floor(math.log10(abs(value)) + 1e-12) // 3))
        scaled = value / 10.0 ** (3 * group)
        significant = (precision if precision is not None else 6 if exact else 3) or 1
        decimals = max(0, significant - 1 - math.floor(math.log10(abs(scaled)) + 1e-12))
        text = f"{scaled:.{decimals}f}"
        if precision is None and "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.translate(self._symbols) + _SI[group]

    def _bytes(self, value: float) -> str:
        group = min(len(_BYTES) - 1, int(math.log10(abs(value)) + 1e-12) // 3) if abs(value) >= 1 else 0
        scaled = value / 1000.0**group
        text = f"{scaled:.{0 if group == 0 or abs(scaled) >= 100 else 1}f}".removesuffix(".0")
        return f"{text.translate(self._symbols)} {_BYTES[group]}"

    def _ordinal(self, value: float, decimals: int) -> str:
        if value != round(value):
            return self.plain(value, decimals)
        number = self.plain(value, 0)
        match self.locale.language:
            case "en":
                return number + _ENGLISH_ORDINALS.get(self.locale.ordinal_form(abs(int(value))), "th")
            case "fr":
                return number + ("er" if int(value) == 1 else "e")
            case "es" | "it" | "pt":
                return number + "º"
            case _:
                return number + "."

    def patterned(self, value: float, pattern: NumberPattern) -> str:
        """A value by a PEP 3101 / d3 pattern whose numbers the language has bounded."""
        sign = "+" if pattern.sign == "+" and value > 0 else ""
        precision = pattern.precision
        match pattern.type:
            case "%":
                text = self.percent(value, 0 if precision is None else precision)
            case "e":
                text = self.scientific(value, 6 if precision is None else precision)
            case "s":
                text = self._si(value, exact=False, precision=precision)
            case "d":
                text = self.plain(value, 0, group=bool(pattern.group))
            case "f":
                text = self.plain(value, 6 if precision is None else precision, group=bool(pattern.group))
            case _:  # "g" and none: significant digits
                text = self._general(value, precision, group=bool(pattern.group))
        if pattern.trim:
            text = self._trimmed(text)
        if pattern.group == "_":
            text = text.replace(get_group_symbol(self.locale), "_")
        text = sign + text
        return text.rjust(pattern.width, "0" if pattern.zero else "\u2007")

    def _general(self, value: float, precision: int | None, *, group: bool) -> str:
        digits = 12 if precision is None else max(1, precision)
        if value != 0 and not 1e-5 <= abs(value) < 10.0 ** max(digits, 15):
            return self.scientific(value, digits - 1)
        decimals = 0 if value == 0 else max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = self.plain(float(f"{value:.{digits}g}"), min(decimals, 20), group=group)
        return self._trimmed(text)

    def _trimmed(self, text: str) -> str:
        """Without zeros at the end of its decimals."""
        point = get_decimal_symbol(self.locale)
        whole, found, rest = text.partition(point)
        if not found:
            return text
        digits = len(rest) - len(rest.lstrip("0123456789"))
        kept = rest[:digits].rstrip("0")
        return whole + (point + kept if kept else "") + rest[digits:]


def duration(seconds: float) -> str:
    """Seconds as the two largest units: 1d 3h, 2h 05m, 4m 30s, 1.5s, 350ms."""
    sign, rest = (MINUS if seconds < 0 else ""), abs(seconds)
    if rest == 0:
        return "0s"
    if rest < 1:
        return f"{sign}{rest * 1000:.3g}ms"
    if rest < 60:
        return f"{sign}{rest:.3g}s"
    minutes = round(rest) // 60
    if minutes < 60:
        return sign + _two(minutes, "m", round(rest) % 60, "s")
    hours, minutes = divmod(round(rest / 60), 60)
    if hours < 24:
        return sign + _two(hours, "h", minutes, "m")
    days, hours = divmod(round(rest / 3600), 24)
    return sign + _two(days, "d", hours, "h")


def _two(large: int, unit: str, small: int, lesser: str) -> str:
    return f"{large:,}{unit} {small:02d}{lesser}" if small else f"{large:,}{unit}"


@lru_cache(maxsize=64)
def numerals(locale: str, currency: str | None) -> Numerals:
    """The numerals of a locale such as "de_CH"; shared, since Babel's tables load slowly."""
    return Numerals(Locale.parse(locale), currency or "USD")
