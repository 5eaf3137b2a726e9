"""What the processes of an installation for a test start with."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from project import local

KEPT = (
    "HOME", "LANG", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "FIGPRESS_FONTS_DIR", "MPLCONFIGDIR",
    "COVERAGE_PROCESS_CONFIG",
)  # fmt: skip

STATIC = local.ROOT / "var" / "test-static"
"""Where the static files of all installations of these tests are: collecting them takes ten seconds of a processor."""


def environment(folder: Path) -> dict[str, str]:
    """Only what a fresh login would have, so that nothing of the developer's own installation gets in."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "FIGPRESS_VAR_DIR": str(folder),
        "FIGPRESS_STATIC_DIR": str(STATIC),
        "FIGPRESS_EXAMPLES": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'figpress.sqlite3'}",
        "DEBUG": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",  # "running as superuser": so does CI
    }


def prepare(env: dict[str, str]) -> None:
    """Make the tables, and collect the static files."""
    migrate(env)
    _collect(env)


def migrate(env: dict[str, str]) -> None:
    """Make the tables."""
    _manage(env, "migrate")


def _collect(env: dict[str, str]) -> None:
    """Collect the static files, unless they are as they were the last time; one process after the other."""
    STATIC.mkdir(parents=True, exist_ok=True)
    folders = [local.ROOT / "renderer" / "static", local.ROOT / "examples" / "shop" / "static"]
    sources = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    sources += [local.ROOT / "project" / "settings.py", local.ROOT / "requirements" / "dev.txt"]
    state = "".join(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}\n" for path in sources)
    stamp = STATIC / ".collected"
    with STATIC.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != state:
            _manage(env, "collectstatic", "--noinput", "--clear")
            stamp.write_text(state)


def _manage(env: dict[str, str], *command: str) -> None:
    whole = [sys.executable, "manage.py", *command, "--verbosity", "0"]
    subprocess.run(whole, cwd=local.ROOT, env=env, check=True, timeout=400)
