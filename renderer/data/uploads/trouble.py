"""What is wrong with an uploaded file, in words for whoever sent it."""

from __future__ import annotations


class Unreadable(ValueError):
    """A file that is no table as it stands. str() is a sentence that names the place, and never a path of ours."""
