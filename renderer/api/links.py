"""Links: the paths that responses point to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.urls import reverse

from renderer.models import Rendition

VERSION: Final = "1.0.0"
NAMESPACE: Final = f"api-{VERSION}"
ETAG_CHARS: Final = 16
"""So much of a picture's SHA-256 stands in its link, that the link names this content and no other."""


def link(to: str, /, **parts: UUID | str) -> str:
    """The path of one of the API's own URLs."""
    return reverse(f"{NAMESPACE}:{to}", kwargs=parts)


def image_link(chart_id: UUID | str, file: Rendition) -> str:
    """The path of one file of a chart's picture. Its hash names just these bytes: they may be cached for good."""
    version = file.sha256[:ETAG_CHARS]
    if file.is_thumbnail:
        return f"{link('chart_thumbnail', chart_id=chart_id)}?v={version}"
    path = link("chart_image", chart_id=chart_id, image_format=file.format)
    return f"{path}?v={version}&scale={file.scale:g}&theme={file.theme}"


def share_path(secret: str, image_format: str) -> str:
    """The public path of a share link."""
    return reverse("shared-picture", kwargs={"token": secret, "image_format": image_format})
