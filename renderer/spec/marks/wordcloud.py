"""Word clouds: words as large as they are frequent."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between
from renderer.spec.source import ColumnKind
from renderer.spec.style import Style


class Wordcloud(Mark):
    """Words packed around the middle, the largest first. For amounts that are compared, take bars."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "text": ("category",),
        "size": ("number",),
        "color": ("category", "number"),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("text",)
    may_miss: ClassVar[tuple[str, ...]] = ("size", "color")

    kind: Literal["wordcloud"]
    text: Channel
    """The words."""
    size: Channel | None = None
    """How large a word is: its area grows with the amount. By default the number of its rows."""
    color: ColorChannel | None = None
    """Categories by hue, or an amount as shade. By default larger words are stronger."""
    words: Annotated[int, Between(1, 250)] = 120
    """At most so many: the largest."""
    upright: Annotated[float, Between(0.0, 0.5)] = 0.0
    """The share of words that may be turned; level ones are easier to read."""
    style: Style | None = None

    @model_validator(mode="after")
    def _count_by_default(self) -> Self:
        return self if self.size is not None else self.model_copy(update={"size": Channel(agg="count")})
