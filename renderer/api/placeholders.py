"""Placeholders: the picture that stands where there is none yet, drawn for the state of its job, as SVG or PNG.

PNG for those that show no SVG: mail programs, spreadsheets, chats.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from renderer.models import RenderJob
from renderer.models.job import Status

MISSING: Final = "There is no such picture"
AWAY: Final = "Not available just now"
TOO_OFTEN: Final = "Asked for too often"

_SVG: Final = (Path(__file__).parent / "placeholder.svg").read_text(encoding="utf-8")
_SAYS: Final[dict[str, str]] = {
    Status.QUEUED: "Waiting to be drawn",
    Status.RUNNING: "Being drawn",
    Status.FAILED: "Could not be drawn",
    Status.CANCELLED: "Cancelled before it was drawn",
    Status.EXPIRED: "Was not drawn in time",
}
_CURVE: Final = ((80, 380), (240, 300), (400, 340), (560, 200), (720, 140))


def says(job: RenderJob | None) -> str:
    """The few words on it."""
    return _SAYS.get(job.status, "Not there any more") if job else "Not drawn yet"


def svg(text: str) -> bytes:
    """As SVG, light or dark as the page is."""
    return _SVG.replace("{{ says }}", text).encode()


@lru_cache(maxsize=16)  # there are no more texts
def png(text: str) -> bytes:
    """As PNG: the same drawing, light."""
    image = Image.new("RGB", (800, 500), "#f4f4f5")
    draw = ImageDraw.Draw(image)
    for y in range(100, 421, 80):
        draw.line(((80, y), (720, y)), fill="#d4d4d8", width=2)
    draw.line(_CURVE, fill="#d4d4d8", width=4, joint="curve")
    draw.rounded_rectangle((230, 228, 570, 272), radius=22, fill="#f4f4f5")
    draw.text((400, 250), text, fill="#52525b", anchor="mm", font=ImageFont.load_default(18))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
