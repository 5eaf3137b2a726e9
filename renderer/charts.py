"""Charts in Python: typed functions that make chart specs. What is wrong, the type checker says.

::

    from renderer import charts as c

    c.chart(
        c.bar(x="quarter", y="sum(revenue)", color="region", stack="grouped", labels=True),
        title="Revenue by quarter",
        data={"values": rows},
        axes={"y": {"format": "currency:EUR compact"}},
    )

What they take is what the language takes: docs/language.md. This module is made from the models of the language by
``python manage.py language --write``: change those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Required, TypedDict, Unpack

from renderer.spec.builder import Layer, Panel, Spec, layer, plain, spec

AggregateName = (
    Literal["count", "distinct", "sum", "mean", "median", "min", "max", "first"]
    | Literal["last", "std", "var", "stderr", "p05", "p10", "p25", "p75"]
    | Literal["p90", "p95", "p99"]
)
WindowFunction = (
    Literal["count", "distinct", "sum", "mean", "median", "min", "max", "first"]
    | Literal["last", "std", "var", "stderr", "p05", "p10", "p25", "p75"]
    | Literal["p90", "p95", "p99", "row_number", "rank", "dense_rank", "lag", "lead"]
)
UnitName = (
    Literal["year", "quarter", "month", "week", "day", "hour", "minute", "second"]
    | Literal["month_of_year", "weekday", "day_of_month", "hour_of_day"]
)
StepUnit = (
    Literal["year", "quarter", "month", "week", "day", "hour", "minute", "second"]
)
PaletteName = (
    Literal["petroff10", "okabe_ito", "tab10", "viridis", "cividis", "magma", "inferno", "plasma"]
    | Literal["blues", "greens", "oranges", "purples", "reds", "greys", "rdbu", "brbg"]
    | Literal["puor", "prgn", "coolwarm"]
)
Palette = PaletteName | Sequence[str]
"""A palette's name, or a list of colours."""


class EdgeStyle(TypedDict, total=False):
    """The look of filled marks with a line along their edge."""

    color: str
    """The one colour of the layer, where no color channel gives it."""
    opacity: float
    """From 0 (invisible) to 1."""
    width: float
    """Of the line, in CSS pixels."""
    dash: Literal["solid", "dashed", "dotted", "dashdot"]
    """Of the line."""


class Bin(TypedDict, total=False):
    """Numbers grouped into intervals of one width."""

    count: int
    """About how many bins; their limits are round numbers."""
    step: float
    """The width of a bin; wins over count."""


class Channel(TypedDict, total=False):
    """One property of a mark, taken from a column: "revenue", "sum(revenue)", "month(day)", or an object."""

    field: str
    """The column's name."""
    value: float | str | bool
    """The same value for all rows, instead of a column."""
    agg: AggregateName
    """How the rows that share all other channels become one value."""
    unit: UnitName
    """Dates cut to the start of this unit, or turned into a place in a cycle (month_of_year, weekday, ...)."""
    bin: bool | int | Bin
    """Numbers grouped into bins: true, a number of bins, or {"step": 5}."""
    type: Literal["number", "category", "time"]
    """Read the column as this, whatever it looks like."""
    sort: str | Sequence[float | str | bool]
    """The order of categories: "asc", "desc", "data" (as they come), a channel or column ("y", "-y", "-sum(price)"), or
    a list of values to put first."""
    top: int
    """Keep only so many categories: those with the largest total."""
    other: str
    """The name of one more category that collects what `top` leaves out."""
    title: str
    """The name in axis titles, legends and tables."""
    format: str
    """How its values are written, such as "compact", ",.1f" or "%b %Y"."""


class ColorChannel(TypedDict, total=False):
    """A channel that is shown as colour: categories by hue, numbers along a ramp."""

    field: str
    """The column's name."""
    value: float | str | bool
    """The same value for all rows, instead of a column."""
    agg: AggregateName
    """How the rows that share all other channels become one value."""
    unit: UnitName
    """Dates cut to the start of this unit, or turned into a place in a cycle (month_of_year, weekday, ...)."""
    bin: bool | int | Bin
    """Numbers grouped into bins: true, a number of bins, or {"step": 5}."""
    type: Literal["number", "category", "time"]
    """Read the column as this, whatever it looks like."""
    sort: str | Sequence[float | str | bool]
    """The order of categories: "asc", "desc", "data" (as they come), a channel or column ("y", "-y", "-sum(price)"), or
    a list of values to put first."""
    top: int
    """Keep only so many categories: those with the largest total."""
    other: str
    """The name of one more category that collects what `top` leaves out."""
    title: str
    """The name in axis titles, legends and tables."""
    format: str
    """How its values are written, such as "compact", ",.1f" or "%b %Y"."""
    palette: Palette
    """A palette's name, or a list of colours."""
    map: Mapping[str, str]
    """The colour of each category, by its name."""
    midpoint: float
    """The value in the middle of a diverging palette."""
    legend: Literal["auto", "direct", "right", "top", "bottom", "none"]
    """Where the colours are explained; "direct" puts names beside the marks."""


class FillStyle(TypedDict, total=False):
    """The look of bars."""

    color: str
    """The one colour of the layer, where no color channel gives it."""
    opacity: float
    """From 0 (invisible) to 1."""
    hatch: Literal["stripes", "back_stripes", "horizontal", "vertical", "grid", "crossed", "dots"]
    """Lines drawn over the fill, so that layers are told apart without their colour."""


class Labels(TypedDict, total=False):
    """Values written beside the marks."""

    format: str
    """How they are written; by default as the axis writes them."""
    position: Literal["auto", "inside", "outside"]
    """"auto": inside where they fit, else outside, else not at all."""


Uncertainty = TypedDict("Uncertainty", {"stat": Literal["ci", "se", "sd", "iqr", "range"], "level": float, "as": Literal["band", "bars"]}, total=False)
"""How widely the rows behind each value are spread: true, a statistic such as "sd", or an object."""


class PointStyle(TypedDict, total=False):
    """The look of points."""

    color: str
    """The one colour of the layer, where no color channel gives it."""
    opacity: float
    """From 0 (invisible) to 1."""
    marker: Literal["circle", "square", "diamond", "triangle", "triangle_down", "cross", "plus", "star"]
    size: float
    """Diameter of a marker in CSS pixels."""


class Style(TypedDict, total=False):
    """The look of filled marks."""

    color: str
    """The one colour of the layer, where no color channel gives it."""
    opacity: float
    """From 0 (invisible) to 1."""


class LineStyle(TypedDict, total=False):
    """The look of lines and of the markers on them."""

    color: str
    """The one colour of the layer, where no color channel gives it."""
    opacity: float
    """From 0 (invisible) to 1."""
    marker: Literal["circle", "square", "diamond", "triangle", "triangle_down", "cross", "plus", "star"]
    size: float
    """Diameter of a marker in CSS pixels."""
    width: float
    """In CSS pixels."""
    dash: Literal["solid", "dashed", "dotted", "dashdot"]


class ShadeChannel(TypedDict, total=False):
    """Amounts as shades of a ramp, over a range that may be fixed; or categories by hue."""

    field: str
    """The column's name."""
    value: float | str | bool
    """The same value for all rows, instead of a column."""
    agg: AggregateName
    """How the rows that share all other channels become one value."""
    unit: UnitName
    """Dates cut to the start of this unit, or turned into a place in a cycle (month_of_year, weekday, ...)."""
    bin: bool | int | Bin
    """Numbers grouped into bins: true, a number of bins, or {"step": 5}."""
    type: Literal["number", "category", "time"]
    """Read the column as this, whatever it looks like."""
    sort: str | Sequence[float | str | bool]
    """The order of categories: "asc", "desc", "data" (as they come), a channel or column ("y", "-y", "-sum(price)"), or
    a list of values to put first."""
    top: int
    """Keep only so many categories: those with the largest total."""
    other: str
    """The name of one more category that collects what `top` leaves out."""
    title: str
    """The name in axis titles, legends and tables."""
    format: str
    """How its values are written, such as "compact", ",.1f" or "%b %Y"."""
    palette: Palette
    """A palette's name, or a list of colours."""
    map: Mapping[str, str]
    """The colour of each category, by its name."""
    midpoint: float
    """The value in the middle of a diverging palette."""
    legend: Literal["auto", "direct", "right", "top", "bottom", "none"]
    """Where the colours are explained; "direct" puts names beside the marks."""
    scale: Literal["linear", "log", "sqrt", "symlog"]
    """How amounts are spread over the ramp; "log" where a few are far larger than the rest."""
    min: float
    """The amount at the low end of the ramp; less is drawn like it. By default the least of the data."""
    max: float
    """The amount at the high end of the ramp; more is drawn like it."""
    steps: int
    """Draw so many classes of one shade each instead of a smooth ramp, or about so many: their limits are round."""
    reverse: bool
    """Turn the ramp round."""


class CellLabels(TypedDict, total=False):
    """Values written into cells, in ink that stands out from the cell."""

    show: Literal["auto", "always", "never"]
    """"auto": where all of them fit; "always": in each cell that has room."""
    format: str
    """How they are written; by default as the colour's format says."""


class ContourStyle(TypedDict, total=False):
    """The look of contours."""

    color: str
    """The one colour of the layer, where no color channel gives it."""
    opacity: float
    """From 0 (invisible) to 1."""
    width: float
    """Of the lines, in CSS pixels."""


class CurveStyle(TypedDict, total=False):
    """The look of curves without markers, and of what they enclose."""

    color: str
    """The one colour of the layer, where no color channel gives it."""
    opacity: float
    """From 0 (invisible) to 1."""
    width: float
    """In CSS pixels."""
    dash: Literal["solid", "dashed", "dotted", "dashdot"]


class TrendLine(TypedDict, total=False):
    """A curve through the points of each colour: "linear", "loess", ..., or an object."""

    method: Literal["linear", "poly2", "poly3", "log", "loess"]
    """A straight line, a polynomial of the second or third degree, a line along the logarithm of x, or a local
    regression."""
    band: bool
    """Whether an interval is drawn around it."""
    confidence: float
    """How sure it is that the mean of y lies in the interval."""
    span: float
    """The share of the points that a loess looks at in one place."""
    together: bool
    """One curve for the points of all colours."""


class TableColumn(TypedDict, total=False):
    """One column of a table: "revenue", "sum(revenue)", or an object."""

    field: str
    """The column's name."""
    value: float | str | bool
    """The same value for all rows, instead of a column."""
    agg: AggregateName
    """How the rows that share all other channels become one value."""
    unit: UnitName
    """Dates cut to the start of this unit, or turned into a place in a cycle (month_of_year, weekday, ...)."""
    bin: bool | int | Bin
    """Numbers grouped into bins: true, a number of bins, or {"step": 5}."""
    type: Literal["number", "category", "time"]
    """Read the column as this, whatever it looks like."""
    sort: str | Sequence[float | str | bool]
    """The order of categories: "asc", "desc", "data" (as they come), a channel or column ("y", "-y", "-sum(price)"), or
    a list of values to put first."""
    top: int
    """Keep only so many categories: those with the largest total."""
    other: str
    """The name of one more category that collects what `top` leaves out."""
    title: str
    """The name in axis titles, legends and tables."""
    format: str
    """How its values are written, such as "compact", ",.1f" or "%b %Y"."""
    show: Literal["text", "bar", "heat", "sparkline"]
    """How amounts are shown: written; beside a bar from zero; on a shade of a ramp; or all amounts of the row's group
    as a small line, in the order of the data."""
    align: Literal["auto", "left", "center", "right"]
    """Where in the column values stand; "auto": numbers at the right, all else at the left."""
    color: str
    """The colour of bars and lines."""
    palette: Palette
    """The ramp of shades: a palette's name, or a list of colours."""
    midpoint: float
    """The amount in the middle of a diverging ramp."""


class StepColors(TypedDict, total=False):
    """The colours of steps."""

    up: str
    """Of what adds."""
    down: str
    """Of what takes away."""
    total: str
    """Of totals."""


class Source(TypedDict, total=False):
    """The data of a chart: exactly one of values, columns, rows (with header), csv, dataset, url and database."""

    values: Iterable[Mapping[str, Any]]
    """One object for each row."""
    columns: Mapping[str, Iterable[Any]]
    """One list for each column."""
    rows: Iterable[Iterable[Any]]
    """One list for each row, in the order of header."""
    header: Iterable[str]
    """The names of the columns of rows."""
    csv: str
    """Comma-separated text, the first line names the columns."""
    dataset: str
    """A dataset of the chart's owner by its name, or with a dot in it a dataset function of the operator's."""
    url: str
    """The address of a CSV, JSON or Parquet file, read each time the chart is drawn."""
    database: str
    """A database that the operator named; 'query' says what is read from it."""
    query: str
    """SQL: of a dataset, which it sees as a table of its name, or of a database."""
    params: Mapping[str, Any]
    """Parameters of a dataset function, {"store_id": 1}, or of a database's query, where :store_id stands for one."""
    types: Mapping[str, Literal["number", "category", "time"]]
    """What columns are to be read as, where their look misleads: {"zip": "category"}."""


class Filter(TypedDict, total=False):
    """Keep the rows for which a condition holds."""

    filter: Required[str]
    """A condition such as "price > 10 and region in ['EU', 'US']"."""


class Derive(TypedDict, total=False):
    """Add columns that are computed from others of the same row."""

    derive: Required[Mapping[str, str]]
    """Expressions by the new column's name, such as {"rate": "orders / sessions"}; each sees those before it."""


class Measure(TypedDict, total=False):
    """One value of many rows: "sum(revenue)", "count()", or an object."""

    agg: Required[AggregateName]
    """How the rows become one value."""
    field: str
    """The column whose values are taken; "count" without one counts rows."""


class Aggregate(TypedDict, total=False):
    """Make one row of all rows that agree in some columns."""

    aggregate: Required[Mapping[str, str | Measure]]
    """Aggregates by the new column's name, such as {"revenue": "sum(price)", "orders": "count()"}."""
    by: str | Sequence[str]
    """The columns in which rows of one group agree; without them, all rows are one group."""


class Bins(TypedDict, total=False):
    """Cut numbers down to the lower end of the interval that they lie in."""

    bin: Required[str | Mapping[str, str]]
    """A column of numbers, or {"new": "column"} to keep it."""
    count: int
    """About how many bins; their limits are round numbers. By default 20."""
    step: float
    """The width of a bin, instead of how many there are."""


class Truncate(TypedDict, total=False):
    """Cut times down to the start of the unit that they lie in, on the chart's clock."""

    truncate: Required[str | Mapping[str, str]]
    """A column of times, or {"new": "column"} to keep it."""
    unit: Required[StepUnit]
    """Weeks begin on Monday."""


class WindowMeasure(TypedDict, total=False):
    """One value of the rows around a row: an aggregate, "lag(price)", "lead(price, 7)", "row_number()", "rank()"."""

    agg: Required[WindowFunction]
    """How the rows become one value, or which row's value it is."""
    field: str
    """The column whose values are taken; "count" without one counts rows."""
    rows: int
    """For lag and lead: how many rows before, or after; by default 1."""


class Window(TypedDict, total=False):
    """Add columns that are computed from neighbouring rows: running totals, moving means, ranks, previous values."""

    window: Required[Mapping[str, str | WindowMeasure]]
    """Aggregates and row functions by the new column's name, such as {"ma20": "mean(close)", "past": "lag(close)"}."""
    by: str | Sequence[str]
    """Rows that differ in these columns have nothing to do with each other."""
    order: str | Sequence[str]
    """What puts the rows in order, such as ["day"]; by default they stay as they come."""
    frame: Sequence[Any]
    """The rows around each row that its value is made of: [-19, 0] is the row and the 19 before it, ["start", 0] all up
    to it. By default: with an order, all up to it; without one, all."""


class Pivot(TypedDict, total=False):
    """Turn the values of a column into columns: long rows become wide ones."""

    pivot: Required[str]
    """The column whose values name the new columns."""
    value: Required[str | Measure]
    """What stands in them, such as "sum(revenue)"."""
    by: str | Sequence[str]
    """The columns that stay; each combination of their values is one row."""


class Unpivot(TypedDict, total=False):
    """Turn columns into rows: wide rows become long ones."""

    unpivot: Required[str | Sequence[str]]
    """The columns to put under each other; they hold values of one type. All other columns are repeated."""
    into: Sequence[str]
    """The names of the two new columns: of the names, and of the values."""


class Sort(TypedDict, total=False):
    """Put the rows in order. Missing values come last."""

    sort: Required[str | Sequence[str]]
    """One column or more: "day", "-price" from high to low, ["region", "-price"]."""


class Top(TypedDict, total=False):
    """Keep the largest: of the rows, or of the values of a column."""

    top: Required[int | Mapping[str, int]]
    """How many rows, or of which column how many values: 10, or {"country": 5}."""
    by: str
    """What makes them large: a column, or for values of a column an aggregate such as "sum(sales)"; "-" before it keeps
    the smallest. By default rows keep their order, and values count their rows."""
    other: str
    """What the values that are left out are renamed to; without it their rows are dropped."""


class Fill(TypedDict, total=False):
    """Put something where values are missing, and add the rows that are missing between the first and the last."""

    fill: Required[Mapping[str, float | str | bool | Mapping[str, Any]]]
    """What to put into which columns: a value, "previous", "next", or "linear" between both: {"sales": 0}."""
    by: str | Sequence[str]
    """Groups of rows that are filled apart from each other."""
    order: str
    """What puts the rows in order; by default they stay as they come."""
    every: StepUnit | float
    """Rows are added where order has none: for each "day" (or other unit) of times, or each so much of numbers."""


class Downsample(TypedDict, total=False):
    """Keep only so many rows that a line of them looks like that of all: the ends and extremes of each stretch."""

    downsample: Required[int]
    """How many rows are kept at most, of each group."""
    order: Required[str]
    """The column along which the rows are cut into stretches of equally many."""
    of: str
    """The column whose least and greatest values are kept; without it, the first row of each stretch is."""
    by: str | Sequence[str]
    """Groups of rows, such as the lines of a chart."""


class Axis(TypedDict, total=False):
    """One axis. It belongs to its channel: `axes.x` is the axis of x, also where bars lie and x runs upwards."""

    title: str
    """Beside the axis; "" for none. By default the name of what is shown."""
    scale: Literal["auto", "linear", "log", "symlog", "sqrt", "time", "category"]
    min: float | str
    """The first value shown: a number, a date on a time axis, or a parameter's, such as "$since"."""
    max: float | str
    """The last value shown."""
    zero: bool
    """Whether zero must be in sight. By default it is for bars and is not for lines and points."""
    reverse: bool
    """Run from high to low."""
    format: str
    """How tick labels are written."""
    ticks: int | Sequence[float | str | bool]
    """About how many, or a list of their places."""
    grid: bool
    """Lines across the chart at the ticks. By default only for values."""
    hide: bool
    """No ticks, labels and title."""


class Axes(TypedDict, total=False):
    """The axes of a panel."""

    x: Axis
    y: Axis
    right: Axis
    """The second axis of y, for the layers that say `"y_axis": "right"`."""


class RuleNote(TypedDict, total=False):
    """A line across the chart: at y from left to right, or at x from bottom to top."""

    text: str
    """What is written at it; it never lies on other text."""
    y_axis: Literal["left", "right"]
    """The axis that y belongs to."""
    kind: Required[Literal["rule"]]
    x: float | str | bool
    y: float | str | bool
    style: EdgeStyle


class BandNote(TypedDict, total=False):
    """A shaded part of the chart: from x to x2, from y to y2, or both."""

    text: str
    """What is written at it; it never lies on other text."""
    y_axis: Literal["left", "right"]
    """The axis that y belongs to."""
    kind: Required[Literal["band"]]
    x: float | str | bool
    x2: float | str | bool
    """Its other end along x."""
    y: float | str | bool
    y2: float | str | bool
    """Its other end along y."""
    style: Style


class TextNote(TypedDict, total=False):
    """Words around a place."""

    text: Required[str]
    """The words; a line break begins another line."""
    y_axis: Literal["left", "right"]
    """The axis that y belongs to."""
    kind: Required[Literal["text"]]
    x: Required[float | str | bool]
    y: Required[float | str | bool]
    style: Style


class PointNote(TypedDict, total=False):
    """A ring around a place, with words beside it, or at the other end of an arrow."""

    text: str
    """What is written at it; it never lies on other text."""
    y_axis: Literal["left", "right"]
    """The axis that y belongs to."""
    kind: Required[Literal["point"]]
    x: Required[float | str | bool]
    y: Required[float | str | bool]
    arrow: bool
    """The words stand apart, where there is room, and an arrow leads from them to the place."""
    style: PointStyle


class Facet(TypedDict, total=False):
    """Small multiples: a panel for each value of `field`, or for each pair of `columns` and `rows`."""

    field: str | Channel
    """A panel for each of its values, in rows that wrap."""
    columns: str | Channel
    """A column of panels for each of its values."""
    rows: str | Channel
    """A row of panels for each of its values."""
    wrap: int
    """How many panels stand in a row; by default as many as give them a good shape."""
    share: Literal["all", "x", "y", "none"]
    """The axes that all panels have in common; of the others, each panel has its own."""
    sort: str | Sequence[float | str | bool]
    """The order of the panels, as the sort of a channel."""
    max: int
    """More panels than this are an error."""


class Image(TypedDict, total=False):
    """The picture. Its file has exactly width x scale by height x scale pixels."""

    width: int
    """In CSS pixels."""
    height: int
    """In CSS pixels."""
    scale: float
    """Pixels of the file for each CSS pixel; 2 is sharp on most screens."""
    format: Literal["png", "webp", "svg", "pdf"]
    """Of the file, where whoever asks for the picture names none."""
    background: str
    """A colour, or "transparent"; by default the theme's."""


Step = Filter | Derive | Aggregate | Bins | Truncate | Window | Pivot | Unpivot | Sort | Top | Fill | Downsample
"""One step of a transform."""


class ChartFields(TypedDict, total=False):
    """One chart. `{"kind": ..., "x": ...}` beside the chart's own fields is short for a chart with one layer."""

    version: bool
    title: str
    """The message of the chart, in bold above it."""
    subtitle: str
    caption: str
    """Below the chart: the source of the data, a note."""
    alt: str
    """What the picture shows, for those who do not see it; made from the data if it is not given."""
    data: Source
    transform: Sequence[Step]
    """What is done to the rows before they are drawn, step by step."""
    params: Mapping[str, float | str | bool | Sequence[float | str | bool] | Mapping[str, Any]]
    """Values that expressions, limits of axes and places of annotations use as $name: {"since": "2026-01-01"}. A text
    that is wholly a call such as "ago('30d')" or "date_trunc('year', now())" is computed each time the chart is drawn,
    and so is any {"expression": ...}; {"value": ...} keeps a text that looks like a call as it is."""
    layers: Sequence[Layer]
    """What is drawn, from back to front."""
    panels: Sequence[Panel]
    """Instead of layers: several charts in one picture."""
    arrange: Literal["rows", "columns", "grid"]
    """How panels stand: below each other, beside each other, or in a grid."""
    share_x: bool
    """All panels have the same x axis, and it is labelled once."""
    axes: Axes
    annotations: Sequence[RuleNote | BandNote | TextNote | PointNote]
    """What is written on the chart."""
    facet: Facet
    """Draw the chart once for each value of a column."""
    image: Image
    theme: str
    """"light", "dark", or one that the operator made."""
    palette: Palette
    """The colours of the chart: a palette's name, or a list of colours."""
    locale: str
    """How numbers and dates are written, such as "de-CH"."""
    currency: str
    """The money that the format "currency" means, such as "EUR"."""
    timezone: str
    """The zone of the time axis, of units such as "day", and of dates in the data that name none."""
    stable_colors: bool
    """A series keeps its colour from one drawing of the chart to the next, whichever others come, go or change places.
    Colours that a channel's `map` or a diverging order gives are not touched by it."""
    sticky_axes: bool
    """An axis of numbers keeps its limits from one drawing to the next: it grows at once where data leave it, and
    shrinks only when they fill less than half of it."""
    on_empty: Literal["keep", "placeholder", "error"]
    """What to do when no rows are left to draw: "error" fails and names the source or step, "keep" leaves the picture
    that is there, "placeholder" draws a quiet "No data", also in place of a single panel."""
    freshness: bool | str
    """true writes "Data as of ..." below the chart, by the oldest of its named sources; a text with {time} or {date} in
    it says it in other words. Rows that stand in the document have no date."""


class PanelFields(TypedDict, total=False):
    """One coordinate system with its layers."""

    title: str
    """Above the panel."""
    weight: float
    """How high it is beside the other panels of a column, or how wide in a row of panels."""
    data: Source
    """The rows of all layers that bring none of their own."""
    transform: Sequence[Step]
    """What is done to the rows before the layers draw them."""
    layers: Required[Sequence[Layer]]
    """What is drawn, from back to front."""
    axes: Axes
    annotations: Sequence[RuleNote | BandNote | TextNote | PointNote]
    """What is written on it."""
    facet: Facet
    """Draw the panel once for each value of a column, inside its place."""


class LayerFields(TypedDict, total=False):
    """What all layers have."""

    name: str
    """What the layer is called in legends."""
    data: Source
    """Rows of its own; by default those of the panel or the chart."""
    transform: Sequence[Step]
    """What is done to the rows of this layer alone, after what is done to those of the panel and the chart."""


def chart(one: Layer | None = None, /, **fields: Unpack[ChartFields]) -> Spec:
    """A chart: of one layer, ``chart(bar(...), title=...)``, of ``layers=[...]``, or of ``panels=[...]``."""
    return spec(one, fields)


def panel(**fields: Unpack[PanelFields]) -> Panel:
    """One of the panels of a chart."""
    return Panel(plain(fields))


# Kinds ----------------------------------------------------------------------------------------------------------------


class AreaFields(LayerFields, total=False):
    """The fields of ``area``."""

    style: EdgeStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to; `axes.right` says how the right one looks."""
    low: str | Channel
    """The lower edge, where the area does not stand on zero: y is its upper edge."""
    stack: Literal["stacked", "normalized", "center", "overlay"]
    """How areas of several colours share the chart: on each other, as shares of 100 %, on each other around a middle
    line, or in front of each other."""
    interpolate: Literal["linear", "step", "smooth"]
    """How points are joined: straight, holding each value until the next, or by a curve through all of them."""
    line: bool
    """A line along the upper edge. By default only where areas do not stand on each other."""


def area(**fields: Unpack[AreaFields]) -> Layer:
    """Amounts (y) along x, filled down to zero, to the colour below, or to a lower edge (low)."""
    return layer("area", fields)


class BandFields(LayerFields, total=False):
    """The fields of ``band``."""

    style: EdgeStyle
    x: Required[str | Channel]
    y: str | Channel
    """The middle: a value for each x, or, without low and high or a margin, all the rows to compute it from."""
    low: str | Channel
    """Where the stretch begins."""
    high: str | Channel
    """Where it ends."""
    margin: str | Channel
    """How far it reaches to both sides of y."""
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to."""
    stat: Literal["ci", "se", "sd", "iqr", "range"]
    """What is computed from the rows at each x: a confidence interval of the mean (the default), the mean with its
    standard error, with the standard deviation, the median with the quartiles, or the mean with the extremes."""
    level: float
    """The confidence of "ci"; 0.95 by default."""
    line: bool
    """A line through the middles. By default only where the layer is alone and has middles."""
    edges: bool
    """Lines along both edges."""
    interpolate: Literal["linear", "step", "smooth"]
    """How points are joined: straight, holding each value until the next, or by a curve through all of them."""


def band(**fields: Unpack[BandFields]) -> Layer:
    """A stripe along x, alone with a line in its middle, or behind lines."""
    return layer("band", fields)


class BarFields(LayerFields, total=False):
    """The fields of ``bar``."""

    style: FillStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to; `axes.right` says how the right one looks."""
    stack: Literal["stacked", "grouped", "normalized", "overlay", "diverging"]
    """How bars of several colours share one place: on each other, side by side, as shares of 100 %, in front of each
    other, or from a middle line to both sides."""
    horizontal: bool
    """Bars lie, and x runs upwards. By default they lie where the names of categories are long."""
    shape: Literal["bar", "lollipop"]
    labels: bool | Labels
    """Values written on the bars."""
    error: bool | Literal["ci", "se", "sd", "iqr", "range"] | Uncertainty
    """How sure the values are, if they are means or medians: true, "sd", or {"stat": "ci"}."""


def bar(**fields: Unpack[BarFields]) -> Layer:
    """Amounts (y) by category, time or bin (x), split by colour."""
    return layer("bar", fields)


class BoxFields(LayerFields, total=False):
    """The fields of ``box``."""

    style: PointStyle
    x: str | Channel
    """Categories, each with a place of its own. Without them, each colour has one."""
    y: Required[str | Channel]
    """The values, one a row, as they are."""
    color: str | ColorChannel
    horizontal: bool
    """The values run to the right, and x upwards. By default they do where the names of categories are long."""
    whiskers: Literal["minmax", "p05", "p10"] | float
    """How far whiskers reach: to the outermost value within so many interquartile ranges of the box, to the ends
    ("minmax"), or from the 5th to the 95th percentile ("p05"), the 10th to the 90th ("p10")."""
    outliers: bool
    """The values beyond the whiskers, as points."""
    notch: bool
    """Boxes get narrow around the median: where notches do not overlap, medians probably differ (McGill, 1978)."""
    mean: bool
    """A diamond at the mean."""
    labels: bool | Labels
    """The medians, written beside the boxes."""


def box(**fields: Unpack[BoxFields]) -> Layer:
    """A box from the lower to the upper quartile with a line at the median, and whiskers to the values around it."""
    return layer("box", fields)


class BulletFields(LayerFields, total=False):
    """The fields of ``bullet``."""

    style: Style
    label: str | Channel
    """The name of each row; without it there is one row."""
    value: Required[str | Channel]
    """The measure."""
    target: float | str | Channel
    """What the measure should be: a number for all rows, or a column."""
    bands: Sequence[float | str | Channel]
    """Where one band ends and the next begins, in ascending order: numbers, or columns with one for each row."""
    min: float | str | Channel
    """Where the scale begins; 0 by default, or below the smallest value."""
    max: float | str | Channel
    """Where the scale ends; by default beyond all that is shown."""
    scale: Literal["own", "shared"]
    """Each row has a scale of its own, as measures of different units need, or all have one."""
    format: str
    """How numbers are written."""


def bullet(**fields: Unpack[BulletFields]) -> Layer:
    """For each name (label) a bar up to the value, a mark at the target, and bands behind both."""
    return layer("bullet", fields)


class BumpFields(LayerFields, total=False):
    """The fields of ``bump``."""

    style: LineStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to; `axes.right` says how the right one looks."""
    label: str | Channel
    """What the lines are called; by default the categories of `color`."""
    highlight: Sequence[str]
    """The lines that matter, by name: only these are coloured."""
    rank: Literal["high", "low", "given"]
    """Whether the highest or the lowest y comes first; "given" says that y is the rank."""


def bump(**fields: Unpack[BumpFields]) -> Layer:
    """The rank of each label by y, from place to place along x."""
    return layer("bump", fields)


class CalendarFields(LayerFields, total=False):
    """The fields of ``calendar``."""

    style: Style
    date: Required[str | Channel]
    """The day; times are cut to days, in the chart's time zone."""
    color: Required[str | ShadeChannel]
    week_start: Literal["auto", "monday", "sunday", "saturday"]
    """The first day of the week; "auto" as it is where the chart's locale is at home."""
    layout: Literal["auto", "across", "down", "months"]
    """A strip of weeks for each year, across or down, or a block for each month; "auto": the one whose days are the
    largest."""
    labels: bool | CellLabels
    """The amounts written into the cells. By default where all of them fit."""


def calendar(**fields: Unpack[CalendarFields]) -> Layer:
    """A cell for each day, coloured by an amount (or by a category); a block for each year."""
    return layer("calendar", fields)


class CandlestickFields(LayerFields, total=False):
    """The fields of ``candlestick``."""

    style: Style
    x: Required[str | Channel]
    open: Required[str | Channel]
    """The first price of a period."""
    high: Required[str | Channel]
    """The highest."""
    low: Required[str | Channel]
    """The lowest."""
    close: Required[str | Channel]
    """The last."""
    shape: Literal["candle", "hollow", "ohlc"]
    """Filled bodies, bodies that are empty where the price rose, or bars with a tick at the left for the first price
    and one at the right for the last."""
    up: str
    """The colour of a price that rose."""
    down: str
    """The colour of a price that fell."""
    gaps: bool
    """Whether days without trade keep their width. By default they do not, where all rows are working days."""


def candlestick(**fields: Unpack[CandlestickFields]) -> Layer:
    """A period's first, highest, lowest and last price at x; shorter data become longer periods by aggregates, such as
    "week(day)" with "first(open)", "max(high)", "min(low)" and "last(close)"."""
    return layer("candlestick", fields)


class ChoroplethFields(LayerFields, total=False):
    """The fields of ``choropleth``."""

    style: Style
    map: Literal["world", "africa", "asia", "europe", "north_america", "south_america", "oceania", "us_states"]
    """The part of the world that is shown."""
    projection: Literal["equal_earth", "natural_earth", "mercator", "equirectangular", "azimuthal", "albers_usa"]
    """How it is laid flat. By default areas are true: "equal_earth" for the world, "azimuthal" around the middle of a
    continent, and "albers_usa", which brings Alaska and Hawaii near, for the United States."""
    region: Required[str | Channel]
    """Countries by ISO 3166 code (DE, DEU, 276) or by name in English or the chart's language; states of the United
    States by postal code, name or FIPS code."""
    color: Required[str | ShadeChannel]
    classes: int | Sequence[float]
    """Few colours instead of a smooth ramp: a number of classes with as many regions in each, or the limits between
    them. For classes of one width give the color channel "steps"."""
    labels: bool | Labels
    """Values written in the regions where they fit."""


def choropleth(**fields: Unpack[ChoroplethFields]) -> Layer:
    """Countries or states (region) filled by colour. Shares and amounts per head suit it; totals suit point maps."""
    return layer("choropleth", fields)


class ContourFields(LayerFields, total=False):
    """The fields of ``contour``."""

    style: ContourStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ShadeChannel
    """An amount at each x and y (on a grid, or anywhere: it is interpolated between); or categories, whose densities
    are drawn each by itself; or nothing, for the density of all points."""
    shape: Literal["filled", "lines"]
    levels: int | Sequence[float]
    """About how many, or a list: of amounts, or for densities of shares, such as [0.5, 0.9] for the regions that hold a
    half and nine tenths of the points."""
    bandwidth: float
    """Of densities: how smooth they are, as a multiple of the usual (Scott's rule)."""


def contour(**fields: Unpack[ContourFields]) -> Layer:
    """Where points are dense, as the regions that hold given shares of them; or, with an amount as colour, where it is
    equally large."""
    return layer("contour", fields)


class CorrelationFields(LayerFields, total=False):
    """The fields of ``correlation``."""

    style: Style
    columns: Required[Sequence[str | Channel]]
    """Columns of numbers."""
    method: Literal["pearson", "spearman"]
    """Of the amounts, or of their ranks, which outliers and bent relations disturb less."""
    order: Literal["given", "similar"]
    """"similar" puts columns that go together beside each other."""
    half: bool
    """Each pair once; false: the whole square with its diagonal."""
    labels: bool | CellLabels
    """The correlations written into the cells. By default where all of them fit."""


def correlation(**fields: Unpack[CorrelationFields]) -> Layer:
    """A cell for each pair of columns, from -1 (one falls as the other rises) to 1 (both rise together)."""
    return layer("correlation", fields)


class DensityFields(LayerFields, total=False):
    """The fields of ``density``."""

    style: CurveStyle
    x: Required[str | Channel]
    color: str | ColorChannel
    """A curve for each category."""
    stack: Literal["overlay", "stacked", "normalized"]
    """How curves of several colours share the place: in front of each other, on each other, or as shares of 100 %."""
    normalize: Literal["each", "all", "count"]
    """What the area under a curve is: 1 for each colour, 1 for all together, or the number of rows. By default "each"
    where curves lie in front of each other, else "all"."""
    fill: bool
    """Colour under the curves."""
    rug: bool
    """A short line at the bottom for each value."""
    bandwidth: Literal["auto", "scott"] | float
    """How far each value is smeared: by Silverman's rule of thumb ("auto"), by Scott's rule ("scott"), or so far."""
    adjust: float
    """What the bandwidth is multiplied by: 0.5 shows more of the detail, 2 less."""
    trim: bool
    """End at the outermost values; by default the curve runs out beyond them."""


def density(**fields: Unpack[DensityFields]) -> Layer:
    """A kernel density estimate of x: a curve that is high where there are many rows."""
    return layer("density", fields)


class DonutFields(LayerFields, total=False):
    """The fields of ``donut``."""

    style: Style
    label: Required[str | ColorChannel]
    """The name of each slice, and its colour. Slices run from the largest to the smallest, unless `sort` says otherwise
    ("data" keeps the order of the rows)."""
    value: Required[str | Channel]
    """The size of each slice: zero or more."""
    labels: bool | Labels
    """Names and sizes written at the slices: "auto" and "outside" put them in columns beside the pie, "inside" into the
    slices that have room. false leaves the names to a legend."""
    show: Literal["percent", "value", "both"]
    """How sizes are written: as parts of the whole, as they are, or both."""
    group_below: float
    """Slices with a smaller part of the whole than this are collected into one."""
    other: str
    """The name of the slice that collects the small ones."""
    half: bool
    """Half a circle, from nine o'clock to three."""
    start: float
    """Where a whole circle begins, in degrees clockwise from twelve o'clock."""
    hole: float
    """The diameter of the hole, as a part of the whole."""
    center: str
    """What stands in the middle: a large line, and small ones below it; "" for nothing. By default the total."""


def donut(**fields: Unpack[DonutFields]) -> Layer:
    """Parts of a whole as sectors of a ring, with words in its middle."""
    return layer("donut", fields)


class DumbbellFields(LayerFields, total=False):
    """The fields of ``dumbbell``."""

    style: LineStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to; `axes.right` says how the right one looks."""
    y2: str | Channel
    """The other end, where it is in a column of its own."""
    horizontal: bool
    """Lines lie, and x runs down the side. By default they do where x holds categories."""
    labels: bool | Labels
    """Amounts written beyond the ends, or "inside" between them."""


def dumbbell(**fields: Unpack[DumbbellFields]) -> Layer:
    """Points at the amounts (y) of each category (x), joined by a line; told apart by `color`, or in the two columns y
    and y2."""
    return layer("dumbbell", fields)


class ECDFFields(LayerFields, total=False):
    """The fields of ``ecdf``."""

    style: CurveStyle
    x: Required[str | Channel]
    color: str | ColorChannel
    """A line for each category."""
    stat: Literal["percent", "count"]
    """What the height means: a share of the rows of each colour, or their number."""
    complement: bool
    """The rows above each value instead: what is left, as in survival curves."""
    quantiles: Sequence[float]
    """Shares whose values are marked and written, such as [0.5] for the median."""


def ecdf(**fields: Unpack[ECDFFields]) -> Layer:
    """The share of rows up to each value of x: a line of steps from nothing to all."""
    return layer("ecdf", fields)


class ErrorBarFields(LayerFields, total=False):
    """The fields of ``errorbar``."""

    style: LineStyle
    x: Required[str | Channel]
    y: str | Channel
    """The middle: a value for each x, or, without low and high or a margin, all the rows to compute it from."""
    low: str | Channel
    """Where the stretch begins."""
    high: str | Channel
    """Where it ends."""
    margin: str | Channel
    """How far it reaches to both sides of y."""
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to."""
    stat: Literal["ci", "se", "sd", "iqr", "range"]
    """What is computed from the rows at each x: a confidence interval of the mean (the default), the mean with its
    standard error, with the standard deviation, the median with the quartiles, or the mean with the extremes."""
    level: float
    """The confidence of "ci"; 0.95 by default."""
    points: bool
    """A point in the middle. By default only where the layer is alone."""
    caps: bool
    """Short strokes across the ends."""
    horizontal: bool
    """The strokes lie, and x runs upwards."""
    labels: bool | Labels
    """The values of the middles, written beside them."""


def errorbar(**fields: Unpack[ErrorBarFields]) -> Layer:
    """A stroke along y at each x, alone with a point in its middle, or on bars and lines."""
    return layer("errorbar", fields)


class FunnelFields(LayerFields, total=False):
    """The fields of ``funnel``."""

    style: Style
    label: Required[str | Channel]
    """The name of each stage, in their order."""
    value: Required[str | Channel]
    """How many reach the stage: zero or more."""
    percent: Literal["both", "first", "previous", "none"]
    """What is written beside the amounts: the part of the first stage, at the right, and of the previous one, between
    the stages."""
    align: Literal["center", "left"]
    """Where bars stand."""
    labels: bool | Labels
    """Amounts written on the bars, or beside those that are too short."""


def funnel(**fields: Unpack[FunnelFields]) -> Layer:
    """Amounts (value) of stages (label), one below the other, with what each passes on."""
    return layer("funnel", fields)


class GanttFields(LayerFields, total=False):
    """The fields of ``gantt``."""

    style: Style
    task: Required[str | Channel]
    """What is done; tasks stand in the order of the data, or of the channel's `sort`, such as "start"."""
    start: Required[str | Channel]
    """The moment at which it starts."""
    end: str | Channel
    """The moment at which it ends; a date is the moment at which that day begins."""
    progress: str | Channel
    """The share that is done, from 0 to 1."""
    group: str | Channel
    """What the tasks are grouped under."""
    color: str | ColorChannel
    label: str | Channel
    """What is written on the bars, or beside them."""
    today: float | str
    """A line through the chart at this moment."""


def gantt(**fields: Unpack[GanttFields]) -> Layer:
    """A bar for each row, from its start to its end, in the line of its task; without an end, a milestone."""
    return layer("gantt", fields)


class GaugeFields(LayerFields, total=False):
    """The fields of ``gauge``."""

    style: Style
    title: str
    """What the value is, below it. In the short form this is the title of the chart."""
    value: Required[str | Channel]
    """The value: an aggregate such as "last(cpu)", or a column, whose last row counts."""
    min: float | str | Channel
    """Where the scale begins; 0 by default."""
    max: float | str | Channel
    """Where the scale ends; 100 by default."""
    target: float | str | Channel
    """A mark across the scale."""
    bands: Sequence[float]
    """Where one band ends and the next begins, in ascending order: [70, 90] makes three bands."""
    colors: Sequence[str]
    """The colours of the bands, from the lowest up, or the one of a scale without bands."""
    good: Literal["low", "high"]
    """Which end of the bands is green: loads are good when low, ratings when high."""
    sweep: float
    """How far the scale reaches around, in degrees; 180 is half a circle."""
    format: str
    """How numbers are written."""


def gauge(**fields: Unpack[GaugeFields]) -> Layer:
    """One value on a round scale from min to max, with bands that say how good it is."""
    return layer("gauge", fields)


class HeatmapFields(LayerFields, total=False):
    """The fields of ``heatmap``."""

    style: Style
    x: Required[str | Channel]
    """Across: categories, dates (with a unit such as "month(day)"), or numbers, which may be put into bins."""
    y: Required[str | Channel]
    """Upwards, or downwards in the order of categories."""
    color: Required[str | ShadeChannel]
    labels: bool | CellLabels
    """The amounts written into the cells. By default where all of them fit."""
    gap: float
    """Pixels between the cells of categories."""


def heatmap(**fields: Unpack[HeatmapFields]) -> Layer:
    """A cell for each x and y, coloured by an amount (or by a category)."""
    return layer("heatmap", fields)


class HexbinFields(LayerFields, total=False):
    """The fields of ``hexbin``."""

    style: Style
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ShadeChannel
    """What the rows of a cell come to: "count()", which is the default, or an amount such as "mean(price)"."""
    least: int
    """Leave out cells with fewer rows: the mean of one row says little."""
    bins: int
    """About how many hexagons from left to right."""


def hexbin(**fields: Unpack[HexbinFields]) -> Layer:
    """Hexagons coloured by how many rows are in them, or by an amount of those rows."""
    return layer("hexbin", fields)


class HistogramFields(LayerFields, total=False):
    """The fields of ``histogram``."""

    style: FillStyle
    x: Required[str | Channel]
    color: str | ColorChannel
    bins: Literal["auto"] | int
    """How many bins, at most; "auto" follows the data."""
    stat: Literal["count", "percent", "density", "probability"]
    """What the height means; all but count make groups of different size comparable."""
    cumulative: bool
    """Each bar holds those before it, too."""
    density: bool
    """A smooth curve over the bars: a kernel density estimate."""
    stack: Literal["stacked", "overlay", "step"]
    """How bars of several colours share one place; "step" draws outlines only."""
    labels: bool | Labels
    """The heights, written on the bars where there is room."""


def histogram(**fields: Unpack[HistogramFields]) -> Layer:
    """Bars over bins of x, as high as there are rows in them."""
    return layer("histogram", fields)


class Histogram2DFields(LayerFields, total=False):
    """The fields of ``histogram2d``."""

    style: Style
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ShadeChannel
    """What the rows of a cell come to: "count()", which is the default, or an amount such as "mean(price)"."""
    least: int
    """Leave out cells with fewer rows: the mean of one row says little."""
    bins: int
    """About how many cells along each axis; their limits are round. An axis may have its own: "x": {"field": "price",
    "bin": {"step": 5}}."""


def histogram2d(**fields: Unpack[Histogram2DFields]) -> Layer:
    """Rectangles coloured by how many rows are in them, or by an amount of those rows."""
    return layer("histogram2d", fields)


class IntervalFields(LayerFields, total=False):
    """The fields of ``interval``."""

    style: LineStyle
    x: str | Channel
    """Categories, each with a place of its own. Without them, each colour has one."""
    y: Required[str | Channel]
    """The values, one a row, as they are."""
    color: str | ColorChannel
    horizontal: bool
    """The values run to the right, and x upwards. By default they do where the names of categories are long."""
    low: str | Channel
    """Where the range begins, if the data say it; then each row is one point."""
    high: str | Channel
    """Where it ends."""
    center: Literal["mean", "median"]
    """What the point is; by default the mean."""
    range: Literal["ci", "se", "sd", "iqr", "p05", "p10", "minmax"]
    """What the line is: a confidence interval of the mean, the standard error or the standard deviation to both sides,
    the middle half, from the 5th to the 95th or the 10th to the 90th percentile, or from the least to the largest
    value. By default "ci" around a mean, and "iqr" around a median."""
    level: float
    """How sure a confidence interval is."""
    caps: bool
    """Short strokes across the ends of the line."""
    labels: bool | Labels
    """The values of the points."""


def interval(**fields: Unpack[IntervalFields]) -> Layer:
    """A point at y with a line through it: from the rows of each place, or from low to high."""
    return layer("interval", fields)


class KpiFields(LayerFields, total=False):
    """The fields of ``kpi``."""

    style: Style
    title: str
    """What the number is, above it. In the short form this is the title of the chart."""
    x: str | Channel
    """What the trend runs along, mostly dates. If the trend is aggregated, rows are grouped by it ("month(day)"), and
    the number is that of the last group."""
    value: Required[str | Channel]
    """The number: an aggregate such as "last(revenue)", or a column, whose last row counts."""
    compare: float | str | Channel
    """What the number is compared with: "first(revenue)", another column, or a number such as a target. Its title is
    written after the change, such as "vs last month"."""
    trend: str | Channel
    """A column drawn as a small line below or beside the number."""
    trend_shape: Literal["area", "line", "bar"]
    """How the trend is drawn."""
    change: Literal["percent", "value", "both"]
    """How the difference to what is compared is written."""
    good: Literal["up", "down", "neither"]
    """Which way is good, and green; costs go down."""
    format: str
    """How the number is written."""


def kpi(**fields: Unpack[KpiFields]) -> Layer:
    """A large number (value), its change (compare) and its course (trend)."""
    return layer("kpi", fields)


class LineFields(LayerFields, total=False):
    """The fields of ``line``."""

    style: LineStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to; `axes.right` says how the right one looks."""
    dash: str | Channel
    """A column whose categories are told apart by dashes."""
    interpolate: Literal["linear", "step", "smooth"]
    """How points are joined: straight, holding each value until the next, or by a curve through all of them."""
    markers: bool
    """A marker at each point. By default only where points are few."""
    previous: Literal["year", "quarter", "month", "week", "day"] | str | Mapping[str, Any]
    """A period of time, "year", "30d" or {"by": "year", "name": "2014"}: only its rows are drawn, and behind them those
    of the period before it, dashed and on the dates of this one. "year", "quarter", "month", "week" and "day" are those
    of the calendar in which the latest row lies; a span ends with the latest row."""
    gaps: bool
    """Missing values interrupt the line; false joins their neighbours."""
    labels: bool | Labels
    """Values written at the points, where there is room."""
    error: bool | Literal["ci", "se", "sd", "iqr", "range"] | Uncertainty
    """How sure the values are, if they are means or medians: true, "sd", or {"stat": "ci", "as": "band"}."""


def line(**fields: Unpack[LineFields]) -> Layer:
    """Amounts (y) joined along x, one line for each colour and dash."""
    return layer("line", fields)


class PieFields(LayerFields, total=False):
    """The fields of ``pie``."""

    style: Style
    label: Required[str | ColorChannel]
    """The name of each slice, and its colour. Slices run from the largest to the smallest, unless `sort` says otherwise
    ("data" keeps the order of the rows)."""
    value: Required[str | Channel]
    """The size of each slice: zero or more."""
    labels: bool | Labels
    """Names and sizes written at the slices: "auto" and "outside" put them in columns beside the pie, "inside" into the
    slices that have room. false leaves the names to a legend."""
    show: Literal["percent", "value", "both"]
    """How sizes are written: as parts of the whole, as they are, or both."""
    group_below: float
    """Slices with a smaller part of the whole than this are collected into one."""
    other: str
    """The name of the slice that collects the small ones."""
    half: bool
    """Half a circle, from nine o'clock to three."""
    start: float
    """Where a whole circle begins, in degrees clockwise from twelve o'clock."""


def pie(**fields: Unpack[PieFields]) -> Layer:
    """Parts of a whole as sectors of a disc."""
    return layer("pie", fields)


class PointMapFields(LayerFields, total=False):
    """The fields of ``point_map``."""

    style: PointStyle
    map: Literal["world", "africa", "asia", "europe", "north_america", "south_america", "oceania", "us_states"]
    """The part of the world that is shown."""
    projection: Literal["equal_earth", "natural_earth", "mercator", "equirectangular", "azimuthal", "albers_usa"]
    """How it is laid flat. By default areas are true: "equal_earth" for the world, "azimuthal" around the middle of a
    continent, and "albers_usa", which brings Alaska and Hawaii near, for the United States."""
    lon: Required[str | Channel]
    """Longitude in degrees, positive eastwards."""
    lat: Required[str | Channel]
    """Latitude in degrees, positive northwards."""
    color: str | ShadeChannel
    size: str | Channel
    """An amount shown as the area of the point."""
    label: str | Channel
    """Names written beside the points, where there is room; the largest first."""
    land: bool
    """The land below the points. By default it is drawn where the layer is alone."""


def point_map(**fields: Unpack[PointMapFields]) -> Layer:
    """A point for each row, at its longitude and latitude."""
    return layer("point_map", fields)


class PolarBarFields(LayerFields, total=False):
    """The fields of ``polar_bar``."""

    style: Style
    x: Required[str | Channel]
    """The places around the middle."""
    y: Required[str | Channel]
    """The amounts."""
    color: str | ColorChannel
    stack: Literal["stacked", "grouped", "normalized", "overlay"]
    """How sectors of several colours share one place: on each other, side by side, as shares of 100 %, or in front of
    each other, the smaller before the larger."""
    inner: float
    """The hole in the middle, as a share of the radius."""
    start: float
    """Where the middle of the first sector is, in degrees clockwise from the top."""
    gap: float
    """The share of each place that stays empty."""
    labels: bool | Labels
    """Values written on the sectors, or beyond their ends."""


def polar_bar(**fields: Unpack[PolarBarFields]) -> Layer:
    """Amounts (y) as sectors of a wheel, one for each category (x), split by colour. Points of the compass (N, NNE,
    ...) stand where they belong; other categories follow each other clockwise from the top. In a coxcomb the areas are
    in proportion: give axes.y the scale "sqrt"."""
    return layer("polar_bar", fields)


class ProgressFields(LayerFields, total=False):
    """The fields of ``progress``."""

    style: Style
    label: str | Channel
    """The name of each bar; without it there is one bar."""
    value: Required[str | Channel]
    """How far it has come."""
    max: float | str | Channel
    """What is complete: a number for all, or a column; 1 by default."""
    target: float | str | Channel
    """A mark across each bar: where it should be."""
    color: str | ColorChannel
    """Categories of bars, such as their state."""
    shape: Literal["round", "square"]
    """How bars end."""
    show: Literal["percent", "value", "both", "none"]
    """What is written at the end of each bar: the part of what is complete, the value, or both."""
    format: str
    """How values are written."""


def progress(**fields: Unpack[ProgressFields]) -> Layer:
    """A bar for each name (label), filled up to its value."""
    return layer("progress", fields)


class RadarFields(LayerFields, total=False):
    """The fields of ``radar``."""

    style: LineStyle
    x: Required[str | Channel]
    """The spokes."""
    y: Required[str | Channel]
    """The amounts."""
    color: str | ColorChannel
    fill: bool
    """The shapes are filled, palely. By default where there are at most two."""
    markers: bool
    """A marker at each point. By default only where they are few."""
    rings: Literal["polygon", "circle"]
    """The shape of the grid."""
    spokes: Literal["shared", "own"]
    """"shared": all spokes have the scale of axes.y; "own": each ends at its own largest value, which is written there,
    for qualities of different units."""
    labels: bool | Labels
    """Values written at the points."""


def radar(**fields: Unpack[RadarFields]) -> Layer:
    """Amounts (y) along spokes (x), joined to a closed line for each colour."""
    return layer("radar", fields)


class RidgeFields(LayerFields, total=False):
    """The fields of ``ridge``."""

    style: CurveStyle
    x: Required[str | Channel]
    """The values, one a row, as they are."""
    y: Required[str | Channel]
    """Categories, from the rear to the front."""
    color: str | ColorChannel
    overlap: float
    """How far the highest curve reaches into the rows behind it, in rows; 0 keeps all apart."""
    heights: Literal["common", "own"]
    """Whether all curves share one scale, so that all have the same area, or each is as high as the others."""
    median: bool
    """A line at the median of each category."""
    bandwidth: Literal["auto", "scott"] | float
    """How far each value is smeared: by Silverman's rule of thumb ("auto"), by Scott's rule ("scott"), or so far."""
    adjust: float
    """What the bandwidth is multiplied by: 0.5 shows more of the detail, 2 less."""
    trim: bool
    """End at the outermost values; by default the curve runs out beyond them."""


def ridge(**fields: Unpack[RidgeFields]) -> Layer:
    """How x is spread in each category (y): curves in rows that overlap like mountains."""
    return layer("ridge", fields)


class SankeyFields(LayerFields, total=False):
    """The fields of ``sankey``."""

    style: Style
    source: Required[str | Channel]
    """Where a flow comes from."""
    target: Required[str | Channel]
    """Where it goes to; the source of the next step, if it has one."""
    value: Required[str | Channel]
    """How much flows; rows of one pair add up."""
    color: str | ColorChannel
    """What the ribbons are coloured by; by default the node given in `link`."""
    link: Literal["source", "target", "neutral"]
    """The end whose colour a ribbon has."""
    align: Literal["justify", "left", "right"]
    """The column of nodes that nothing flows out of: the last, or as near as can be to where they begin; "right" puts
    all nodes as far to the right as can be."""
    map: Mapping[str, str]
    """The colour of each node, by its name."""
    values: bool
    """Whether the labels tell the amounts, too."""


def sankey(**fields: Unpack[SankeyFields]) -> Layer:
    """A ribbon for each pair of source and target, as wide as its value; nodes stand in as many columns as the flows
    have steps."""
    return layer("sankey", fields)


class ScatterFields(LayerFields, total=False):
    """The fields of ``scatter``."""

    style: PointStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to; `axes.right` says how the right one looks."""
    size: str | Channel
    """An amount shown as the area of the point."""
    shape: str | Channel
    """A column whose categories are told apart by markers."""
    label: str | Channel
    """What is written beside the points, where there is room."""
    connect: str | Channel
    """The column along which the points of each colour are joined, mostly a time."""
    trend: Literal["linear", "poly2", "poly3", "log", "loess"] | TrendLine
    """What the points have in common: "linear", "poly2", "poly3", "log" or "loess"."""


def scatter(**fields: Unpack[ScatterFields]) -> Layer:
    """A point for each row, at x and y."""
    return layer("scatter", fields)


class SlopeFields(LayerFields, total=False):
    """The fields of ``slope``."""

    style: LineStyle
    x: Required[str | Channel]
    y: Required[str | Channel]
    color: str | ColorChannel
    y_axis: Literal["left", "right"]
    """The axis that y belongs to; `axes.right` says how the right one looks."""
    label: str | Channel
    """What the lines are called; by default the categories of `color`."""
    highlight: Sequence[str]
    """The lines that matter, by name: only these are coloured."""
    values: bool
    """Whether the amounts are written at both ends."""


def slope(**fields: Unpack[SlopeFields]) -> Layer:
    """Amounts (y) before and after (x), joined for each label."""
    return layer("slope", fields)


class SparklineFields(LayerFields, total=False):
    """The fields of ``sparkline``."""

    style: Style
    label: str | Channel
    """The name of each row; without it there is one row."""
    x: str | Channel
    """The order of the values: dates, numbers. By default they come as they are."""
    y: Required[str | Channel]
    """The amounts."""
    shape: Literal["line", "area", "bar", "winloss"]
    """How amounts are drawn; "winloss" only says on which side of zero they are."""
    points: Sequence[Literal["first", "last", "min", "max"]]
    """The points that get a dot."""
    band: Sequence[Any]
    """The normal range, shaded: [low, high]."""
    share_y: bool
    """All rows have one scale; by default each fills its height."""
    values: bool
    """The last value, at the end of each row."""
    change: bool
    """By how much the last value differs from the first, at the end of each row."""
    format: str
    """How values are written."""


def sparkline(**fields: Unpack[SparklineFields]) -> Layer:
    """Amounts (y) along x, without axes, in a row for each name (label), with the last value beside it."""
    return layer("sparkline", fields)


class StateTimelineFields(LayerFields, total=False):
    """The fields of ``state_timeline``."""

    style: Style
    row: Required[str | Channel]
    """What has the states: machines, jobs, rooms."""
    start: Required[str | Channel]
    """When a state begins."""
    state: Required[str | ColorChannel]
    """What the state is."""
    end: str | Channel
    """Without it, a state lasts until the next one of its row."""
    until: float | str
    """The end of the last states that have none; by default the last moment of the data."""
    labels: bool
    """Whether the names of the states are written in the lines, where they fit."""


def state_timeline(**fields: Unpack[StateTimelineFields]) -> Layer:
    """A line for each row, in the colour of its state from start to end."""
    return layer("state_timeline", fields)


class StripFields(LayerFields, total=False):
    """The fields of ``strip``."""

    style: PointStyle
    x: str | Channel
    """Categories, each with a place of its own. Without them, each colour has one."""
    y: Required[str | Channel]
    """The values, one a row, as they are."""
    color: str | ColorChannel
    horizontal: bool
    """The values run to the right, and x upwards. By default they do where the names of categories are long."""
    center: Literal["mean", "median", "none"]
    """A line across each category, at the mean or the median of its values."""
    jitter: float
    """How much of its place a strip takes: 0 puts all points on one line, 1 fills the place."""


def strip(**fields: Unpack[StripFields]) -> Layer:
    """A point for each row, at its value, within a strip for each category."""
    return layer("strip", fields)


class SwarmFields(LayerFields, total=False):
    """The fields of ``swarm``."""

    style: PointStyle
    x: str | Channel
    """Categories, each with a place of its own. Without them, each colour has one."""
    y: Required[str | Channel]
    """The values, one a row, as they are."""
    color: str | ColorChannel
    horizontal: bool
    """The values run to the right, and x upwards. By default they do where the names of categories are long."""
    center: Literal["mean", "median", "none"]
    """A line across each category, at the mean or the median of its values."""


def swarm(**fields: Unpack[SwarmFields]) -> Layer:
    """A point for each row, at its value, moved aside just as far as it takes to see all of them."""
    return layer("swarm", fields)


class TableFields(LayerFields, total=False):
    """The fields of ``table``."""

    style: Style
    columns: Required[Sequence[str | TableColumn]]
    """From left to right."""
    sort: str
    """The column by which rows are put in order, as it is written in `columns` ("sum(revenue)") or by its title; "-"
    before it for the largest first. By default rows come as in the data."""
    rows: int
    """Show only the first so many rows."""


def table(**fields: Unpack[TableFields]) -> Layer:
    """Values in rows and columns. With an aggregate or a sparkline, rows that agree in the other columns are one."""
    return layer("table", fields)


class TimelineFields(LayerFields, total=False):
    """The fields of ``timeline``."""

    style: PointStyle
    start: Required[str | Channel]
    """When it happened, or began."""
    label: Required[str | Channel]
    """What happened."""
    end: str | Channel
    """When it ended, if it lasted."""
    color: str | ColorChannel
    dates: bool
    """Whether the labels tell the dates, too."""


def timeline(**fields: Unpack[TimelineFields]) -> Layer:
    """A point on a line for each event, with its label at a pole; from start to end, a period."""
    return layer("timeline", fields)


class TreemapFields(LayerFields, total=False):
    """The fields of ``treemap``."""

    style: Style
    path: Required[Sequence[str | Channel]]
    """The names of tiles, or of groups and then of tiles: ["product"], or ["region", "product"]."""
    value: Required[str | Channel]
    """The size of each tile: zero or more."""
    color: str | ShadeChannel
    """By default groups are told apart; a column of numbers is shown along a ramp."""
    labels: bool | Labels
    """Names and sizes, on the tiles that have room for them."""
    show: Literal["value", "percent", "name"]
    """What stands below a name: the size, its part of the whole, or nothing."""


def treemap(**fields: Unpack[TreemapFields]) -> Layer:
    """Tiles as large as their amounts (value), in groups if the path has two levels."""
    return layer("treemap", fields)


class ViolinFields(LayerFields, total=False):
    """The fields of ``violin``."""

    style: Style
    x: str | Channel
    """Categories, each with a place of its own. Without them, each colour has one."""
    y: Required[str | Channel]
    """The values, one a row, as they are."""
    color: str | ColorChannel
    horizontal: bool
    """The values run to the right, and x upwards. By default they do where the names of categories are long."""
    inner: Literal["box", "quartiles", "points", "none"]
    """What is drawn inside: a slim box with whiskers, lines at the quartiles, the values, or nothing."""
    widths: Literal["same", "area", "count"]
    """Which violins are comparable: all equally wide at their widest, of the same area, or of an area that says how
    many values there are."""
    split: bool
    """Two colours share one violin, a half each."""
    bandwidth: Literal["auto", "scott"] | float
    """How far each value is smeared: by Silverman's rule of thumb ("auto"), by Scott's rule ("scott"), or so far."""
    adjust: float
    """What the bandwidth is multiplied by: 0.5 shows more of the detail, 2 less."""
    trim: bool
    """End at the outermost values; by default the curve runs out beyond them."""


def violin(**fields: Unpack[ViolinFields]) -> Layer:
    """A density curve for each category, mirrored, as wide as there are values at that height."""
    return layer("violin", fields)


class WaffleFields(LayerFields, total=False):
    """The fields of ``waffle``."""

    style: Style
    label: Required[str | ColorChannel]
    """The name of each part, and its colour. Parts run from the largest to the smallest, unless `sort` says otherwise
    ("data" keeps the order of the rows)."""
    value: Required[str | Channel]
    """The size of each part: zero or more."""
    per_square: float
    """The amount that one square stands for; without it, all squares together are the whole, 100 by default."""
    rows: int
    """How many squares are above each other; by default as many as make them large."""
    columns: int
    """How many squares are beside each other."""
    shape: Literal["square", "circle"]
    """What is counted."""
    show: Literal["percent", "value", "both"]
    """How sizes are written: as parts of the whole, as they are, or both."""
    labels: bool | Labels
    """Sizes written at the names."""


def waffle(**fields: Unpack[WaffleFields]) -> Layer:
    """A grid of squares, of which each part gets as many as are its share."""
    return layer("waffle", fields)


class WaterfallFields(LayerFields, total=False):
    """The fields of ``waterfall``."""

    style: Style
    label: Required[str | Channel]
    """The name of each step."""
    value: Required[str | Channel]
    """By how much each step changes the amount; for totals, the amount itself, or nothing: then it is added up."""
    totals: Sequence[str]
    """The steps that are no changes but amounts, by name: they stand on zero."""
    final: str
    """The name of one more bar at the end: what all adds up to."""
    connectors: bool
    """Thin lines from where a bar ends to where the next begins."""
    colors: StepColors
    """By default green for more, red for less, and grey for totals; or the first colours of the chart's palette."""
    horizontal: bool
    """Bars lie, and steps run downwards. By default they lie where the names of steps are long."""
    labels: bool | Labels
    """Values written at the bars: changes with their sign, totals without."""


def waterfall(**fields: Unpack[WaterfallFields]) -> Layer:
    """Changes (value) one after the other (label), each bar beginning where the one before ends."""
    return layer("waterfall", fields)


class WordcloudFields(LayerFields, total=False):
    """The fields of ``wordcloud``."""

    style: Style
    text: Required[str | Channel]
    """The words."""
    size: str | Channel
    """How large a word is: its area grows with the amount. By default the number of its rows."""
    color: str | ColorChannel
    """Categories by hue, or an amount as shade. By default larger words are stronger."""
    words: int
    """At most so many: the largest."""
    upright: float
    """The share of words that may be turned; level ones are easier to read."""


def wordcloud(**fields: Unpack[WordcloudFields]) -> Layer:
    """Words packed around the middle, the largest first. For amounts that are compared, take bars."""
    return layer("wordcloud", fields)


