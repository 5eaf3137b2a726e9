"""Amounts for which no locale has a short name."""

from __future__ import annotations

import pytest

from renderer.drawing.writing import Writer


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("compact", ["2×10²⁹⁹", "−10³⁰", "5"]),
        ("currency:EUR compact", ["2×10²⁹⁹ EUR", "−10³⁰ EUR", "€5"]),
        ("currency:EUR", None),
        ("percent", None),
        (",.2f", None),
    ],
)
def test_huge_numbers_are_written_in_every_format(style: str, written: list[str] | None, english: Writer) -> None:
    found = english.numbers([2e299, -1e30, 5.0], style)
    assert all(found)
    if written:
        assert found == written
