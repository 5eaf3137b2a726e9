"""`make abuse`, in short."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project import local

pytestmark = pytest.mark.live


def test_some_abuse_of_each_kind_breaks_nothing() -> None:
    command = [sys.executable, "-m", "tests.abuse", "--short"]
    done = subprocess.run(command, cwd=local.ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No 5xx, no stuck job, and an ordinary chart after each" in done.stdout
