"""``manage.py render SPEC.json -o OUT.png``: draw one chart spec, without a server and without a database."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from renderer.recipe import Recipe
from renderer.spec.errors import SpecError
from renderer.spec.json import BodyTooLarge, strict_json
from renderer.spec.limits import LIMITS

FORMATS = ("png", "webp", "svg", "pdf")


class Command(BaseCommand):
    """Draw one chart spec into a file. Ends with 2, and every error at its place in the spec, if it is wrong."""

    help = "Draw one chart spec into a file, without a server and without a database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The spec, where to draw it, and its rows if they lie beside it."""
        parser.add_argument("spec", metavar="SPEC.json", help="the chart spec; - reads it from standard input")
        parser.add_argument("-o", "--output", required=True, metavar="OUT.png", type=Path,
                            help="the picture; its ending chooses the format: .png .webp .svg .pdf")  # fmt: skip
        parser.add_argument("--data", metavar="FILE.csv", type=Path, help="rows, in place of the spec's own data")

    def handle(self, *, spec: str, output: Path, data: Path | None, **options: Any) -> None:
        """Draw, and say what was drawn."""
        picture_format = output.suffix.removeprefix(".").lower()
        if picture_format not in FORMATS:
            raise CommandError(f"{output}: the ending chooses the format; use .png, .webp, .svg or .pdf", returncode=2)
        try:
            document = strict_json(_read(spec))
            if data is not None and isinstance(document, dict):
                document = {**document, "data": {**_types(document), "csv": _read(str(data)).decode("utf-8")}}
            recipe = Recipe.from_spec(document, [picture_format])
            warnings = self._draw(recipe, picture_format, output)
        except SpecError as error:
            lines = [f"{spec} {problem.pointer or '/'}: {problem.message}" for problem in error.problems]
            raise CommandError("\n".join(lines), returncode=2) from None
        except BodyTooLarge as error:
            raise CommandError(f"{spec}: {error}", returncode=2) from None
        except UnicodeDecodeError as error:
            raise CommandError(f"{data}: is not UTF-8: byte {error.start} cannot be read", returncode=2) from None
        for warning in warnings:
            self.stderr.write(f"note: {warning}")

    def _draw(self, recipe: Recipe, picture_format: str, output: Path) -> tuple[str, ...]:
        """Write the picture. Returns what the reader of the picture should know."""
        from renderer.data.supply import NoSupplier
        from renderer.jobs.artwork import load_material  # with it come numpy and matplotlib

        artwork = load_material(recipe, NoSupplier()).sketch().draw({})
        picture = artwork.encode(picture_format, None, recipe.content_key).picture
        try:
            output.write_bytes(picture.data)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}", returncode=1) from None
        self.stdout.write(f"{output}: {picture.width} x {picture.height}, {len(picture.data):,} bytes")
        return artwork.warnings


def _read(name: str) -> bytes:
    """A file, or standard input; never more than a spec may have."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(LIMITS.body_bytes + 1)
        with Path(name).open("rb") as file:
            raw = file.read(LIMITS.body_bytes + 1)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}", returncode=2) from None
    if len(raw) > LIMITS.body_bytes:
        raise CommandError(f"{name}: is larger than {LIMITS.body_bytes:,} bytes", returncode=2)
    return raw


def _types(document: dict[str, Any]) -> dict[str, Any]:
    """What the spec says about its columns' types holds for the other rows, too."""
    own = document.get("data")
    return {"types": own["types"]} if isinstance(own, dict) and "types" in own else {}
