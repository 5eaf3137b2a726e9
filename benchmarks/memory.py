"""What drawing costs beside time: the first picture of a fresh process, memory over thousands, memory of a fork, and
what the processes of the service have and take to start, beside the naive way.

Run ``python -m benchmarks.memory [--renders 5000] [--jobs 500]`` from the root of the project. CPU times are of one
process; memory is read from /proc, so that this is for Linux. "private" is what a forked child has for itself, after it
has drawn: the rest it shares with its parent.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "specs"
BAR = {"kind": "bar", "title": "First", "x": "x", "y": "y", "data": {"columns": {"x": ["a", "b", "c"], "y": [3, 1, 2]}}}
FIRST = """
import time
from renderer.data.resolve import load
from renderer.drawing.draw import draw
from renderer.drawing.encode import Metadata, encode
from renderer.spec import parse
imported = time.process_time()
drawing = draw(load(parse({spec!r})))
encode(drawing, {format!r}, scale=2, metadata=Metadata("", drawing.alt, ""))
import sys
heavy = [name for name in ("scipy", "pandas", "django", "fontTools.ttLib", "matplotlib.pyplot") if name in sys.modules]
print(imported, time.process_time() - imported, ",".join(heavy) or "none")
"""
LAST = 0.2  # of the renders: over these, memory must be flat


def kilobytes(field: str, file: str = "status") -> int:
    """One field of a file of /proc/self, in kB."""
    lines = Path(f"/proc/self/{file}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def first_picture(repeat: int = 5) -> None:
    """CPU seconds from the start of a process to its first picture."""
    for format_name in ("png", "svg"):
        runs = []
        heavy = ""
        for _ in range(repeat):
            code = FIRST.format(spec=BAR, format=format_name)
            ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            imported, drawn, heavy = ran.stdout.split()
            runs.append((float(imported) + float(drawn), float(imported), float(drawn)))
        whole, imported_s, drawn_s = min(runs)
        print(
            f"import to first {format_name}: {whole:.2f} s CPU (import {imported_s:.2f}, draw {drawn_s:.2f}); "
            f"goal <= 1.0; heavy modules: {heavy}"
        )


def mixed(seed: int = 7) -> Iterator[dict[str, Any]]:
    """The examples in turn, without end; every other time with a title and categories that are new."""
    dice = random.Random(seed)
    specs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]
    for number, spec in enumerate(itertools.cycle(specs)):
        yield {**spec, "title": f"Chart {number}: {dice.random():.9f}"} if number % 2 else spec


def draw_one(spec: dict[str, Any], format_name: str) -> None:
    """One chart, from its document to bytes."""
    from renderer.data.resolve import load
    from renderer.drawing.draw import draw
    from renderer.drawing.encode import Metadata, encode
    from renderer.spec import parse

    drawing = draw(load(parse(spec)))
    encode(drawing, format_name, scale=1, metadata=Metadata(drawing.title, drawing.alt, "key"))


def many(renders: int) -> None:
    """Resident memory of one process over many charts."""
    from renderer.drawing.warm import warm

    warm()
    formats = itertools.cycle(["png"] * 7 + ["webp", "svg", "pdf"])
    seen = [kilobytes("VmRSS")]
    step = max(1, renders // 25)
    for number, (spec, format_name) in enumerate(zip(mixed(), formats, strict=False), 1):
        draw_one(spec, format_name)
        if number % step == 0:
            seen.append(kilobytes("VmRSS"))
        if number == renders:
            break
    last = seen[-max(2, round(len(seen) * LAST)) :]
    growth = (max(last) - last[0]) / last[0]
    print(
        f"{renders:,} mixed renders: RSS {seen[0] / 1024:.0f} MB warm, {seen[-1] / 1024:.0f} MB at the end, "
        f"{max(seen) / 1024:.0f} MB at most, goal <= 120; over the last fifth {growth:+.1%}, goal <= 3 %"
    )
    print("  " + " ".join(f"{size / 1024:.0f}" for size in seen))


def forked() -> None:
    """Private memory of a child that is forked off a warm parent, after ten charts."""
    from renderer.drawing.warm import warm

    warm()
    gc.collect()
    gc.freeze()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        idle = kilobytes("Private_Dirty", "smaps_rollup") + kilobytes("Private_Clean", "smaps_rollup")
        for spec in itertools.islice(mixed(), 10):
            draw_one(spec, "png")
        busy = kilobytes("Private_Dirty", "smaps_rollup") + kilobytes("Private_Clean", "smaps_rollup")
        print(f"forked child: {idle / 1024:.0f} MB private at first, {busy / 1024:.0f} MB after 10 charts; goal <= 30")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def workers(jobs: int) -> None:
    """Memory of a real worker of two children, before any job and after so many, the naive way and ours; each has a
    worker of its own. The children of this one are not replaced after their 200 jobs."""
    from benchmarks.pipeline import ask_naive, ask_ours, clear, installation
    from project import local

    ways: dict[str, Callable[[int], Callable[[], bool]]] = {"naive": ask_naive, "ours": ask_ours}
    with installation(full=False) as bench:
        bench.env["DJANGO_SETTINGS_MODULE"] = "benchmarks.lasting"
        for name, ask in ways.items():
            clear()
            with bench.worker(2) as worker:
                counts = (0, jobs // 8, jobs)
                for before, count in itertools.pairwise((0, *counts)):
                    local.wait_for(ask(count - before), deadline=1200, every=0.2, what="the jobs")
                    print(
                        f"{name}, after {count} jobs, MB RSS / private / shared out: {_sizes(worker.pid)}", flush=True
                    )


def _sizes(pid: int) -> str:
    """Of a worker's main process, and of its children."""
    import psutil

    main = psutil.Process(pid)
    parts = [("main", main), *(("child", child) for child in main.children())]
    return ", ".join(f"{name} {_size(part)}" for name, part in parts)


def _size(process: Any) -> str:
    memory = process.memory_full_info()
    return f"{memory.rss / 2**20:.0f} / {memory.uss / 2**20:.0f} / {memory.pss / 2**20:.0f}"


def starts(repeat: int = 2) -> None:
    """CPU seconds until each process of the service is ready, and of commands; and what the parent then has."""
    import psutil

    from benchmarks.pipeline import cpu, installation
    from project import local

    commands = (["check"], ["migrate", "--check"], ["makemigrations", "--check", "--dry-run"], ["jobs", "list"])
    with installation(full=False) as bench:
        for name, sign in (("worker", "ready"), ("beat", "beat: Starting"), ("web", "Uvicorn running")):
            took, size = [], ""
            for _ in range(repeat):
                with bench.process(name, PORT=str(local.free_port())) as process:
                    process.wait_until(lambda process=process, sign=sign: sign in process.output(), deadline=90)
                    took.append(cpu(process))
                    size = _size(psutil.Process(process.pid))
            print(f"start of {name}: {min(took):.2f} s CPU; MB RSS / private / shared out {size}", flush=True)
        for command in commands:
            took = []
            for _ in range(repeat):
                before = os.times()
                subprocess.run(
                    [sys.executable, "manage.py", *command], cwd=local.ROOT, check=True, stdout=subprocess.DEVNULL
                )
                after = os.times()
                took.append(after.children_user - before.children_user + after.children_system - before.children_system)
            print(f"manage.py {' '.join(command)}: {min(took):.2f} s CPU", flush=True)


def main() -> None:
    """Measure all of them; each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renders", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--only", choices=["first", "many", "fork", "workers", "starts"])
    chosen = parser.parse_args()
    parts = {
        "first": first_picture,
        "many": lambda: many(chosen.renders),
        "fork": forked,
        "workers": lambda: workers(chosen.jobs),
        "starts": starts,
    }
    for name, measure in parts.items():
        if chosen.only is None:
            counts = ["--renders", str(chosen.renders), "--jobs", str(chosen.jobs)]
            subprocess.run([sys.executable, "-m", "benchmarks.memory", "--only", name, *counts], check=True)
        elif chosen.only == name:
            measure()


if __name__ == "__main__":
    main()
