"""S3 for tests: moto's server on loopback. It is the one S3-compatible server that comes as a Python package; it keeps
files in memory, refuses strangers what is private, and does not verify signatures."""

from __future__ import annotations

import sys
from pathlib import Path

import boto3

from project import local

BUCKET = "figpress-test"


class S3(local.Process):
    """A server of its own with one empty, private bucket."""

    def __init__(self, folder: Path) -> None:
        self.port = local.free_port()
        self.endpoint = f"http://{local.LOOPBACK}:{self.port}"
        self.url = f"s3+http://a-key:a%2Fsecret@{local.LOOPBACK}:{self.port}/{BUCKET}/charts?region=eu-central-1"
        command = [sys.executable, "-m", "moto.server", "-H", local.LOOPBACK, "-p", str(self.port)]
        super().__init__("S3", command, log=folder / "s3.log")
        self.wait_until(lambda: local.is_listening(self.port), deadline=60)
        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="eu-central-1",
            aws_access_key_id="a-key",
            aws_secret_access_key="a/secret",
        )
        self.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def names(self) -> list[str]:
        """What is in the bucket."""
        return [item["Key"] for item in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]

    def stop(self, *, grace: float = 5) -> int:
        """End it, and the connections to it."""
        self.client.close()
        return super().stop(grace=grace)
