"""WSGI entry point: for servers that speak nothing newer."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
application = get_wsgi_application()

from project.guard import check_safety  # noqa: E402 - needs Django to be set up

check_safety()
