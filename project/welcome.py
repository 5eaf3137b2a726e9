"""Said by `make run` once the web server answers: where to go, and at the first start who signs in. Also asks for the
sample charts then, so that they are drawn before one's eyes."""

from __future__ import annotations

import logging
import os
import secrets
import sys

from project import local

FIRST_USER = "figpress"


def main() -> None:
    """Wait for the web server, make the first user and the samples if there are none, and say so."""
    host, port = os.environ["HOST"], int(os.environ["PORT"])
    local.wait_for(lambda: local.is_listening(port, host), deadline=120, what="the web server")
    import django

    django.setup()
    logging.disable(logging.INFO)  # a line for each sample would stand where the password does
    password = first_user()
    lines = [f"Figpress is ready: http://{host}:{port}"]
    if password:
        lines += [f"Sign in as  {FIRST_USER}  with the password  {password}", "(said once: only its hash is kept)"]
    if os.environ["FIGPRESS_EXAMPLES"] != "0":
        lines.append(f"The example shop: http://{host}:{port}/shop/")
    lines.append("Ctrl-C stops everything.")
    say(lines)


def first_user() -> str:
    """Make the first user, and the samples as theirs. Returns the password; nothing if there was a user already."""
    from django.contrib.auth.models import User
    from django.db import transaction

    from project import samples

    if User.objects.exists():
        return ""
    password = secrets.token_urlsafe(9)
    with transaction.atomic():  # all or nothing: a user whose password nobody was told would be of no use
        samples.make(User.objects.create_superuser(FIRST_USER, password=password))
    return password


def say(lines: list[str]) -> None:
    """Print lines in a frame: they stand between the logs of four processes."""
    width = max(map(len, lines)) + 4
    body = "".join(f"│  {line:<{width - 2}}│\n" for line in lines)
    sys.stdout.write(f"\n╭{'─' * width}╮\n{body}╰{'─' * width}╯\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
