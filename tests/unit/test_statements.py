"""A statement that is written once finds what the ORM finds each time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import CharField, DateTimeField, Q
from django.utils import timezone

from renderer.models import ApiToken
from renderer.models.statements import Slot, Statement

NAMED = Statement(
    lambda: (
        ApiToken.objects.filter(Q(name=Slot("name", CharField())), created_at__lt=Slot("now", DateTimeField()))
        .select_related("owner")
        .defer("hint")
        .order_by("pk")
    )
)
HINTS = Statement(lambda: ApiToken.objects.filter(name=Slot("name", CharField())).values_list("hint", flat=True))
PAIRS = Statement(lambda: ApiToken.objects.filter(name=Slot("name", CharField())).values_list("pk", "scopes"))


@pytest.mark.django_db
def test_rows_are_what_the_orm_makes_of_them(django_assert_num_queries: Any) -> None:
    ada, bob = User.objects.create_user("ada"), User.objects.create_user("bob")
    first = ApiToken.issue(ada, "one", scopes=["read"])[0]
    second = ApiToken.issue(bob, "one", expires_at=timezone.now() + timedelta(days=1))[0]
    other = ApiToken.issue(ada, "'; --")[0]
    soon = timezone.now() + timedelta(minutes=1)

    with django_assert_num_queries(1):
        found = NAMED.all(name="one", now=soon)
        assert [(row, row.owner, row.scopes, row.expires_at) for row in found] == [
            (first, ada, ["read"], None),
            (second, bob, second.scopes, second.expires_at),
        ]
    assert found[0].get_deferred_fields() == {"hint"}
    assert found[0].hint == first.hint
    assert NAMED.all(name="one", now=soon - timedelta(days=1)) == []
    assert NAMED.first(name="'; --", now=soon) == other
    assert NAMED.first(name="two", now=soon) is None
    assert HINTS.first(name="'; --") == other.hint
    assert PAIRS.all(name="'; --") == [(other.pk, other.scopes)]
