"""Transforms: the steps that rows go through before they are drawn. One verb each, in the order in which they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, WrapValidator, model_validator
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.base import Model
from renderer.spec.errors import any_of, did_you_mean, listed, show, suggest
from renderer.spec.expressions import Expression, ExpressionError, ExpressionText, parse_expression
from renderer.spec.functions import CLOCK_FUNCTIONS
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.measures import Measure, WindowMeasure
from renderer.spec.scalars import Between, Checked, ColumnName, Label, Name, check_scalar, limits_of, wrong
from renderer.spec.tree import PLAIN_NAME, Call, Unary, walk
from renderer.spec.tree import Field as ColumnNode
from renderer.spec.tree import Literal as LiteralNode
from renderer.spec.tree import Param as ParamNode

CutUnit = Literal["year", "quarter", "month", "week", "day", "hour", "minute", "second"]


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        wrong(f'must be a column\'s name or a list such as ["region", "day"], not {show(value)}')
    return tuple(value)


Columns = Annotated[
    tuple[ColumnName, ...], Field(max_length=100), BeforeValidator(_listed, json_schema_input_type=str | list[str])
]
"""Names of columns; one may stand without its list."""
Order = Columns
"""Names of columns, each with a "-" before it if it is to run from high to low."""


class _Renamed(Checked):
    """A column, or {"new": "column"}: the verb's result gets a name of its own."""

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, str) and value.strip():
            return (value, value)
        new, old = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else ("", "")
        if isinstance(old, str) and old.strip() and new.strip() and len(new) <= limits.label_chars:
            return (new, old)
        return wrong(f'must be a column\'s name, or {{"new": "column"}}, not {show(value)}')

    def schema(self) -> JsonSchemaValue:
        named = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1, "maxProperties": 1}
        return {"anyOf": [{"type": "string", "minLength": 1}, named]}


Renamed = Annotated[tuple[str, str], _Renamed()]


class Step(Model):
    """One step. The field that is named as the class is its verb; the others belong to it."""

    verb: ClassVar[str]


class Filter(Step):
    """Keep the rows for which a condition holds."""

    verb: ClassVar[str] = "filter"
    filter: ExpressionText
    """A condition such as "price > 10 and region in ['EU', 'US']"."""


class Derive(Step):
    """Add columns that are computed from others of the same row."""

    verb: ClassVar[str] = "derive"
    derive: Annotated[dict[ColumnName, ExpressionText], Field(min_length=1, max_length=100)]
    """Expressions by the new column's name, such as {"rate": "orders / sessions"}; each sees those before it."""


class Aggregate(Step):
    """Make one row of all rows that agree in some columns."""

    verb: ClassVar[str] = "aggregate"
    aggregate: Annotated[dict[ColumnName, Measure], Field(min_length=1, max_length=100)]
    """Aggregates by the new column's name, such as {"revenue": "sum(price)", "orders": "count()"}."""
    by: Columns = ()
    """The columns in which rows of one group agree; without them, all rows are one group."""


class Bins(Step):
    """Cut numbers down to the lower end of the interval that they lie in."""

    verb: ClassVar[str] = "bin"
    bin: Renamed
    """A column of numbers, or {"new": "column"} to keep it."""
    count: Annotated[int, Between(1, LIMITS.bins)] | None = None
    """About how many bins; their limits are round numbers. By default 20."""
    step: Annotated[float, Between(1e-12, 1e12)] | None = None
    """The width of a bin, instead of how many there are."""

    @model_validator(mode="after")
    def _one_width(self) -> Self:
        if self.count is not None and self.step is not None:
            wrong("give 'count' or 'step', not both", at="step")
        return self


class Truncate(Step):
    """Cut times down to the start of the unit that they lie in, on the chart's clock."""

    verb: ClassVar[str] = "truncate"
    truncate: Renamed
    """A column of times, or {"new": "column"} to keep it."""
    unit: CutUnit
    """Weeks begin on Monday."""


class _Frame(Checked):
    """The first and the last row of a frame, counted from the row itself."""

    most = 1_000_000

    def check(self, value: Any, limits: Limits) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            wrong(f"must be a list of two numbers of rows such as [-6, 0], not {show(value)}")
        ends: list[int | None] = []
        for place, (end, word) in enumerate(zip(value, ("start", "end"), strict=True)):
            whole = isinstance(end, int) and not isinstance(end, bool)
            if end != word and not (whole and abs(end) <= self.most):
                wrong(f"must be a whole number of rows, or '{word}' for all of them", at=str(place))
            ends.append(None if end == word else end)
        first, last = ends
        if first is not None and last is not None and first > last:
            wrong("the first row of a frame comes before its last; [-6, 0] are seven rows", at="1")
        return (first, last)

    def schema(self) -> JsonSchemaValue:
        rows = {"type": "integer", "minimum": -self.most, "maximum": self.most}
        ends = [{"anyOf": [rows, {"const": word}]} for word in ("start", "end")]
        return {"type": "array", "prefixItems": ends, "minItems": 2, "maxItems": 2}


Frame = Annotated[tuple[int | None, int | None], _Frame()]


class Window(Step):
    """Add columns that are computed from neighbouring rows: running totals, moving means, ranks, previous values."""

    verb: ClassVar[str] = "window"
    window: Annotated[dict[ColumnName, WindowMeasure], Field(min_length=1, max_length=100)]
    """Aggregates and row functions by the new column's name, such as {"ma20": "mean(close)", "past": "lag(close)"}."""
    by: Columns = ()
    """Rows that differ in these columns have nothing to do with each other."""
    order: Order = ()
    """What puts the rows in order, such as ["day"]; by default they stay as they come."""
    frame: Frame | None = None
    """The rows around each row that its value is made of: [-19, 0] is the row and the 19 before it,
    ["start", 0] all up to it. By default: with an order, all up to it; without one, all."""


class Pivot(Step):
    """Turn the values of a column into columns: long rows become wide ones."""

    verb: ClassVar[str] = "pivot"
    pivot: ColumnName
    """The column whose values name the new columns."""
    value: Measure
    """What stands in them, such as "sum(revenue)"."""
    by: Columns = ()
    """The columns that stay; each combination of their values is one row."""


class _Into(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        named = isinstance(value, list | tuple) and len(value) == 2 and len(set(map(str, value))) == 2
        if not named or not all(
            isinstance(name, str) and 0 < len(name.strip()) <= limits.label_chars for name in value
        ):
            wrong(f'must be a list of two names such as ["region", "sales"], not {show(value)}')
        return tuple(value)

    def schema(self) -> JsonSchemaValue:
        return {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2, "maxItems": 2}


class Unpivot(Step):
    """Turn columns into rows: wide rows become long ones."""

    verb: ClassVar[str] = "unpivot"
    unpivot: Annotated[Columns, Field(min_length=1)]
    """The columns to put under each other; they hold values of one type. All other columns are repeated."""
    into: Annotated[tuple[str, str], _Into()] = ("name", "value")
    """The names of the two new columns: of the names, and of the values."""


class Sort(Step):
    """Put the rows in order. Missing values come last."""

    verb: ClassVar[str] = "sort"
    sort: Annotated[Order, Field(min_length=1)]
    """One column or more: "day", "-price" from high to low, ["region", "-price"]."""


class _Top(Checked):
    """A number of rows, or {"column": number of its values}."""

    most = 10_000

    def check(self, value: Any, limits: Limits) -> Any:
        field, count = None, value
        if isinstance(value, dict):
            if len(value) != 1:
                wrong('must be a number of rows, or a column with a number such as {"region": 5}')
            ((field, count),) = value.items()
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= self.most:
            wrong(f"must be a whole number from 1 to {self.most}, not {show(count)}", at=field or "")
        return (field, count)

    def schema(self) -> JsonSchemaValue:
        count = {"type": "integer", "minimum": 1, "maximum": self.most}
        named = {"type": "object", "additionalProperties": count, "minProperties": 1, "maxProperties": 1}
        return {"anyOf": [count, named]}


class Top(Step):
    """Keep the largest: of the rows, or of the values of a column."""

    verb: ClassVar[str] = "top"
    top: Annotated[tuple[str | None, int], _Top()]
    """How many rows, or of which column how many values: 10, or {"country": 5}."""
    by: Name | None = None
    """What makes them large: a column, or for values of a column an aggregate such as "sum(sales)"; "-" before it keeps
    the smallest. By default rows keep their order, and values count their rows."""
    other: Label | None = None
    """What the values that are left out are renamed to; without it their rows are dropped."""

    @model_validator(mode="after")
    def _other_of_values(self) -> Self:
        if self.other is not None and self.top[0] is None:
            wrong('\'other\' renames values: say of which column, such as "top": {"country": 5}', at="other")
        return self


class _FillValue(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, dict):
            if set(value) != {"value"}:
                wrong('must be a value, "previous", "next", "linear", or {"value": ...}')
            return ("value", check_scalar(value["value"], limits, at="value"))
        if isinstance(value, str) and value in FILL_METHODS:
            return (value, None)
        return ("value", check_scalar(value, limits))

    def schema(self) -> JsonSchemaValue:
        scalar = {"type": ["number", "string", "boolean"]}
        return {
            "anyOf": [
                scalar,
                {
                    "type": "object",
                    "properties": {"value": scalar},
                    "required": ["value"],
                    "additionalProperties": False,
                },
            ]
        }


FILL_METHODS: Final = ("previous", "next", "linear")
FillValue = Annotated[tuple[str, bool | int | float | str | None], _FillValue()]


class _Every(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, str):
            if value not in CUT_UNITS:
                near = did_you_mean(suggest(value, CUT_UNITS)) or f"; there are {any_of(CUT_UNITS)}"
                wrong(f"no unit {show(value)}{near}")
            return value
        return Between(1e-12, 1e12).check(value, limits)

    def schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"enum": list(CUT_UNITS)}, Between(1e-12, 1e12).schema()]}


CUT_UNITS: Final[tuple[str, ...]] = CutUnit.__args__  # type: ignore[attr-defined]  # the words of the Literal


class Fill(Step):
    """Put something where values are missing, and add the rows that are missing between the first and the last."""

    verb: ClassVar[str] = "fill"
    fill: Annotated[dict[ColumnName, FillValue], Field(min_length=1, max_length=100)]
    """What to put into which columns: a value, "previous", "next", or "linear" between both: {"sales": 0}."""
    by: Columns = ()
    """Groups of rows that are filled apart from each other."""
    order: ColumnName | None = None
    """What puts the rows in order; by default they stay as they come."""
    every: Annotated[str | float, _Every()] | None = None
    """Rows are added where order has none: for each "day" (or other unit) of times, or each so much of numbers."""

    @model_validator(mode="after")
    def _every_of_order(self) -> Self:
        if self.every is not None and self.order is None:
            wrong("'every' needs 'order': the column in which places are missing", at="every")
        if self.every is not None and (self.order in self.fill or self.order in self.by):
            wrong("'order' is what is completed, so it cannot be in 'fill' or 'by'", at="order")
        return self


class Downsample(Step):
    """Keep only so many rows that a line of them looks like that of all: the ends and extremes of each stretch."""

    verb: ClassVar[str] = "downsample"
    downsample: Annotated[int, Between(4, 100_000)]
    """How many rows are kept at most, of each group."""
    order: ColumnName
    """The column along which the rows are cut into stretches of equally many."""
    of: ColumnName | None = None
    """The column whose least and greatest values are kept; without it, the first row of each stretch is."""
    by: Columns = ()
    """Groups of rows, such as the lines of a chart."""


STEPS: Final[dict[str, type[Step]]] = {
    step.verb: step
    for step in (
        Filter, Derive, Aggregate, Bins, Truncate, Window, Pivot, Unpivot, Sort, Top, Fill, Downsample,
    )
}  # fmt: skip
"""The class of each step, by its verb."""
VERBS_ELSEWHERE: Final = {
    "assign": "derive", "calculate": "derive", "complete": "fill", "compute": "derive", "fold": "unpivot",
    "formula": "derive", "groupby": "aggregate", "group_by": "aggregate", "having": "filter", "head": "top",
    "impute": "fill", "limit": "top", "melt": "unpivot", "mutate": "derive", "order": "sort", "orderby": "sort",
    "order_by": "sort", "resample": "truncate", "rolling": "window", "select": "derive", "summarize": "aggregate",
    "timeunit": "truncate", "timeUnit": "truncate", "where": "filter",
}  # fmt: skip
"""What other languages call the verbs."""


def step_class(sent: object) -> type[Step] | None:
    """The class of a step in a document: that of the verb it has, if it has one."""
    verbs = [name for name in sent if name in STEPS] if isinstance(sent, dict) else []
    return STEPS[verbs[0]] if len(verbs) == 1 else None


def _read_step(value: Any, handler: Any, info: ValidationInfo) -> Any:
    """Choose the class by the verb, so that errors are those of what was meant, and not of each of twelve classes."""
    if isinstance(value, Step):
        return value
    if not isinstance(value, dict):
        wrong(f'must be an object such as {{"filter": "price > 10"}}, not {show(value)}')
    found = step_class(value)
    if found is not None:
        return found.model_validate(value, context=limits_of(info))
    verbs = [name for name in value if name in STEPS]
    if verbs:
        wrong(f"a step has one verb, and this has {' and '.join(map(show, verbs))}; make a step of each", at=verbs[1])
    for name in value:
        other = VERBS_ELSEWHERE.get(name)
        near = [other] if other else suggest(name, STEPS)
        if near:
            wrong(f"unknown field {show(name)}{did_you_mean(near)}", at=name)
    first = next(iter(value), "")
    unknown = f"unknown field {show(first)}; " if first and not verbs_with(first) else ""
    return wrong(f"{unknown}a step has one of the verbs {listed(STEPS)}", at=first if unknown else "")


def verbs_with(name: str) -> list[str]:
    """The verbs of the steps that have a field of this name."""
    return [verb for verb, step in STEPS.items() if name in step.model_fields]


def reads_clock(steps: Iterable[Step]) -> bool:
    """Whether an expression of the steps has a value that depends on when it is computed."""
    expressions: list[Expression] = []
    for step in steps:
        if isinstance(step, Filter):
            expressions.append(step.filter)
        elif isinstance(step, Derive):
            expressions += step.derive.values()
    return any(map(_has_clock, expressions))


def _has_clock(expression: Expression) -> bool:
    return any(isinstance(node, Call) and node.name in CLOCK_FUNCTIONS for node in walk(expression.root))


def _count_steps(value: Any, info: ValidationInfo) -> Any:
    most = limits_of(info).steps
    if not isinstance(value, list | tuple):
        wrong(f'must be a list of steps such as [{{"filter": "price > 10"}}], not {show(value)}')
    if len(value) > most:
        wrong(f"has at most {most} steps, not {len(value)}")
    return tuple(value)


AnyStep = Annotated[
    Filter | Derive | Aggregate | Bins | Truncate | Window | Pivot | Unpivot | Sort | Top | Fill | Downsample,
    WrapValidator(_read_step),
]
Transform = Annotated[
    tuple[AnyStep, ...], Field(json_schema_extra={"maxItems": LIMITS.steps}), BeforeValidator(_count_steps)
]
"""The steps of a transform, in their order."""


_MOMENTS: Final = CLOCK_FUNCTIONS | {"date_add", "date_trunc"}
"""The calls that a parameter's text may consist of to be an expression without being called one."""


class _Params(Checked):
    """Values by name: a number, a text, true or false, a list of them for `in $name`, or an expression."""

    def check(self, value: Any, limits: Limits) -> Any:
        if not isinstance(value, dict):
            wrong(f'must be an object such as {{"since": "2026-01-01"}}, not {show(value)}')
        if len(value) > 100:
            wrong(f"has at most 100 parameters, not {len(value)}")
        found: dict[str, Any] = {}
        for name, given in value.items():
            if not PLAIN_NAME.fullmatch(name[:41]) or len(name) > 40:
                wrong("the name of a parameter has at most 40 letters, digits and _", at=name)
            found[name] = _read_param(given, name, limits)
        return found

    def schema(self) -> JsonSchemaValue:
        scalar = {"type": ["number", "string", "boolean"]}
        values = {"type": "array", "items": scalar, "minItems": 1, "maxItems": LIMITS.param_items}
        text = {"type": "string", "minLength": 1, "maxLength": LIMITS.expression_chars}
        objects = [
            {"type": "object", "properties": {key: kind}, "required": [key], "additionalProperties": False}
            for key, kind in (("expression", text), ("value", scalar))
        ]
        names = {"pattern": r"^[^\W\d]\w*$", "maxLength": 40}
        return {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": {"anyOf": [scalar, values, *objects]},
        }


def _read_param(given: Any, name: str, limits: Limits) -> ParamValue:
    """What a parameter is. A text is a text, but for one that is wholly a call such as ago('30d')."""
    if isinstance(given, dict):
        return _read_object(given, name, limits)
    if isinstance(given, list | tuple):
        if not 1 <= len(given) <= limits.param_items:
            wrong(f"a list of a parameter holds from 1 to {limits.param_items} values, not {len(given)}", at=name)
        for item in given:
            _check_param(item, name, limits)
        return tuple(given)
    _check_param(given, name, limits)
    found: ParamValue = given
    return _short_form(found, limits) or found if isinstance(found, str) else found


def _read_object(given: dict[str, Any], name: str, limits: Limits) -> ParamValue:
    """{"expression": ...} is computed when the chart is drawn; {"value": ...} is never taken for one."""
    if set(given) == {"value"}:
        _check_param(given["value"], name, limits)
        value: ParamValue = given["value"]
        return value
    text = given.get("expression")
    if set(given) != {"expression"} or not isinstance(text, str):
        wrong('must be a value, {"value": ...}, or {"expression": "ago(\'30d\')"}', at=name)
    try:
        expression = parse_expression(text, limits)
    except ExpressionError as error:
        wrong(str(error), at=name)
    for node in walk(expression.root):
        if isinstance(node, ColumnNode | ParamNode):
            what = f"the column {show(node.name)}" if isinstance(node, ColumnNode) else f"the parameter '${node.name}'"
            wrong(f"a parameter is the same for all rows: it cannot read {what}", at=name)
    return expression


def _short_form(text: str, limits: Limits) -> Expression | None:
    """The expression that a text is, if it is nothing but calls that give a moment by the clock."""
    if "(" not in text or not any(name in text for name in CLOCK_FUNCTIONS):
        return None
    try:
        expression = parse_expression(text, limits)
    except ExpressionError:
        return None
    parts = list(walk(expression.root))
    calls = all(
        isinstance(node, LiteralNode | Unary) or (isinstance(node, Call) and node.name in _MOMENTS) for node in parts
    )
    return expression if calls and isinstance(expression.root, Call) and _has_clock(expression) else None


def _check_param(value: Any, name: str, limits: Limits) -> None:
    """One value of a parameter."""
    if not isinstance(value, str | int | float):
        wrong(f"must be a number, a text, true, false or a list of them, not {show(value)}", at=name)
    check_scalar(value, limits, at=name)


ParamValue = bool | int | float | str | tuple[bool | int | float | str, ...] | Expression
Params = Annotated[dict[str, ParamValue], _Params()]
"""The parameters of a chart."""


def params_read_clock(params: Mapping[str, ParamValue]) -> bool:
    """Whether the value of a parameter depends on when it is computed."""
    return any(isinstance(value, Expression) and _has_clock(value) for value in params.values())
