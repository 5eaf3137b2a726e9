"""``manage.py gallery``: draw every example of every kind, in light and dark, with pages that show them."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from renderer.spec import SpecError
from renderer.spec.marks import KINDS

ROOT = Path(__file__).resolve().parents[3]
SHEET_BYTES = 400_000


class Command(BaseCommand):
    """Draw the gallery. Ends with 1 if an example is wrong."""

    help = "Draws every example spec in light and dark, with an index page; --list only names the kinds."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the examples are, and where the pictures go."""
        parser.add_argument("--list", action="store_true", help="the kinds, one a line, and what each shows")
        parser.add_argument("--examples", type=Path, default=ROOT / "examples" / "specs", metavar="FOLDER")
        parser.add_argument("--into", type=Path, default=ROOT / "docs" / "gallery", metavar="FOLDER",
                            help="for the pictures and index.html; other pictures in it are removed")  # fmt: skip
        parser.add_argument("--sheets", type=Path, default=ROOT / "docs" / "images", metavar="FOLDER",
                            help="for one picture of all kinds in each theme: gallery-THEME.webp")  # fmt: skip

    def handle(self, *, examples: Path, into: Path, sheets: Path, **options: Any) -> None:
        """List, or draw."""
        from renderer.management import pictures  # with it come numpy and matplotlib

        if options["list"]:
            widest = max(map(len, KINDS))
            for kind in sorted(KINDS):
                self.stdout.write(f"{kind:<{widest}}  {pictures.about(kind)}")
            return
        try:
            found = pictures.examples(examples)
        except ValueError as error:
            raise CommandError(f"{examples}: a file is no JSON: {error}") from None
        if not found:
            raise CommandError(f"there are no example specs in {examples}")
        into.mkdir(parents=True, exist_ok=True)
        sheets.mkdir(parents=True, exist_ok=True)
        shown, sizes = [], Counter[str]()
        for example in found:
            try:
                drawings = {theme: example.draw(theme) for theme in pictures.THEMES}
            except SpecError as error:
                raise CommandError(f"{example.file}: {error}") from None
            for theme, drawing in drawings.items():
                file = into / f"{example.name}-{theme}.webp"
                file.write_bytes(data := pictures.webp(drawing))
                sizes[file.name] = len(data)
            light = drawings[pictures.THEMES[0]]
            for warning in light.warnings:
                self.stderr.write(f"{example.name}: {warning}")
            where = Path(os.path.relpath(example.file, into)).as_posix()
            shown.append(pictures.Shown(example, light.scene.width, light.scene.height, light.alt, where))
        for stale in set(into.glob("*.webp")) - {into / name for name in sizes}:
            stale.unlink()
        (into / "index.html").write_text(pictures.index_html(shown), encoding="utf-8")
        (into / "README.md").write_text(pictures.index_markdown(shown), encoding="utf-8")
        first_of_kind = {example.group: example for example in reversed(found)}
        ordered = [example for example in found if first_of_kind[example.group] is example]
        ordered = [example for example in ordered if example.group != pictures.MORE] or ordered
        for theme in pictures.THEMES:
            (sheets / f"gallery-{theme}.webp").write_bytes(pictures.sheet(ordered, theme, most=SHEET_BYTES))
        self.stdout.write(
            f"{len(found)} examples of {len(ordered)} kinds in {into}: {sum(sizes.values()) / 1e6:.1f} MB; "
            f"the largest is {max(sizes, key=lambda name: sizes[name])} ({max(sizes.values()) / 1e3:.0f} kB)"
        )
