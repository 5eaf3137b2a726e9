"""Settings of the test suite: the installation's, without what a developer's own installation has set."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.update(FIGPRESS_EXAMPLES="1", SECRET_KEY="only for the tests, which guard nothing", DEBUG="0")
os.environ.pop("REDIS_URL", None)
os.environ.pop("BROKER_URL", None)
os.environ.pop("STORAGE_URL", None)
os.environ.pop("SENTRY_DSN", None)

from project.settings import *  # noqa: F403 - that is what the settings of a test suite are

# In this process alone: tests that want a real broker start one (tests/live).
CELERY_BROKER_URL = "memory://"
FIGPRESS_EVENTS_URL = ""
# Each test gets a folder of its own (tests/conftest.py); this one is for what is made before the first.
MEDIA_ROOT = Path(tempfile.gettempdir())
# One file for one picture: what is about thumbnails turns them on.
FIGPRESS_THUMBNAILS = False
# A hash that is slow by design makes a suite slow by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests sign in more often than people do; those that are about tries set a number.
FIGPRESS_RATE_SIGN_IN = 0
# No manifest: nothing is collected for the tests.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None  # type: ignore[assignment]  # so: nothing is collected for the tests
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in an installation: threads that share a database in memory get "table is locked" instead of waiting.
    VAR_DIR.mkdir(parents=True, exist_ok=True)  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}  # noqa: F405
