"""The settings of this installation as an operator sets them for the internet: Django and we find nothing to say."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from project import local

PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "FIGPRESS_ENCRYPTION_KEYS": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "charts.example.org",
    "FIGPRESS_HTTPS": "1",
    "FIGPRESS_BEHIND_PROXY": "1",
    "REDIS_URL": "rediss://:secret@redis.internal:6379/0",
    "DATABASE_URL": "sqlite://:memory:",
}
LOOK = """
from django.core.management import call_command
import django; django.setup()
call_command("check", deploy=True, fail_level="WARNING")
from django.conf import settings
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
"""


def test_production_settings_are_clean(tmp_path: Path) -> None:
    inherited = {name: os.environ[name] for name in ("PATH", "FIGPRESS_FONTS_DIR") if name in os.environ}
    environment = inherited | PRODUCTION | {
        "FIGPRESS_VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOK], cwd=local.ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    # Taken by browsers over TLS alone, and from this very host.
    assert done.stdout.split()[-2:] == ["__Host-sessionid", "__Host-csrftoken"]
