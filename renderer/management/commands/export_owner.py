"""``manage.py export_owner NAME -o FILE``: everything that an owner has, as one ZIP file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from renderer import audit
from renderer.jobs import exports
from renderer.models.audit import Action


class Command(BaseCommand):
    """For those who ask the operator for a copy, and for what takes longer than a worker may."""

    help = "Writes everything that a user (or a workspace's account) has into one ZIP file, without secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and where to."""
        parser.add_argument("name", help="the user name")
        parser.add_argument("-o", "--output", type=Path, required=True, help="the ZIP file to write")

    def handle(self, *args: Any, name: str, output: Path, **options: Any) -> None:
        """In this process."""
        people = get_user_model()
        try:
            owner = people.objects.get(username=name)
        except people.DoesNotExist:
            raise CommandError(f"There is nobody called {name!r}.") from None
        exports.write(owner, output)
        with audit.running("export_owner"):
            audit.note(Action.EXPORTED, owner, output.name)
        self.stdout.write(f"{output}: {output.stat().st_size:,} bytes")
