"""Vault: secrets that must be read again (of a second factor, addresses of webhooks) are encrypted in the database.

A copy of the database alone gives them to nobody. The keys are ``FIGPRESS_ENCRYPTION_KEYS``, the newest first: that one
encrypts, all of them decrypt, so that a key is replaced without a stop (``manage.py reencrypt``). Without that setting
the key is made from SECRET_KEY: better than plain text, but then one leak tells both.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEYS: Final = "FIGPRESS_ENCRYPTION_KEYS"
MARK: Final = "enc1:"
"""How everything begins that was encrypted here: what was stored before there were keys is still read."""


class KeyMissing(Exception):
    """What is stored was encrypted with a key that this installation does not have (any more)."""


class Unreadable(str):
    """What stands for a text whose key is missing: empty, so that pages about its row still open, and saved as it was.
    Whoever needs the text itself asks for it with :func:`known`."""

    __slots__ = ("sealed",)
    sealed: str


def known(text: str) -> str:
    """The text, if its key is there. Raises KeyMissing."""
    if isinstance(text, Unreadable):
        raise KeyMissing(f"No key in {KEYS} opens what is stored: is an old one missing there?")
    return text


def seal(text: str) -> str:
    """The text, encrypted under the newest key. Nothing stays nothing."""
    if isinstance(text, Unreadable):
        return text.sealed
    return MARK + _ring().encrypt(text.encode()).decode() if text else ""


def reveal(sealed: str) -> str:
    """What was sealed, or Unreadable."""
    if not sealed.startswith(MARK):
        return sealed
    try:
        return _ring().decrypt(sealed[len(MARK) :].encode()).decode()
    except InvalidToken:
        lost = Unreadable()
        lost.sealed = sealed
        return lost


def is_current(sealed: str) -> bool:
    """Whether it is under the newest key."""
    if not sealed:
        return True
    try:
        Fernet(_derived(keys()[0])).decrypt(sealed.removeprefix(MARK).encode())
    except InvalidToken:
        return False
    return sealed.startswith(MARK)


def keys() -> tuple[str, ...]:
    """All keys, the newest first. Those made of SECRET_KEY come last, for what was sealed before there were others."""
    chosen: Sequence[str] = getattr(settings, KEYS, None) or ()
    return (*chosen, *map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)))


def _ring() -> MultiFernet:
    return _ring_of(keys())


@lru_cache(maxsize=4)
def _ring_of(found: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in found])


@lru_cache(maxsize=16)
def _derived(key: str) -> bytes:
    """A Fernet key of any long random text. A purpose of its own: no signature made with SECRET_KEY tells of it."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"figpress.vault").derive(key.encode())
    return base64.urlsafe_b64encode(derived)
