"""``manage.py doctor``: what works, what does not, and what to do about it, in plain words."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from renderer.health import PARTS, examine


class Command(BaseCommand):
    """Look at every part of the installation. Ends with 1 if something does not work."""

    help = (
        "Says what works and what to start: database, broker, worker, beat, storage, sources, static files, typeface."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For health checks of containers: only one part, only this machine."""
        parser.add_argument(
            "--only", choices=[name.replace(" ", "-") for name in PARTS], help="look at this part alone"
        )
        parser.add_argument("--here", action="store_true", help="only a worker on this machine counts")

    def handle(self, *, only: str | None, here: bool, **options: Any) -> None:
        """Look, and tell."""
        sick = 0
        for finding in examine([only.replace("-", " ")] if only else list(PARTS), here=here):
            mark = self.style.ERROR("✗") if finding.todo else self.style.SUCCESS("✓")
            self.stdout.write(f"{mark} {finding.name:<13} {finding.says}")
            if finding.todo:
                sick += 1
                self.stdout.write(f"{'':<16}{self.style.WARNING(finding.todo)}")
        if sick:
            if not only:
                self.stdout.write(f"\n{sick} of these {'needs' if sick == 1 else 'need'} attention.")
            raise SystemExit(1)
        if not only:
            self.stdout.write("\nAll is well.")
