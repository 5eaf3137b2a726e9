"""``manage.py language``: the pages that tell of the chart language, made from its models."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

ROOT = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    """Write docs/language.md and docs/llms.txt. Ends with 1 if they are out of date, without --write."""

    help = "Makes docs/language.md and docs/llms.txt from the models; without --write it only says whether they are fresh."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to write, and where."""
        parser.add_argument("--write", action="store_true", help="write the pages")
        parser.add_argument("--into", type=Path, default=ROOT / "docs", metavar="FOLDER", help="where they are")

    def handle(self, *, write: bool, into: Path, **options: Any) -> None:
        """Write, or compare."""
        from renderer.management.language import page  # with it come numpy and matplotlib
        from renderer.spec.digest import digest

        examples = ROOT / "examples"
        pages = {"language.md": page(examples / "specs", examples / "language", ROOT / "docs"), "llms.txt": digest()}
        stale = [name for name, text in pages.items() if not _says(into / name, text)]
        for name in stale if write else ():
            (into / name).write_text(pages[name], encoding="utf-8")
        if stale and not write:
            raise CommandError(f"{', '.join(stale)}: out of date; run: python manage.py language --write")
        self.stdout.write(f"{into}: {', '.join(stale)} written" if stale else f"{into}: up to date")


def _says(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text
