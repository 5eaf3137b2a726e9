"""ASGI entry point: ``uvicorn project.asgi:application``."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django = get_asgi_application()

from renderer.api.limit import BodyLimit  # noqa: E402 - needs Django to be set up

application = BodyLimit(django)
