"""Signatures: the standard's own example, and what the documentation tells receivers to do."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from renderer.webhooks import signing

PAGE = (Path(__file__).resolve().parents[3] / "docs/webhooks.md").read_text()
BODY = b'{"type":"webhook.test","data":{"name":"\xc3\xa9"}}'
OLD, NEW = b"o" * 32, b"n" * 32


def snippet(language: str) -> str:
    """The code of the page in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def headers(*secrets: bytes, at: float | None = None) -> dict[str, str]:
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return signing.headers(secrets, "0199c3a0-5b1e-7d4e-9f6c-3c1f4b6a8d20", moment, BODY)


def test_the_example_of_the_standard() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.shown(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("secret", "secrets", "ago", "changed", "body", "wrong"),
    [
        (NEW, (NEW,), 0, {}, BODY, ""),
        (NEW, (NEW, OLD), 0, {}, BODY, ""),
        (OLD, (NEW, OLD), 0, {}, BODY, ""),
        (OLD, (NEW,), 0, {}, BODY, "not from Figpress"),
        (NEW, (NEW,), 0, {}, BODY + b" ", "not from Figpress"),
        (NEW, (NEW,), 0, {"webhook-id": "another"}, BODY, "not from Figpress"),
        (NEW, (NEW,), 3600, {}, BODY, "too old"),
    ],
)
def test_a_receiver_in_python_and_in_javascript(
    secret: bytes, secrets: tuple[bytes, ...], ago: float, changed: dict[str, str], body: bytes, wrong: str
) -> None:
    sent = headers(*secrets, at=time.time() - ago) | changed
    assert _python(secret, sent, body).startswith(wrong or "taken")
    if node := shutil.which("node"):
        assert _javascript(node, secret, sent, body).startswith(wrong or "taken")


def _python(secret: bytes, sent: dict[str, str], body: bytes) -> str:
    names: dict[str, Any] = {}
    exec(compile(snippet("python"), "docs/webhooks.md", "exec"), names)
    try:
        names["verify"](signing.shown(secret), sent, body)
    except ValueError as error:
        return str(error)
    return "taken"


def _javascript(node: str, secret: bytes, sent: dict[str, str], body: bytes) -> str:
    given = ", ".join([json.dumps(signing.shown(secret)), json.dumps(sent), f"Buffer.from({list(body)})"])
    script = snippet("js") + f'try {{ verify({given}); console.log("taken") }} catch (e) {{ console.log(e.message) }}'
    return subprocess.run([node, "-e", script], check=True, capture_output=True, text=True).stdout
