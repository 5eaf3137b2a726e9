"""The limits of what one chart may ask for. An operator may replace() any of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit stands here once, and the error that it causes names it.

    They are budgets for one render: each was chosen so that a chart at the limit still draws within the time and
    memory of one worker process, because numbers, not shapes, are what takes a renderer down.
    """

    # The document
    body_bytes: int = 10 << 20
    json_depth: int = 12
    json_values: int = 2_500_000
    problems: int = 50

    # The picture
    side: int = 8192
    """Pixels on one side, after scale."""
    pixels: int = 16_000_000
    """Pixels of the whole picture, after scale."""

    file_bytes: int = 32 << 20
    """Bytes of one file; what is larger stalls the reader's browser."""

    # The data
    values: int = 2_000_000
    """Cells (rows times columns) of one source."""
    columns: int = 1000
    magnitude: float = 1e300
    """The largest absolute value: beyond it, tick arithmetic overflows."""
    first_year: int = 100
    last_year: int = 9900
    """Years with room for axis margins inside 0001-9999, which is all that Python's dates can hold."""

    # Datasets
    upload_bytes: int = 512 << 20
    """Bytes of an uploaded file, as it is sent."""
    unpacked_bytes: int = 2 << 30
    """Bytes of what an uploaded archive holds: 200 kB may unpack to gigabytes."""
    piece_bytes: int = 64 << 20
    """Bytes of what is read at once of a file: one value of a JSON document, one batch of an Arrow file."""
    dataset_rows: int = 50_000_000
    dataset_values: int = 500_000_000
    """Cells (rows times columns) of one dataset."""
    cell_bytes: int = 100_000
    """Bytes of one cell. A cell that is longer is mostly the rest of a file behind a quotation mark."""
    loaded_values: int = 30_000_000
    """Cells of a dataset that one chart reads as they are; transforms and queries read more."""
    drawn_rows: int = 200_000
    """Rows of a layer from which on it is thinned, where its kind allows it, before it is drawn."""

    # The transforms
    steps: int = 50
    """Steps of one transform."""
    expression_chars: int = 2000
    expression_nodes: int = 400
    """Values, columns, operators and calls of one expression."""
    expression_depth: int = 50
    param_items: int = 1000
    """Values of a parameter that is a list."""
    transform_seconds: float = 10.0
    """The time that the transforms of one chart may take, all together."""
    transform_bytes: int = 256 << 20
    """The memory that they may take beside the data."""

    # The marks
    layers: int = 12
    panels: int = 25
    annotations: int = 100
    bars: int = 2000
    bins: int = 500
    wedges: int = 100
    tiles: int = 1000
    """Tiles of a treemap, squares of a waffle."""
    ticks: int = 100
    """Ticks of one axis."""
    categories: int = 100
    """Categories that are shown on one axis; more are thinned, with a warning."""
    legend_entries: int = 50
    value_labels: int = 500
    """Value labels of one chart; beyond it they are left out, with a warning."""

    # Text, in characters
    label_chars: int = 200
    title_chars: int = 500
    alt_chars: int = 2000
    text_lines: int = 8
    """Lines of a title, a subtitle, a caption."""


LIMITS = Limits()
