"""Fetch: one HTTP exchange with an address that others name, guarded.

The host is resolved once, each of its addresses is judged, and the connection goes to a judged one: a name that
resolves differently the second time gains nothing. Every redirect starts over. A watchdog ends the exchange when its
time is over, whatever drips; bytes are counted as they come and as they unfold. What goes wrong is said in general
words: no banner, no body, nothing by which the network behind us could be mapped.

Used for URL sources, and for deliveries, whose answers do not matter::

    Fetcher(policy).fetch("https://example.org/a.csv", headers={"If-None-Match": etag})
    Fetcher(policy).fetch(url, method="POST", body=b"{}", caps=Caps(seconds=10, redirects=0), keep_body=False).status
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
import urllib.parse
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self, TypeVar

from renderer.data.address import Address, AddressError, IPAddress, Policy, read

REDIRECTS: Final = (301, 302, 303, 307, 308)
USER_AGENT: Final = "Figpress"
_CHUNK: Final = 1 << 16

Resolver = Callable[[str, int], Sequence[str]]
"""From a host and a port to the addresses that it has, as texts. Raises OSError."""


class FetchError(Exception):
    """There is no answer. str() says why, in a sentence without a subject: "does not answer"."""


class Refused(FetchError):
    """What is asked for, or redirected to, will not be fetched."""


class Away(FetchError):
    """The server cannot be reached now; it may be later."""


class Unusable(FetchError):
    """What came is not what can be taken: too large, or no HTTP."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What one fetch may take."""

    max_bytes: int = 64 << 20
    """Of the body, as it comes and as it is inflated."""
    seconds: float = 20.0
    """For all of it: resolving, connecting, redirects, the last byte."""
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes
    """Only of a 200."""
    address: Address
    """Where it came from, after redirects."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches what a policy allows."""

    policy: Policy = field(default_factory=Policy)
    resolver: Resolver = resolve
    context: ssl.SSLContext | None = None
    """How certificates are checked; by default against the system's authorities, for the name in the URL."""

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        caps: Caps = Caps(),
        keep_body: bool = True,
    ) -> Answer:
        """Ask for ``url``, following redirects of a GET. Any status is an answer; its body is kept of a 200 alone.

        ``headers`` go to the origin of ``url`` and to no other. Raises FetchError.
        """
        address = self._admit(url)
        with _Deadline(caps.seconds) as deadline:
            for _ in range(caps.redirects + 1):
                answer = self._exchange(address, method, body, headers or {}, caps, deadline, keep_body=keep_body)
                if method != "GET" or answer.status not in REDIRECTS:
                    return answer
                if not caps.redirects:
                    break
                following = self._admit(_joined(address, answer.headers.get("location", "")))
                if address.scheme == "https" and following.scheme != "https":
                    raise Refused("redirects from https to http")
                if following.origin != address.origin:
                    headers = None
                address = following
        raise Refused(f"redirects more than {caps.redirects} times" if caps.redirects else "redirects")

    def _admit(self, url: str) -> Address:
        try:
            address = read(url)
            self.policy.check(address)
        except AddressError as error:
            raise Refused(str(error)) from None
        return address

    def _exchange(
        self,
        address: Address,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
        caps: Caps,
        deadline: _Deadline,
        *,
        keep_body: bool,
    ) -> Answer:
        try:
            with self._connect(address, deadline) as connection:
                client = http.client.HTTPConnection(address.host, address.port)
                client.sock = connection
                client.putrequest(method, address.path, skip_host=True, skip_accept_encoding=True)
                for name, value in _headers(address, body, headers, keep_body=keep_body).items():
                    client.putheader(name, value)
                client.endheaders(body)
                with client.getresponse() as response:
                    found = {name.lower(): value for name, value in response.headers.items()}
                    wanted = keep_body and response.status == 200 and method != "HEAD"
                    content = _body(response, found, caps, deadline) if wanted else b""
                    deadline.check()
                    return Answer(response.status, found, content, address)
        except ssl.SSLCertVerificationError:
            deadline.check()
            raise Away("has a certificate that is not valid for it") from None
        except (http.client.HTTPException, UnicodeError, ValueError):
            deadline.check()  # cut by the watchdog, an answer is no HTTP either
            raise Unusable("does not answer as a web server does") from None
        except OSError:
            deadline.check()
            raise Away("does not answer") from None

    def _connect(self, address: Address, deadline: _Deadline) -> socket.socket:
        judged = self._judged(address, deadline)
        for place, ip in enumerate(judged):
            try:
                left = deadline.left() / (len(judged) - place)
                plain = deadline.guard(socket.create_connection((str(ip), address.port), timeout=left))
                break
            except OSError:
                deadline.check()
        else:
            raise Away("does not answer")
        plain.settimeout(deadline.left())
        if address.scheme == "http":
            return plain
        context = self.context or ssl.create_default_context()
        secure = deadline.guard(context.wrap_socket(plain, server_hostname=address.host, do_handshake_on_connect=False))
        secure.do_handshake()
        return secure

    def _judged(self, address: Address, deadline: _Deadline) -> list[IPAddress]:
        """The addresses of the host: all of them allowed, or none is used."""
        if address.ip is not None:
            found = [address.ip]
        else:
            texts = _resolved(self.resolver, address, deadline)
            try:
                found = [ipaddress.ip_address(text.partition("%")[0]) for text in dict.fromkeys(texts)]
            except ValueError:
                found = []
        if not found:
            raise Away("cannot be found")
        try:
            for ip in found:
                self.policy.judge(ip, address)
        except AddressError as error:
            raise Refused(str(error)) from None
        return found


S = TypeVar("S", bound=socket.socket)


class _Deadline:
    """The end of a fetch. A socket's own time-out is for each read: a server that drips a byte at a time would never
    meet it. This one shuts the socket down."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def guard(self, connection: S) -> S:
        """Take a socket into care: it is shut down in time, and closed in any case."""
        with self._lock:
            if self._socket is not None and self._socket is not connection:
                self._socket.close()  # of the hop before; a wrapped one is detached, and closes nothing
            self._socket = connection
        self.check()
        return connection

    def check(self) -> None:
        """Raise Away if the time is over."""
        if self._over.is_set() or time.monotonic() >= self._end:
            raise Away("does not answer in time")

    def left(self) -> float:
        """The seconds that are left, above zero. Raises Away."""
        self.check()
        return max(self._end - time.monotonic(), 0.001)

    def _cut(self) -> None:
        with self._lock:
            self._over.set()
            if self._socket is not None:
                try:
                    # The plain method: that of an SSLSocket would take TLS away under the reader's feet.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                except OSError:
                    return  # it is closed already


def _joined(address: Address, location: str) -> str:
    """Where a redirect leads. urljoin passes over tabs and the like, which our own reader is to see."""
    if any(letter <= " " or letter == "\x7f" for letter in location):
        raise Refused("redirects to something that is no URL")
    try:
        return urllib.parse.urljoin(address.url, location)
    except ValueError:
        raise Refused("redirects to something that is no URL") from None


def _resolved(resolver: Resolver, address: Address, deadline: _Deadline) -> Sequence[str]:
    """What a resolver says in time: the system's has no time-out of its own, so it is asked in a thread."""
    results: queue.SimpleQueue[Sequence[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            results.put(resolver(address.host, address.port))
        except (OSError, UnicodeError):
            results.put(None)

    threading.Thread(target=ask, name="figpress-resolve", daemon=True).start()
    try:
        found = results.get(timeout=deadline.left())
    except queue.Empty:
        raise Away("does not answer in time") from None
    if not found:
        raise Away("cannot be found")
    return found


def _headers(address: Address, body: bytes | None, given: Mapping[str, str], *, keep_body: bool) -> dict[str, str]:
    ours = {
        "Host": address.authority,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "gzip" if keep_body else "identity",
        "Connection": "close",
    }
    if body is not None:
        ours["Content-Length"] = str(len(body))
    fixed = {name.lower() for name in ("Host", "Connection", "Content-Length", "Accept-Encoding")}
    named = {name.lower() for name in given}
    return {
        **{name: value for name, value in ours.items() if name.lower() not in named or name.lower() in fixed},
        **{name: value for name, value in given.items() if name.lower() not in fixed},
    }


def _body(response: http.client.HTTPResponse, headers: Mapping[str, str], caps: Caps, deadline: _Deadline) -> bytes:
    """The body, inflated. Raises Unusable beyond the cap, and for other encodings; Away if it ends too soon."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Unusable("answers in an encoding that was not asked for")
    if response.length is not None and response.length > caps.max_bytes:
        raise _too_large(caps)
    unfold = _Inflater(caps) if encoding.endswith("gzip") else None
    whole, wire = bytearray(), 0
    while chunk := response.read1(_CHUNK):
        deadline.check()
        wire += len(chunk)
        if wire > caps.max_bytes:
            raise _too_large(caps)
        whole += unfold.add(chunk, len(whole)) if unfold else chunk
    deadline.check()
    if response.length or (unfold and not unfold.complete):
        raise Away("breaks off in the middle")
    return bytes(whole)


class _Inflater:
    """gzip, of one member or of several, that never unfolds more than the cap."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._stream = zlib.decompressobj(31)

    @property
    def complete(self) -> bool:
        return self._stream.eof

    def add(self, chunk: bytes, so_far: int) -> bytes:
        """What a chunk unfolds to, after so many bytes."""
        out = bytearray()
        try:
            while chunk:
                if self._stream.eof:
                    self._stream = zlib.decompressobj(31)
                out += self._stream.decompress(chunk, self._caps.max_bytes + 1 - so_far - len(out))
                if so_far + len(out) > self._caps.max_bytes:
                    raise _too_large(self._caps)
                chunk = self._stream.unused_data
        except zlib.error:
            raise Unusable("answers with gzip that is broken") from None
        return bytes(out)


def _too_large(caps: Caps) -> Unusable:
    return Unusable(f"answers with more than {caps.max_bytes:,} bytes")
