"""Tags: short words on charts, to find them again. In small letters: nobody means two things by Sales and sales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import UUIDField

from renderer.models import Chart, Tag
from renderer.models.statements import Slot, Statement
from renderer.spec.text import TextError, clean_text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST: Final = 10
"""Tags of one chart."""
LONGEST: Final = 40
_OF_ONE: Final = Statement(
    lambda: Tag.objects.filter(chart=Slot("chart", UUIDField())).order_by("name").values_list("name", flat=True)
)


def cleaned(text: str) -> str:
    """A tag as it is kept. Raises TextError if the text can be none."""
    name = clean_text(text, limit=LONGEST).lower()
    if not name:
        raise TextError("is empty")
    if "," in name:
        raise TextError("holds a comma, which stands between tags")
    if len(name) > LONGEST:
        raise TextError(f"is longer than {LONGEST} characters")
    return name


def put(chart: Chart, names: Sequence[str]) -> None:
    """Give a chart these tags, which are cleaned, and no others. Call it in a transaction."""
    wanted = set(names)
    there = set(chart.tags.values_list("name", flat=True))
    if there - wanted:
        chart.tags.filter(name__in=there - wanted).delete()
    new = [Tag(owner_id=chart.owner_id, chart=chart, name=name) for name in sorted(wanted - there)]
    Tag.objects.bulk_create(new, ignore_conflicts=True)  # somebody else has put the same one in this moment


def of(charts: Iterable[Chart]) -> dict[UUID, list[str]]:
    """The tags of charts, by their ids, in one query."""
    charts, found = list(charts), dict[UUID, list[str]]()
    if len(charts) == 1:  # what each ask answers
        return {charts[0].pk: names} if (names := _OF_ONE.all(chart=charts[0].pk)) else found
    for chart, name in Tag.objects.filter(chart__in=charts).order_by("name").values_list("chart", "name"):
        found.setdefault(chart, []).append(name)
    return found


def of_owner(owner: User) -> list[str]:
    """Every tag that somebody has put on a chart."""
    return list(Tag.objects.filter(owner=owner).order_by("name").values_list("name", flat=True).distinct())
