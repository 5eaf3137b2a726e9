"""Companions: the layer of uncertainty that a mark asks for by its `error`, beside which it is drawn."""

from __future__ import annotations

from typing import Any

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.marks.band import Band
from renderer.spec.marks.errorbar import ErrorBar
from renderer.spec.uncertainty import Uncertainty


def with_companions(mark: Mark) -> tuple[Mark, ...]:
    """What is drawn of a mark, from back to front: a band lies behind its line, strokes lie on their bars."""
    error: Uncertainty | None = getattr(mark, "error", None)
    if error is None:
        return (mark,)
    y: Channel = mark.y  # type: ignore[attr-defined]  # what has an error has an x and a y
    shared: dict[str, Any] = {
        "x": mark.x,  # type: ignore[attr-defined]
        "y": y.of_rows(),
        "stat": error.stat_of(y),
        "y_axis": mark.side,
        **{name: value for name in ("color", "data") if (value := getattr(mark, name)) is not None},
    }
    if error.level is not None:
        shared["level"] = error.level
    if error.as_ == "bars" or (error.as_ is None and mark.kind == "bar"):
        lying = bool(getattr(mark, "horizontal", False))
        return mark, ErrorBar.model_validate({"kind": "errorbar", "horizontal": lying, **shared})
    interpolate = getattr(mark, "interpolate", "linear")
    return Band.model_validate({"kind": "band", "interpolate": interpolate, **shared}), mark
