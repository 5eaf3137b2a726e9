"""No process of the service starts with settings that are not safe, and says why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "project")
COMMANDS = {
    "web": (sys.executable, "-c", "import project.asgi"),
    "old web": (sys.executable, "-c", "import project.wsgi"),
    "worker": (*CELERY, "worker", "--pool", "prefork", "--concurrency", "1"),
    "beat": (*CELERY, "beat", "--pidfile="),
}


@pytest.mark.parametrize("process", COMMANDS)
def test_it_does_not_start(process: str, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env |= {
        "FIGPRESS_VAR_DIR": str(tmp_path),
        "SECRET_KEY": "change-me",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PYTHONWARNINGS": "",
        "LOG_FORMAT": "text",
    }
    done = subprocess.run(
        COMMANDS[process], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "figpress.E010: SECRET_KEY is short" in said
    assert "Make one:" in said
