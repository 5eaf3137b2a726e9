"""Single sign-on by OpenID Connect, with one provider: the code flow with PKCE, state and nonce, and nothing else.

The provider is the operator's choice (``FIGPRESS_OIDC``), so its addresses are not judged as those of charts are. They
are read from its discovery document, and must be https unless it is on this machine. A person is known by issuer and
subject; names and e-mail addresses lead to nobody's account. Needs ``figpress[sso]``.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from renderer import audit
from renderer.models import Identity
from renderer.models.audit import Action

if TYPE_CHECKING:
    from django.contrib.auth.models import User

OIDC: Final = "FIGPRESS_OIDC"
TIMEOUT: Final = 10.0
MAX_BYTES: Final = 256 * 1024
KEPT_FOR: Final = 3600.0
"""Seconds that discovery and keys are taken as they were; an unknown key is looked for once more."""
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signed with the provider's own key. Neither "none" nor HS256 is among them, whatever a token says."""
LEEWAY: Final = 60
SUBJECT_CHARS: Final = 255
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_IN_NAMES: Final = re.compile(r"[^\w.@+-]")


class Refused(Exception):
    """Nobody signs in this way. str() is a sentence for the person; the cause is for the log."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who vouches for people."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = "single sign-on"
    sign_up: bool = True
    """Whether somebody whom it knows and we do not gets an account."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser keeps in its session while its person is at the provider."""

    state: str
    nonce: str
    verifier: str


def provider() -> Provider | None:
    """The provider of this installation, if it has one."""
    chosen: dict[str, Any] = getattr(settings, OIDC, None) or {}
    return Provider(**chosen) if chosen.get("issuer") else None


def ask(found: Provider, redirect_uri: str) -> tuple[str, Asked]:
    """Where to send a browser, and what to keep of it. Raises Refused."""
    asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": found.client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid profile email",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    target = str(_discovered(found)["authorization_endpoint"])
    _must_be_https(found, target)
    return f"{target}{'&' if urlsplit(target).query else '?'}{urlencode(query)}", asked


def claims_for(found: Provider, asked: Asked, *, state: str, code: str, redirect_uri: str) -> dict[str, Any]:
    """What the provider says of who came back with a code. Raises Refused."""
    if not code or not secrets.compare_digest(state.encode(), asked.state.encode()):
        raise Refused("That answer does not belong to this browser. Try again.")
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    body["code_verifier"] = asked.verifier
    token = _fetch(found, _discovered(found)["token_endpoint"], body).get("id_token")
    claims = _verified(found, str(token or ""))
    if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), asked.nonce.encode()):
        raise Refused("That answer does not belong to this browser. Try again.")
    if claims.get("azp", found.client_id) != found.client_id:
        raise Refused("That answer is for another site.")
    return claims


def user_for(found: Provider, claims: dict[str, Any], *, signed_in: User | None = None) -> User:
    """Whose account it is. Somebody who is signed in connects theirs; somebody new gets one, if they may.

    Raises Refused.
    """
    subject = str(claims["sub"])
    if len(subject) > SUBJECT_CHARS:
        raise Refused("That answer is not one that OpenID Connect allows.")
    known = Identity.objects.filter(issuer=found.issuer, subject=subject).select_related("user").first()
    if known is not None:
        if signed_in is not None and known.user_id != signed_in.pk:
            raise Refused("That is connected to another account here.")
        if not known.user.is_active:
            raise Refused("This account is shut. Ask whoever runs this site.")
        return known.user
    if signed_in is None and not found.sign_up:
        raise Refused("You have no account here. Ask whoever runs this site for one, and connect it then.")
    try:
        with transaction.atomic():
            user = signed_in or _new_user(claims)
            Identity.objects.create(user=user, issuer=found.issuer, subject=subject)
            audit.note(Action.IDENTITY_LINKED, user, urlsplit(found.issuer).hostname or "", actor=user)
    except IntegrityError as error:  # the same person in two windows
        raise Refused("Try again.") from error
    return user


def disconnect(user: User) -> None:
    """From now on nobody at any provider is this person. Raises Refused where they could not sign in any more."""
    if not user.has_usable_password():
        raise Refused("It is your only way to sign in: you have no password here.")
    with transaction.atomic():
        found = user.identities.all()
        for issuer in found.values_list("issuer", flat=True):
            audit.note(Action.IDENTITY_UNLINKED, user, urlsplit(issuer).hostname or "", actor=user)
        found.delete()


def _new_user(claims: dict[str, Any]) -> User:
    """An account without a password, under a name that nobody has: theirs is a wish, and no proof."""
    people = get_user_model()
    wish = str(claims.get("preferred_username") or str(claims.get("email") or "").partition("@")[0])
    base = _NOT_IN_NAMES.sub("", wish)[:140] or "person"
    name = base
    while people.objects.filter(username__iexact=name).exists():
        name = f"{base}-{secrets.token_hex(2)}"
    verified = claims.get("email_verified") is True
    user = people(username=name, email=str(claims.get("email") or "")[:254] if verified else "")
    user.set_unusable_password()
    user.save()
    return user


def _verified(found: Provider, token: str) -> dict[str, Any]:
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key=_key(found, header.get("kid")),
            algorithms=list(ALGORITHMS),
            audience=found.client_id,
            issuer=found.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.PyJWTError as error:
        raise Refused(f"What {found.name} says could not be verified.") from error
    return claims


def _key(found: Provider, kid: str | None) -> Any:
    import jwt

    for fresh in (False, True):
        keys = jwt.PyJWKSet.from_dict(_kept(found, _discovered(found)["jwks_uri"], fresh=fresh))
        signing = [key for key in keys.keys if key.public_key_use in (None, "sig")]
        for key in signing:
            if key.key_id == kid or (kid is None and len(signing) == 1):
                return key
    raise Refused(f"What {found.name} says could not be verified.")


def _discovered(found: Provider) -> dict[str, Any]:
    document = _kept(found, f"{found.issuer.rstrip('/')}/.well-known/openid-configuration")
    if document.get("issuer") != found.issuer:
        raise Refused(f"{found.name} is not set up: it calls itself something else than the issuer in the settings.")
    return document


_documents: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}


def _kept(found: Provider, url: str, *, fresh: bool = False) -> dict[str, Any]:
    at, document = _documents.get((found.issuer, url), (0.0, {}))
    if document and not fresh and time.monotonic() < at + KEPT_FOR:
        return document
    document = _fetch(found, url)
    _documents[found.issuer, url] = time.monotonic(), document
    return document


def _fetch(found: Provider, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    """A JSON object of the provider's."""
    import httpx

    _must_be_https(found, url)
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            if form is None:
                answer = client.get(url, headers={"Accept": "application/json"})
            else:
                answer = client.post(url, data=form, auth=(found.client_id, found.client_secret))
            answer.raise_for_status()
            document = answer.json() if len(answer.content) <= MAX_BYTES else None
    except (httpx.HTTPError, ValueError) as error:
        raise Refused(f"{found.name} does not answer as it should. Try again in a moment.") from error
    if not isinstance(document, dict):
        raise Refused(f"{found.name} does not answer as it should. Try again in a moment.")
    return document


def _must_be_https(found: Provider, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise Refused(f"{found.name} is not set up: its addresses must be https.")
