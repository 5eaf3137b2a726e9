"""Bucket: files in S3-compatible storage, for several machines. ``pip install figpress[s3]`` has what it needs.

A storage for Django's ``STORAGES``, over django-storages: the bucket is private, and a picture's bytes come from it by
an address that is signed for this one file, for a minute, after the view has asked whose it is. What the store says
that is no file's fault is an ``OSError``, as with files on a disk.
"""

from __future__ import annotations

import errno
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

MINUTE: Final = 60
"""Seconds that a signed address is good for: enough to follow it, too few to pass it on (SECURITY T16)."""
IN_MEMORY: Final = 8 << 20
"""Bytes of a file that is read which are held in memory; a larger one lies on the disk meanwhile."""
PATIENCE: Final[dict[str, Any]] = {
    "connect_timeout": 3,
    "read_timeout": 20,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}


FULL: Final = {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
"""What stores answer that have no room; S3 itself always has some."""


class BucketError(OSError):
    """The store does not answer, or refuses."""


@deconstructible(path="renderer.bucket.Bucket")
class Bucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """A private bucket. ``redirects=False`` lets the web processes pass the bytes on, where browsers cannot reach the
    store."""

    def get_default_settings(self) -> dict[str, Any]:
        """Those of django-storages, and what is ours."""
        inherited: dict[str, Any] = super().get_default_settings()
        return inherited | {
            "redirects": True,
            "signature_version": "s3v4",
            "addressing_style": inherited["addressing_style"] or "path",
            "querystring_expire": MINUTE,
            "max_memory_size": IN_MEMORY,
            # A worker's child has a job to do and no threads beside it.
            "transfer_config": TransferConfig(use_threads=False),
        }

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.client_config: Any = self.client_config.merge(Config(**PATIENCE))
        self._pid = os.getpid()

    @property
    def connection(self) -> Any:
        """This thread's. In a child a new one: its parent's sockets are not its own."""
        if self._pid != os.getpid():
            self._connections = threading.local()
            self._pid = os.getpid()
        return super().connection

    @property
    def bucket(self) -> Any:
        """By this thread's connection."""
        return self.connection.Bucket(self.bucket_name)

    def signed(self, name: str, headers: Mapping[str, str]) -> str:
        """An address of a file, good for a minute and for these headers of the answer: what its type is, what it is
        called, how long it may be kept. Empty if this storage sends nobody there."""
        if not self.redirects:
            return ""
        parameters = {f"Response{header.replace('-', '')}": value for header, value in headers.items()}
        address: str = self.url(name, parameters=parameters, expire=MINUTE)
        return address

    def is_public(self, name: str) -> bool:
        """Whether a stranger is given this file, whose name is known to him."""
        address = urlsplit(super().url(name))._replace(query="").geturl()
        if not address.startswith(("https://", "http://")):
            return False
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE["connect_timeout"]):  # nosec B310 # noqa: S310 - as above
                return True
        except urllib.error.HTTPError as refused:
            refused.close()
            return False

    def url(self, name: str, *args: Any, **options: Any) -> Any:
        """A signed address, good for a minute."""
        with _as_files_do(name):
            return super().url(name, *args, **options)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _as_files_do(name):
            file = super()._open(name, mode)
            if "r" in mode:
                _ = file.file  # read now, so that what goes wrong does so here
            return file

    def _save(self, name: str, content: Any) -> Any:
        with _as_files_do(name):
            return super()._save(name, content)

    def delete(self, name: str) -> None:
        """Remove it; that it is not there is no error."""
        with _as_files_do(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Whether it is there."""
        with _as_files_do(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        """Its bytes."""
        with _as_files_do(name):
            return int(super().size(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """The folders and the files in a folder."""
        with _as_files_do(name):
            folders, files = super().listdir(name)
            return folders, files

    def get_modified_time(self, name: str) -> datetime:
        """When it was written."""
        with _as_files_do(name):
            written: datetime = super().get_modified_time(name)
            return written


@contextmanager
def _as_files_do(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404 and _is_about_a_file(error):
            raise FileNotFoundError(f"{name} is not in the bucket") from error
        if _is_about_room(error):
            raise BucketError(errno.ENOSPC, f"the store has no room: {error}", name) from error
        raise BucketError(f"the store refuses {name}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise BucketError(f"the store does not answer about {name}: {error}") from error


def _is_about_room(error: ClientError) -> bool:
    insufficient = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == HTTPStatus.INSUFFICIENT_STORAGE
    return insufficient or error.response.get("Error", {}).get("Code") in FULL


def _is_about_a_file(error: ClientError) -> bool:
    return bool(error.response.get("Error", {}).get("Code") != "NoSuchBucket")
