"""make demo, on one example and the shop: as a person types it, in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from project import local
from project.inspection import problem_with

pytestmark = pytest.mark.live


def _demo(var: Path, *only: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "project.demo", *only],
        cwd=local.ROOT,
        env={**os.environ, "FIGPRESS_VAR_DIR": str(var), **env},
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_the_demo_draws_keeps_and_judges_real_charts_and_leaves_nothing_running(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = _demo(tmp_path, "bar-body-mass-grouped", TMPDIR=str(temporary))
    assert done.returncode == 0, done.stdout + done.stderr
    pictures = {path.name: path.read_bytes() for path in (tmp_path / "demo").iterdir()}
    assert set(pictures) == {
        *(f"bar-body-mass-grouped.{suffix}" for suffix in ("png", "webp", "svg", "pdf")),
        *("shop-alfama-roasters.png", "shop-kanal-kaffee.png", "shop-nordlys-kaffe.png", "shop-best-sellers.png"),
    }
    assert not any(problem_with(data, name.rpartition(".")[2]) for name, data in pictures.items())
    line = re.search(r"✓ bar-body-mass-grouped +(\d+) +(\d+)   png +([\d,]+)", done.stdout)
    assert line, done.stdout
    assert int(line[3].replace(",", "")) == len(pictures["bar-body-mass-grouped.png"])
    assert "8 good pictures in" in done.stdout

    commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert [command for command in commands if str(temporary) in command] == []
    assert list(temporary.iterdir()) == []


def test_the_demo_fails_where_something_cannot_start(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    broken = folder / "redis-server"
    broken.write_text("#!/bin/sh\necho no room >&2\nexit 1\n")
    broken.chmod(0o755)
    done = _demo(tmp_path, "bar-body-mass-grouped", PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 1
    assert "Redis ended with 1" in done.stdout
    assert "no room" in done.stdout
