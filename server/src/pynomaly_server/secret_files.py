"""Secrets that are told by the name of a file: `NAME_FILE` in place of `NAME`, as Docker hands them out.

What lies in a file shows in no description of a container and no dump of an environment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLES: Final = (
    "DATABASE_URL",
    "REDIS_URL",
    "PYNOMALY_SECRET_KEY",
    "PYNOMALY_SECRET_KEY_PREVIOUS",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
)
"""What may be told by a file."""


class SecretFileError(Exception):
    """A file that a variable names cannot be used; the message says which, and what to do."""


def secret_from_file(variable: str) -> str | None:
    """What the file named by `<variable>_FILE` holds, without white space around it.

    None where no file is named, and where `variable` itself is set, which goes before its file.

    Raises:
        SecretFileError: the file cannot be read, or is empty.
    """
    path = os.environ.get(f"{variable}_FILE")
    if not path or os.environ.get(variable):
        return None
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not text"
        raise SecretFileError(
            f"{variable}_FILE names {path}, which cannot be read: {reason}. "
            f"Put the value of {variable} there, readable for the user that runs the server."
        ) from None
    if not secret:
        raise SecretFileError(
            f"{variable}_FILE names {path}, which is empty. Put the value of {variable} there."
        )
    return secret


def secrets_from_files() -> tuple[dict[str, str], list[str]]:
    """What lies in files, by variable, and a sentence for each file that cannot be used."""
    found, faults = {}, []
    for variable in VARIABLES:
        try:
            secret = secret_from_file(variable)
        except SecretFileError as fault:
            faults.append(str(fault))
        else:
            if secret is not None:
                found[variable] = secret
    return found, faults
