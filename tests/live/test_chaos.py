"""`make chaos`, in short."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project import local

pytestmark = pytest.mark.live


def test_a_few_blows_break_no_promise() -> None:
    options = ["--jobs", "60", "--seconds", "8", "--blows", "3", "--seed", "15"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *options], cwd=local.ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("All promises held.\n")
