"""The Django app: finds every installed app's figure functions when Django starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RendererConfig(AppConfig):
    """Figpress."""

    name = "renderer"
    verbose_name = "Figpress"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import ``figures.py`` of every installed app, as Django does for ``admin.py``."""
        autodiscover_modules("figures")
