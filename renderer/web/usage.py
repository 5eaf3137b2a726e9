"""Usage: how much an account has drawn and keeps, and how near it is to what it may."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.views.decorators.http import require_GET

from renderer import rates
from renderer.jobs import line
from renderer.jobs import usage as verbs
from renderer.jobs.usage import Share
from renderer.models import ApiToken
from renderer.models.job import Queue
from renderer.web import words
from renderer.web.access import SignedInRequest, signed_in


@dataclass(frozen=True, slots=True)
class Limit:
    """One bar: what it is about, and in words how much of how much."""

    label: str
    text: str
    share: Share

    @property
    def percent(self) -> float:
        """How far the bar goes."""
        return round(min(100.0, 100 * self.share.used / self.share.most), 2) if self.share.most else 0.0

    @property
    def tone(self) -> str:
        """Its colour, as that of a state: full, nearly so, or well."""
        return "failed" if self.percent >= 100 else "queued" if self.percent >= 80 else "running"


@require_GET
@signed_in
def usage(request: SignedInRequest) -> HttpResponse:
    """All of it on one page."""
    now = timezone.localtime()
    found = verbs.of(request.account, now)
    interactive = found.waiting.get(Queue.INTERACTIVE, Share(0, line.most_waiting()))
    waiting = {Queue.INTERACTIVE.value: interactive, **found.waiting}
    limits = [_counted(f"Waiting in the queue {queue}", share, "jobs") for queue, share in waiting.items()]
    limits.append(_counted("Datasets", found.datasets, "datasets"))
    held = found.dataset_bytes
    limits.append(Limit("Rows of datasets", f"{filesizeformat(held.used)} of {filesizeformat(held.most)}", held))
    limits += _rates(request)
    context = {
        "usage": found,
        "now": now,
        "zone": timezone.get_current_timezone_name(),
        "jobs": [(status, words.STATES[status], *found.jobs[status]) for status in found.jobs],
        "today": sum(today for today, _ in found.jobs.values()),
        "month": sum(month for _, month in found.jobs.values()),
        "limits": limits,
        "tokens": ApiToken.objects.for_user(request.account) if request.standing.is_owner else None,
    }
    return render(request, "renderer/usage.html", context)


def _counted(label: str, share: Share, noun: str) -> Limit:
    return Limit(label, f"{share.used:,} of {share.most:,} {noun}", share)


def _rates(request: SignedInRequest) -> list[Limit]:
    """The rate of all the account's tokens together, as it stands in this minute; nothing where nobody counts."""
    rate = rates.Rate("owner", rates.setting("FIGPRESS_RATE_OWNER"))
    counts = rates.look((rate, str(request.account.pk)))
    return [_counted("Requests to the API in this minute", Share(c.used, rate.quota), "requests") for c in counts]
