"""How sure a value is: the short way to a band behind a line or to strokes on bars, without a layer of its own."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import Field, model_validator
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.base import Model
from renderer.spec.channel import Channel
from renderer.spec.errors import did_you_mean, show, suggest
from renderer.spec.scalars import Between, wrong

Stat = Literal["ci", "se", "sd", "iqr", "range"]
STATS: Final[tuple[Stat, ...]] = get_args(Stat)
_AROUND_THE_MEDIAN: Final[Stat] = "iqr"


class Uncertainty(Model):
    """How widely the rows behind each value are spread: true, a statistic such as "sd", or an object."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"const": True}, {"enum": list(STATS)})

    stat: Stat | None = None
    """A confidence interval of the mean ("ci", the default), the mean with its standard error, with the standard
    deviation, the median with the quartiles ("iqr", the default of medians), or the mean with the extremes."""
    level: Annotated[float, Between(0.5, 0.999)] | None = None
    """The confidence of "ci"; 0.95 by default."""
    as_: Literal["band", "bars"] | None = Field(default=None, alias="as")
    """A pale stripe along the values, or a stroke through each. By default lines have a band, and bars have strokes."""

    @model_validator(mode="before")
    @classmethod
    def _sugar(cls, value: Any) -> Any:
        if value is True:
            return {}
        if isinstance(value, str):
            if value not in STATS:
                near = did_you_mean(suggest(value, STATS)) or f"; there are {', '.join(STATS)}"
                wrong(f"no statistic {show(value)}{near}")
            return {"stat": value}
        if not isinstance(value, dict | cls):
            wrong(f'must be true, a statistic such as "sd", or an object such as {{"stat": "ci"}}, not {show(value)}')
        return value

    @model_validator(mode="after")
    def _level_of_ci(self) -> Uncertainty:
        if self.level is not None and self.stat not in (None, "ci"):
            wrong(f"'level' is that of \"ci\", and 'stat' is \"{self.stat}\"", at="level")
        return self

    def check_of(self, y: Channel) -> None:
        """Refuse values that no rows stand behind, or others than those that the statistic is about."""
        middle = "median" if self.stat == _AROUND_THE_MEDIAN else "mean"
        wanted = f'such as "{middle}({(y.field or "price")[:40]})"'
        if y.agg not in ("mean", "median"):
            wrong(f"shows how the rows behind each value are spread: y must be an aggregate {wanted}", at="error")
        if self.stat is not None and y.agg != middle:
            wrong(
                f'"{self.stat}" belongs to the {middle}, and y is the {y.agg}: make it an aggregate {wanted}',
                at="error",
            )

    def stat_of(self, y: Channel) -> Stat:
        """The statistic, where the author leaves it open."""
        return self.stat or (_AROUND_THE_MEDIAN if y.agg == "median" else "ci")
