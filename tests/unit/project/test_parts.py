"""Addresses of an installation's parts, as they are read."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from project import parts


def test_a_bucket() -> None:
    entry, origin = parts.storage("s3://key:a%2Fsecret@store.example.org:9000/pictures/of/us?region=eu-central-1")
    assert entry["OPTIONS"] == {
        "bucket_name": "pictures", "location": "of/us", "endpoint_url": "https://store.example.org:9000",
        "addressing_style": "path", "redirects": True, "access_key": "key", "secret_key": "a/secret",
        "region_name": "eu-central-1",
    }  # fmt: skip
    assert origin == "https://store.example.org:9000"
    entry, origin = parts.storage("s3://s3.eu-central-1.amazonaws.com/pictures?style=virtual")
    assert "access_key" not in entry["OPTIONS"], "a machine's role has none"
    assert origin == "https://pictures.s3.eu-central-1.amazonaws.com"
    assert parts.storage("s3+http://minio/pictures?redirect=0")[1] == "", "nobody's browser goes there"
    assert parts.storage("")[0]["BACKEND"].endswith("FileSystemStorage")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://key:hush@host/bucket", "must be s3://"),
        ("s3://key:hush@host", "must be s3://"),
        ("s3://key@host/bucket", "without a secret"),
        ("s3://key:hush@host/bucket?colour=red", "no option 'colour'"),
        ("s3://key:hush@host/bucket?style=flat", "style is"),
    ],
)
def test_a_wrong_address_of_a_bucket(address: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says) as error:
        parts.storage(address)
    assert "hush" not in str(error.value)


def test_who_carries_messages_and_who_news() -> None:
    redis, rabbit = "rediss://:secret@redis:6379/0?ssl_ca_certs=/ca.pem", "amqp://me:secret@rabbit/figpress"
    alone = parts.messages("", redis)
    assert (alone.broker, alone.events) == (redis, ""), "the broker tells the news, too"
    assert alone.transport["visibility_timeout"] > 60
    both = parts.messages(rabbit, redis)
    assert (both.broker, both.events) == (rabbit, redis)
    assert "visibility_timeout" not in both.transport
    assert parts.messages(rabbit, "").events == ""


def test_sentinels() -> None:
    address = "sentinel://:a%40b@one:26380;two/3?service=figpress&sentinel_password=other"
    told = parts.messages("", address)
    assert told.broker == "sentinel://:a%40b@one:26380/3;sentinel://:a%40b@two:26379/3"
    assert told.transport["master_name"] == "figpress"
    assert told.transport["sentinel_kwargs"]["password"] == "other"
    assert (told.events, told.tls) == (address, None)
    assert parts.messages("", "sentinels://a/0?service=s&ssl_ca_certs=/ca.pem").tls == {"ssl_ca_certs": "/ca.pem"}
    with pytest.raises(ImproperlyConfigured, match="service=name"):
        parts.messages("", "sentinel://:hush@one/0")
