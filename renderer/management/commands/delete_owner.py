"""``manage.py delete_owner NAME``: an account with everything in it, for good."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from renderer import audit
from renderer.jobs import owners


class Command(BaseCommand):
    """What a person does on the page of their account, by an operator."""

    help = "Deletes a user with all charts, files, tokens and sessions, after the name was typed once more."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom."""
        parser.add_argument("name", help="the user name")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, name: str, yes: bool, **options: Any) -> None:
        """Ask, then do it in one transaction."""
        people = get_user_model()
        try:
            owner = people.objects.get(username=name)
        except people.DoesNotExist:
            raise CommandError(f"There is nobody called {name!r}.") from None
        held = " and ".join(f"{n:,} {noun}" for noun, n in owners.held_by(owner).items())
        if not yes and input(f"{held} go with {name}. Type the name to delete them: ") != name:
            raise CommandError("Nothing was deleted.")
        try:
            with audit.running("delete_owner"):
                owners.delete(owner)
        except owners.Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{name} is gone.")
