"""``manage.py kinds``: what a new chart of each kind starts from, and the small picture of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from renderer.spec.marks import KINDS

ROOT = Path(__file__).resolve().parents[3]
SIZE = (240, 150)
QUALITY = 62


class Command(BaseCommand):
    """Choose the examples. Ends with 1 if a kind has none."""

    help = "Chooses the smallest example of each kind for the page of new charts, and makes its picture small."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        """Write renderer/web/kinds.json, and renderer/static/renderer/kinds/KIND.webp from docs/gallery."""
        pictures = ROOT / "renderer" / "static" / "renderer" / "kinds"
        pictures.mkdir(parents=True, exist_ok=True)
        chosen = {}
        for kind in sorted(KINDS):
            found = sorted(self._examples(kind), key=lambda example: example.stat().st_size)
            if not found:
                raise CommandError(f"examples/specs has no self-contained example of {kind}")
            chosen[kind] = json.loads(found[0].read_text(encoding="utf-8"))
            picture = ROOT / "docs" / "gallery" / f"{found[0].stem}-light.webp"
            (pictures / f"{kind}.webp").write_bytes(self._small(picture))
        text = json.dumps(chosen, ensure_ascii=False) + "\n"
        (ROOT / "renderer" / "web" / "kinds.json").write_text(text, "utf-8")
        self.stdout.write(f"{len(chosen)} kinds, {len(text) / 1e3:.0f} kB")

    @staticmethod
    def _examples(kind: str) -> list[Path]:
        return [
            path
            for path in (ROOT / "examples" / "specs").glob(f"{kind}-*.json")
            if json.loads(text := path.read_text(encoding="utf-8")).get("kind") == kind and '"dataset"' not in text
        ]

    @staticmethod
    def _small(picture: Path) -> bytes:
        from PIL import Image, ImageOps

        with Image.open(picture) as image:
            small = ImageOps.pad(image.convert("RGB"), SIZE, Image.Resampling.LANCZOS, color="#fff")
        out = io.BytesIO()
        small.save(out, "WEBP", quality=QUALITY, method=6)
        return out.getvalue()
