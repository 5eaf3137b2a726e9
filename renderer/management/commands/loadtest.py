"""``manage.py loadtest``: ask for many charts, and say how fast they came."""

from __future__ import annotations

import json as documents
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from renderer.management import loading
from renderer.management.loading import KINDS, Load, Result
from renderer.models import ApiToken
from renderer.models.access import Scope

LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}


class Command(BaseCommand):
    """Load this installation. Ends with 1 if an ask was not answered, or a chart was not drawn."""

    help = "Asks for charts at a rate or as fast as they are answered, and says how fast they came."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much, of what, for how long."""
        parser.add_argument("--http", metavar="URL", default="", help="ask this web server; without, ask in process")
        parser.add_argument("--seconds", type=float, default=20, help="how long to ask (%(default)g)")
        parser.add_argument("--rate", type=float, default=0, help="asks a second, however slow the answers are")
        parser.add_argument("--users", type=int, default=4, help="without --rate: who ask one after the other (4)")
        parser.add_argument("--kinds", default=",".join(KINDS), help="%(default)s")
        parser.add_argument("--duplicates", type=float, default=10, metavar="PERCENT",
                            help="asks for what is on its way already (10)")  # fmt: skip
        parser.add_argument("--patience", type=float, default=120, help="seconds to wait for the last (120)")
        parser.add_argument("--report", type=Path, metavar="OUT.png", help="a figure of the run, drawn by ourselves")
        parser.add_argument("--keep", action="store_true", help="leave the charts there")
        parser.add_argument("--yes", action="store_true", help="also where other people's charts wait in the same line")
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, **options: Any) -> None:
        """Load, and tell."""
        kinds = [kind for kind in options["kinds"].split(",") if kind]
        if not kinds or (unknown := set(kinds) - set(KINDS)):
            raise CommandError(f"There is no kind {', '.join(sorted(unknown)) if kinds else ''}: {', '.join(KINDS)}.")
        if not options["yes"] and not (settings.DEBUG or set(settings.ALLOWED_HOSTS) <= LOCAL):
            raise CommandError("Others reach this installation, and would wait behind the load: say --yes if you may.")
        if not loading.workers():
            raise CommandError("No worker is alive: nothing would be drawn.")
        load = Load(
            seconds=options["seconds"], rate=options["rate"], users=options["users"], kinds=kinds,
            duplicates=options["duplicates"] / 100, patience=options["patience"],
        )  # fmt: skip
        owner = get_user_model().objects.create_user(f"loadtest-{timezone.now():%Y%m%d-%H%M%S-%f}")
        try:
            ask = loading.in_process(owner)
            if options["http"]:
                soon = timezone.now() + timedelta(hours=6)
                ask = loading.over_http(
                    options["http"], ApiToken.issue(owner, "loadtest", scopes=Scope.values, expires_at=soon)[1]
                )
            result = loading.run(load, ask)
            if options["report"]:
                self._draw(result, load, options["report"])
        finally:
            if not options["keep"]:
                loading.delete_of(owner)
        self._tell(result, load, json=options["json"])
        refused = sum(n for said, n in result.answers.items() if not said.startswith("2"))
        if refused or result.failed or result.unfinished:
            raise SystemExit(1)

    def _draw(self, result: Result, load: Load, into: Path) -> None:
        recipe = into.with_suffix(".json")
        recipe.write_text(documents.dumps(loading.report(result, load)))
        try:
            call_command("render", str(recipe), output=into, stdout=self.stderr)
        finally:
            recipe.unlink()

    def _tell(self, result: Result, load: Load, *, json: bool) -> None:
        def ms(values: list[float], *shares: int) -> dict[str, int]:
            return {f"p{share}": round(1000 * loading.percentile(values, share)) for share in shares}

        ask, ready = ms(result.posts, 50, 95, 99), ms(result.ready, 50, 95)
        told = {
            "jobs_per_second": round(result.per_second, 1),
            "asked": len(result.posts),
            "asks_per_second": round(len(result.posts) / result.seconds, 1),
            "answers": dict(result.answers),
            "joined": result.joined,
            "drawn": len(result.ready),
            "failed": dict(result.failed),
            "unfinished": result.unfinished,
            "ask_ms": ask,
            "ready_ms": ready,
            "oldest_waiting_seconds": round(max((age for _, age in result.ages), default=0.0), 1),
            "workers": dict(result.workers.most_common()),
        }
        if json:
            self.stdout.write(documents.dumps(told, indent=1))
            return
        how = f"{load.rate:g} asks a second" if load.rate else f"{load.users} at a time"
        rows = [
            ("charts drawn", f"{len(result.ready):,}", f"{result.per_second:.1f} a second"),
            ("asked", f"{len(result.posts):,}", f"{told['asks_per_second']} a second, {how}, {load.seconds:g} s"),
            ("joined", f"{result.joined:,}", "asks for what was on its way"),
            *(("answered " + said, f"{n:,}", "") for said, n in sorted(result.answers.items())),
            ("answer, ms", f"{ask['p50']:,}", f"p95 {ask['p95']:,}, p99 {ask['p99']:,}"),
            ("picture, ms", f"{ready['p50']:,}", f"p95 {ready['p95']:,}"),
            ("oldest waiting", f"{told['oldest_waiting_seconds']}", "seconds, at most"),
            *(("failed", f"{n:,}", reason) for reason, n in result.failed.items()),
            *(
                [("not drawn yet", f"{result.unfinished:,}", f"after {load.patience:g} s more")]
                * bool(result.unfinished)
            ),
            *(("worker", f"{n:,}", name) for name, n in result.workers.most_common()),
        ]
        for name, figure, more in rows:
            bad = name in ("failed", "not drawn yet") or (
                name.startswith("answered") and not name.startswith("answered 2")
            )
            line = f"{name:<16}{figure:>9}  {more}".rstrip()
            self.stdout.write(self.style.ERROR(line) if bad else line)
