"""Alone: an installation of its own for what is no test: chaos, abuse, restore, upgrade, hosts."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from project import local
from tests.live import environment


def prepare(var: Path, **more: str) -> dict[str, str]:
    """Returns what the processes of an installation in ``var`` start with. This process has the same from now on, and
    nothing else: with the SECRET_KEY of whoever calls, it could not read what they have sealed.

    Nothing of Django's may be imported before. The tables are for the caller to make.
    """
    # Shared with the tests: a typeface takes half a minute to make.
    os.environ.setdefault("FIGPRESS_FONTS_DIR", str(local.ROOT / "var" / "fonts"))
    os.environ.setdefault("MPLCONFIGDIR", str(local.ROOT / "var" / "matplotlib"))
    var.mkdir(parents=True, exist_ok=True)
    (var / "secret_key").write_text(secrets.token_urlsafe(50))
    env = environment.environment(var) | {"DJANGO_SETTINGS_MODULE": "project.settings"} | more
    os.environ.clear()
    os.environ.update(env)

    import django

    django.setup()

    from renderer.drawing import fonts

    fonts.install(fonts.folder())
    return env
