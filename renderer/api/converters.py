"""Path converters: what a part of a path may look like. Anything else is no such page, before any query.

Ids are Django's ``uuid``: lower-case, with hyphens, in ASCII digits alone.
"""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class ImageFormat(StringConverter):
    """A file name's ending that pictures have."""

    regex = "png|webp|svg|pdf"


class DatasetName(StringConverter):
    """What charts call a dataset."""

    regex = "[a-z][a-z0-9_]{0,99}"


class Word(StringConverter):
    """A dotted name, as figure functions have them, or a problem's code."""

    regex = r"[\w.]{1,200}"


register_converter(ImageFormat, "image")
register_converter(Word, "word")
register_converter(DatasetName, "dataset")
