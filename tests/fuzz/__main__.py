"""Fuzzing, led by coverage: `make fuzz`. Each module beside this one is a target: ``check(data)`` and ``SEEDS``.

    make fuzz                            # every target for 60 seconds
    make fuzz SECONDS=600 TARGETS=spec   # one of them, for ten minutes

What is worth keeping stays in var/fuzz, where the next run begins. Ends with 1 at the first finding,
whose input lies there, too: make it a test, then mend it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

from project import local

TARGETS = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
FOLDER = local.ROOT / "var" / "fuzz"
MOST = {"spec": 4096, "tables": 4096, "expressions": 300, "addresses": 300, "cron": 100, "formats": 100}
"""Bytes of an input: longer ones only take longer."""


def fuzz(name: str, seconds: int) -> None:
    """One target in this process, which ends with it: what leads the search has no end of its own."""
    import atheris

    with atheris.instrument_imports(include=["renderer.spec", "renderer.data", "renderer.jobs.cron", "cronsim"]):
        target = import_module(f"tests.fuzz.{name}")
    corpus = FOLDER / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-max_len={MOST[name]}", "-timeout=20", "-rss_limit_mb=2048"]
    options += [f"-artifact_prefix={FOLDER}/{name}-", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.check)
    atheris.Fuzz()


def main() -> int:
    """All targets, each in a process of its own, and a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="target", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"no target {sorted(unknown)[0]!r}; there are {', '.join(TARGETS)}")
    if options.inside:
        fuzz(options.targets[0], options.seconds)
        return 0
    try:
        import_module("atheris")
    except ImportError:
        say("make fuzz needs atheris, which has wheels for Linux on x86-64 alone, and not for this Python:")
        say("nothing was fuzzed. The same targets run, less cleverly, among the tests: make test ARGS=tests/unit/fuzz")
        return 2
    say(f"{'target':<14}{'seconds':>9}{'inputs':>12}{'a second':>10}{'kept':>7}")
    for name in options.targets or TARGETS:
        start = time.monotonic()
        command = [sys.executable, "-m", "tests.fuzz", name, "--inside", "--seconds", str(options.seconds)]
        done = subprocess.run(command, cwd=local.ROOT, capture_output=True, text=True, errors="replace", check=False)
        stats = dict(line.removeprefix("stat::").split(":") for line in done.stderr.splitlines() if "stat::" in line)
        inputs = int(stats.get("number_of_executed_units", 0))
        passed, kept = time.monotonic() - start, len(list((FOLDER / name).iterdir()))
        say(f"{name:<14}{passed:>9.0f}{inputs:>12,}{inputs / passed:>10,.0f}{kept:>7,}")
        if done.returncode:
            (FOLDER / f"{name}.log").write_text(done.stdout + done.stderr)
            said = done.stdout.splitlines() or done.stderr.splitlines()
            say("\n".join(["", *said[-30:], ""]))
            say(f"{name}: a finding. Its input is the newest of {FOLDER}/{name}-*, all that was said {name}.log.")
            return 1
    return 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
