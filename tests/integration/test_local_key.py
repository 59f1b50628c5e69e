"""The profile that a server leaves for the person who starts it."""

import pytest

from pynomaly.profile import Profile, read_profile, write_profile
from pynomaly_server.runtime.local_key import _provide

URL = "http://127.0.0.1:8000"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _own_profile(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


async def test_a_profile_with_a_good_key_keeps_it_at_another_address(world):
    made = await _provide(world.settings, "http://127.0.0.1:1")
    kept = await _provide(world.settings, URL)
    assert (kept.plain, kept.set_aside) == (made.plain, None)
    assert read_profile().base_url == URL


async def test_a_profile_that_has_no_key_gets_one_and_the_old_one_is_set_aside(world):
    path = write_profile(base_url="https://pynomaly.example.com", api_key=None)
    made = await _provide(world.settings, URL)
    assert (read_profile().base_url, read_profile().api_key) == (URL, made.plain)
    assert await world.auth.authenticate(made.plain) is not None
    assert read_profile(made.set_aside) == Profile(
        "https://pynomaly.example.com", None, read_profile(made.set_aside).created_at
    )
    assert path.exists()
