"""Share links on a chart's page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from renderer.models import Chart, ShareLink


def test_a_link_is_shown_once_and_revoked(signed_in: Client, chart: Chart, ada: User) -> None:
    made = signed_in.post(f"/charts/{chart.pk}/share/", {"name": "Board", "format": "png", "days": "7"})

    assert made.status_code == 201
    found = re.search(r'id="share-url">http://testserver/s/(figs_[\w-]+)\.png<', made.content.decode())
    assert found
    link = ShareLink.find(found[1], "png")
    assert link
    assert (link.owner, link.name, link.variant.chart) == (ada, "Board", chart)
    assert link.expires_at
    assert timedelta(days=6) < link.expires_at - timezone.now() <= timedelta(days=7)
    later = signed_in.get(f"/charts/{chart.pk}/").content.decode()
    assert found[1] not in later
    assert "Board" in later
    assert "not seen yet" in later

    assert "Revoked." in signed_in.post(f"/links/{link.pk}/revoke/", follow=True).content.decode()
    assert ShareLink.find(found[1], "png") is None
    assert "Board" not in signed_in.get(f"/charts/{chart.pk}/").content.decode()


@pytest.mark.parametrize("form", [{"format": "gif", "days": "7"}, {"format": "png", "days": "8"}, {}])
def test_a_wrong_form_makes_none(signed_in: Client, chart: Chart, form: dict[str, str]) -> None:
    assert signed_in.post(f"/charts/{chart.pk}/share/", form).status_code == 422
    assert not ShareLink.objects.exists()
