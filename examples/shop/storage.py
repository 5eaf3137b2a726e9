"""Where the shop's pictures lie."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from django.utils.functional import cached_property


@deconstructible
class PublicPictures(FileSystemStorage):
    """Pictures that anybody may see: a folder of its own, beside the private charts, with a public address.

    That is the shop's choice. Charts of Figpress's users have no public address.
    """

    def __init__(self) -> None:
        super().__init__(base_url="/media/")

    @cached_property
    def base_location(self) -> str:
        """The only folder that project/urls.py serves."""
        return str(Path(settings.MEDIA_ROOT) / "public")
