"""Live parts of a page: an element that asks for itself again until nothing can change any more.

It asks when an event says that something happened, where the server can keep a stream of them open, and now and then
besides; where it cannot, it asks every few seconds. ``app.js`` has the other half.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from renderer.api.links import link
from renderer.models import RenderJob

TIME: Final = re.compile(r">[^<]*(?=</time>)")
"""What a time says. The script keeps it fresh: that it is later now is no news."""


@dataclass(frozen=True, slots=True)
class Live:
    """One live part. ``every`` is in seconds; 0 means that it is final, and nothing asks again. ``about`` is the id of
    the job or chart that it shows; without one any job's news are its news. A
    part that no job changes has no news: it only asks."""

    name: str
    template: str
    url: str
    every: int
    context: dict[str, Any]
    about: str = ""
    has_news: bool = True

    def html(self, request: HttpRequest) -> SafeString:
        """The element, for the page itself."""
        return self._wrap(request, self._content(request))

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What htmx gets: the element, or 204 if it would be the one already shown.

        An unchanged element is left alone, so that polling takes away no focus and no selected text.
        """
        content = self._content(request)
        if self.every and request.GET.get("seen") == self._digest(content):
            return HttpResponse(status=204)
        return HttpResponse(self._wrap(request, content))

    def _content(self, request: HttpRequest) -> SafeString:
        return render_to_string(self.template, self.context, request)

    def _wrap(self, request: HttpRequest, content: SafeString) -> SafeString:
        events = link("events") if self.has_news and isinstance(request, ASGIRequest) else ""
        context = {"live": self, "content": content, "seen": self._digest(content), "events": events}
        return render_to_string("renderer/_live.html", context)

    def _digest(self, content: str) -> str:
        return hashlib.sha256(f"{self.every} {TIME.sub('>', content)}".encode()).hexdigest()[:16]


def pace(job: RenderJob | None, now: datetime) -> int:
    """How often to ask after a job, in seconds: rarer the longer it takes, never once it is final."""
    if job is None or job.is_final:
        return 0
    age = (now - job.created_at).total_seconds()
    return 1 if age < 60 else 3 if age < 600 else 10
