"""Figure functions that wait, crash, swallow memory and never end."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import time
from pathlib import Path

import numpy as np
from django.db import transaction
from matplotlib.figure import Figure

from renderer import figure
from renderer.models import RenderJob
from renderer.models.job import Status


@figure("hazards.gated")
def gated(fig: Figure, *, gate: str) -> None:
    """Draws when somebody writes into the pipe ``gate``; until then the job is running."""
    word = Path(gate).read_text()
    fig.subplots().set_title(word)


@figure("hazards.holds")
def holds(fig: Figure, *, gate: str) -> None:
    """The same, and at a job's first attempt in the middle of a transaction that has locked the job's row."""
    with transaction.atomic():
        list(RenderJob.objects.select_for_update().filter(status=Status.RUNNING, attempt=1))
        word = Path(gate).read_text()
    fig.subplots().set_title(word)


@figure("hazards.segfault")
def segfault(fig: Figure) -> None:
    """Kills its process, as a bug in C code does."""
    os.kill(os.getpid(), signal.SIGSEGV)


@figure("hazards.memory")
def memory(fig: Figure) -> None:
    """Asks for more than a child may have: 80 GB."""
    np.ones(10**10)


@figure("hazards.spin")
def spin(fig: Figure) -> None:
    """Stays in one C call for ever: no soft limit reaches it."""
    sum(range(10**15))


@figure("hazards.swallows")
def swallows(fig: Figure) -> None:
    """Never ends, and takes no hint."""
    while True:
        with contextlib.suppress(Exception):
            sum(range(10**6))


@figure("hazards.tells")
def tells(fig: Figure, *, log: str, megabytes: int = 0) -> None:
    """Notes in what kind of process it is called, and uses so much memory."""
    limits = ("RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_NOFILE")
    told = {
        "pid": os.getpid(),
        "folder": os.listdir("."),  # noqa: PTH208 - the working directory itself
        **{name: resource.getrlimit(getattr(resource, name))[0] for name in limits},
    }
    with Path(log).open("a") as file:
        file.write(json.dumps(told) + "\n")
    np.ones((megabytes, 2**17))
    fig.subplots().set_title("told")


@figure("hazards.quits")
def quits(fig: Figure) -> None:
    """Tries to take the worker with it."""
    raise SystemExit(1)


@figure("hazards.counts")
def counts(fig: Figure, *, log: str) -> None:
    """Notes each time that it is called, and draws how many there were."""
    with Path(log).open("a") as file:
        file.write("drawn\n")
    times = len(Path(log).read_text().splitlines())
    fig.subplots().bar(["times"], [times])


@figure("hazards.naps")
def naps(fig: Figure, *, seconds: float, number: int) -> dict[str, object]:
    """Takes time and no arithmetic, as a figure function does that waits for somebody else's answer."""
    time.sleep(seconds)
    columns = {"x": ["a", "b"], "y": [number, 2]}
    return {"kind": "bar", "data": {"columns": columns}, "x": "x", "y": "y", "image": {"width": 200, "height": 120}}
