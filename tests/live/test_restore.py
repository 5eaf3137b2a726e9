"""`make restore-test`, in short."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project import local
from tests.postgres import find_programs

pytestmark = pytest.mark.live


def test_all_of_it_comes_back() -> None:
    """On PostgreSQL, where the dump is another program's; SQLite's own is tried in tests/unit/commands."""
    if find_programs() is None:
        pytest.skip("PostgreSQL's server is not installed (for example: apt-get install postgresql)")
    done = subprocess.run(
        [sys.executable, "-m", "tests.restore", "--jobs", "6", "--on", "postgresql"],
        cwd=local.ROOT, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("All of it came back.\n")
