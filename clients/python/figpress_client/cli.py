"""The command ``figpress``: pictures from a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from figpress_client.errors import FieldError, FigpressError, ProblemError, RenderFailed, Unreachable, WaitedTooLong
from figpress_client.synchronous import Client

SERVER: Final = "http://127.0.0.1:8000"
OK, FAILED, USAGE, WRONG, REFUSED, AWAY = range(6)
"""Exit codes: drawing failed; a file or an argument is no good; the spec is wrong; the token may not; the server is
away, busy or too slow."""
FORMATS: Final = ("png", "webp", "svg", "pdf")


class Unusable(Exception):
    """An argument that cannot be used, with the reason."""


def run() -> None:
    """The command."""
    sys.exit(main())


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "mcp":
            return _serve(options)
        with Client(options.server, token=options.token, timeout=options.timeout) as client:
            code: int = options.act(client, options)
            return code
    except (Unusable, OSError, ValueError, LookupError) as error:
        return _say(str(error), USAGE)
    except ProblemError as error:
        code = {401: REFUSED, 403: REFUSED, 404: REFUSED, 413: WRONG, 422: WRONG}.get(error.status, AWAY)
        return _say(str(error), code)
    except RenderFailed as error:
        return _say(f"{error.job.reason or error.job.status}: {error}", FAILED)
    except (Unreachable, WaitedTooLong) as error:
        return _say(str(error), AWAY)
    except FigpressError as error:
        return _say(str(error), AWAY)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--server", default=os.environ.get("FIGPRESS_SERVER", SERVER), help=f"FIGPRESS_SERVER, or {SERVER}"
    )
    common.add_argument(
        "--token", default=os.environ.get("FIGPRESS_TOKEN", ""), help="better in FIGPRESS_TOKEN: others see arguments"
    )
    common.add_argument(
        "--timeout", type=float, default=120, metavar="SECONDS", help="for each answer, and the picture"
    )
    parser = argparse.ArgumentParser(prog="figpress", description="Charts from JSON, drawn by a Figpress server.")
    commands = parser.add_subparsers(dest="command", required=True)
    spec_help = "a file with a chart spec as JSON; - is the standard input"

    render = commands.add_parser("render", parents=[common], help="draw a chart spec into a file")
    render.add_argument("spec", help=spec_help)
    render.add_argument(
        "-o", "--output", required=True, type=Path, help=f"its ending is the format: {', '.join(FORMATS)}"
    )
    render.add_argument("--scale", type=float, help="pixels for each CSS pixel")
    render.add_argument("--theme")
    render.set_defaults(act=_render)

    check = commands.add_parser("check", parents=[common], help="find what is wrong with a spec; nothing is drawn")
    check.add_argument("spec", help=spec_help)
    check.set_defaults(act=_check)

    kinds = commands.add_parser("kinds", parents=[common], help="list the kinds of charts, or show one's JSON Schema")
    kinds.add_argument("kind", nargs="?")
    kinds.set_defaults(act=_kinds)

    commands.add_parser("mcp", parents=[common], help="serve assistants over the standard input and output")
    return parser


def _render(client: Client, options: argparse.Namespace) -> int:
    output: Path = options.output
    wanted = output.suffix[1:].lower()
    if wanted not in FORMATS:
        raise Unusable(f"{output}: its ending says the format, and is one of {', '.join(FORMATS)}")
    asked = client.render(
        _spec(options.spec),
        formats=[wanted],
        scales=[options.scale] if options.scale else None,
        themes=[options.theme] if options.theme else None,
        wait=options.timeout,
    )
    picture = asked.wait(options.timeout)
    picture.save(output)
    for warning in picture.chart.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return OK


def _check(client: Client, options: argparse.Namespace) -> int:
    checked = client.check(_spec(options.spec))
    for warning in checked.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    for error in checked.errors:
        # What was sent is the spec itself here: the pointer starts at its root.
        _say(str(FieldError(error.pointer.removeprefix("/spec"), error.message)), WRONG)
    return OK if checked.ok else WRONG


def _kinds(client: Client, options: argparse.Namespace) -> int:
    if options.kind:
        print(json.dumps(client.kind(options.kind), indent=2, ensure_ascii=False))
    else:
        for kind in client.kinds():
            print(f"{kind.kind:<14} {kind.summary}")
    return OK


def _serve(options: argparse.Namespace) -> int:
    try:
        from figpress_client.mcp_server import server
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise Unusable("the MCP server is an extra: pip install 'figpress-client[mcp]'") from None
    server(options.server, options.token, timeout=options.timeout).run("stdio")
    return OK


def _spec(name: str) -> dict[str, Any]:
    text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    try:
        spec = json.loads(text)
    except ValueError as error:
        raise Unusable(f"{name} is not JSON: {error}") from None
    if not isinstance(spec, dict):
        raise Unusable(f"{name} is not a chart spec: that is a JSON object")
    return spec


def _say(text: str, code: int) -> int:
    for line in text.splitlines():
        print(f"figpress: {line}", file=sys.stderr)
    return code
