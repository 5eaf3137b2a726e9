"""State timelines. Channels: row (categories), start, end (dates or numbers), state (categories)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, numbers_of
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.places import position
from renderer.drawing.scene import Box, Floats, Primitive, Rects, Text
from renderer.spec.marks.state_timeline import StateTimeline

_SHARE, _THICKEST = 0.78, 40.0  # of a line is its colour's; and at most so many pixels
_GAP = 0.5  # pixels at each end of a state that is wide enough to give them
_PAD = 5.0
_LABEL = 11.5


@dataclass(frozen=True, slots=True)
class _Span:
    """One state of one row."""

    row: str
    state: str
    start: float
    end: float


class StateTimelineKind(Kind[StateTimeline]):
    """Rectangles in lines, one call for each state."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        if len(table) > 10 * layer.limits.bars:
            most = 10 * layer.limits.bars
            raise layer.error("start", f"{len(table):,} states are more than the {most:,} that a chart can show")
        self.start = numbers_of(table["start"])
        end = layer.column("end")
        if end is not None and end.type != table["start"].type:
            held = {"time": "dates", "number": "numbers"}
            raise layer.error("end", f"must hold {held[table['start'].type]}, as start does")
        self.end = numbers_of(end) if end is not None else np.full(len(self.start), np.nan)
        backwards = np.flatnonzero(self.end < self.start)
        if len(backwards):
            row = int(backwards[0])
            ends, starts = layer.place("end", row), layer.place("start", row)
            what = f"'{layer.place('state', row)}' of '{layer.place('row', row)}'"
            raise layer.error("end", f"{what} ends {ends}, before it starts, {starts}")
        self.series = layer.series("state")
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0

    # States in time ---------------------------------------------------------------------------------------------------

    @cached_property
    def _last(self) -> float:
        """When the states end that have no end and no follower."""
        if self.mark.until is not None:
            dates = self.layer.resolved.table["start"].type == "time"
            if dates != isinstance(self.mark.until, str):
                raise self.layer.error("until", f"must be a {'date' if dates else 'number'}, as the starts are")
            until = position(self.mark.until)
            if until < float(self.start.max()):
                raise self.layer.error("until", "lies before the start of the last state")
            return until
        moments = np.concatenate([self.start, self.end[np.isfinite(self.end)]])
        last = float(moments.max())
        if last > float(self.start.max()):
            return last
        # A state that begins at the last moment is as long as they mostly are.
        steps = np.diff(np.unique(self.start))
        return last + (float(np.median(steps)) if len(steps) else 1.0)

    @cached_property
    def spans(self) -> list[_Span]:
        """The states in order of rows and times; equal ones that follow each other are one."""
        rows = self.layer.resolved.table["row"].values.tolist()
        states = self.layer.resolved.table["state"].values.tolist()
        by_row: dict[str, list[int]] = {name: [] for name in self.layer.names("row")}
        for index in np.argsort(self.start, kind="stable").tolist():
            by_row[rows[index]].append(index)
        spans: list[_Span] = []
        overlapping = 0
        for name, indices in by_row.items():
            for place, index in enumerate(indices):
                following = float(self.start[indices[place + 1]]) if place + 1 < len(indices) else self._last
                end = float(self.end[index]) if math.isfinite(self.end[index]) else following
                overlapping += end > following and place + 1 < len(indices)
                span = _Span(name, states[index], float(self.start[index]), end)
                before = spans[-1] if spans else None
                if before and (before.row, before.state) == (span.row, span.state) and before.end == span.start:
                    spans[-1] = _Span(name, span.state, before.start, end)
                else:
                    spans.append(span)
        if overlapping:
            self.layer.warn(f"{overlapping:,} states last beyond the start of the next: the later one is in front.")
        return spans

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "y":
            return Extent("category", categories=self.layer.names("row"))
        column = self.layer.resolved.table["start"]
        assert column.type != "category"
        return Extent(column.type, min(span.start for span in self.spans), max(span.end for span in self.spans))

    def title(self, axis: AxisName) -> str:
        return self.layer.title("start") if axis == "x" else ""

    def legend(self) -> tuple[Key, ...]:
        entries = tuple(Entry(series.name, series.color) for series in self.series)
        return (Swatches(self.layer.title("state"), entries, self.mark.state.legend),)

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        for series in self.series:
            spans = [span for span in self.spans if span.state == series.name]
            if spans:
                yield Rects(
                    role="state",
                    boxes=self._boxes(area, spans),
                    fill=with_alpha(series.color, self.opacity),
                    values=np.array([span.end - span.start for span in spans]),
                    name=series.name,
                    clip=area.clip(),
                )

    def _boxes(self, area: Area, spans: list[_Span]) -> Floats:
        index = {name: float(place) for place, name in enumerate(self.layer.names("row"))}
        step = abs(area.y.one(1.0) - area.y.one(0.0))
        half = max(0.5, min(step * _SHARE, _THICKEST) / 2)
        middle = area.y(np.array([index[span.row] for span in spans]))
        boxes = area.boxes(
            area.x(np.array([span.start for span in spans])),
            area.x(np.array([span.end for span in spans])),
            middle - half,
            middle + half,
        )
        wide = boxes[:, 2] - boxes[:, 0] > 4.0
        boxes[wide, 0] += _GAP
        boxes[wide, 2] -= _GAP
        # A state of a moment is a line.
        boxes[:, 2] = np.maximum(boxes[:, 2], boxes[:, 0] + 1.0)
        return boxes

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        if not self.mark.labels:
            return
        inks = {series.name: self.theme.ink_on(series.color) for series in self.series}
        shown = 0
        for span, box in zip(self.spans, self._boxes(area, self.spans).tolist(), strict=True):
            x0, x1 = max(box[0], area.box.x0), min(box[2], area.box.x1)
            visible = Box(x0, box[1], x1, box[3])
            if visible.height < text.cap_height(_LABEL) + 6.0 or visible.width < 2 * _PAD:
                continue
            if text.width(span.state, _LABEL) > visible.width - 2 * _PAD:
                continue
            label = text.place(
                "value-label", span.state, x0 + _PAD, visible.center[1], size=_LABEL, color=inks[span.state],
                valign="middle",
            )  # fmt: skip
            if shown < self.layer.limits.value_labels and crowd.claim(label.box):
                shown += 1
                yield label

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        rows, states = self.layer.names("row"), [series.name for series in self.series]
        first = self.layer.place("start", int(np.argmin(self.start)))
        number = write.number(float(len(rows)))
        sentence = f"State timeline of {number} {'row' if len(rows) == 1 else 'rows'} from {first}, with the states "
        sentence += listing(states)
        for name in rows[:4]:
            lengths: dict[str, float] = {}
            for span in self.spans:
                if span.row == name:
                    lengths[span.state] = lengths.get(span.state, 0.0) + span.end - span.start
            total = sum(lengths.values())
            most = max(lengths, key=lengths.__getitem__, default="")
            if total > 0:
                sentence += f". {name} is {most} for {write.number(lengths[most] / total, 'percent')} of the time"
        return sentence + "."


KIND = StateTimelineKind
