"""URLs and addresses: what is refused before, and after, a host is resolved."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from renderer.data.address import AddressError, Internal, Policy, is_public, read

REFUSED = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[::127.0.0.1]/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:4136:e378::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://168.63.129.16/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://0.0.0.0/",
    "http://127.0.0.1/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://a.localhost/",
    "http://metadata.google.internal/",
    "http://printer.local/",
    "http://localhost:6379/",
    "http://example.org:22/",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://example.org:port/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "ftp://example.org/",
    "dict://example.org:11211/",
    "data:text/csv,a",
    "javascript:alert(1)",
    "//example.org/",
    "/etc/passwd",
    "example.org",
    "",
    "http://",
    "http:///path",
    "http:example.org",
    "http://user@example.org/",
    "http://user:password@example.org/",
    "http://@example.org/",
    "http://a.com\\@127.0.0.1/",
    "http://a.com\\@b.com/",
    "http://exa mple.org/",
    "http://example.org/a b",
    "http://exam\tple.org/",
    "http://exam\nple.org/",
    " http://example.org/",
    "http://example.org\x00.com/",
    "http://①②⑦.0.0.1/",
    "http://exämple.org/",
    "http://example。org/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://127.0.0.01/",
    "http://0/",
    "http://a..b/",
    "http://-a.org/",
    "http://a/" + "x" * 3000,
    "http://[v1.fe80::a]/",
    "http://[127.0.0.1]/",
    "http://[::1",
    "http://{host}/",
    "http://%6cocalhost/",
]
ALLOWED = {
    "http://example.org": ("example.org", 80, "/"),
    "https://Example.ORG./a.csv?b=c#d": ("example.org", 443, "/a.csv?b=c"),
    "https://example.org:443/": ("example.org", 443, "/"),
    "https://example.org:80/?q": ("example.org", 80, "/?q"),
    "http://93.184.215.14/": ("93.184.215.14", 80, "/"),
    "http://[2606:2800:21f:cb07::1]/": ("2606:2800:21f:cb07::1", 80, "/"),
    "https://xn--exmple-cua.org/": ("xn--exmple-cua.org", 443, "/"),
    "https://a_b.example.org/x;y@z:1": ("a_b.example.org", 443, "/x;y@z:1"),
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_refused(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        Policy().check(read(url))
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("url", ALLOWED)
def test_what_is_allowed(url: str) -> None:
    address = read(url)
    Policy().check(address)
    assert (address.host, address.port, address.path) == ALLOWED[url]


def test_what_a_message_shows_has_no_path() -> None:
    address = read("https://example.org:80/a?token=secret")
    assert address.shown == "https://example.org:80"
    assert read("http://[2606:2800:21f::1]/").authority == "[2606:2800:21f::1]"


def test_everything_outside_of_public_unicast_is_inside() -> None:
    for text in ("8.8.8.8", "1.1.1.1", "2a00:1450:4001::1", "::ffff:8.8.8.8"):
        assert is_public(ipaddress.ip_address(text)), text
    for text in ("4000::1", "5f00::1", "100::1", "64:ff9b::8.8.8.8", "::8.8.8.8", "::ffff:10.0.0.1"):
        assert not is_public(ipaddress.ip_address(text)), text


@pytest.mark.parametrize(
    ("entry", "url", "allowed"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8001/", False),
        ("127.0.0.1:8000", "http://127.0.0.1/", False),
        ("127.0.0.1", "http://127.0.0.1/", True),
        ("127.0.0.1", "http://127.0.0.1:8000/", False),
        ("10.1.0.0/16", "https://10.1.2.3/", True),
        ("10.1.0.0/16", "https://10.2.2.3/", False),
        ("10.1.0.0/16:8080", "http://10.1.2.3:8080/", True),
        ("[fd00::1]:8080", "http://[fd00::1]:8080/", True),
        ("[fd00::1]:8080", "http://[fd00::2]:8080/", False),
        ("files.internal:8080", "http://files.internal:8080/", True),
        ("files.internal", "http://files.internal/", True),
        ("files.internal", "http://other.internal/", False),
        ("files.internal:8080", "http://files.internal/", False),
        ("files.internal:8080", "http://example.org:8080/", False),
    ],
)
def test_exceptions_are_for_one_place(entry: str, url: str, allowed: bool) -> None:
    policy = Policy.of([entry])
    if allowed:
        policy.check(read(url))
    else:
        with pytest.raises(AddressError):
            policy.check(read(url))


def test_a_name_inside_never_lets_in_the_metadata_of_a_cloud() -> None:
    policy, address = Policy.of(["files.internal"]), read("http://files.internal/")
    policy.judge(ipaddress.ip_address("10.0.0.1"), address)
    for ip in ("169.254.169.254", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"):
        with pytest.raises(AddressError):
            policy.judge(ipaddress.ip_address(ip), address)
    with pytest.raises(AddressError):  # a network's port lets in its own addresses only
        Policy.of(["10.0.0.0/8:8080"]).judge(ipaddress.ip_address("8.8.8.8"), read("http://example.org:8080/"))


def test_listed_hosts_are_the_only_ones() -> None:
    policy = Policy.of(["files.internal:8080"], ["example.org", "*.data.example.com"])
    for url in ("https://example.org/", "http://a.b.data.example.com/", "http://files.internal:8080/"):
        policy.check(read(url))
    for url in ("https://www.example.org/", "http://data.example.com/", "http://8.8.8.8/", "http://xdata.example.com/"):
        with pytest.raises(AddressError):
            policy.check(read(url))


@pytest.mark.parametrize("entry", ["", "http://a", "a b", "127.0.0.1:0", "127.0.0.1:99999", "a:b", "10.0.0.0/99", "*"])
def test_wrong_exceptions_are_named(entry: str) -> None:
    with pytest.raises(ValueError, match="neither a host nor a network"):
        Internal.read(entry)


@pytest.mark.parametrize("hosts", [["http://a"], ["*"], ["a b"]])
def test_wrong_hosts_are_named(hosts: Any) -> None:
    with pytest.raises(ValueError, match="is no host"):
        Policy.of((), hosts)
