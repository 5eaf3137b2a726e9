"""Any text as a URL: refused, or an address that a second reader takes for the same one, and that is not inside."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from renderer.data.address import AddressError, Policy, is_public, read

SEEDS = (
    b"https://example.org:443/a.csv?b=c#d",
    b"http://[2606:2800:21f:cb07::1]/",
    b"http://127.0.0.1\\@example.org/",
    b"http://0x7f.1/",
    b"http://a.com#@127.0.0.1/",
    b"http://[::ffff:169.254.169.254]/",
)


def check(data: bytes) -> None:
    """Raises AssertionError, or what else is no error of ours."""
    text = data.decode(errors="replace")
    try:
        address = read(text)
        Policy().check(address)
    except AddressError as error:
        assert 0 < len(str(error)) < 200
        return
    other = urlsplit(text)
    assert (other.hostname or "").rstrip(".") == address.host, "another reader would go elsewhere"
    assert other.username is None
    assert address.port in (80, 443)
    assert read(address.url).origin == address.origin
    for part in (address.host, address.path, address.authority):
        assert part.isascii()
        assert part.isprintable()
    try:
        ip = ipaddress.ip_address(address.host)
    except ValueError:
        return
    assert is_public(ip), f"{ip} is inside"
    assert ip.is_global or ip.version == 6
