"""Gantt charts. Channels: task, group (categories), start, end (dates or numbers), progress (numbers), color
(categories), label (anything).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.axes import LABEL_SHARE, line_pitch
from renderer.drawing.color import mix
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.places import position
from renderer.drawing.scene import Box, Color, Floats, Markers, Primitive, Rects, Segments, Stroke, Text
from renderer.drawing.writing import NO_VALUE
from renderer.spec.marks.gantt import Gantt

_SHARE, _THICKEST = 0.62, 32.0  # of a line is the bar's; and at most so many pixels
_SUMMARY = 4.0  # thickness of the bar over a group
_DIAMOND = 13.0
_INDENT = 12.0  # of the tasks under their group
_REST = 0.62  # of the background's colour in what is not done yet
_AIR = 0.015
_PAD = 5.0
_LABEL = 11.5


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the chart: a task, or the heading of a group. ``key`` is its name on the axis."""

    key: str
    name: str
    heading: bool
    indented: bool


class GanttKind(Kind[Gantt]):
    """Bars in lines; the names at the left are the kind's own, since groups have headings."""

    writes = ("y",)

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        if len(table) > layer.limits.bars:
            raise layer.error(
                "task", f"{len(table):,} bars are more than the {layer.limits.bars:,} that a chart can show"
            )
        self.start = numbers_of(table["start"])
        end = layer.column("end")
        if end is not None and end.type != table["start"].type:
            held = {"time": "dates", "number": "numbers"}
            raise layer.error("end", f"must hold {held[table['start'].type]}, as start does")
        self.end = numbers_of(end) if end is not None else np.full(len(self.start), np.nan)
        self.end = np.where(self.end == self.start, np.nan, self.end)
        progress = layer.column("progress")
        self.progress = numbers_of(progress) if progress is not None else np.full(len(self.start), np.nan)
        self._check()
        self.today = self._today()
        self.series = layer.series()
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self._left = 0.0  # where the names begin

    def _check(self) -> None:
        backwards = np.flatnonzero(self.end < self.start)
        if len(backwards):
            row = int(backwards[0])
            ends, starts = self.layer.place("end", row), self.layer.place("start", row)
            raise self.layer.error("end", f"'{self.layer.place('task', row)}' ends {ends}, before it starts, {starts}")
        beyond = np.flatnonzero((self.progress < 0) | (self.progress > 1))
        if len(beyond):
            row = int(beyond[0])
            value = self.layer.writer.number(float(self.progress[row]))
            raise self.layer.error(
                "progress", f"must be a share from 0 to 1, and that of '{self.layer.place('task', row)}' is {value}"
            )

    def _today(self) -> float:
        today = self.mark.today
        if today is None:
            return math.nan
        dates = self.layer.resolved.table["start"].type == "time"
        if dates != isinstance(today, str):
            raise self.layer.error("today", f"must be a {'date' if dates else 'number'}, as the starts are")
        return position(today)

    @cached_property
    def lines(self) -> tuple[_Line, ...]:
        names = self.layer.names("task")
        groups = self.layer.names("group")
        if not groups:
            return tuple(_Line(name, name, heading=False, indented=False) for name in names)
        tasks = self.layer.resolved.table["task"].values.tolist()
        of = self.layer.resolved.table["group"].values.tolist()
        under: dict[str, set[str]] = {}
        for task, group in zip(tasks, of, strict=True):
            under.setdefault(group, set()).add(task)
        lines = []
        for group in groups:
            lines.append(_Line(f"{group}\n", group, heading=True, indented=False))
            lines += [
                _Line(f"{group}\n{name}", name, heading=False, indented=True) for name in names if name in under[group]
            ]
        return tuple(lines)

    @cached_property
    def keys(self) -> list[str]:
        """The line of each row."""
        tasks: list[str] = self.layer.resolved.table["task"].values.tolist()
        group = self.layer.column("group")
        if group is None:
            return tasks
        return [f"{of}\n{task}" for of, task in zip(group.values.tolist(), tasks, strict=True)]

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "y":
            return Extent("category", categories=tuple(line.key for line in self.lines))
        column = self.layer.resolved.table["start"]
        moments = np.concatenate([self.start, self.end, [self.today]])
        moments = moments[np.isfinite(moments)]
        assert column.type != "category"
        return Extent(column.type, float(moments.min()), float(moments.max()), air=_AIR)

    def title(self, axis: AxisName) -> str:
        return self.layer.title("start") if axis == "x" else ""

    def legend(self) -> tuple[Key, ...]:
        color, group = self.mark.color, self.mark.group
        if color is not None and group is not None and color.field == group.field:
            return ()  # the headings name the groups
        return self.layer.swatches(self.series, Entry("", self.theme.text)) if color is not None else ()

    def beside(self, box: Box) -> tuple[float, float]:
        self._left = box.x0
        size = self.theme.label
        widest = max(
            text.width(line.name, size, 700 if line.heading else 400) + (_INDENT if line.indented else 0.0)
            for line in self.lines
        )
        return min(widest, box.width * LABEL_SHARE) + self.theme.gap, 0.0

    # Drawing ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _middles(self) -> dict[str, float]:
        return {line.key: float(index) for index, line in enumerate(self.lines)}

    def _boxes(self, area: Area) -> Floats:
        """The bar of each row; that of a milestone has no width."""
        middle = area.y(np.array([self._middles[key] for key in self.keys]))
        half = self._thickness(area) / 2
        start, end = area.x(self.start), area.x(np.where(np.isfinite(self.end), self.end, self.start))
        return area.boxes(start, end, middle - half, middle + half)

    def _thickness(self, area: Area) -> float:
        step = abs(area.y.one(1.0) - area.y.one(0.0))
        return max(1.0, min(step * _SHARE, _THICKEST))

    def marks(self, area: Area) -> Iterator[Primitive]:
        yield from self._groups(area)
        boxes = self._boxes(area)
        lasting = np.isfinite(self.end)
        for series in self.series:
            rows = series.rows[lasting[series.rows]]
            color = self._color(series.color)
            shown = np.where(np.isnan(self.progress[rows]), 1.0, self.progress[rows])
            if (shown < 1.0).any():
                yield Rects(
                    role="bar",
                    boxes=boxes[rows],
                    fill=mix(color, (*self.theme.background[:3], color[3]), _REST),
                    values=(self.end - self.start)[rows],
                    name=series.name,
                    clip=area.clip(),
                )
                done = boxes[rows].copy()
                first, last = area.x(self.start[rows]), area.x(self.end[rows])
                until = first + (last - first) * shown
                done[:, 0], done[:, 2] = np.minimum(first, until), np.maximum(first, until)
                yield Rects(
                    role="progress", boxes=done, fill=color, values=shown, name=series.name, clip=area.clip()
                )  # fmt: skip
            elif len(rows):
                yield Rects(
                    role="bar",
                    boxes=boxes[rows],
                    fill=color,
                    values=(self.end - self.start)[rows],
                    name=series.name,
                    clip=area.clip(),
                )
            moments = series.rows[~lasting[series.rows]]
            if len(moments):
                size = min(_DIAMOND, self._thickness(area) * 0.85)
                yield Markers(
                    role="milestone",
                    points=np.column_stack([area.x(self.start[moments]), boxes[moments][:, [1, 3]].mean(axis=1)]),
                    size=size,
                    fill=self.theme.line_color(color),
                    marker="diamond",
                    stroke=Stroke(self.theme.background, 1.0),
                    values=self.start[moments],
                    name=series.name,
                    clip=area.clip(size),
                )
        if math.isfinite(self.today):
            x = area.x.one(self.today)
            yield Segments(
                role="today",
                ends=np.array([[x, area.box.y0, x, area.box.y1]]),
                stroke=Stroke(self.theme.text, 1.25, (4.0, 3.0)),
                values=np.array([self.today]),
                clip=area.clip(1.0),
            )

    @cached_property
    def _spans(self) -> tuple[Floats, Floats]:
        """When the first task of each group starts, and when its last one ends."""
        of = self.layer.resolved.table["group"].values if self.layer.column("group") is not None else np.empty(0)
        ends = np.where(np.isfinite(self.end), self.end, self.start)
        groups = [of == line.name for line in self.lines if line.heading]
        return np.array([self.start[rows].min() for rows in groups]), np.array([ends[rows].max() for rows in groups])

    def _group_boxes(self, area: Area) -> Floats:
        first, last = self._spans
        middle = area.y(np.array([self._middles[line.key] for line in self.lines if line.heading]))
        half = min(_SUMMARY, self._thickness(area)) / 2
        return area.boxes(area.x(first), area.x(last), middle - half, middle + half)

    def _groups(self, area: Area) -> Iterator[Primitive]:
        """Beside each heading a thin bar as long as all of its tasks."""
        first, last = self._spans
        if len(first):
            boxes = self._group_boxes(area)
            yield Rects(role="group", boxes=boxes, fill=self.theme.axis, values=last - first, clip=area.clip())

    def _color(self, color: Color) -> Color:
        return (*color[:3], color[3] * self.opacity)

    # Words ------------------------------------------------------------------------------------------------------------

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        yield from self._names(area, crowd)
        boxes = [Box(*box) for box in self._boxes(area).tolist()]
        if math.isfinite(self.today):
            label = self._today_label(area, boxes, crowd)
            if label is not None:
                yield label
        yield from self._bar_labels(area, boxes, crowd)

    def _names(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        theme = self.theme
        room = area.box.x0 - self._left - theme.gap
        middles = area.y(np.arange(len(self.lines), dtype=float))
        step = abs(area.y.one(1.0) - area.y.one(0.0))
        pitch = line_pitch(theme)
        count, most = len(self.lines), self.layer.limits.categories
        every = max(1, math.ceil(pitch / step), math.ceil(count / most)) if step > 0 else 1
        if every > 1:
            self.layer.warn(f"Only one in {every} of {count} lines has room for its name.")
        for line, middle in list(zip(self.lines, middles.tolist(), strict=True))[::every]:
            indent = _INDENT if line.indented else 0.0
            weight = 700 if line.heading else 400
            deep = max(1, min(2, int(step * every // pitch)))
            written = text.wrap(line.name, room - indent, theme.label, weight, lines=deep)
            top = middle - (len(written) - 1) * pitch / 2
            for row, words in enumerate(written):
                label = text.place(
                    "tick-label-y",
                    words,
                    self._left + indent,
                    top + row * pitch,
                    size=theme.label,
                    weight=weight,
                    color=theme.text if line.heading else theme.muted,
                    valign="middle",
                )
                if words and label.box.inside(area.sheet) and crowd.claim(label.box):
                    yield label

    def _today_label(self, area: Area, boxes: list[Box], crowd: Crowd) -> Text | None:
        """The date beside its line, where no bar is in the way: mostly in the first or the last line."""
        words = (
            self.layer.writer.dates([self.today], self.layer.formats.get("x"))[0]
            if self.layer.resolved.table["start"].type == "time"
            else self.layer.writer.number(self.today, self.layer.formats.get("x"))
        )
        x = area.x.one(self.today)
        bars = Crowd([*boxes, *(Box(*box) for box in self._group_boxes(area).tolist())])
        for middle in sorted(area.y(np.arange(len(self.lines), dtype=float)).tolist()):
            for right in (True, False):
                label = text.place(
                    "today-label", words, x + _PAD if right else x - _PAD, middle, size=_LABEL, weight=500,
                    color=self.theme.text, align="left" if right else "right", valign="middle",
                    halo=self.theme.background,
                )  # fmt: skip
                if label.box.inside(area.box) and bars.free(label.box, 3.0) and crowd.claim(label.box, 1.0):
                    return label
        return None

    def _bar_labels(self, area: Area, boxes: list[Box], crowd: Crowd) -> Iterator[Text]:
        """In the bar where it fits and is of one colour there, else at its right, else at its left."""
        words = self._words()
        if not words:
            return
        if abs(area.y.one(1.0) - area.y.one(0.0)) < _LABEL:
            self.layer.warn("The lines are too low for the labels of their bars.")
            return
        bars = Crowd(boxes)
        fills = {row: self._color(series.color) for series in self.series for row in series.rows.tolist()}
        left_out = 0
        for row, (label, box) in enumerate(zip(words, boxes, strict=True)):
            if not label or label == NO_VALUE:
                continue
            width, capital = text.width(label, _LABEL), text.cap_height(_LABEL)
            progress = 1.0 if math.isnan(self.progress[row]) else float(self.progress[row])
            done = box.width * progress
            middle = box.center[1]
            if box.height >= capital + 4.0 and done >= width + 2 * _PAD and box.inside(area.box, 1.0):
                ink = self.theme.ink_on(fills[row])
                placed = text.place(
                    "value-label", label, box.x0 + _PAD, middle, size=_LABEL, color=ink, valign="middle"
                )
                if crowd.claim(placed.box):
                    yield placed
                    continue
            reach = _PAD + (_DIAMOND / 2 if box.width == 0 else 0.0)
            for right in (True, False):
                placed = text.place(
                    "value-label", label, box.x1 + reach if right else box.x0 - reach, middle, size=_LABEL,
                    color=self.theme.muted, align="left" if right else "right", valign="middle",
                    halo=self.theme.background,
                )  # fmt: skip
                others = bars.free(placed.box, 1.0)
                if others and placed.box.inside(area.box) and crowd.claim(placed.box, 1.0):
                    yield placed
                    break
            else:
                left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {len(words)} labels have no room.")

    def _words(self) -> list[str]:
        column, channel = self.layer.column("label"), self.mark.label
        if column is None or channel is None:
            return []
        if column.type == "category":
            return [value or "" for value in column.values.tolist()]
        numbers = numbers_of(column).tolist()
        if column.type == "number":
            return self.layer.writer.numbers(numbers, channel.format)
        return [self.layer.writer.dates([day], channel.format)[0] if day == day else "" for day in numbers]

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        tasks = [line for line in self.lines if not line.heading]
        groups = self.layer.names("group")
        first = int(np.argmin(self.start))
        ends = np.where(np.isfinite(self.end), self.end, self.start)
        last = int(np.argmax(ends))
        until = self.layer.place("end" if math.isfinite(self.end[last]) else "start", last)
        sentence = f"Gantt chart of {len(tasks)} tasks"
        if groups:
            sentence += f" in {listing(groups)}"
        sentence += f", from {self.layer.place('start', first)} to {until}. "
        sentence += f"'{self.layer.place('task', first)}' starts first, '{self.layer.place('task', last)}' ends last"
        lasting = np.isfinite(self.end)
        if lasting.any():
            longest = int(np.flatnonzero(lasting)[np.argmax((self.end - self.start)[lasting])])
            sentence += f", '{self.layer.place('task', longest)}' takes longest"
        if np.isfinite(self.progress).any():
            length = np.where(lasting, self.end - self.start, 0.0)
            known = np.isfinite(self.progress) & lasting
            if length[known].sum() > 0:
                share = float((self.progress[known] * length[known]).sum() / length[known].sum())
                sentence += f". {self.layer.writer.number(share, 'percent')} of the work is done"
        return sentence + "."


KIND = GanttKind
