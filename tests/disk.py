"""A real disk for a test: small, and soon full. Only root may mount one, and not in every container."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEGABYTES = 2


@contextmanager
def small(folder: Path) -> Iterator[Path]:
    """Two megabytes, mounted on this folder. Whoever uses it must have let go of its files at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0777", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own can only be mounted by root, and not in every container")
    try:
        yield folder
    finally:
        done = subprocess.run(["umount", str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"{done.stderr.strip()}, held by {', '.join(_holders(folder)) or 'nobody'}")


def fill(folder: Path) -> Path:
    """Write until nothing more goes in, down to the last byte. Returns the file that is in the way."""
    filler = folder / "filler"
    filler.touch()
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * ((MEGABYTES + 1) << 20))
    return filler


def _holders(folder: Path) -> Iterator[str]:
    for link in [*Path("/proc").glob("[0-9]*/fd/*"), *Path("/proc").glob("[0-9]*/cwd")]:
        try:
            held = link.readlink()
        except OSError:  # it is over
            continue
        if held.is_relative_to(folder):
            yield f"{link.parts[2]} ({held})"
