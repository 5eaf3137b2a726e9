"""URLs as sources: fetched in the worker, under the operator's policy, and asked for again only if they changed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from renderer.data.address import Address, AddressError, Policy, read
from renderer.data.body import BodyError
from renderer.data.body import read as read_body
from renderer.data.fetch import Answer, Away, Caps, Fetcher, FetchError
from renderer.data.supply import SourceAway, Supply
from renderer.models import Origin
from renderer.models.owned import new_id
from renderer.spec.errors import SpecError
from renderer.spec.source import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import User

INTERNAL = "FIGPRESS_FETCH_INTERNAL"
HOSTS = "FIGPRESS_FETCH_HOSTS"
FOLDER: Final = "origins"
"""In the default storage: the last good bodies."""
CAPS: Final = Caps(max_bytes=64 << 20, seconds=20.0, redirects=3)
"""A job has 45 seconds for all that it does, and 800 MB."""
KEPT_FOR: Final = timedelta(days=30)
"""So long a body is kept that no chart reads."""
_LATER: Final = frozenset({408, 425, 429, *range(500, 600)})
"""What a server says that may say something else in a moment."""

logger = logging.getLogger(__name__)


def policy() -> Policy:
    """What the operator allows. Raises ValueError where the settings are wrong."""
    return _policy(tuple(getattr(settings, INTERNAL, ())), tuple(getattr(settings, HOSTS, ())))


@lru_cache(maxsize=8)
def _policy(internal: Sequence[str], hosts: Sequence[str]) -> Policy:
    return Policy.of(internal, hosts)


def fetcher() -> Fetcher:
    """What fetches in this installation."""
    return Fetcher(policy())


def check(source: Source, at: str) -> Address:
    """The address of a source, by the rules that need no network. Raises SpecError at ``at``/url."""
    try:
        address = read(source.url or "")
        policy().check(address)
    except AddressError as error:
        raise SpecError.at(f"{at}/url", f"the URL {error}") from None
    return address


def supply(source: Source, at: str, owner: User | None) -> Supply:
    """The rows of a URL. Raises SpecError at ``at``/url for what stays wrong, SourceAway for what may pass."""
    address = check(source, at)
    known = _known(address, owner)
    old = _body_of(known) if known else None
    try:
        answer = fetcher().fetch(
            address.url, headers=_conditions(known) if known and old is not None else {}, caps=CAPS
        )
    except Away as error:
        raise SourceAway(f"{at}/url: {address.shown} {error}.") from None
    except FetchError as error:
        raise SpecError.at(f"{at}/url", f"{address.shown} {error}") from None
    if answer.status == 304 and known and old is not None:
        Origin.objects.filter(pk=known.pk).update(used_at=timezone.now())
        return _read(old, known.content_type, known.last_modified, address, at)
    if answer.status in _LATER:
        raise SourceAway(f"{at}/url: {address.shown} answers {answer.status}.")
    if answer.status != 200:
        raise SpecError.at(f"{at}/url", f"{address.shown} answers {answer.status}, and no data")
    found = _read(answer.body, answer.headers.get("content-type", ""), answer.headers.get("last-modified", ""),
                  address, at)  # fmt: skip
    _keep(answer, address, owner, known, version=found.version)
    return found


def kept(source: Source, at: str, owner: User | None, *, most: int) -> tuple[Supply, datetime] | None:
    """The last good answer of a URL and when it came, if it is kept and has no more than ``most`` bytes.

    Nothing is fetched: for those who show what was drawn. Raises SpecError at ``at``/url.
    """
    address = check(source, at)
    known = _known(address, owner)
    try:
        if known is None or default_storage.size(known.file.name or "") > most:
            return None
    except OSError:  # it went while somebody looked
        return None
    body = _body_of(known)
    if body is None:
        return None
    return _read(body, known.content_type, known.last_modified, address, at), known.fetched_at


def _read(body: bytes, content_type: str, last_modified: str, address: Address, at: str) -> Supply:
    name = address.path.partition("?")[0]
    try:
        return read_body(body, content_type=content_type, name=name, as_of=_moment(last_modified))
    except BodyError as error:
        raise SpecError.at(f"{at}/url", f"what {address.shown} answers {error}") from None


def _moment(last_modified: str) -> datetime:
    """Of when the rows are: as the server says, unless that is in the future, or now."""
    now = timezone.now()
    try:
        said = parsedate_to_datetime(last_modified)
    except ValueError:
        return now
    return min(said if said.tzinfo else said.replace(tzinfo=UTC), now)


def _conditions(known: Origin) -> Mapping[str, str]:
    """Ask for the body only if it is another one than the one that is kept."""
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _known(address: Address, owner: User | None) -> Origin | None:
    return Origin.objects.filter(owner=owner, address=_fingerprint(address)).first()


def _fingerprint(address: Address) -> str:
    return salted_hmac("figpress.origin", address.url, algorithm="sha256").hexdigest()


def _body_of(known: Origin) -> bytes | None:
    """The body that is kept, if it is still there and whole."""
    try:
        with default_storage.open(known.file.name or "") as file:
            body = bytes(file.read())
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest() == known.sha256 else None


def _keep(answer: Answer, address: Address, owner: User | None, known: Origin | None, *, version: str) -> None:
    """Keep a good answer for the next time, if its server can tell whether it changed."""
    etag = _short(answer.headers.get("etag", ""), 200)
    last_modified = _short(answer.headers.get("last-modified", ""), 64)
    now = timezone.now()
    _forget_unused(now)
    if not etag and not last_modified:
        return
    content_type = answer.headers.get("content-type", "")[:200]
    values = {"etag": etag, "last_modified": last_modified, "content_type": content_type, "sha256": version,
              "fetched_at": now, "used_at": now}  # fmt: skip
    name = f"{FOLDER}/{new_id()}.origin"
    try:
        name = default_storage.save(name, ContentFile(answer.body), max_length=200)
    except OSError:
        logger.warning("%s: its answer is not kept, and fetched whole the next time", address.shown, exc_info=True)
        _delete(name)  # half of it may be there
        return
    try:
        with transaction.atomic():
            if known is None:
                Origin.objects.create(owner=owner, address=_fingerprint(address), file=name, **values)
            elif not Origin.objects.filter(pk=known.pk, file=known.file.name).update(file=name, **values):
                raise IntegrityError
    except IntegrityError:
        _delete(name)  # another job has kept its answer in this moment
    else:
        if known is not None:
            _delete(known.file.name or "")


def _forget_unused(now: datetime) -> None:
    """Let go of a few bodies that no chart has read for long: each new one makes room."""
    for old in Origin.objects.filter(used_at__lt=now - KEPT_FOR).order_by("used_at")[:10]:
        old.delete()
        _delete(old.file.name or "")


def _short(value: str, most: int) -> str:
    """A header that is sent back as it came, or not at all."""
    return value if len(value) <= most and value.isascii() and value.isprintable() else ""


def _delete(name: str) -> None:
    try:
        default_storage.delete(name)
    except OSError:
        logger.warning("could not delete %s; upkeep will try again", name, exc_info=True)
