"""Codes of a second factor: RFC 6238 as every authenticator app reads it (SHA-1, six digits, 30 seconds), and recovery
codes for when the app is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote, urlencode

STEP: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
"""Steps that a clock may be wrong by, to either side."""
LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Of recovery codes: none that is taken for another one."""
CODES: Final = 10


def new_secret() -> str:
    """160 random bits (RFC 4226), in the letters that apps take."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of one step of 30 seconds."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str, now: float) -> int | None:
    """The step whose code it is, if it is that of now, or of the one before or after."""
    present = int(now) // STEP
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):  # all of them: the time that it takes tells nothing
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def address(secret: str, *, issuer: str, account: str) -> str:
    """What the QR code says to an app."""
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"


def new_codes() -> list[str]:
    """Recovery codes of 59 random bits."""
    return ["-".join("".join(secrets.choice(LETTERS) for _ in range(6)) for _ in range(2)) for _ in range(CODES)]


def digest(code: str) -> str:
    """What is kept of a recovery code."""
    return hashlib.sha256(code.encode()).hexdigest()


def cleaned(code: str) -> str:
    """As it was shown, however it was typed."""
    bare = "".join(char for char in code.lower() if char.isalnum() and char.isascii())
    return bare if bare.isdigit() and len(bare) == DIGITS else f"{bare[:6]}-{bare[6:]}"
