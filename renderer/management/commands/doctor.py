"""``manage.py doctor``: what works, what does not, and what to do about it, in plain words."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from renderer.health import PARTS, examine
from renderer.management import trials
from renderer.management.trials import Timed


class Command(BaseCommand):
    """Look at every part of the installation. Ends with 1 if something does not work."""

    help = (
        "Says what works and what to start: database, broker, worker, beat, storage, sources, static files, typeface."
        " --deep has each of them do its work once."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For health checks of containers: only one part, only this machine."""
        parser.add_argument(
            "--only", choices=[name.replace(" ", "-") for name in PARTS], help="look at this part alone"
        )
        parser.add_argument("--here", action="store_true", help="only a worker on this machine counts")
        parser.add_argument(
            "--deep",
            action="store_true",
            help="write rows, files and messages, draw a chart, compare pictures; all of it is taken back",
        )
        parser.add_argument("--patience", type=float, default=trials.PATIENCE, metavar="SECONDS",
                            help="with --deep: how long a chart may take (%(default)g)")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *, only: str | None, here: bool, deep: bool, patience: float, json: bool, **options: Any) -> None:
        """Look, and tell."""
        if deep and (only or here):
            raise CommandError("--deep is about everything: leave out --only and --here.")
        looked: Iterator[Timed] = (
            trials.examine(patience=patience)
            if deep
            else (Timed(one, 0) for one in examine([only.replace("-", " ")] if only else list(PARTS), here=here))
        )
        if json:
            self._as_json(list(looked), deep=deep)
            return
        sick = 0
        for finding, ms in looked:
            mark = self.style.ERROR("✗") if finding.todo else self.style.SUCCESS("✓")
            took = f"{ms:6,.0f} ms  " if deep else ""
            self.stdout.write(f"{mark} {finding.name:<13} {took}{finding.says}")
            if finding.todo:
                sick += 1
                self.stdout.write(f"{'':<{16 + len(took)}}{self.style.WARNING(finding.todo)}")
        if sick:
            if not only:
                self.stdout.write(f"\n{sick} of these {'needs' if sick == 1 else 'need'} attention.")
            raise SystemExit(1)
        if not only:
            self.stdout.write("\nAll is well.")

    def _as_json(self, looked: list[Timed], *, deep: bool) -> None:
        parts = [
            {"name": one.name, "well": not one.todo, "says": one.says, "todo": one.todo or None}
            | ({"ms": round(ms, 1)} if deep else {})
            for one, ms in looked
        ]
        well = all(part["well"] for part in parts)
        self.stdout.write(json.dumps({"well": well, "parts": parts}, indent=1))
        if not well:
            raise SystemExit(1)
