"""The forms of the pages, but for those made from a figure function's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import available_timezones

from django import forms

from renderer.models.access import Scope, usual_scopes
from renderer.models.schedule import MissedRuns
from renderer.recipe import FORMATS
from renderer.spec.errors import Problem
from renderer.web.links import FORMAT_NAMES


class ChartForm(forms.Form):
    """What every chart has beside its recipe."""

    name = forms.CharField(
        max_length=200,
        required=False,
        help_text="How it is called in your lists. Without one, its title is shown.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    formats = forms.MultipleChoiceField(
        choices=[(name, FORMAT_NAMES[name]) for name in FORMATS],
        initial=["png"],
        label="Files",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


class SpecForm(ChartForm):
    """A chart from a spec."""

    spec = forms.CharField(
        label="Spec",
        strip=False,
        widget=forms.Textarea(
            {"rows": 24, "class": "code", "spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}
        ),
    )


class ScheduleForm(forms.Form):
    """A cron line and a zone."""

    cron = forms.CharField(
        max_length=100,
        label="When",
        initial="0 7 * * 1-5",
        help_text="Minute, hour, day of month, month, day of week.",
        widget=forms.TextInput(
            {"class": "code", "spellcheck": "false", "autocomplete": "off", "list": "cron-examples"}
        ),
    )
    timezone = forms.CharField(
        max_length=64,
        label="Time zone",
        initial="UTC",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "list": "zones", "data-own-zone": ""}),
    )
    missed_runs = forms.ChoiceField(
        choices=MissedRuns.choices,
        initial=MissedRuns.ONCE,
        label="Runs missed while all was off",
    )


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        max_length=100,
        help_text="What will use it, such as “nightly report”.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label="Ends after",
        coerce=int,
        choices=[(30, "30 days"), (90, "90 days"), (365, "a year"), (0, "never")],
        initial=90,
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=[
            (Scope.READ.value, "look, and fetch pictures"),
            (Scope.RENDER.value, "make, change and draw"),
            (Scope.ADMIN.value, "delete"),
        ],
        initial=usual_scopes,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


def refuse(form: forms.Form, problems: Sequence[Problem]) -> None:
    """Show each problem at the field that its pointer names, else above the form."""
    for problem in problems:
        name = problem.pointer.removeprefix("/").partition("/")[0]
        form.add_error(name if name in form.fields else None, problem.message[:1].upper() + problem.message[1:])


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """The time zones that a person may look for, by name."""
    hidden = ("Etc/", "SystemV/", "posix/", "right/", "US/")
    return ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(hidden))]


CRON_EXAMPLES: list[tuple[str, str]] = [
    ("*/15 * * * *", "every quarter of an hour"),
    ("0 * * * *", "every hour"),
    ("0 7 * * *", "every day at 7"),
    ("0 7 * * 1-5", "on working days at 7"),
    ("0 8 * * 1", "on Mondays at 8"),
    ("0 6 1 * *", "on the first of each month at 6"),
]
