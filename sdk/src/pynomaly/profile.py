"""Where the client finds its server and key: arguments, the environment, the profile on this machine.

`pynomaly serve` writes the profile, so that `PynomalyClient()` needs no configuration beside it.
"""

from __future__ import annotations

import json
import os
import stat
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from pynomaly import remedies
from pynomaly.address import api_root, is_loopback, same_server
from pynomaly.errors import ConfigurationError
from pynomaly.private_file import write_private
from pynomaly.session import Identity, SessionFile, session_file

DEFAULT_BASE_URL = "http://127.0.0.1:8000"

Source = Literal["argument", "environment", "session", "profile", "default"]


class InsecureProfileWarning(UserWarning):
    """The profile holds a key that other users of this machine can read."""


class InsecureTransportWarning(UserWarning):
    """The key travels unencrypted."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the profile file says.

    Attributes:
        base_url: Address of the server.
        api_key: Key for it; never shown in `repr`. None where another way in is used.
        created_at: When it was written, RFC 3339.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What was found, where, and whether or not it is enough to connect.

    Attributes:
        base_url: Address of the server as it was given.
        base_url_from: Where it was found.
        api_key: The key; never shown in `repr`. None where there is none for this server, or a user logs in.
        api_key_from: Where it was found.
        username: Who has logged in to this server, where no key goes before.
        session: The file with that session.
        profile: What the profile says, where it was read at all.
    """

    base_url: str
    base_url_from: Source
    api_key: str | None = field(default=None, repr=False)
    api_key_from: Source | None = None
    username: str | None = None
    session: SessionFile | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A server, and the key for it or the user who logs in there.

    Attributes:
        root: Address up to and including `/api/v1`.
        api_key: The key; never shown in `repr`. None where a user logs in, or nobody needs to.
        identity: Who logs in, where the password is known.
        session: The file that has the session, where `pynomaly login` has begun one.
    """

    root: str
    api_key: str | None = field(repr=False)
    identity: Identity | None = None
    session: SessionFile | None = None

    def anonymous(self) -> Connection:
        """The same server without any credential."""
        return Connection(self.root, None)


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
            f"The profile {path} cannot be read: {exc.strerror}.", remedy=remedies.READABLE_PROFILE
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
        if isinstance(base_url, str) and isinstance(api_key, str | None):
            return Profile(base_url, api_key, created_at if isinstance(created_at, str) else None)
    raise ConfigurationError(
        f'The profile {path} is not a JSON object with "base_url", and "api_key" if any; delete it, '
        "and `pynomaly serve` writes it anew."
    )


def write_profile(
    *, base_url: str, api_key: str | None, created_at: str | None = None, path: Path | None = None
) -> Path:
    """Write the profile in one step, readable only for its owner from the first byte; returns its path.

    Args:
        base_url: Address of the server.
        api_key: Key for it; None for none.
        created_at: RFC 3339; now, where left out.
        path: Where to write; `profile_path()` where left out.
    """
    path = path or profile_path()
    document = {
        "base_url": base_url,
        **({} if api_key is None else {"api_key": api_key}),
        "created_at": created_at or datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    write_private(path, document)
    return path


def find_connection(
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    identity: Identity | None = None,
    environ: Mapping[str, str] | None = None,
) -> Connection:
    """Find server and credential: an argument wins over the environment, the environment over the session
    of `pynomaly login`, and that over the profile.

    What a file holds is only used for its own server, so that it is never sent anywhere else.

    Raises:
        ConfigurationError: No credential is found, or something found is unusable.
    """
    environ = os.environ if environ is None else environ
    if api_key and identity:
        raise ConfigurationError("Both api_key= and username= were given; give one of them.")
    found = find_settings(api_key=api_key, base_url=base_url, identity=identity, environ=environ)
    root = api_root(found.base_url)
    _check_encrypted(root)
    if identity:
        return Connection(root, None, identity)
    if found.session:
        return Connection(root, None, session=found.session)
    if found.api_key is None:
        raise _no_key(found.profile, root, profile_path(environ))
    check_key(found.api_key)
    return Connection(root, found.api_key)


def find_settings(
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    identity: Identity | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Find what there is, in the order of `find_connection`.

    Raises:
        ConfigurationError: The profile or the session is unusable, or the address is.
    """
    environ = os.environ if environ is None else environ
    key, key_from = _given(api_key, environ.get("PYNOMALY_API_KEY"))
    if identity:
        key = key_from = None
    address, address_from = _given(base_url, environ.get("PYNOMALY_BASE_URL"))
    file = session_file(environ)
    session = None if identity or key else file.read()
    profile = None if (identity or key) and address else read_profile(profile_path(environ))
    if address is None and session:
        address, address_from = session[0], "session"
    if address is None and profile:
        address, address_from = profile.base_url, "profile"
    if address is None or address_from is None:
        address, address_from = DEFAULT_BASE_URL, "default"
    found = Settings(address, address_from, key, key_from, profile=profile)
    root = api_root(address)
    if session and same_server(api_root(session[0]), root):
        return replace(found, username=session[1], session=file)
    if identity or key or not (profile and profile.api_key and same_server(api_root(profile.base_url), root)):
        return found
    return replace(found, api_key=profile.api_key, api_key_from="profile")


def _given(argument: str | None, variable: str | None) -> tuple[str | None, Source | None]:
    if argument:
        return argument, "argument"
    return (variable, "environment") if variable else (None, None)


def server_address(base_url: str | None, environ: Mapping[str, str] | None = None) -> str:
    """The server to log in to: an argument wins over the environment, and that over the profile."""
    environ = os.environ if environ is None else environ
    address = base_url or environ.get("PYNOMALY_BASE_URL") or None
    if address is None:
        profile = read_profile(profile_path(environ))
        address = profile.base_url if profile else DEFAULT_BASE_URL
    return address


def anonymous_connection(address: str) -> Connection:
    """A server, for calls without a credential; raises `ConfigurationError` for an unusable address."""
    root = api_root(address)
    _check_encrypted(root)
    return Connection(root, None)


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
            f"The credential goes unencrypted to {root}; use https.", InsecureTransportWarning, stacklevel=4
        )


def _no_key(profile: Profile | None, root: str, path: Path) -> ConfigurationError:
    found = ""
    if profile and profile.api_key and not same_server(api_root(profile.base_url), root):
        found = f" The profile {path} belongs to {profile.base_url}, so its key is not used."
    return ConfigurationError(f"No API key for {root}.{found}", remedy=remedies.give_key(str(path)))


def check_key(key: str) -> None:
    """Raise `ConfigurationError` for a key that was copied wrongly; it does not repeat the key."""
    if not key or not key.isascii() or any(not 33 <= ord(char) <= 126 for char in key):
        raise ConfigurationError(
            "The API key holds spaces, line breaks or characters outside ASCII; copy it again, without "
            "quotes or blanks."
        )
