"""Thumbnails: small pictures of charts for lists, made with the picture and kept, shown again and deleted with it.

Each is one more file of the job that drew the picture, so nothing of its own is to be kept in step. Only charts are
shown in lists; neither the image fields of other models nor the previews of an editor have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from renderer.models import Chart

if TYPE_CHECKING:
    from django.db.models import Model

SETTING: Final = "FIGPRESS_THUMBNAILS"
FORMAT: Final = "webp"


def wanted(instance: Model) -> bool:
    """Whether what is drawn onto this row gets one."""
    return isinstance(instance, Chart) and not instance.is_draft and bool(getattr(settings, SETTING, True))
