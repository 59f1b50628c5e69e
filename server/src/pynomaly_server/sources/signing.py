"""Signs requests for one object of a bucket, and sends nothing.

Amazon's Signature Version 4, in headers, so that no URL holds a signature:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
Google's V4 signing by the key of a service account, in the query, as Google takes it:
https://cloud.google.com/storage/docs/access-control/signing-urls-manually.

The libraries that sign would read the server's own AWS_… and GOOGLE_… variables as well, and send requests
themselves, to addresses that nobody has checked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from pynomaly_server.contract.structs import S3Secrets
from pynomaly_server.credentials.kinds import ServiceAccount

EXPIRES_SECONDS: Final = 900
"""How long a signed URL is good for: for its connection to be made, not for what follows."""
_AMAZON: Final = "AWS4-HMAC-SHA256"
_GOOGLE: Final = "GOOG4-RSA-SHA256"
_EMPTY: Final = hashlib.sha256(b"").hexdigest()


def quoted_path(path: str) -> str:
    """A path as both stores sign it: all but unreserved characters and slashes as %XX."""
    return quote(path, safe="/-_.~")


def s3_headers(host: str, path: str, secrets: S3Secrets, now: datetime) -> dict[str, str]:
    """Headers that sign a GET of `path` (quoted) at `host` (with its port, where it is unusual)."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{secrets.region}/s3/aws4_request"
    headers = {"x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
    if secrets.session_token:
        headers["x-amz-security-token"] = secrets.session_token
    request, signed = _canonical(path, "", {"host": host, **headers}, _EMPTY)
    key = f"AWS4{secrets.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, _to_sign(_AMAZON, stamp, scope, request), "sha256").hex()
    headers["authorization"] = (
        f"{_AMAZON} Credential={secrets.access_key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"
    )
    return headers


def gcs_query(
    host: str, path: str, account: ServiceAccount, now: datetime, expires_seconds: int = EXPIRES_SECONDS
) -> str:
    """A query, from its question mark on, that signs a GET of `path` (quoted) at `host`."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/auto/storage/goog4_request"
    parameters = {
        "X-Goog-Algorithm": _GOOGLE,
        "X-Goog-Credential": f"{account.client_email}/{scope}",
        "X-Goog-Date": stamp,
        "X-Goog-Expires": str(expires_seconds),
        "X-Goog-SignedHeaders": "host",
    }
    query = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(parameters.items()))
    request, _ = _canonical(path, query, {"host": host}, "UNSIGNED-PAYLOAD")
    signature = account.rsa_key().sign(_to_sign(_GOOGLE, stamp, scope, request), PKCS1v15(), SHA256())
    return f"?{query}&X-Goog-Signature={signature.hex()}"


def _canonical(path: str, query: str, headers: Mapping[str, str], payload: str) -> tuple[str, str]:
    """The request in the form that is signed, and the names of its signed headers."""
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    names = ";".join(sorted(headers))
    return f"GET\n{path}\n{query}\n{lines}\n{names}\n{payload}", names


def _to_sign(algorithm: str, stamp: str, scope: str, request: str) -> bytes:
    return f"{algorithm}\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}".encode()
