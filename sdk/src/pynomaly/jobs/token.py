"""Tokens: a job's name and server as one line of text, to take it up in another process. They hold no
secret."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, cast

from pynomaly import remedies
from pynomaly.address import same_server
from pynomaly.errors import ConfigurationError

_PREFIX = "pynjob1."
_JOB_ID = re.compile(r"job_[0-9A-Za-z]+")


def write_token(job_id: str, root: str) -> str:
    """Return the token of a job at a server."""
    text = json.dumps({"job_id": job_id, "server": root}, separators=(",", ":"))
    return _PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(token: str, root: str) -> str:
    """Return the job's id from its token; a bare job id is taken too.

    Args:
        token: What `to_token` gave.
        root: The server that this client talks to.

    Raises:
        ConfigurationError: It is no token, or the job is at another server.
    """
    if _JOB_ID.fullmatch(token):
        return token
    document: Any = None
    if token.startswith(_PREFIX):
        body = token.removeprefix(_PREFIX)
        try:
            document = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (ValueError, binascii.Error):
            document = None
    fields = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    job_id, server = fields.get("job_id"), fields.get("server")
    if not isinstance(job_id, str) or not isinstance(server, str) or not _JOB_ID.fullmatch(job_id):
        raise ConfigurationError("This is no job token.", remedy=remedies.TOKEN_OR_ID)
    if not same_server(server, root):
        raise ConfigurationError(
            f"The job of this token is at {server}, but this client talks to {root}.",
            remedy=remedies.CLIENT_OF_THAT_SERVER,
        )
    return job_id
