"""The guarded fetcher against servers and resolvers that mean harm. All of it on loopback."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from project import local
from renderer.data.address import Policy
from renderer.data.fetch import Answer, Away, Caps, Fetcher, FetchError, Refused, Unusable
from tests.web_servers import Server, answer, raw

QUICK = Caps(max_bytes=100_000, seconds=0.5)
EASY = Caps(max_bytes=100_000, seconds=30)


def names(**known: Sequence[str]) -> Callable[[str, int], Sequence[str]]:
    """A resolver that knows these hosts."""

    def resolver(host: str, port: int) -> Sequence[str]:
        if host.replace(".", "_") not in known:
            raise socket.gaierror("not known")
        return known[host.replace(".", "_")]

    return resolver


def fetcher(*servers: Server, **known: Sequence[str]) -> Fetcher:
    """One that reaches these servers, as if an operator had let them in, and nothing else inside."""
    policy = Policy.of(f"{local.LOOPBACK}:{server.port}" for server in servers)
    return Fetcher(policy, resolver=names(**known))


def get(server: Server, caps: Caps = EASY, path: str = "/", **headers: str) -> Answer:
    return fetcher(server).fetch(server.url + path, caps=caps, headers=headers)


def test_a_body_comes_with_what_was_asked_for() -> None:
    with Server(answer(b"a,b\n1,2\n", Content_Type="text/csv", ETag='"1"')) as server:
        found = get(server, path="/a.csv?b=c", If_None_Match='"0"')
    assert (found.status, found.body, found.headers["etag"]) == (200, b"a,b\n1,2\n", '"1"')
    request = server.requests[0]
    assert request.startswith("GET /a.csv?b=c HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in request
    assert "If_None_Match" in request


@pytest.mark.parametrize("status", ["304 Not Modified", "404 Not Found", "500 Oh no", "204 No Content"])
def test_other_statuses_are_answers_without_a_body(status: str) -> None:
    with Server(answer(b"secret banner", status)) as server:
        found = get(server)
    assert (found.status, found.body) == (int(status[:3]), b"")


def test_gzip_is_inflated_also_of_several_members() -> None:
    body = gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n")
    with Server(answer(body, Content_Encoding="gzip")) as server:
        assert get(server).body == b"a,b\n1,2\n"


def test_chunks_are_joined() -> None:
    with Server(
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na,b\r\n2\r\n\n1\r\n0\r\n\r\n")
    ) as server:
        assert get(server).body == b"a,b\n1"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["8.8.8.8", "127.0.0.1"],
        ["8.8.8.8", "::ffff:169.254.169.254"],
        ["8.8.8.8", "64:ff9b::a9fe:a9fe"],
        ["fe80::1%eth0"],
        ["2002:7f00:1::"],
        ["::127.0.0.1"],
        ["168.63.129.16"],
        ["0.0.0.0"],
    ],
)
def test_a_name_with_any_address_inside_is_refused(addresses: list[str]) -> None:
    with pytest.raises(Refused, match="not public"):
        fetcher(evil_example=addresses).fetch("http://evil.example/")


def test_a_name_is_resolved_once_and_the_judged_address_is_connected_to() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with Server(answer(b"x")) as server:
        policy = Policy.of([f"127.0.0.1:{server.port}"])
        assert Fetcher(policy, resolver=rebinding).fetch(f"http://evil.example:{server.port}/").body == b"x"
        assert asked == ["evil.example"]
        assert f"Host: evil.example:{server.port}" in server.requests[0]
        with pytest.raises(Refused):
            Fetcher(policy, resolver=rebinding).fetch(f"http://evil.example:{server.port}/")


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:6379/",
        "//127.0.0.1:1/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "http://evil.example/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://user:password@example.org/",
        "http://[broken/",
        "http://exam\tple.org/",
        "http://127.0.0.1\\@example.org/",
    ],
)
def test_redirects_are_judged_again(location: str) -> None:
    with Server(answer(b"", "302 Found", Location=location)) as server:
        with pytest.raises(Refused):
            fetcher(server, evil_example=["10.0.0.1"]).fetch(server.url, caps=EASY)
        assert len(server.requests) == 1


def test_redirects_are_followed_three_times_and_loops_are_not() -> None:
    def hop(connection: socket.socket, head: str) -> None:
        number = int(head.split()[1].strip("/") or 0)
        found = answer(b"there") if number == 3 else answer(b"", "302 Found", Location=f"/{number + 1}")
        found(connection, head)

    with Server(hop) as server:
        assert get(server).body == b"there"
        with pytest.raises(Refused, match="more than 2 times"):
            get(server, Caps(seconds=30, redirects=2))
    with Server(answer(b"", "301 Moved", Location="/")) as server:
        with pytest.raises(Refused, match="more than 3 times"):
            get(server)
        assert len(server.requests) == 4


def test_secrets_do_not_cross_to_another_origin() -> None:
    with Server(answer(b"x")) as other:
        moved = answer(b"", "307 Moved", Location=other.url)
        with Server(moved) as server:
            found = fetcher(server, other).fetch(server.url, headers={"Authorization": "Bearer 1"}, caps=EASY)
    assert found.body == b"x"
    assert "Authorization: Bearer 1" in server.requests[0]
    assert "Authorization" not in other.requests[0]


def _forever(chunk: bytes, pause: float, head: bytes = b"") -> Any:
    """A script that sends for as long as somebody listens."""
    over = threading.Event()

    def script(connection: socket.socket, _: str) -> None:
        connection.sendall(head)
        while not over.wait(pause):
            connection.sendall(chunk)

    return script


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n"


@pytest.mark.parametrize(
    ("chunk", "head"),
    [
        (b"x", HEAD),
        (b"x", b"HTTP/1.1 200 OK\r\nX-Slow: "),
        (b"H", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b""),
        (b"1\r\nx\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ],
    ids=["body", "header", "status line", "continue", "chunks"],
)
def test_drips_end_with_the_deadline(chunk: bytes, head: bytes) -> None:
    with Server(_forever(chunk, 0.02, head)) as server, pytest.raises(Away, match="in time"):
        get(server, QUICK)


def test_silence_and_slow_resolvers_end_with_the_deadline() -> None:
    over = threading.Event()

    def silent(connection: socket.socket, _: str) -> None:
        over.wait(20)

    with Server(silent) as server:
        with pytest.raises(Away, match="in time"):
            get(server, QUICK)
        over.set()

    def slow(host: str, port: int) -> list[str]:
        over.wait(20)
        return ["8.8.8.8"]

    over.clear()
    with pytest.raises(Away, match="in time"):
        Fetcher(resolver=slow).fetch("http://example.org/", caps=QUICK)
    over.set()


@pytest.mark.parametrize(
    "script",
    [
        _forever(b"x" * 65536, 0, HEAD),
        _forever(b"10000\r\n" + b"x" * 65536 + b"\r\n", 0, HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"),
        answer(gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip"),
        answer(gzip.compress(b"0" * 90_000) * 2, Content_Encoding="gzip"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx"),
    ],
    ids=["endless", "endless chunks", "gzip bomb", "two members", "announced"],
)
def test_what_is_too_large_is_stopped_at_the_cap(script: Any) -> None:
    with Server(script) as server, pytest.raises(Unusable, match="more than 100,000 bytes"):
        get(server)


@pytest.mark.parametrize(
    "script",
    [
        raw(b"SSH-2.0-OpenSSH_9.2 secret banner\r\n"),
        raw(b"-ERR wrong number of arguments for 'get' command\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000 + b"\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n"),
        raw(b"HTTP/1.1 abc OK\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nsecret\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsecret"),
        raw(b""),
        answer(b"secret", Content_Encoding="br"),
        answer(b"secret", Content_Encoding="gzip, gzip"),
        answer(b"secret", Content_Encoding="gzip"),
        answer(gzip.compress(b"secret" * 100)[:-10], Content_Encoding="gzip"),
    ],
)
def test_what_is_no_answer_is_said_in_general_words(script: Any) -> None:
    with Server(script) as server, pytest.raises((Away, Unusable)) as caught:
        get(server)
    assert "secret" not in str(caught.value)
    assert "ERR" not in str(caught.value)


def test_nobody_there_is_away() -> None:
    port = local.free_port()
    policy = Policy.of([f"127.0.0.1:{port}"])
    with pytest.raises(Away, match="does not answer"):
        Fetcher(policy).fetch(f"http://127.0.0.1:{port}/", caps=EASY)
    with pytest.raises(Away, match="cannot be found"):
        fetcher().fetch("http://nowhere.example/")
    with pytest.raises(Away, match="cannot be found"):
        fetcher(nowhere_example=[]).fetch("http://nowhere.example/")


def test_the_second_address_is_tried_where_the_first_does_not_answer() -> None:
    with Server(answer(b"x")) as server:
        policy = Policy.of([f"127.0.0.0/8:{server.port}"])
        two = Fetcher(policy, resolver=names(two_example=["127.0.0.9", "127.0.0.1"]))
        assert two.fetch(f"http://two.example:{server.port}/", caps=EASY).body == b"x"


def test_a_delivery_sends_its_body_and_ignores_the_answer() -> None:
    with Server(_forever(b"x" * 65536, 0, HEAD)) as server:
        found = fetcher(server).fetch(
            server.url + "/hook", method="POST", body=b'{"id": 1}', headers={"Content-Type": "application/json"},
            caps=Caps(seconds=30, redirects=0), keep_body=False,
        )  # fmt: skip
    assert (found.status, found.body) == (200, b"")
    assert server.requests[0].startswith("POST /hook HTTP/1.1\r\n")
    assert "Content-Length: 9\r\n" in server.requests[0]


def test_a_delivery_is_not_redirected() -> None:
    with Server(answer(b"", "307 Moved", Location="/elsewhere")) as server:
        found = fetcher(server).fetch(server.url, method="POST", body=b"{}", caps=EASY, keep_body=False)
        assert (found.status, len(server.requests)) == (307, 1)


@pytest.mark.parametrize("name", ["Host", "host", "Content-Length", "Connection"])
def test_what_the_exchange_itself_says_cannot_be_said_otherwise(name: str) -> None:
    with Server(answer(b"x")) as server:
        fetcher(server).fetch(server.url, headers={name: "evil"}, caps=EASY)
        assert "evil" not in server.requests[0]
        with pytest.raises(FetchError):
            fetcher(server).fetch(server.url, headers={"X": "a\r\nHost: evil"}, caps=EASY)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for good.example, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=good.example"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    try:
        subprocess.run(
            [*command, *files, "-addext", "subjectAltName=DNS:good.example"],
            check=True,
            capture_output=True,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    return folder / "cert.pem", folder / "key.pem"


def test_a_certificate_is_checked_for_the_name_in_the_url(certificate: tuple[Path, Path]) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*certificate)
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    with Server(answer(b"x"), serving) as server:
        policy = Policy.of([f"127.0.0.1:{server.port}"])
        both = names(good_example=["127.0.0.1"], evil_example=["127.0.0.1"])
        good, other = f"https://good.example:{server.port}/", f"https://evil.example:{server.port}/"
        assert Fetcher(policy, both, trusting).fetch(good, caps=EASY).body == b"x"
        with pytest.raises(Away, match="certificate"):
            Fetcher(policy, both, trusting).fetch(other, caps=EASY)
        with pytest.raises(Away, match="certificate"):
            Fetcher(policy, both).fetch(good, caps=EASY)
    with Server(answer(b"plain")) as plain, Server(answer(b"", "302 F", Location=plain.url), serving) as server:
        policy = Policy.of([f"127.0.0.1:{server.port}", f"127.0.0.1:{plain.port}"])
        with pytest.raises(Refused, match="from https to http"):
            Fetcher(policy, both, trusting).fetch(f"https://good.example:{server.port}/", caps=EASY)
        assert not plain.requests


def test_a_tls_handshake_that_never_ends_does() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        policy = Policy.of([f"127.0.0.1:{port}"])
        with pytest.raises(Away, match="in time"):
            Fetcher(policy).fetch(f"https://127.0.0.1:{port}/", caps=QUICK)
