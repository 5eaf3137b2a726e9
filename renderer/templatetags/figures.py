"""``{% load figures %}{% figure store.revenue_chart alt="Revenue by month" %}``."""

from __future__ import annotations

from html import unescape

from django import template
from django.db.models.fields.files import ImageFieldFile
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from renderer.models.job import Status
from renderer.web.figures import shown

register = template.Library()

_SCRIPT = "figpress figure.js"


@register.simple_tag(takes_context=True)
def figure(context: Context, image: ImageFieldFile, alt: str = "") -> SafeString:
    """The last good picture of an image field, or a placeholder until there is one, swapped when the job is done.

    Takes the image field of a saved row, a FigureField or a plain ImageField. Raises TypeError for anything else.
    """
    if not isinstance(image, ImageFieldFile):
        raise TypeError(f"{{% figure %}} takes an image field of a row, such as store.revenue_chart, not {image!r}")
    now = shown(image)
    # A literal in a template counts as HTML: back to text, so that it is escaped once, for an attribute.
    text = (unescape(alt) if isinstance(alt, SafeString) else alt) or now.alt
    values = {
        "now": now,
        "alt": text,
        "shown_alt": _shown_alt(text, now.state, has_picture=bool(now.url)),
        "with_script": bool(now.poll) and _first(context),
    }
    return render_to_string("renderer/figure.html", values)


def _shown_alt(alt: str, state: str, *, has_picture: bool) -> str:
    """The alternative text, with what it cannot show said as well: a reader must not take a placeholder for a chart."""
    match state:
        case Status.SUCCEEDED:
            note = ""
        case Status.FAILED:
            note = "last good picture; a newer one could not be drawn" if has_picture else "could not be drawn"
        case _ if has_picture:
            note = ""
        case Status.QUEUED | Status.RUNNING:
            note = "is being drawn"
        case _:
            note = "not drawn"
    return f"{alt} ({note})".strip() if note else alt


def _first(context: Context) -> bool:
    """Whether no other figure of this page brought the script yet.

    The bottom of the render context is the one place that included templates share with the page around them.
    """
    page = context.render_context.dicts[0]
    if _SCRIPT in page:
        return False
    page[_SCRIPT] = "included"
    return True
