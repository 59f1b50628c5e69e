"""Where the client finds its server and key: arguments, the environment, the profile on this machine.

`pynomaly serve` writes the profile, so that `PynomalyClient()` needs no configuration beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from pynomaly.address import api_root, is_loopback, same_server
from pynomaly.errors import ConfigurationError

DEFAULT_BASE_URL = "http://127.0.0.1:8000"


class InsecureProfileWarning(UserWarning):
    """The profile holds a key that other users of this machine can read."""


class InsecureTransportWarning(UserWarning):
    """The key travels unencrypted."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the profile file says.

    Attributes:
        base_url: Address of the server.
        api_key: Key for it; never shown in `repr`.
        created_at: When it was written, RFC 3339.
    """

    base_url: str
    api_key: str = field(repr=False)
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A server and the key for it.

    Attributes:
        root: Address up to and including `/api/v1`.
        api_key: The key; never shown in `repr`.
    """

    root: str
    api_key: str = field(repr=False)


def profile_path(environ: Mapping[str, str] | None = None) -> Path:
    """Path of the profile: `$XDG_CONFIG_HOME/pynomaly/profile.json`, by default under `~/.config`."""
    configured = (os.environ if environ is None else environ).get("XDG_CONFIG_HOME", "")
    # The XDG specification says to ignore a relative path.
    folder = Path(configured) if configured and Path(configured).is_absolute() else Path.home() / ".config"
    return folder / "pynomaly" / "profile.json"


def read_profile(path: Path | None = None) -> Profile | None:
    """Read the profile; None where there is none.

    Raises:
        ConfigurationError: The file is there but cannot be read or understood.
    """
    path = path or profile_path()
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise ConfigurationError(
            f"The profile {path} cannot be read: {exc.strerror}. Make it readable for you, or pass api_key= "
            f"and base_url=."
        ) from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        warnings.warn(
            f"The profile {path} holds an API key and other users can read it; run: chmod 600 {path}",
            InsecureProfileWarning,
            stacklevel=2,
        )
    return _parse(text, path)


def _parse(text: bytes, path: Path) -> Profile:
    try:
        document: Any = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict):
        values = cast("dict[str, Any]", document)
        base_url, api_key = values.get("base_url"), values.get("api_key")
        created_at = values.get("created_at")
        if isinstance(base_url, str) and isinstance(api_key, str):
            return Profile(base_url, api_key, created_at if isinstance(created_at, str) else None)
    raise ConfigurationError(
        f'The profile {path} is not a JSON object with "base_url" and "api_key"; delete it, '
        "and `pynomaly serve` writes it anew."
    )


def write_profile(
    *, base_url: str, api_key: str, created_at: str | None = None, path: Path | None = None
) -> Path:
    """Write the profile in one step, readable only for its owner from the first byte; returns its path.

    Args:
        base_url: Address of the server.
        api_key: Key for it.
        created_at: RFC 3339; now, where left out.
        path: Where to write; `profile_path()` where left out.
    """
    path = path or profile_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    document = {
        "base_url": base_url,
        "api_key": api_key,
        "created_at": created_at or datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    return path


def find_connection(
    *, api_key: str | None = None, base_url: str | None = None, environ: Mapping[str, str] | None = None
) -> Connection:
    """Find server and key: an argument wins over the environment, the environment over the profile.

    The profile's key is only used for the profile's own server, so that it is never sent anywhere else.

    Raises:
        ConfigurationError: No key is found, or something found is unusable.
    """
    environ = os.environ if environ is None else environ
    key = api_key or environ.get("PYNOMALY_API_KEY") or None
    address = base_url or environ.get("PYNOMALY_BASE_URL") or None
    path = profile_path(environ)
    profile = None if key and address else read_profile(path)
    if address is None:
        address = profile.base_url if profile else DEFAULT_BASE_URL
    root = api_root(address)
    if key is None:
        key = _profile_key(profile, root, path)
    _check_key(key)
    _check_encrypted(root)
    return Connection(root, key)


def further_roots(base_urls: Sequence[str]) -> list[str]:
    """The addresses of `base_urls`, each up to and including `/api/v1`.

    Raises:
        ConfigurationError: One is unusable.
    """
    roots = [api_root(address) for address in base_urls]
    for root in roots:
        _check_encrypted(root)
    return roots


def _check_encrypted(root: str) -> None:
    if not root.startswith("https:") and not is_loopback(root):
        warnings.warn(
            f"The API key goes unencrypted to {root}; use https.", InsecureTransportWarning, stacklevel=4
        )


def _profile_key(profile: Profile | None, root: str, path: Path) -> str:
    if profile and same_server(api_root(profile.base_url), root):
        return profile.api_key
    found = f" The profile {path} belongs to {profile.base_url}, so its key is not used." if profile else ""
    raise ConfigurationError(
        f"No API key for {root}.{found} Give one in one of three ways: PynomalyClient(api_key=...), the "
        f"environment "
        f"variable PYNOMALY_API_KEY, or `pynomaly serve` on this machine, which writes {path}."
    )


def _check_key(key: str) -> None:
    if not key.isascii() or any(not 33 <= ord(char) <= 126 for char in key):
        raise ConfigurationError(
            "The API key holds spaces, line breaks or characters outside ASCII; copy it again, without "
            "quotes or blanks."
        )
