"""What the processes of an installation for a test start with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from project import local

KEPT = (
    "HOME", "LANG", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "FIGPRESS_FONTS_DIR", "MPLCONFIGDIR",
    "COVERAGE_PROCESS_CONFIG",
)  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    """Only what a fresh login would have, so that nothing of the developer's own installation gets in."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "FIGPRESS_VAR_DIR": str(folder),
        "FIGPRESS_EXAMPLES": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'figpress.sqlite3'}",
        "DEBUG": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",  # "running as superuser": so does CI
    }


def prepare(env: dict[str, str]) -> None:
    """Make the tables, and collect the static files."""
    migrate(env)
    _manage(env, "collectstatic", "--noinput")


def migrate(env: dict[str, str]) -> None:
    """Make the tables."""
    _manage(env, "migrate")


def _manage(env: dict[str, str], *command: str) -> None:
    whole = [sys.executable, "manage.py", *command, "--verbosity", "0"]
    subprocess.run(whole, cwd=local.ROOT, env=env, check=True, timeout=300)
