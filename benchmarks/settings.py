"""Settings of the benchmarks' installation: the usual ones, and the naive app beside ours."""

from __future__ import annotations

from project.settings import *  # noqa: F403 - that is what settings of another installation are

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks"]  # noqa: F405
ROOT_URLCONF = "benchmarks.urls"
CELERY_IMPORTS = (*CELERY_IMPORTS, "benchmarks.naive")  # noqa: F405
