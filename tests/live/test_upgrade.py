"""`make upgrade-test`, in short."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project import local
from tests.upgrade import LEFT_OUT

pytestmark = pytest.mark.live


def test_old_and_new_draw_side_by_side_on_the_new_tables() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.upgrade", "--jobs", "4"],
        cwd=local.ROOT, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    if done.returncode == LEFT_OUT:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Nobody noticed.\n")
