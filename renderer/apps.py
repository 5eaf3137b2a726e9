"""The Django app: finds every installed app's figure functions when Django starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules

from renderer.spec import themes


class RendererConfig(AppConfig):
    """Figpress."""

    name = "renderer"
    verbose_name = "Figpress"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the operator's themes, databases and hosts, and import ``figures.py`` of every installed app, as Django
        does for ``admin.py``. Raises ImproperlyConfigured, with the place, where one of them is wrong.
        """
        try:
            themes.catalogue.use(getattr(settings, themes.THEMES, None))
        except themes.ThemeError as error:
            raise ImproperlyConfigured(str(error)) from None
        from renderer import audit, checks  # noqa: F401 - listens to sign-ins; registers checks
        from renderer.accounts import sessions  # noqa: F401 - listens to sign-ins
        from renderer.sources import databases, urls  # models are among what they import

        try:
            databases.configured()
        except databases.DatabasesError as error:
            raise ImproperlyConfigured(f"{databases.DATABASES}: {error}") from None
        try:
            urls.policy()
        except ValueError as error:
            raise ImproperlyConfigured(f"{urls.INTERNAL}, {urls.HOSTS}: {error}") from None
        autodiscover_modules("figures")
