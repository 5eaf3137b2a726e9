"""A storage that has no room while the file named by HAZARDS_FULL is there. Settings for a worker that stores in it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

from project.settings import *  # noqa: F403 - the installation's, but for the storage

STORAGES = {**STORAGES, "default": {"BACKEND": "tests.live.hazards.storage.Full"}}  # noqa: F405


class Full(FileSystemStorage):
    """Writes as far as it comes."""

    def _save(self, name: str, content: Any) -> str:
        if not Path(os.environ["HAZARDS_FULL"]).exists():
            return str(super()._save(name, content))  # type: ignore[misc]  # Django's stubs leave it out
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read()[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
