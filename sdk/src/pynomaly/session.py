"""The session of a user: who logs in, the tokens, and the file in which `pynomaly login` keeps them.

Several processes share the file, some of them of the JavaScript client. A refresh token works once, so
whoever renews holds the file's lock and looks first whether another process has renewed already. Node knows
no locks of files, so what both clients go by is a file of its own, `session.renewing`, that is there while
somebody renews; the lock lets those who wait in Python sleep meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pynomaly.errors import ConfigurationError
from pynomaly.private_file import write_private

_RENEWED_AFTER = 0.9
"""Share of a token's life after which it is renewed before it is used."""

_LEFT_BEHIND = 30.0
"""Seconds after which `session.renewing` is of a process that died: a renewal takes ten at most."""

_LOOK_AGAIN = 0.02


@dataclass(frozen=True, slots=True)
class Identity:
    """Who logs in.

    Attributes:
        username: The username.
        password: The password; never shown in `repr`.
        tenant: Name or id of the tenant; the server's default where None.
    """

    username: str
    password: str = field(repr=False)
    tenant: str | None = None


def identity(username: str | None, password: str | None, tenant: str | None) -> Identity | None:
    """Who logs in, where that is anybody.

    Raises:
        ConfigurationError: One of username and password is missing, or nobody is in the tenant.
    """
    if username and password:
        return Identity(username, password, tenant)
    if username or password or tenant:
        raise ConfigurationError("Give username= and password= together; tenant= goes with them.")
    return None


@dataclass(frozen=True, slots=True)
class Tokens:
    """An access token and the refresh token for the next.

    Attributes:
        access_token: The credential; never shown in `repr`.
        refresh_token: Works once; never shown in `repr`.
        renew_at: When the access token is to be renewed, in seconds since the epoch.
        good_until: When it ends.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    renew_at: float
    good_until: float

    @classmethod
    def received(cls, access_token: str, refresh_token: str, *, now: float, seconds: float) -> Tokens:
        """Tokens that came at `now`, of which the access token is good for `seconds`."""
        return cls(access_token, refresh_token, now + seconds * _RENEWED_AFTER, now + seconds)


@dataclass(frozen=True, slots=True)
class SessionFile:
    """The file `session.json` beside the profile.

    Attributes:
        path: Where it is.
    """

    path: Path

    def read(self) -> tuple[str, str, Tokens] | None:
        """Address of the server, username and tokens; None where nobody is logged in.

        Raises:
            ConfigurationError: The file is there but cannot be read or understood.
        """
        try:
            document: Any = json.loads(self.path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            raise self._unusable() from None
        values = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
        texts = [values.get(name) for name in ("base_url", "username", "access_token", "refresh_token")]
        times = [values.get(name) for name in ("renew_at", "good_until")]
        if not all(isinstance(text, str) for text in texts):
            raise self._unusable()
        if not all(isinstance(moment, int | float) for moment in times):
            raise self._unusable()
        base_url, username, access_token, refresh_token = cast("list[str]", texts)
        renew_at, good_until = cast("list[float]", times)
        return base_url, username, Tokens(access_token, refresh_token, renew_at, good_until)

    def write(self, base_url: str, username: str, tokens: Tokens) -> None:
        """Keep a session, in one step and for its owner alone."""
        write_private(
            self.path,
            {
                "base_url": base_url,
                "username": username,
                "access_token": tokens.access_token,
                "refresh_token": tokens.refresh_token,
                "renew_at": tokens.renew_at,
                "good_until": tokens.good_until,
            },
        )

    def remove(self) -> None:
        """Forget the session."""
        self.path.unlink(missing_ok=True)

    def lock(self) -> int:
        """Wait until no other process renews; returns what `unlock` takes."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _lock(descriptor)
            _claim(self._claim)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def unlock(self, descriptor: int) -> None:
        """Let others renew."""
        self._claim.unlink(missing_ok=True)
        os.close(descriptor)

    @property
    def _claim(self) -> Path:
        return self.path.with_suffix(".renewing")

    def _unusable(self) -> ConfigurationError:
        return ConfigurationError(
            f"The session in {self.path} cannot be read. Run `pynomaly login` again, or `pynomaly logout` "
            "to forget it."
        )


def _claim(path: Path) -> None:
    """Make the file that says that somebody renews, once nobody else does."""
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _LEFT_BEHIND:
                    path.unlink()
                    continue
            time.sleep(_LOOK_AGAIN)
        else:
            return


def _lock(descriptor: int) -> None:
    if os.name == "nt":  # pragma: no cover
        import msvcrt

        windows: Any = msvcrt
        windows.locking(descriptor, windows.LK_LOCK, 1)
        return
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX)


def session_file(environ: Mapping[str, str] | None = None) -> SessionFile:
    """The session file of the person whose environment this is."""
    from pynomaly.profile import profile_path

    return SessionFile(profile_path(environ).with_name("session.json"))
