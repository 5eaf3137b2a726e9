"""Guard: no process of the service starts with settings that are not safe on a network.

``manage.py check --deploy`` finds the same; but it is only run by those who think of it.
"""

from __future__ import annotations

from django.core.checks import ERROR, run_checks

from renderer.checks import TAG


class Unsafe(SystemExit):
    """The settings are not safe. The message says which, and what to do."""


def check_safety() -> None:
    """Make the checks of ``renderer/checks.py``, whatever the process. Raises :class:`Unsafe`."""
    found = run_checks(tags=[TAG], include_deployment_checks=True)
    if errors := [message for message in found if message.level >= ERROR and not message.is_silenced()]:
        lines = "\n".join(f"  {error.id}: {error.msg}\n    {error.hint}" for error in errors)
        raise Unsafe(f"Figpress does not start with these settings:\n{lines}")
