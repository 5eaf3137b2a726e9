"""What the pages' own templates need: moments, lengths of time, states."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from renderer.api.standing import Standing, memberships_of, standing_of
from renderer.models import ApiToken, Membership, RenderJob, Run
from renderer.models.access import Scope
from renderer.web import agents, moments, words, zone
from renderer.web.words import State

CELL = 300
"""Characters of a cell that a page shows."""

register = template.Library()


@register.simple_tag(takes_context=True)
def memberships(context: Context) -> list[Membership]:
    """The workspaces of who is signed in, with their roles: for the menu, on any page with a request."""
    return memberships_of(context["request"])


@register.simple_tag(takes_context=True)
def standing(context: Context) -> Standing:
    """Whose account the page is about; the pages for what is not there want to know, too."""
    return standing_of(context["request"])


@register.simple_tag
def moment(at: datetime | None, style: str = "ago") -> SafeString | str:
    """A ``<time>``: to the letter what app.js makes of it, so that nothing moves when that runs; in full, with the
    zone's name, where no script has told the reader's zone.

    ``style``: ``ago`` (3 minutes ago), ``at`` (Sun 22 Nov 2026, 10:56), ``clock`` (10:56:08), ``since`` (a running
    clock).
    """
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" data-style="{}">{}</time>',
        at.isoformat(timespec="milliseconds"),
        style,
        moments.written(at, style, timezone.now()) if zone.is_told() else moments.in_full(at, style),
    )


@register.simple_tag
def data_cell(cell: float | str | None) -> SafeString:
    """A cell of a table of data: numbers to the right, and nothing where there is none."""
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 1e15
        return format_html('<td class="number">{}</td>', str(int(cell)) if whole else f"{cell:.12g}")
    return format_html("<td>{}</td>", "" if cell is None else cell[:CELL])


@register.filter
def lasting(value: timedelta | None) -> str:
    """A length of time in words; a dash if there is none."""
    return words.duration(value) if value is not None else "–"


@register.filter
def thousands(value: int) -> str:
    """A whole number that can be read: ``1,250,000``."""
    return f"{value:,}"


@register.filter
def milliseconds(value: float) -> str:
    """A number of milliseconds in words."""
    return words.duration(timedelta(milliseconds=value))


@register.filter
def browser(agent: str) -> str:
    """The browser that calls itself like this."""
    return agents.called(agent)


@register.filter
def may(token: ApiToken) -> str:
    """What a token may do, in the words of the form that makes one."""
    return ", ".join(Scope(scope).label.lower() for scope in token.scopes)


@register.filter
def breakable(command: str) -> SafeString:
    """A command that a narrow page may break behind commas; copied it is as it was."""
    first, *others = command.split(",")
    return format_html("{}{}", first, format_html_join("", ",<wbr>{}", ((part,) for part in others)))


@register.filter
def state(job: RenderJob) -> State:
    """The word and colour of a job's status."""
    return words.state_of(job)


@register.filter
def run_state(run: Run) -> State:
    """The word and colour of what became of a schedule's run."""
    return words.state_of_run(run)


@register.filter
def when(run: Run) -> str:
    """The moment of a run: for titles, which no script turns into the reader's zone."""
    return moments.in_full(run.due_at or run.created_at)


@register.filter
def wall_clock(local: datetime) -> str:
    """What clocks show at a moment in its own zone: ``Mon 07:00``."""
    return f"{local:%a %H:%M}"
