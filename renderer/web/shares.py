"""Share links on a chart's page: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from renderer.api.links import share_path
from renderer.jobs import shares as verbs
from renderer.jobs.variants import Look
from renderer.models import Chart, ShareLink
from renderer.spec.errors import SpecError
from renderer.web.access import SignedInRequest, signed_in
from renderer.web.charts import chart_page
from renderer.web.forms import ScheduleForm, ShareForm, refuse


@require_POST
@signed_in
def share(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Make a link. It stands in the answer to its form and nowhere else: a redirect would need to keep it."""
    row = get_object_or_404(Chart.objects.for_user(request.account).select_related("drawn_by", "owner"), pk=pk)
    form = ShareForm(request.POST, auto_id=ShareForm.ids)
    if form.is_valid():
        days = form.cleaned_data["days"]
        ends = timezone.now() + timedelta(days=days) if days else None
        look = Look(form.cleaned_data["format"])
        try:
            _, secret = verbs.create(request.account, row, look, name=form.cleaned_data["name"], expires_at=ends)
        except SpecError as error:
            refuse(form, error.problems)
        else:
            url = request.build_absolute_uri(share_path(secret, look.format))
            return chart_page(request, row, ScheduleForm(), share_url=url, status=201)
    return chart_page(request, row, ScheduleForm(), share_form=form, status=422)


@require_POST
@signed_in
def revoke(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """End a link at once."""
    link = get_object_or_404(ShareLink.objects.for_user(request.account).select_related("variant"), pk=pk)
    verbs.revoke(link)
    messages.success(request, "Revoked. Who has the link sees nothing any more, but for a few minutes in caches.")
    return redirect("chart", link.variant.chart_id)
