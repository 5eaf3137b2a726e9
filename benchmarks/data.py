"""What data cost: the check of a large spec, an upload of 4 million rows, and charts of tables from 1,000 to 10 million
rows.

Run ``python -m benchmarks.data`` from the root of the project. Each part runs in a process of its own, so that its peak
memory is its own. Times are of the wall, with CPU times beside them: on a busy machine the latter say more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import kilobytes

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "specs"
CSV_ROWS = 4_000_000
SIZES = (1_000, 100_000, 10_000_000)
WEEKLY = [
    {"truncate": {"week": "at"}, "unit": "week"},
    {"aggregate": {"value": "mean(value)"}, "by": ["week", "category"]},
]
CHARTS: dict[str, dict[str, Any]] = {
    "line of all rows": {"kind": "line", "x": "at", "y": "value"},
    "bar: mean of each category": {"kind": "bar", "x": "category", "y": "mean(value)"},
    "transform: by week and category": {
        "kind": "line", "x": "week", "y": "value", "color": "category", "transform": WEEKLY,
    },
    "query: by category": {
        "kind": "bar", "x": "category", "y": "value",
        "data": {"dataset": "t", "query": "select category, avg(value) as value from t group by category"},
    },
}  # fmt: skip


class Shelf:
    """A supplier of one file."""

    def __init__(self, path: Path, columns: list[dict[str, Any]], rows: int) -> None:
        self.path, self.columns, self.rows = path, columns, rows

    def supply(self, source: Any, at: str) -> Any:
        """The file, or what a query makes of it."""
        from renderer.data.selects import select
        from renderer.data.stored import stored
        from renderer.data.supply import Supply

        now = datetime.now(UTC)
        if source.query is None:
            return stored(self.path, self.columns, rows=self.rows, version="1", as_of=now)
        columns = select(source.query, {source.dataset: self.path}, at)
        made: dict[str, Callable[[], Any]] = {name: lambda name=name: columns[name] for name in columns}  # type: ignore[misc]
        return Supply(made, len(next(iter(columns.values()))), "1", now)


def moments(rows: int) -> Any:
    """As many moments, evenly over two years."""
    step = 2 * 365 * 86_400_000_000 // rows
    return np.datetime64("2024-01-01", "us") + (np.arange(rows) * step).astype("timedelta64[us]")


def peak() -> float:
    """The most memory that this process ever had, in MB. (What getrusage says begins with what its parent had.)"""
    return kilobytes("VmHWM") / 1024


def timed(what: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, wall seconds, CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = what()
    return made, time.perf_counter() - wall, time.process_time() - cpu


def picture(spec: dict[str, Any], shelf: Shelf) -> tuple[float, float, float, float]:
    """Wall and CPU seconds of a whole picture, and of its drawing."""
    from renderer.data.resolve import load
    from renderer.drawing.draw import draw
    from renderer.drawing.encode import Metadata, encode
    from renderer.spec import parse

    wall, cpu = time.perf_counter(), time.process_time()
    loaded = load(parse(spec), supplier=shelf)
    drawing, wall_drawn, cpu_drawn = timed(lambda: draw(loaded))
    encode(drawing, "png", scale=2, metadata=Metadata("", drawing.alt, ""))
    return time.perf_counter() - wall, time.process_time() - cpu, wall_drawn, cpu_drawn


def validation() -> None:
    """The check of the largest example: of the document alone, and then also against its rows."""
    from renderer.data.resolve import load
    from renderer.spec import parse

    path = max(EXAMPLES.glob("*.json"), key=lambda path: path.stat().st_size)
    document = json.loads(path.read_text(encoding="utf-8"))

    def median(what: Callable[[], Any]) -> str:
        what()
        runs = sorted(timed(what)[1:] for _ in range(200))
        wall, cpu = runs[len(runs) // 2]
        return f"{wall * 1000:.2f} ms, CPU {cpu * 1000:.2f} ms"

    print(
        f"validation of {path.name} ({path.stat().st_size / 1000:.0f} kB): {median(lambda: parse(document))};"
        f" goal <= 2 ms; with its rows: {median(lambda: load(parse(document)))}"
    )


def upload(folder: Path) -> None:
    """A CSV file of 4 million rows: read, and then grouped by week and category."""
    path = folder / "large.csv"
    dice = np.random.default_rng(1)
    names = np.array(["Alpha", "Beta", "Gamma", "Delta", "Epsilon"])[dice.integers(0, 5, CSV_ROWS)]
    at = moments(CSV_ROWS).astype("datetime64[s]").astype(str)
    value, order = dice.normal(100, 20, CSV_ROWS).round(3), dice.integers(10**10, 10**11, CSV_ROWS)
    with path.open("w") as file:
        file.write("at,category,value,order\n")
        for start in range(0, CSV_ROWS, 100_000):
            part = slice(start, start + 100_000)
            rows = zip(at[part], names[part], value[part].tolist(), order[part].tolist(), strict=True)
            file.writelines(f"{a},{b},{c},{d}\n" for a, b, c, d in rows)
    code = "import sys; from pathlib import Path; from benchmarks import data; data.read_upload(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, cwd=ROOT)


def read_upload(folder: Path) -> None:
    """In a child, whose memory is measured."""
    from renderer.data.uploads.read import read
    from renderer.drawing.warm import warm

    warm()
    source, target = folder / "large.csv", folder / "large.parquet"
    found, wall, cpu = timed(lambda: read(source, target, folder))
    size = source.stat().st_size / 1e6
    print(
        f"upload of {found.rows / 1e6:.0f} M rows, {size:.0f} MB of CSV: read once in {wall:.1f} s, CPU {cpu:.1f} s;"
        f" {peak():.0f} MB at most, goal < 600 MB; {found.bytes / 1e6:.0f} MB as stored"
    )
    spec = CHARTS["transform: by week and category"] | {"data": {"dataset": "t"}}
    wall, cpu, _, _ = picture(spec, Shelf(target, found.columns, found.rows))
    print(f"  grouped by week and category, to the PNG: {wall:.2f} s, CPU {cpu:.2f} s; goal <= 3 s; {peak():.0f} MB")


def table(rows: int, folder: Path) -> None:
    """Each of the charts of a table of so many rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from renderer.drawing.warm import warm

    warm()
    path = folder / f"{rows}.parquet"
    dice = np.random.default_rng(2)
    words = np.array(["A", "B", "C", "D", "E"])[dice.integers(0, 5, rows)]
    columns = {
        "at": moments(rows),
        "value": np.cumsum(dice.normal(size=rows)),
        "category": pa.array(words).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), path, compression="zstd", compression_level=1, row_group_size=131_072)
    del columns, words
    about = [
        {"name": "at", "type": "time", "clock": True},
        {"name": "value", "type": "number"},
        {"name": "category", "type": "category"},
    ]
    for name, spec in CHARTS.items():
        spec = {"data": {"dataset": "t"}} | spec
        runs = sorted(picture(spec, Shelf(path, about, rows)) for _ in range(3))
        wall, cpu, drawn, drawn_cpu = runs[len(runs) // 2]
        print(
            f"{rows:>12,} rows  {name:<34} {wall:6.2f} s, CPU {cpu:5.2f} s; of it drawing {drawn * 1000:4.0f} ms,"
            f" CPU {drawn_cpu * 1000:4.0f} ms"
        )


def main() -> None:
    """Measure all parts; each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["validation", "upload", *map(str, SIZES)])
    chosen = parser.parse_args().only
    if chosen is None:
        for part in ("validation", "upload", *map(str, SIZES)):
            subprocess.run([sys.executable, "-m", "benchmarks.data", "--only", part], check=True, cwd=ROOT)
        print("goals: a line of 10,000,000 rows <= 2 s, of it drawing <= 150 ms")
        return
    with tempfile.TemporaryDirectory() as name:
        if chosen == "validation":
            validation()
        elif chosen == "upload":
            upload(Path(name))
        else:
            table(int(chosen), Path(name))


if __name__ == "__main__":
    main()
