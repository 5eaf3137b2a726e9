"""Whether the commands that a deployment starts are there, with the options that it gives them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import click
from celery.bin.celery import celery
from django.conf import settings
from django.core.management import get_commands
from uvicorn.main import main as uvicorn


def problem_with(command: Sequence[str]) -> str:
    """What is wrong with a command line of ours; nothing if it can be started."""
    match list(command):
        case ["python", "manage.py", name, *_]:
            return "" if name in get_commands() else f"manage.py has no {name}"
        case ["celery", "--quiet", "-A", app, name, *options]:
            if app != "project" or name not in celery.commands:
                return f"no celery -A {app} {name}"
            return _problem_with_options(celery.commands[name], options)
        case ["uvicorn", *options]:
            target = settings.ASGI_APPLICATION
            if f"{target.rpartition('.')[0]}:{target.rpartition('.')[2]}" not in options:
                return f"uvicorn does not serve {target}"
            found = importlib.util.find_spec(target.rpartition(".")[0])
            return _problem_with_options(uvicorn, options) if found else f"there is no {target}"
    return f"what is {' '.join(command)}?"


def _problem_with_options(command: click.Command, options: Sequence[str]) -> str:
    parser = command.make_parser(click.Context(command))
    try:
        _, rest, _ = parser.parse_args(args=list(options))
    except click.UsageError as error:
        return error.format_message()
    return f"{command.name} does not know {rest}" if rest else ""
