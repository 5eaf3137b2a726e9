"""Any text as the format of numbers or dates: refused, or numbers and dates written in a few characters."""

from __future__ import annotations

from renderer.drawing.writing import writer
from renderer.spec.formats import FormatError, parse_format

SEEDS = (b",.1f", b"compact", b"%b %Y", b"currency:EUR", b"+.2%", b"%d.%m.%y %H:%M", b"d")
NUMBERS = (0.0, -1.5, 1e300, 123456.789, 5e-324)
DAYS = (0.0, 20_000.25, -600_000.0)


def check(data: bytes) -> None:
    """Raises AssertionError, or what else is no error of ours."""
    text = data.decode(errors="replace")
    try:
        parse_format(text)
    except FormatError as error:
        assert 0 < len(str(error)) < 500
        return
    write = writer("en", "EUR", "UTC")
    for number in NUMBERS:
        assert len(write.number(number, text)) < 500
    for day in DAYS:
        assert len(write.dates([day], text)[0]) < 500
