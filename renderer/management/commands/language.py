"""``manage.py language``: what tells of the chart language, and its typed functions, made from its models."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

ROOT = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    """Write docs/language.md, docs/llms.txt and renderer/charts.py. Without --write it ends with 1 if one is stale."""

    help = (
        "Makes docs/language.md, docs/llms.txt and renderer/charts.py; without --write it says whether they are fresh."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to write, and where."""
        parser.add_argument("--write", action="store_true", help="write them")
        parser.add_argument("--into", type=Path, default=ROOT, metavar="FOLDER", help="the root of the project")

    def handle(self, *, write: bool, into: Path, **options: Any) -> None:
        """Write, or compare."""
        from renderer.management.language import page  # with it come numpy and matplotlib
        from renderer.management.typed import module
        from renderer.spec.digest import digest

        examples = ROOT / "examples"
        made = {
            into / "docs" / "language.md": page(examples / "specs", examples / "language", ROOT / "docs"),
            into / "docs" / "llms.txt": digest(),
            into / "renderer" / "charts.py": module(),
        }
        stale = [file for file, text in made.items() if not _says(file, text)]
        names = ", ".join(file.relative_to(into).as_posix() for file in stale)
        for file in stale if write else ():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(made[file], encoding="utf-8")
        if stale and not write:
            raise CommandError(f"{names}: out of date; run: python manage.py language --write")
        self.stdout.write(f"written: {names}" if stale else "all up to date")


def _says(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text
