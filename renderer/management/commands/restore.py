"""``manage.py restore FOLDER``: from a backup to a running installation, in an empty place."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from renderer.management import backups, dumps


class Command(BaseCommand):
    """Fill an empty database and an empty storage. Ends with 1 if a file is missing or damaged."""

    help = "Fills an empty database and an empty storage from a backup, and looks at every picture."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from."""
        parser.add_argument("source", metavar="FOLDER", type=Path, help="what manage.py backup wrote")

    def handle(self, *, source: Path, **options: Any) -> None:
        """Do it, and say what came of it."""
        start = time.monotonic()
        try:
            taken = backups.take(source, lambda line: self.stdout.write(f"  {line}"))
        except (backups.NoBackup, dumps.DumpFailed) as error:
            raise CommandError(str(error)) from None
        rows = [
            ("made at", taken.made_at.partition(".")[0].replace("T", " ") + " UTC"),
            ("files", f"{taken.files:,}, {filesizeformat(taken.bytes)}"),
            ("pictures verified", f"{taken.verified:,}"),
            ("jobs that wait", f"{taken.waiting:,}, {taken.given_back:,} of them were being drawn"),
            ("took", f"{time.monotonic() - start:.1f} s"),
        ]
        for name, says in rows:
            self.stdout.write(f"{self.style.SUCCESS('✓')} {name:<18} {says}")
        for word, names in (("damaged", taken.damaged), ("missing", taken.missing)):
            if names:
                self.stdout.write(f"{self.style.ERROR('✗')} {word:<18} {len(names):,}, such as {names[0]}")
        if taken.missing:
            self.stdout.write(f"{'':<21}Charts without their picture are drawn again in the night, or when asked for.")
        if not taken.same_key:
            self.stdout.write(
                f"{self.style.WARNING('!')} SECRET_KEY         is another one: add the old one to\n"
                f"{'':<21}SECRET_KEY_FALLBACKS, or sessions, signed addresses and secrets of webhooks are lost."
            )
        self.stdout.write("\nStart workers, beat and web: what waits is drawn. Redis may be empty.")
        if taken.damaged or taken.missing:
            raise SystemExit(1)
