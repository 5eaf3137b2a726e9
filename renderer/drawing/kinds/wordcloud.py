"""Word clouds. Channels: text (categories), size (numbers; by default the count), color (categories or numbers)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import mix
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, Layer
from renderer.drawing.packing import Sized, pack
from renderer.drawing.scene import Box, Color, Floats, Primitive, Text
from renderer.drawing.shades import Shades
from renderer.spec.marks.wordcloud import Wordcloud

_LEAST, _MOST = 9.0, 110.0  # sizes of letters in pixels
_RATIO = 8.0  # the largest word is at most so many times as large as the smallest
_GAP = 2.0
_SPACE = 0.22  # between words that follow each other, of their size
_BOLD_FROM = 0.35  # of the largest size
_TRIES = 6  # of halving, to find the largest scale at which all words fit
_FEWER = 0.8  # of the words are tried next, where not all fit at their least size


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    share: float  # of the largest size
    row: int
    weight: int
    angle: Literal[0, 90]


class WordcloudKind(FreeKind[Wordcloud]):
    """The largest words in the middle; all as large as the room allows."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.sizes = numbers_of(table["size"])
        if (self.sizes < 0).any():
            worst = self.layer.writer.number(float(np.nanmin(self.sizes)))
            raise layer.error("size", f"a word cannot be smaller than nothing, and size holds {worst}")
        column = layer.column("color")
        self.amounts = numbers_of(column) if column is not None and column.type == "number" else None
        self.series = layer.series() if self.amounts is None else []
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.words = self._ranked()

    def _ranked(self) -> list[_Word]:
        names = self.layer.resolved.table["text"].values.tolist()
        rows = np.flatnonzero(np.nan_to_num(self.sizes) > 0)
        order = rows[np.argsort(-self.sizes[rows], kind="stable")]
        kept = order[: self.mark.words]
        if len(kept) < len(order):
            self.layer.warn(f"{len(order) - len(kept):,} of {len(order):,} words are left out, the smallest.")
        if not len(kept):
            return []
        largest = float(self.sizes[kept[0]])
        words = []
        turned = 0
        for place, row in enumerate(kept.tolist()):
            # The area of a word, and not its height, is in proportion.
            share = max(1 / _RATIO, math.sqrt(self.sizes[row] / largest))
            # Spread evenly over the words, and never the largest: the same words always look the same.
            upright = place > 0 and math.floor(place * self.mark.upright) > turned
            turned += upright
            weight = 700 if share >= _BOLD_FROM else 500
            words.append(_Word(str(names[row]), share, row, weight, 90 if upright else 0))
        return words

    def legend(self) -> tuple[Key, ...]:
        if self.amounts is not None:
            return (self._shades.key("top"),)
        # In the colours of the words, which are darker than marks may be.
        series = [replace(one, color=self.theme.text_color(one.color)) for one in self.series]
        return self.layer.swatches(series, Entry("", self.theme.text))

    @property
    def _shades(self) -> Shades:
        amounts = self.amounts if self.amounts is not None else np.empty(0)
        return Shades(amounts, self.layer, self.mark.color, title=self.layer.title("color"))

    def marks(self, area: Area) -> Iterator[Primitive]:
        words = [word for word in self.words if self._fits(word, area.box)]
        found = self._fitted(words, area.box)
        while found is None and words:
            words = words[: int(len(words) * _FEWER)]
            found = self._fitted(words, area.box)
        if len(words) < len(self.words):
            self.layer.warn(f"{len(self.words) - len(words)} of {len(self.words)} words have no room.")
        if found is None:
            return
        size, boxes = found
        colors = self._colors(words)
        labels = [self._placed(word, size, box, color) for word, box, color in zip(words, boxes, colors, strict=True)]
        # Those of one colour are painted in one call.
        yield from sorted(labels, key=lambda label: (label.color, -label.size))

    def _fits(self, word: _Word, room: Box) -> bool:
        """Whether a word fits into the room at its least size."""
        return text.width(word.text, _LEAST, word.weight) <= (room.height if word.angle else room.width) * 0.92

    def _fitted(self, words: Sequence[_Word], room: Box) -> tuple[float, list[Box]] | None:
        """The size of the largest word, and a place for each; None where they do not fit."""
        if not words:
            return None
        low, high = _LEAST / words[-1].share, max(_LEAST / words[-1].share, min(_MOST, room.height * 0.5))
        widest = max(text.width(word.text, word.share, word.weight) for word in words if not word.angle)
        high = max(low, min(high, room.width * 0.92 / widest))
        boxes = pack(self._sized(words, low), room, _GAP)
        if boxes is None:
            return None
        best = low
        for _ in range(_TRIES):
            middle = (low + high) / 2
            attempt = pack(self._sized(words, middle), room, _GAP)
            if attempt is None:
                high = middle
            else:
                low, best, boxes = middle, middle, attempt
        return best, boxes

    def _sized(self, words: Sequence[_Word], size: float) -> list[Sized]:
        sized = []
        for word in words:
            label = self._at_origin(word, size)
            space = _SPACE * label.size
            across, along = (0.0, space) if word.angle else (space, 0.0)
            sized.append(Sized(label.box.width + across, label.box.height + along))
        return sized

    def _at_origin(self, word: _Word, size: float, color: Color = (0.0, 0.0, 0.0, 1.0)) -> Text:
        return text.place(
            "word", word.text, 0.0, 0.0, size=max(_LEAST, size * word.share), weight=word.weight, color=color,
            angle=word.angle,
        )  # fmt: skip

    def _placed(self, word: _Word, size: float, box: Box, color: Color) -> Text:
        """The word with its ink in the box."""
        ink = self._at_origin(word, size).box
        x, y = box.center[0] - ink.center[0], box.center[1] - ink.center[1]
        return text.place(
            "word", word.text, x, y, size=max(_LEAST, size * word.share),
            weight=word.weight, color=color, angle=word.angle,
        )  # fmt: skip

    def _colors(self, words: Sequence[_Word]) -> list[Color]:
        theme = self.theme
        if self.amounts is not None:
            fills = self._shades.fills(self.amounts)
            colors: dict[int, Color] = {
                row: theme.text_color((float(r), float(g), float(b), 1.0)) for row, (r, g, b, _) in enumerate(fills)
            }
        else:
            colors = {row: theme.text_color(series.color) for series in self.series for row in series.rows.tolist()}
            if len(self.series) == 1 and not self.series[0].name:
                strong = theme.text_color(self.series[0].color)
                shades: Floats = np.array([word.share for word in words])
                # In four steps, so that few calls paint them.
                steps = np.ceil((1 - shades) * 4) / 4
                for word, step in zip(words, steps.tolist(), strict=True):
                    colors[word.row] = theme.text_color(mix(strong, theme.muted, float(step)))
        return [(*colors[word.row][:3], self.opacity) for word in words]

    def facts(self) -> str:
        write = self.layer.writer
        channel = self.mark.size
        shown = self.words[:5]
        if not shown:
            return "Word cloud without words."
        values = write.numbers([float(self.sizes[word.row]) for word in shown], channel.format if channel else None)
        largest = [f"{word.text} ({value})" for word, value in zip(shown, values, strict=True)]
        by = self.layer.title("size")
        return (
            f"Word cloud of {write.number(float(len(self.words)))} words by {by}. The largest are {listing(largest)}."
        )


KIND = WordcloudKind
