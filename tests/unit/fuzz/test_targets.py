"""The targets of `make fuzz`, with inputs that are thought up instead of searched for, and every finding there was."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import MOST, TARGETS

CALM = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FOUND: list[tuple[str, bytes]] = [
    ("tables", b"\x02["),  # an upload that ends behind its first bracket
    ("tables", b"\x02{ "),
]
"""Inputs that were findings once."""


@pytest.mark.parametrize("name", TARGETS)
def test_any_input_is_taken_or_refused_in_words(name: str) -> None:
    target = import_module(f"tests.fuzz.{name}")
    pieces = [seed[start : start + 7] for seed in target.SEEDS for start in range(0, len(seed), 7)]
    near = st.lists(st.sampled_from(pieces) | st.binary(max_size=3), max_size=12).map(b"".join)
    written = st.text(max_size=40).map(lambda text: text.encode(errors="replace"))

    @CALM
    @example(b"")
    @given(near | written | st.sampled_from(target.SEEDS))
    def holds(data: bytes) -> None:
        target.check(data[: MOST[name]])

    holds()
    for seed in target.SEEDS:
        target.check(seed)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_findings_stay_mended(name: str, data: bytes) -> None:
    import_module(f"tests.fuzz.{name}").check(data)


def test_every_target_has_its_size() -> None:
    assert set(MOST) == set(TARGETS)
