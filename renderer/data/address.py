"""Addresses of the web: what a URL may look like, and which hosts it may lead to. Nothing here asks the network.

A server that fetches what strangers name is a door into the network that it stands in. So a URL is read by strict
rules, and what its host resolves to is judged against a list of our own: ``ipaddress.is_global`` calls multicast,
6to4, NAT64 and some addresses of clouds public.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PORTS: Final = {"http": 80, "https": 443}
MAX_CHARS: Final = 2000

_HOST_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
"""Hosts whose last part is a number: getaddrinfo reads 127.1, 0x7f000001 and 2130706433 as addresses."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_NOT_PUBLIC: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",  # "this" network: 0.0.0.0 is the machine itself
            "10.0.0.0/8",
            "100.64.0.0/10",  # carriers' NAT, and the metadata of one cloud
            "127.0.0.0/8",
            "168.63.129.16/32",  # the wire server of another
            "169.254.0.0/16",  # link-local: the metadata of most
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            # Inside 2000::/3, the only part of IPv6 that is public unicast at all:
            "2001::/23",  # protocols: Teredo and ORCHID carry other addresses
            "2001:db8::/32",
            "2002::/16",  # 6to4 carries an IPv4 address
            "3fff::/20",
        ),
    )
)
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")


class AddressError(ValueError):
    """A URL that will not be fetched. str() is a sentence for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, read by our rules."""

    scheme: str
    host: str
    """Small letters; of an IPv6 address without brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def ip(self) -> IPAddress | None:
        """The host, if it is an address and not a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a secret must not leave (RFC 6454)."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """What a Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """Where it is, for messages and logs: the path and the query may hold secrets."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole of it."""
        return self.shown + self.path


def read(url: str) -> Address:
    """The address that a URL names. Raises AddressError with what is wrong with it."""
    if len(url) > MAX_CHARS:
        raise AddressError(f"is longer than {MAX_CHARS} characters")
    if not url.isascii():
        raise AddressError("has letters beyond ASCII: write the host as punycode (xn--...), and others with %")
    # Parsers disagree about these: urlsplit deletes tabs, urllib3 ends the host at a backslash.
    if any(letter <= " " or letter in '\\\x7f"<>^`{|}' for letter in url):
        raise AddressError("has characters that a URL does not have, such as spaces or backslashes")
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError("is no URL such as 'https://example.org/sales.csv'") from None
    if parts.scheme not in PORTS:
        raise AddressError("must begin with https:// or http://")
    if "@" in parts.netloc:
        raise AddressError("must not hold a user name or a password")
    host = (parts.hostname or "").removesuffix(".")
    if not _is_host(host, bracketed="[" in parts.netloc):
        raise AddressError("has no host such as 'example.org'")
    path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    if not path.startswith("/"):
        raise AddressError("is no URL such as 'https://example.org/sales.csv'")
    default = PORTS[parts.scheme]
    return Address(parts.scheme, host, default if port is None else port, path)


def _is_host(host: str, *, bracketed: bool) -> bool:
    try:
        if bracketed:
            return "%" not in host and ipaddress.IPv6Address(host) is not None
        if _NUMERIC.fullmatch(host):
            return ipaddress.IPv4Address(host) is not None
    except ValueError:
        return False
    return _HOST_NAME.fullmatch(host) is not None


def is_public(ip: IPAddress) -> bool:
    """Whether an address is one of the open internet's."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped)
        if ip not in _UNICAST:
            return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return not any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)


@dataclass(frozen=True, slots=True)
class Internal:
    """An exception that the operator made: a host or a network inside, with a port or with the usual ones."""

    name: str = ""
    network: IPNetwork | None = None
    port: int | None = None

    @classmethod
    def read(cls, text: str) -> Internal:
        """From ``files.internal``, ``files.internal:8080``, ``10.1.0.0/16``, ``127.0.0.1:8000``, ``[fd00::1]:8000``.

        Raises ValueError.
        """
        host, _, port = text.strip().lower().rpartition(":")
        if not host or (host.count(":") and not host.endswith("]")):
            host, port = text.strip().lower(), ""
        host = host.removeprefix("[").removesuffix("]")
        try:
            number = int(port) if port else None
            if number is not None and not 0 < number < 65536:
                raise ValueError
            try:
                return cls(network=ipaddress.ip_network(host), port=number)
            except ValueError:
                if "/" in host or _NUMERIC.fullmatch(host) or not _HOST_NAME.fullmatch(host):
                    raise
                return cls(name=host, port=number)
        except ValueError:
            raise ValueError(
                f"{text!r} is neither a host nor a network: write 'files.internal', 'files.internal:8080', "
                "'10.1.0.0/16' or '127.0.0.1:8000'"
            ) from None

    def takes_port(self, port: int) -> bool:
        """Whether the exception is made for this port."""
        return port == self.port if self.port is not None else port in PORTS.values()

    def takes(self, ip: IPAddress, address: Address) -> bool:
        """Whether the exception is made for this address, which the host has."""
        if not self.takes_port(address.port):
            return False
        if self.network is not None:
            return ip.version == self.network.version and ip in self.network
        # A name lets in what it resolves to, but never the metadata of a cloud.
        return address.host == self.name and not (ip.is_link_local or ip.is_multicast or ip.is_unspecified)


@dataclass(frozen=True, slots=True)
class Policy:
    """Which addresses may be fetched."""

    internal: tuple[Internal, ...] = ()
    """What is reached beyond the open internet: nothing, unless the operator says so."""
    hosts: tuple[str, ...] = ()
    """If there are any, the only hosts that are fetched: names, or ``*.example.org`` for all below one."""

    @classmethod
    def of(cls, internal: Iterable[str] = (), hosts: Iterable[str] = ()) -> Policy:
        """From what an operator writes. Raises ValueError."""
        named = tuple(host.strip().lower() for host in hosts)
        for host in named:
            bare = host.removeprefix("*.")
            if not _HOST_NAME.fullmatch(bare):
                raise ValueError(f"{host!r} is no host: write 'example.org', or '*.example.org' for all below it")
        return cls(tuple(Internal.read(text) for text in internal), named)

    def check(self, address: Address) -> None:
        """Raise AddressError for what is refused whatever the host resolves to."""
        known = [one for one in self.internal if one.takes_port(address.port)]
        ip = address.ip
        if address.port not in PORTS.values() and not any(one.network or one.name == address.host for one in known):
            raise AddressError(f"has the port {address.port}; only 80 and 443 are fetched")
        if self.hosts and not self._is_listed(address.host) and not any(one.name == address.host for one in known):
            if ip is None or not any(one.takes(ip, address) for one in known):
                raise AddressError("leads to a host that the operator has not listed")
        elif ip is not None:
            self.judge(ip, address)
        elif _is_local(address.host) and not any(one.network or one.name == address.host for one in known):
            raise AddressError("leads to an address that is not public")

    def judge(self, ip: IPAddress, address: Address) -> None:
        """Raise AddressError unless this address, to which the host resolved, may be connected to."""
        plain = getattr(ip, "ipv4_mapped", None) or ip
        if any(one.takes(plain, address) for one in self.internal):
            return
        if address.port not in PORTS.values() or not is_public(plain):
            raise AddressError("leads to an address that is not public")

    def _is_listed(self, host: str) -> bool:
        return any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in self.hosts)


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith((".localhost", ".localdomain", ".local", ".internal"))
