"""``manage.py kinds``: what a new chart of each kind starts from, and the small picture of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from renderer.recipe import Recipe
from renderer.spec.marks import KINDS

ROOT = Path(__file__).resolve().parents[3]
DRAWN, SIZE = (300, 188), (240, 150)
"""Drawn small, so that labels and marks are large in it."""
QUALITY = 62
PLAIN = {
    "bar": "bar-temperature-anomaly",
    "histogram": "histogram-body-mass-density",
    "scatter": "scatter-bill-shape",
}
"""Where the smallest example is not what people think of at the word."""
WORDS = {"title", "subtitle", "caption"}
"""What nobody could read in so small a picture."""


class Command(BaseCommand):
    """Choose the examples. Ends with 1 if a kind has none."""

    help = "Chooses the smallest example of each kind for the page of new charts, and makes its picture small."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        """Write renderer/web/kinds.json, and renderer/static/renderer/kinds/KIND.webp."""
        pictures = ROOT / "renderer" / "static" / "renderer" / "kinds"
        pictures.mkdir(parents=True, exist_ok=True)
        chosen = {}
        for kind in sorted(KINDS):
            found = sorted(self._examples(kind), key=lambda path: (path.stem != PLAIN.get(kind), path.stat().st_size))
            if not found:
                raise CommandError(f"examples/specs has no self-contained example of {kind}")
            chosen[kind] = json.loads(found[0].read_text(encoding="utf-8"))
            (pictures / f"{kind}.webp").write_bytes(self._small(chosen[kind]))
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
    def _small(document: dict[str, Any]) -> bytes:
        from PIL import Image

        from renderer.data.supply import NoSupplier
        from renderer.jobs.artwork import load_material

        width, height = DRAWN
        bare = {name: value for name, value in document.items() if name not in WORDS}
        recipe = Recipe.from_spec(bare | {"image": {"width": width, "height": height, "scale": 1}}, ["png"])
        drawn = load_material(recipe, NoSupplier()).sketch().draw({}).encode("png", None, recipe.content_key)
        with Image.open(io.BytesIO(drawn.picture.data)) as image:
            small = image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        small.save(out, "WEBP", quality=QUALITY, method=6)
        return out.getvalue()
