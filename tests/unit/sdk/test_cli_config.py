"""`pynomaly config`: the settings that hold, where each is from, and the profile."""

import io
import json

import pytest
from tests.unit.sdk.conftest import KEY, ORIGIN

from pynomaly.cli import main
from pynomaly.profile import profile_path, read_profile, write_profile
from pynomaly.session import Tokens, session_file

SHOWN = "pyn_abcd1234_…"


@pytest.fixture(autouse=True)
def _no_other_commands(monkeypatch):
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])


@pytest.fixture
def typed(monkeypatch):
    """Types a line where the command reads one."""
    return lambda line: monkeypatch.setattr("sys.stdin", io.StringIO(line))


def settings(capsys, *arguments) -> dict:
    capsys.readouterr()
    assert main(["config", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_without_any_setting_the_default_address_holds_and_there_is_no_key(capsys):
    assert settings(capsys) == {
        "base_url": {"value": "http://127.0.0.1:8000", "from": "default"},
        "api_key": {"value": None, "from": None},
        "timeout": {"value": "each operation's own", "from": "default"},
        "profile": str(profile_path()),
    }


def test_an_option_goes_before_the_environment_and_the_environment_before_the_profile(capsys, monkeypatch):
    write_profile(base_url="http://127.0.0.1:1", api_key=KEY)
    found = settings(capsys)
    assert found["base_url"] == {"value": "http://127.0.0.1:1", "from": "profile"}
    assert found["api_key"] == {"value": SHOWN, "from": "profile"}
    monkeypatch.setenv("PYNOMALY_BASE_URL", "http://127.0.0.1:2")
    monkeypatch.setenv("PYNOMALY_API_KEY", "copied-from-somewhere")
    found = settings(capsys)
    assert found["base_url"] == {"value": "http://127.0.0.1:2", "from": "environment"}
    assert found["api_key"] == {"value": "…", "from": "environment"}
    found = settings(capsys, "--base-url", "http://127.0.0.1:3", "--timeout", "5")
    assert found["base_url"] == {"value": "http://127.0.0.1:3", "from": "option"}
    assert found["timeout"] == {"value": "5 s", "from": "option"}


def test_the_key_of_the_profile_does_not_hold_for_another_server(capsys):
    write_profile(base_url="http://127.0.0.1:1", api_key=KEY)
    assert settings(capsys, "--base-url", ORIGIN)["api_key"] == {"value": None, "from": None}


def test_who_has_logged_in_is_shown_instead_of_a_key(capsys):
    session_file().write(ORIGIN, "ada", Tokens("a.b.c", "pyr_1", 0, 0))
    found = settings(capsys)
    assert found["base_url"] == {"value": ORIGIN, "from": "session"}
    assert found["user"] == {"value": "ada", "from": "session"}
    assert "api_key" not in found


def test_settings_are_shown_as_a_table_without_the_secret(capsys):
    write_profile(base_url=ORIGIN, api_key=KEY)
    assert main(["config"]) == 0
    printed = capsys.readouterr().out
    assert f"api_key   {SHOWN}        profile" in printed
    assert printed.splitlines()[-1] == f"profile     {profile_path()}"
    assert KEY not in printed


def test_a_key_is_typed_and_kept_for_the_address_of_the_profile(capsys, typed):
    assert main(["config", "set", "base_url", ORIGIN]) == 0
    assert capsys.readouterr().out == f"The profile {profile_path()} has the address {ORIGIN}.\n"
    typed(f"{KEY}\n")
    assert main(["config", "set", "api_key"]) == 0
    assert capsys.readouterr().out == f"The profile {profile_path()} has the key {SHOWN} for {ORIGIN}.\n"
    kept = read_profile()
    assert (kept.base_url, kept.api_key) == (ORIGIN, KEY)


def test_a_key_without_a_profile_is_kept_for_the_address_that_holds(typed, monkeypatch):
    monkeypatch.setenv("PYNOMALY_BASE_URL", ORIGIN)
    typed(KEY)
    assert main(["config", "set", "api_key"]) == 0
    assert read_profile().base_url == ORIGIN


def test_a_key_on_the_command_line_is_refused_without_repeating_it(capsys):
    assert main(["config", "set", "api_key", KEY]) == 2
    said = capsys.readouterr().err
    assert said.startswith("pynomaly: An API key is no argument, because other users can see a command line.")
    assert KEY not in said


@pytest.mark.parametrize("line", ["", "\n", " \n", "pyn_a b\n"])
def test_what_is_no_key_is_not_kept(line, typed):
    typed(line)
    assert main(["config", "set", "api_key"]) == 2
    assert read_profile() is None


def test_the_address_of_another_server_forgets_the_key(capsys):
    write_profile(base_url="http://127.0.0.1:1", api_key=KEY)
    assert main(["config", "set", "base_url", "http://localhost:1/v1"]) == 0
    assert read_profile().api_key == KEY
    capsys.readouterr()
    assert main(["config", "set", "base_url", ORIGIN]) == 0
    assert capsys.readouterr().out == (
        f"The profile {profile_path()} has the address {ORIGIN}. The key for http://localhost:1/v1 is "
        "forgotten; give one for this server.\n"
    )
    assert read_profile().api_key is None


def test_an_unusable_address_is_not_kept():
    assert main(["config", "set", "base_url", "ftp://example.com"]) == 2
    assert main(["config", "set", "base_url"]) == 2
    assert read_profile() is None


def test_a_key_is_taken_out_and_the_address_stays(capsys):
    write_profile(base_url=ORIGIN, api_key=KEY, created_at="2026-05-01T12:00:00Z")
    assert main(["config", "unset", "api_key", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"base_url": ORIGIN, "api_key": None}
    assert read_profile().created_at == "2026-05-01T12:00:00Z"


def test_without_an_address_there_is_no_profile():
    write_profile(base_url=ORIGIN, api_key=KEY)
    assert main(["config", "unset", "base_url"]) == 0
    assert not profile_path().exists()
    assert main(["config", "unset", "base_url"]) == 2
