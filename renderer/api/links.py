"""Links: the paths that responses point to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.urls import reverse

VERSION: Final = "1.0.0"
NAMESPACE: Final = f"api-{VERSION}"
ETAG_CHARS: Final = 16
"""So much of a picture's SHA-256 stands in its link, that the link names this content and no other."""


def link(to: str, /, **parts: UUID | str) -> str:
    """The path of one of the API's own URLs."""
    return reverse(f"{NAMESPACE}:{to}", kwargs=parts)


def image_link(chart_id: UUID | str, image_format: str, sha256: str = "") -> str:
    """The path of a chart's picture. With its hash it names just these bytes, and may be cached for good."""
    path = link("chart_image", chart_id=chart_id, image_format=image_format)
    return f"{path}?v={sha256[:ETAG_CHARS]}" if sha256 else path
