"""Scales cover their data, end on ticks, and refuse what they cannot show."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from renderer.data.table import Column
from renderer.drawing.extent import Extent, extent_of, extent_of_values, join, names_of
from renderer.drawing.fit import ScaleError, Wishes, fit
from renderer.drawing.scales import CategoryScale, LogScale, Scale, SymlogScale
from renderer.drawing.scene import Floats
from renderer.drawing.writing import Writer

PLAIN = Wishes()


def _extent(*values: float, zero: bool = False, anchored: bool = False, air: float = 0.0, nice: bool = True) -> Extent:
    return extent_of_values(np.array(values, dtype=float), zero=zero, anchored=anchored, air=air, nice=nice)


def _labels(scale: Scale) -> list[str]:
    return [tick.label for tick in scale.ticks]


def test_limits_end_on_a_tick(english: Writer) -> None:
    scale = fit(_extent(3, 97), PLAIN, 6, english)
    assert (scale.low, scale.high) == (0, 100)
    assert scale.ticks[0].place == 0
    assert scale.ticks[-1].place == 100


@settings(max_examples=150, deadline=None)
@given(
    low=st.floats(-1e300, 1e300), high=st.floats(-1e300, 1e300), count=st.integers(1, 10),
    zero=st.booleans(), air=st.sampled_from([0.0, 0.05]), nice=st.booleans(),
)  # fmt: skip
def test_any_numbers_have_a_scale(
    low: float, high: float, count: int, zero: bool, air: float, nice: bool, english: Writer
) -> None:
    low, high = min(low, high), max(low, high)
    scale = fit(_extent(low, high, zero=zero, air=air, nice=nice), PLAIN, count, english)
    slack = 1e-9 * max(abs(scale.low), abs(scale.high))
    assert math.isfinite(scale.low)
    assert math.isfinite(scale.high)
    assert scale.low < scale.high
    tiny = max(abs(low), abs(high)) < 1e-289
    assert tiny or (scale.low <= low + slack and scale.high >= high - slack)
    assert not zero or scale.low <= 0 <= scale.high
    assert len(scale.ticks) <= 16
    pixels = scale.placed(0, 100)(np.array([low, high]))
    assert ((pixels > -1) & (pixels < 101)).all()


def test_air_never_carries_an_axis_beyond_zero(english: Writer) -> None:
    assert fit(_extent(0.1, 100, air=0.2), PLAIN, 5, english).low == 0
    assert fit(_extent(-100, -0.1, air=0.2), PLAIN, 5, english).high == 0


def test_a_single_value_has_a_neighbourhood(english: Writer) -> None:
    bars = fit(_extent(5, zero=True, anchored=True), PLAIN, 5, english)
    assert bars.low == 0
    assert bars.high >= 5
    points = fit(_extent(5), PLAIN, 5, english)
    assert points.low < 5 < points.high
    nothing = fit(_extent(0), PLAIN, 5, english)
    assert nothing.low <= 0 < nothing.high


def test_the_author_fixes_limits_and_ticks(english: Writer) -> None:
    scale = fit(_extent(0, 97), Wishes(low=-5, high=33, ticks=(0, 10, 90)), 5, english)
    assert (scale.low, scale.high) == (-5, 33)
    assert _labels(scale) == ["0", "10"]
    assert fit(_extent(0, 1), Wishes(ticks=0), 5, english).ticks == ()
    beyond = fit(_extent(0, 10), Wishes(low=50), 5, english)
    assert beyond.low == 50 < beyond.high


def test_a_reversed_scale_runs_back(english: Writer) -> None:
    scale = fit(_extent(0, 10), Wishes(reverse=True), 5, english).placed(0, 100)
    assert scale.one(0) == 100
    assert scale.one(10) == 0


def test_bars_stand_on_zero_or_on_what_is_nearest_to_it() -> None:
    assert Scale(low=-5, high=5).baseline == 0
    assert Scale(low=2, high=5).baseline == 2
    assert Scale(low=-5, high=-2).baseline == -2
    assert LogScale(low=0.1, high=10).baseline == 0.1


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.02, 800, ["0.01", "0.1", "1", "10", "100", "1,000"]),
        (6, 700, ["5", "10", "20", "50", "100", "200", "500", "1,000"]),
        (1, 3e8, ["10⁰", "10²", "10⁴", "10⁶", "10⁸"]),
        (20, 90, ["20", "40", "60", "80", "100"]),
    ],
)
def test_log_ticks_are_plain_text(low: float, high: float, expected: list[str], english: Writer) -> None:
    scale = fit(_extent(low, high), Wishes(scale="log"), 6, english)
    assert scale.low <= low
    assert scale.high >= high
    assert _labels(scale) == expected or set(expected) <= set(_labels(scale))
    assert not any("$" in label or "{" in label for label in _labels(scale))


def test_a_log_scale_is_even_in_powers(english: Writer) -> None:
    scale = fit(_extent(1, 1000), Wishes(scale="log"), 6, english).placed(0, 300)
    assert scale(np.array([1.0, 10.0, 100.0, 1000.0])) == pytest.approx([0, 100, 200, 300])
    assert np.isnan(scale.one(-1))


def test_a_log_scale_without_positive_values_is_refused(english: Writer) -> None:
    with pytest.raises(ScaleError, match="positive"):
        fit(_extent(-5, 0), Wishes(scale="log"), 5, english)


def test_a_symlog_scale_has_both_sides(english: Writer) -> None:
    scale = fit(_extent(-2000, 90_000), Wishes(scale="symlog"), 9, english)
    assert isinstance(scale, SymlogScale)
    labels = _labels(scale)
    assert "0" in labels
    assert labels[0].startswith("−")
    pixels = scale.placed(0, 100)(np.array([-2000.0, -20, 0, 20, 90_000]))
    assert (np.diff(pixels) > 0).all()


def test_a_sqrt_scale_puts_areas_at_equal_distances(english: Writer) -> None:
    scale = fit(_extent(0, 100), Wishes(scale="sqrt"), 5, english).placed(0, 100)
    assert scale(np.array([0.0, 25.0, 100.0])) == pytest.approx([0, 50, 100])


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=20), name=st.sampled_from(["symlog", "linear"]))
def test_order_is_kept(values: list[float], name: str, english: Writer) -> None:
    assume(max(values) > min(values))
    wishes = Wishes(scale="symlog") if name == "symlog" else PLAIN
    pixels: Floats = fit(_extent(*values), wishes, 6, english).placed(0, 400)(np.array(sorted(values)))
    assert (np.diff(pixels) >= -1e-6).all()


def test_categories_have_bands_in_their_order(english: Writer) -> None:
    scale = fit(Extent("category", categories=("a", "b", "c", "d")), PLAIN, 5, english).placed(0, 400)
    assert isinstance(scale, CategoryScale)
    assert scale(np.arange(4.0)).tolist() == [50, 150, 250, 350]
    assert scale.step == 100
    assert scale.band == pytest.approx(80)
    codes = scale.codes(Column("x", "category", np.array(["c", None, "zz", "a"], dtype=object)))
    assert codes[0] == 2
    assert np.isnan(codes[1:3]).all()
    assert _labels(fit(Extent("category", categories=("a", "b")), Wishes(ticks=("b",)), 5, english)) == ["b"]


def test_times_are_placed_by_their_moment(english: Writer) -> None:
    moments = np.array(["2020-01-01", "2020-01-11", "NaT"], dtype="datetime64[us]")
    column = Column("day", "time", moments)
    scale = fit(extent_of(column), PLAIN, 5, english).placed(0, 100)
    assert scale.type == "time"
    pixels = scale.column(column)
    assert pixels[:2] == pytest.approx([0, 100])
    assert np.isnan(pixels[2])


def test_extents_join() -> None:
    joined = join([_extent(1, 5, zero=True), _extent(-3, 2)])
    assert (joined.low, joined.high, joined.zero, joined.positive) == (-3, 5, True, 1)
    assert join([_extent(math.nan)]).high == 1.0
    names = join([Extent("category", categories=("a", "b")), Extent("category", categories=("b", "c")), _extent(1, 2)])
    assert names.categories == ("a", "b", "c")
    assert names_of(Column("x", "category", np.array(["b", None, "a", "b"], dtype=object))) == ("b", "a")
