"""A server of one's own on this machine, for notebooks and tests, where `pynomaly-server` is installed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from pynomaly.errors import ConfigurationError
from pynomaly.profile import Profile, read_profile

ENTRY_POINTS = "pynomaly.embedded"


class OwnServer:
    """Starts a server with a profile of its own and stops it again; nothing of it is left but `data_dir`.

    Args:
        data_dir: Folder that keeps its data; a temporary one, removed at the end, where None.

    Raises:
        ConfigurationError: `pynomaly-server` is not installed, or its server does not start.
    """

    def __init__(self, data_dir: str | Path | None = None) -> None:
        from importlib.metadata import entry_points

        entries = entry_points(group=ENTRY_POINTS)
        if not entries:
            raise ConfigurationError(
                "An embedded server needs the distribution pynomaly-server; install it with: pip install "
                "pynomaly-server"
            )
        server_class: Any = next(iter(entries)).load()
        self._temporary = None if data_dir else tempfile.mkdtemp(prefix="pynomaly-")
        folder = Path(data_dir or self._temporary or "").expanduser()
        # Its key stays beside its data, so that the person's own profile is left alone.
        config_home = folder / "config"
        config_home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._server: Any = server_class(folder / "data", config_home=config_home)
        try:
            self._server.start()
        except Exception as exc:
            self._remove()
            raise ConfigurationError(f"The embedded server did not start: {exc}") from exc
        self._path = Path(self._server.profile)

    @property
    def profile(self) -> Profile:
        """Its address and key."""
        profile = read_profile(self._path)
        if profile is None:
            raise ConfigurationError(f"The embedded server wrote no profile to {self._path}.")
        return profile

    def stop(self) -> None:
        """End it; does nothing where it has ended."""
        self._server.stop()
        self._remove()

    def _remove(self) -> None:
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
