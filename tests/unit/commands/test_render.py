"""manage.py render: a spec becomes a file, an error a line with its place; no database is touched."""

from __future__ import annotations

import io
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

SPEC: dict[str, Any] = {
    "kind": "bar",
    "data": {"columns": {"day": ["Mon", "Tue"], "sold": [3, 5]}},
    "x": "day",
    "y": "sold",
    "title": "Sold",
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A file with a good spec."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(SPEC))
    return path


def _render(*arguments: object) -> str:
    out = StringIO()
    call_command("render", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def _error(*arguments: object) -> CommandError:
    with pytest.raises(CommandError) as caught:
        _render(*arguments)
    return caught.value


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), ("webp", b"RIFF"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_the_ending_chooses_the_format(spec: Path, tmp_path: Path, suffix: str, start: bytes) -> None:
    out = tmp_path / f"out.{suffix}"
    said = _render(spec, "-o", out)
    assert out.read_bytes().startswith(start)
    assert said.startswith(f"{out}: ")
    assert f"{out.stat().st_size:,} bytes" in said


def test_the_picture_has_the_size_that_is_asked_for(spec: Path, tmp_path: Path) -> None:
    spec.write_text(json.dumps(SPEC | {"image": {"width": 300, "height": 200, "scale": 1}}))
    _render(spec, "-o", tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (300, 200)


def test_rows_of_a_csv_file_take_the_place_of_the_spec_s_own(spec: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("day,sold\nWed,7\nThu,1\n")
    _render(spec, "-o", tmp_path / "own.svg")
    _render(spec, "-o", tmp_path / "csv.svg", "--data", rows)
    assert (tmp_path / "own.svg").read_bytes() != (tmp_path / "csv.svg").read_bytes()


def test_the_same_spec_gives_the_same_bytes(spec: Path, tmp_path: Path) -> None:
    _render(spec, "-o", tmp_path / "a.png")
    _render(spec, "-o", tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_every_error_stands_on_a_line_with_its_place(spec: Path, tmp_path: Path) -> None:
    spec.write_text(json.dumps(SPEC | {"hue": "day", "title": 5}))
    error = _error(spec, "-o", tmp_path / "out.png")
    assert error.returncode == 2
    lines = str(error).splitlines()
    assert [line.split(": ")[0] for line in sorted(lines)] == [f"{spec} /hue", f"{spec} /title"]
    assert not (tmp_path / "out.png").exists()


def test_a_column_that_is_not_there_is_an_error_of_the_spec(spec: Path, tmp_path: Path) -> None:
    spec.write_text(json.dumps(SPEC | {"y": "sald"}))
    assert f"{spec} /y: " in str(_error(spec, "-o", tmp_path / "out.png"))


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{", "is not JSON"), (b'{"kind": "bar", "kind": "line"}', "kind"), (b"\xff", "is not UTF-8"), (b"3", "")],
)
def test_what_is_no_spec_is_refused(spec: Path, tmp_path: Path, content: bytes, says: str) -> None:
    spec.write_bytes(content)
    error = _error(spec, "-o", tmp_path / "out.png")
    assert error.returncode == 2
    assert says in str(error)


def test_files_that_are_not_there(spec: Path, tmp_path: Path) -> None:
    assert "No such file" in str(_error(tmp_path / "nothing.json", "-o", tmp_path / "out.png"))
    assert "No such file" in str(_error(spec, "-o", tmp_path / "out.png", "--data", tmp_path / "nothing.csv"))
    assert "No such file" in str(_error(spec, "-o", tmp_path / "nowhere" / "out.png"))


def test_an_ending_that_is_no_format(spec: Path, tmp_path: Path) -> None:
    error = _error(spec, "-o", tmp_path / "out.gif")
    assert error.returncode == 2
    assert ".png, .webp, .svg or .pdf" in str(error)


def test_the_spec_may_come_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO(json.dumps(SPEC).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(raw))
    _render("-", "-o", tmp_path / "out.png")
    assert (tmp_path / "out.png").exists()
