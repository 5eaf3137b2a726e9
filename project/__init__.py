"""This installation of Figpress: settings, urls, servers and the Celery app."""

from __future__ import annotations

from project.celery import app as celery_app

__all__ = ["celery_app"]
