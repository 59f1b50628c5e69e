"""Tables in buckets: `s3://bucket/key` and `gs://bucket/key`, fetched over HTTPS as any other URL is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pynomaly_server.contract.structs import GcsSecrets, S3Secrets
from pynomaly_server.credentials.kinds import GOOGLE, service_account
from pynomaly_server.outbound.urls import ForbiddenTargetError, Target, parse_target, without_query
from pynomaly_server.sources.https import Download
from pynomaly_server.sources.signing import gcs_query, quoted_path, s3_headers

LONGEST_KEY: Final = 1_024
_SHAPE: Final = re.compile(r"(?P<scheme>s3|gs)://(?P<bucket>[^/]*)/(?P<key>.+)", re.DOTALL)
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_SHOWN_CHARACTERS: Final = 200
_REMEDY: Final = "Check the bucket and the key, and the credential: its region, and what it may read."
_REDIRECT_REMEDY: Final = "Check the region and the endpoint of the credential."


@dataclass(frozen=True, slots=True)
class BucketObject:
    """One object; `key` is taken as it is written, and not decoded."""

    scheme: str
    bucket: str
    key: str

    @property
    def shown(self) -> str:
        """The object as a message names it."""
        return f"{self.scheme}://{self.bucket}/{self.key}"[:_SHOWN_CHARACTERS]


def parse_object(url: str) -> BucketObject:
    """Take the URL of an object apart; raises `ForbiddenTargetError` where it is not of this form."""
    found = _SHAPE.fullmatch(url)
    if found is None:
        raise ForbiddenTargetError(
            f"{without_query(url)} names no object of a bucket. Write it as s3://bucket/key or gs://bucket/key."
        )
    if not _BUCKET.fullmatch(found["bucket"]):
        raise ForbiddenTargetError(
            f"{without_query(url)} names no bucket that can exist: a name has 3 to 63 small letters, digits, "
            "hyphens, dots and underscores, and no user or port."
        )
    key = found["key"]
    if len(key.encode("utf-8", "surrogatepass")) > LONGEST_KEY:
        raise ForbiddenTargetError(f"The key in {without_query(url)} has more than {LONGEST_KEY:,} bytes.")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in key) or any(
        part in {".", ".."} for part in key.split("/")
    ):
        raise ForbiddenTargetError(
            f"The key in {without_query(url)} has control characters, or parts that are '.' or '..', which "
            "programs on the way would take for something else. Copy the object to another key."
        )
    return BucketObject(found["scheme"], found["bucket"], key)


def s3_download(wanted: BucketObject, secrets: S3Secrets, now: datetime) -> Download:
    """The request for an object of Amazon S3, or of what stands at the credential's endpoint."""
    if secrets.endpoint or "." in wanted.bucket:
        # A certificate for *.s3.… does not hold for a bucket with dots; other stores know no such names.
        origin = secrets.endpoint or f"https://s3.{secrets.region}.amazonaws.com"
        path = quoted_path(f"/{wanted.bucket}/{wanted.key}")
    else:
        origin = f"https://{wanted.bucket}.s3.{secrets.region}.amazonaws.com"
        path = quoted_path(f"/{wanted.key}")
    target = _at(origin, path)
    return Download(
        target, wanted.shown, s3_headers(_host_header(target), path, secrets, now), _REMEDY, _REDIRECT_REMEDY
    )


def gcs_download(wanted: BucketObject, secrets: GcsSecrets, now: datetime) -> Download:
    """The request for an object of Google Cloud Storage, or of what stands at the credential's endpoint."""
    path = quoted_path(f"/{wanted.bucket}/{wanted.key}")
    origin = secrets.endpoint or GOOGLE
    query = gcs_query(_host_header(_at(origin, path)), path, service_account(secrets), now)
    return Download(_at(origin, path + query), wanted.shown, {}, _REMEDY, _REDIRECT_REMEDY)


def _at(origin: str, rest: str) -> Target:
    return parse_target(parse_target(origin).origin + rest)


def _host_header(target: Target) -> str:
    return target.origin.partition("://")[2]
