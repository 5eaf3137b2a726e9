"""What the processes of an abuse run start with: a disk that can be full, and pages whose styles nobody looks at."""

from __future__ import annotations

from tests.live.hazards.storage import *  # noqa: F403 - the installation's, with that disk

# Packing styles and scripts takes half a minute.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
