"""The composed server in the place of the embedded one, for tests that know it by its URL and profile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.composed.balancer import nginx_command
from tests.composed.composition import Composition
from tests.composed.running import LOCALHOST, Composed

from pynomaly.profile import profile_path, write_profile

# What differs from the defaults in the file: nginx and the API meet on this machine, which is a small one.
VARIABLES = {"PYNOMALY_EDGE_NETWORK": f"{LOCALHOST}/32", "PYNOMALY_JOB_WORKERS": "1"}


@dataclass(frozen=True)
class ComposedServer:
    """The load balancer's URL, and where the profile of a caller on this machine is."""

    url: str
    profile: Path


@contextlib.contextmanager
def started(folder: Path, also: Mapping[str, str] = {}) -> Iterator[Composed]:
    """The services of docker-compose.yml, until the end of the block."""
    nginx = nginx_command()
    if nginx is None:
        pytest.skip("there is no nginx on PATH, and no wheel of it for this platform")
    composed = Composed(folder, nginx, Composition.read(VARIABLES), also)
    try:
        composed.start()
        yield composed
    finally:
        composed.stop()


@contextlib.contextmanager
def served(folder: Path, also: Mapping[str, str]) -> Iterator[ComposedServer]:
    """The composed server with a profile below `folder`, as `pynomaly serve` leaves one."""
    with started(folder, also) as composed:
        key = composed.run("api-1", "pynomaly", "keys", "create", "first key")
        profile = profile_path({"XDG_CONFIG_HOME": str(folder / "config")})
        write_profile(base_url=composed.base_url, api_key=key, path=profile)
        yield ComposedServer(composed.base_url, profile)
