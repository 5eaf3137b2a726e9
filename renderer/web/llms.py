"""/llms.txt: the chart language and the API on one page, for language models. It is public, as the language is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from renderer.spec.digest import digest


@require_safe
@cache_control(public=True, max_age=300)
def page(request: HttpRequest) -> HttpResponse:
    """The whole page, as plain text."""
    return HttpResponse(digest(), content_type="text/plain; charset=utf-8")
