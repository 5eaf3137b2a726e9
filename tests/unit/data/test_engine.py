"""The engine of transforms: locked, bounded, and loaded only where it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from renderer.data.engine import Engine, EngineError, TooLarge, TooSlow
from renderer.spec.limits import LIMITS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd.csv'",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/dev/null'",
        "EXPORT DATABASE 'there'",
        "ATTACH 'there.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_parquet('https://example.com/a.parquet')",
        "SET enable_external_access = true",
        "SET memory_limit = '10GB'",
        "SET threads = 8",
        "SET temp_directory = 'there'",
        "RESET lock_configuration",
        "SELECT * FROM LIMITS",
        "SELECT * FROM statement",
    ],
)
def test_nothing_outside_can_be_reached(statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Engine(LIMITS) as engine, pytest.raises(EngineError) as caught:
        engine.run(statement)
    assert str(caught.value) == "cannot be computed from these rows"
    assert list(tmp_path.iterdir()) == []


def test_settings_are_those_that_are_promised() -> None:
    names = ("enable_external_access", "autoload_known_extensions", "autoinstall_known_extensions", "threads",
             "temp_directory", "lock_configuration", "python_enable_replacements", "TimeZone")  # fmt: skip
    with Engine(LIMITS) as engine:
        found = engine.run("SELECT " + ", ".join(f"current_setting('{name}')::VARCHAR AS {name}" for name in names))
    assert [found[name][0] for name in names] == ["false", "false", "false", "1", "", "true", "false", "UTC"]


def test_a_query_ends_at_the_deadline() -> None:
    limits = replace(LIMITS, transform_seconds=0.2)
    with Engine(limits) as engine:
        with pytest.raises(TooSlow, match=r"takes more than 0\.2 seconds"):
            engine.run("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7")
        with pytest.raises(TooSlow):  # and so does all that comes after it
            engine.run("SELECT 1 AS one")


def test_memory_ends_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        Engine(replace(LIMITS, transform_bytes=16 << 20, transform_seconds=120)) as engine,
        pytest.raises(TooLarge, match="needs more than 16 MiB"),
    ):
        engine.run("SELECT list(x) AS all FROM (SELECT unnest(range(4000000)) AS x)")
    assert list(tmp_path.iterdir()) == []


def test_tables_are_gone_with_their_engine() -> None:
    with Engine(LIMITS) as engine:
        engine.register("source", {"a": np.arange(3.0)})
        assert engine.run('SELECT sum(a) AS s FROM "source"')["s"] == [3]
        with Engine(LIMITS) as other, pytest.raises(EngineError):
            other.run('SELECT a FROM "source"')
    with Engine(LIMITS) as engine, pytest.raises(EngineError):
        engine.run('SELECT a FROM "source"')


def test_columns_come_back_as_they_went_in() -> None:
    columns = {
        "n": np.array([1.5, np.nan, -0.0]),
        "t": np.array(["2026-01-31T12:00", "NaT", "0200-01-01"], dtype="datetime64[us]"),
        "c": np.array(["é", None, "x" * 200], dtype=object),
        "late": np.array([None, None, "only here"], dtype=object),
    }
    with Engine(LIMITS) as engine:
        engine.register("source", columns)
        found = engine.run('SELECT * FROM "source"')
        assert engine.run("SELECT $v2::DOUBLE AS x", [1.0, 2.0])["x"] == [2]
    for name, column in columns.items():
        assert found[name].dtype == column.dtype
        np.testing.assert_array_equal(found[name], column)


def test_texts_are_texts_wherever_the_first_one_stands() -> None:
    column = np.empty(5000, dtype=object)
    column[4321] = "only here"
    with Engine(LIMITS) as engine:
        engine.register("source", {"c": column})
        np.testing.assert_array_equal(engine.run('SELECT c FROM "source"')["c"], column)


def _python(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


CHART = '{"kind": "bar", "data": {"columns": {"a": ["x", "y"], "b": [1, 2]}}, "x": "a", "y": "sum(b)"%s}'


def test_a_chart_without_a_transform_does_not_import_it() -> None:
    code = f"""
import json, sys
from renderer.data.resolve import load
from renderer.drawing.draw import draw
from renderer.spec import parse
draw(load(parse(json.loads('''{CHART % ""}'''))))
print("duckdb" in sys.modules, "renderer.data.plan" in sys.modules)
load(parse(json.loads('''{CHART % ', "transform": [{"filter": "b > 1"}]'}''')))
print("duckdb" in sys.modules)
"""
    assert _python(code).split() == ["False", "False", "True"]


def test_a_child_of_a_process_that_transformed_transforms_too() -> None:
    code = f"""
import json, os, sys
from renderer.data.resolve import load
from renderer.spec import parse
chart = parse(json.loads('''{CHART % ', "transform": [{"filter": "b > 1"}]'}'''))
load(chart)
child = os.fork()
if child == 0:
    load(chart)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert _python(code) == "0"
