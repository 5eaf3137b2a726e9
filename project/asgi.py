"""ASGI entry point: ``uvicorn project.asgi:application``."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import django

django.setup(set_prefix=False)

from project.guard import check_safety  # noqa: E402 - needs Django to be set up
from project.short import ShortRequests  # noqa: E402
from renderer.api.leaving import Leaving  # noqa: E402
from renderer.api.limit import BodyLimit  # noqa: E402

check_safety()
application = Leaving(BodyLimit(ShortRequests()))
