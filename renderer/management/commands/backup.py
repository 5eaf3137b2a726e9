"""``manage.py backup FOLDER``: the database and every file that it names, while jobs run."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from renderer.management import backups, dumps


class Command(BaseCommand):
    """Back up. Ends with 1 if a file is missing or damaged: the backup is there all the same."""

    help = "Backs up the database and every file that it names into a new folder, while jobs run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("into", metavar="FOLDER", type=Path, help="a new folder; on another disk, if it can be")

    def handle(self, *, into: Path, **options: Any) -> None:
        """Do it, and say what is in it."""
        start = time.monotonic()
        try:
            made = backups.make(into, lambda line: self.stdout.write(f"  {line}"))
        except (backups.NoBackup, dumps.DumpFailed) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{into}: {error.strerror or error}. It is no backup: remove it.") from None
        took = time.monotonic() - start
        size = filesizeformat(made.bytes + (into / dumps.name()).stat().st_size)
        self.stdout.write(
            f"{self.style.SUCCESS('✓')} {into}: {made.files:,} file{'' if made.files == 1 else 's'}, {size}, "
            f"in {took:.1f} s"
        )
        for word, paths in (("is missing", made.missing), ("is not what its row says", made.damaged)):
            for path in paths[:10]:
                self.stdout.write(f"{self.style.ERROR('✗')} {path.split('/', 2)[2]} {word}")
            if len(paths) > 10:
                self.stdout.write(f"  and {len(paths) - 10:,} others")
        self.stdout.write("  Keep SECRET_KEY, too, and elsewhere: it is not in there.")
        if made.missing or made.damaged:
            raise SystemExit(1)
