"""The forms of the pages, but for those made from a figure function's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Self

from django import forms
from django.utils.timezone import get_current_timezone_name

from renderer.jobs import cron, schedules, tags
from renderer.jobs.schedules import Plan
from renderer.models import Schedule
from renderer.models.access import Scope, usual_scopes
from renderer.models.membership import Role
from renderer.models.schedule import MissedRuns
from renderer.models.webhook import SUBSCRIBABLE, all_events
from renderer.recipe import FORMATS
from renderer.spec.errors import Problem
from renderer.spec.text import TextError
from renderer.web.links import FORMAT_NAMES


class TagsField(forms.CharField):
    """Tags with commas between them."""

    def to_python(self, value: str | None) -> list[str]:  # type: ignore[override]  # a list is what comes of the text
        """The tags, each once."""
        parts = [part for part in (value or "").split(",") if part.strip()]
        if len(parts) > tags.MOST:
            raise forms.ValidationError(f"A chart has at most {tags.MOST} tags.")
        try:
            return sorted({tags.cleaned(part) for part in parts})
        except TextError as error:
            raise forms.ValidationError(f"A tag {error}.") from None

    def prepare_value(self, value: Any) -> Any:
        """The text of tags; what was typed stays as it is."""
        return ", ".join(value) if isinstance(value, list) else value


class ChartForm(forms.Form):
    """What every chart has beside its recipe."""

    name = forms.CharField(
        max_length=200,
        required=False,
        help_text="How it is called in your lists. Without one, its title is shown.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    tags = TagsField(
        required=False,
        help_text="Words to find it by, with commas between them.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
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
    """A cron line and a zone, and what else there is to decide."""

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
        initial=get_current_timezone_name,  # the reader's
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "list": "zones", "data-own-zone": ""}),
    )
    missed_runs = forms.ChoiceField(
        choices=MissedRuns.choices,
        initial=MissedRuns.ONCE,
        label="Runs missed while all was off",
    )
    skip_unchanged = forms.BooleanField(
        required=False,
        initial=True,
        label="Draw only what may have changed",
        help_text="A chart with its rows in it is the same each time. Figure functions are always drawn.",
    )
    jitter = forms.IntegerField(
        min_value=0,
        max_value=schedules.MOST_JITTER,
        required=False,
        initial=0,
        label="Spread over, in seconds",
        help_text="It runs up to so much later, always by the same time: many schedules of one moment spread.",
    )
    pause_after = forms.IntegerField(
        min_value=0,
        max_value=schedules.MOST_FAILURES,
        required=False,
        initial=5,
        label="Pause after failures in a row",
        help_text="0: never.",
    )
    last_day = forms.DateField(
        required=False, label="Last day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    max_runs = forms.IntegerField(min_value=1, max_value=1_000_000, required=False, label="At most so many runs")

    FIRST = ("cron", "timezone", "missed_runs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound or "timezone" in self.initial:  # chosen already, and not the script's to put in
            del self.fields["timezone"].widget.attrs["data-own-zone"]

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """The form, filled with what a schedule is now."""
        last = schedule.ends_at.astimezone(cron.zone_of(schedule.timezone)) if schedule.ends_at else None
        values = {name: getattr(schedule, name) for name in cls.base_fields if name != "last_day"}
        return cls(initial=values | {"last_day": last and last.date()})

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields that everybody fills in."""
        return [self[name] for name in self.FIRST]

    @property
    def more(self) -> list[forms.BoundField]:
        """The others."""
        return [field for field in self if field.name not in self.FIRST]

    def plan(self) -> Plan:
        """What a valid form says."""
        values = self.cleaned_data
        return {
            "cron": values["cron"],
            "tz": values["timezone"],
            "missed_runs": MissedRuns(values["missed_runs"]),
            "skip_unchanged": values["skip_unchanged"],
            "jitter": values["jitter"] or 0,
            "pause_after": 5 if values["pause_after"] is None else values["pause_after"],
            "ends_at": self._end_of_day(values["last_day"], values["timezone"]),
            "max_runs": values["max_runs"],
        }

    @staticmethod
    def _end_of_day(day: date | None, zone: str) -> datetime | None:
        """The last second of a day in a zone; in UTC where the zone is none, which is said elsewhere."""
        if day is None:
            return None
        end = datetime.combine(day, time(23, 59, 59))
        return end.replace(tzinfo=cron.zone_of(zone))


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


class WorkspaceForm(forms.Form):
    """A workspace's name."""

    name = forms.CharField(
        max_length=100,
        help_text="What its members share, such as “Sales”.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class MemberForm(forms.Form):
    """A new member."""

    username = forms.CharField(
        max_length=150,
        label="User name",
        help_text="What they sign in with.",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(choices=Role.choices)


class ShareForm(forms.Form):
    """A new share link."""

    ids = "share_%s"
    """For ``auto_id``: it stands beside a schedule's form."""

    name = forms.CharField(
        max_length=200,
        required=False,
        label="For",
        help_text="What or whom it is for. Only you see this.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    format = forms.ChoiceField(choices=[(name, FORMAT_NAMES[name]) for name in FORMATS], label="Format")
    days = forms.TypedChoiceField(
        label="Ends after",
        coerce=int,
        choices=[(1, "a day"), (7, "a week"), (30, "30 days"), (365, "a year"), (0, "never")],
        initial=30,
    )


class WebhookForm(forms.Form):
    """A new webhook."""

    url = forms.CharField(
        max_length=2048,
        label="URL",
        help_text="Where each event is sent, as an HTTP POST.",
        widget=forms.URLInput({"autocomplete": "off", "spellcheck": "false", "placeholder": "https://"}),
    )
    name = forms.CharField(max_length=100, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    events = forms.MultipleChoiceField(
        choices=[(event.value, event.label) for event in SUBSCRIBABLE],
        initial=all_events,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


def refuse(form: forms.Form, problems: Sequence[Problem]) -> None:
    """Show each problem at the field that its pointer names, else above the form."""
    for problem in problems:
        name = problem.pointer.removeprefix("/").partition("/")[0]
        name = "last_day" if name == "ends_at" else name  # pages ask for a day
        form.add_error(name if name in form.fields else None, problem.message[:1].upper() + problem.message[1:])


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """The time zones that a person may look for, by name."""
    hidden = ("Etc/", "SystemV/", "posix/", "right/", "US/")
    return ["UTC", *sorted(zone for zone in cron.zones() if "/" in zone and not zone.startswith(hidden))]


CRON_EXAMPLES: list[tuple[str, str]] = [
    ("*/15 * * * *", "every quarter of an hour"),
    ("0 * * * *", "every hour"),
    ("0 7 * * *", "every day at 7"),
    ("0 7 * * 1-5", "on working days at 7"),
    ("0 8 * * 1", "on Mondays at 8"),
    ("0 6 1 * *", "on the first of each month at 6"),
]
