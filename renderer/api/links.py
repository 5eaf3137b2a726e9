"""Links: the paths that responses point to."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from uuid import UUID

from django.urls import get_script_prefix, get_urlconf, reverse

from renderer.models import Rendition

VERSION: Final = "1.0.0"
NAMESPACE: Final = f"api-{VERSION}"
ETAG_CHARS: Final = 16
"""So much of a picture's SHA-256 stands in its link, that the link names this content and no other."""


def link(to: str, /, **parts: UUID | str) -> str:
    """The path of one of the API's own URLs."""
    if any(not isinstance(part, UUID) for part in parts.values()):
        return reverse(f"{NAMESPACE}:{to}", kwargs=parts)
    return _pattern(to, tuple(parts), get_script_prefix(), get_urlconf()).format_map(parts)


@lru_cache(maxsize=200)
def _pattern(to: str, names: tuple[str, ...], prefix: str, urlconf: str | None) -> str:
    """The path with the names of its ids in braces: Django looks for a path among all of them, time and again."""
    stand_ins = {name: UUID(int=number) for number, name in enumerate(names)}
    path = reverse(f"{NAMESPACE}:{to}", kwargs=stand_ins)  # quoted: it has no braces
    for name, stand_in in stand_ins.items():
        path = path.replace(str(stand_in), f"{{{name}}}")
    return path


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
