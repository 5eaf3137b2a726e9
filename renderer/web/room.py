"""Room: when an ask is refused because too many jobs wait, the page says so and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from renderer.jobs.line import TooManyWaiting


@contextmanager
def room(request: HttpRequest) -> Iterator[None]:
    """Around an ask for a picture."""
    try:
        yield
    except TooManyWaiting as error:
        messages.warning(request, str(error))
