"""Where the client finds its server and key."""

import json
import os
import stat
import warnings

import pytest

from pynomaly import AsyncPynomalyClient, ConfigurationError, PynomalyClient
from pynomaly.address import api_root, is_loopback, same_server
from pynomaly.profile import (
    InsecureProfileWarning,
    InsecureTransportWarning,
    Profile,
    find_connection,
    profile_path,
    read_profile,
    write_profile,
)

KEY = "pyn_abcd1234_0123456789"


def test_a_profile_is_read_as_it_was_written():
    write_profile(base_url="http://127.0.0.1:8000", api_key=KEY, created_at="2026-05-01T12:00:00Z")
    assert read_profile() == Profile("http://127.0.0.1:8000", KEY, "2026-05-01T12:00:00Z")


def test_a_profile_is_for_its_owner_alone_whatever_the_umask():
    before = os.umask(0)
    try:
        path = write_profile(base_url="http://127.0.0.1:8000", api_key=KEY)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_writing_a_profile_again_leaves_one_file():
    for _ in range(2):
        path = write_profile(base_url="http://127.0.0.1:8000", api_key=KEY)
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_profile_and_nothing_else(monkeypatch):
    path = write_profile(base_url="http://127.0.0.1:8000", api_key=KEY)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_profile(base_url="http://127.0.0.1:9000", api_key="pyn_other")
    assert list(path.parent.iterdir()) == [path]
    assert read_profile().api_key == KEY


def test_a_profile_that_others_can_read_brings_a_warning_that_says_the_remedy():
    path = write_profile(base_url="http://127.0.0.1:8000", api_key=KEY)
    path.chmod(0o644)
    with pytest.warns(InsecureProfileWarning, match=f"run: chmod 600 {path}"):
        assert read_profile().api_key == KEY


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"base_url": 1, "api_key": "x"}', "\xff"])
def test_a_broken_profile_is_named_with_its_remedy(text):
    path = profile_path()
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="latin-1")
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=f"The profile {path} is not a JSON object"):
        read_profile()


def test_no_profile_is_no_error():
    assert read_profile() is None


def test_a_relative_config_home_is_ignored(monkeypatch):
    assert not str(profile_path({"XDG_CONFIG_HOME": "relative"})).startswith("relative")


def test_an_argument_wins_over_the_environment_and_the_environment_over_the_profile(monkeypatch):
    write_profile(base_url="http://127.0.0.1:1", api_key="pyn_profile")
    assert find_connection() == find_connection(api_key="pyn_profile", base_url="http://127.0.0.1:1")
    monkeypatch.setenv("PYNOMALY_API_KEY", "pyn_environment")
    monkeypatch.setenv("PYNOMALY_BASE_URL", "http://127.0.0.1:2")
    assert find_connection().api_key == "pyn_environment"
    assert find_connection().root == "http://127.0.0.1:2/api/v1"
    chosen = find_connection(api_key="pyn_argument", base_url="http://127.0.0.1:3")
    assert (chosen.api_key, chosen.root) == ("pyn_argument", "http://127.0.0.1:3/api/v1")


def test_the_key_of_the_profile_is_never_sent_to_another_server():
    path = write_profile(base_url="http://127.0.0.1:8000", api_key=KEY)
    with pytest.raises(ConfigurationError) as caught:
        find_connection(base_url="https://pynomaly.example.com")
    assert str(caught.value) == (
        f"No API key for https://pynomaly.example.com/api/v1. The profile {path} belongs to "
        f"http://127.0.0.1:8000, so its key "
        "is not used. Give one in one of four ways: PynomalyClient(api_key=...), the environment variable "
        f"PYNOMALY_API_KEY, `pynomaly login` for a user, or `pynomaly serve` on this machine, which "
        f"writes {path}."
    )


def test_the_key_of_the_profile_serves_every_spelling_of_its_server():
    write_profile(base_url="http://127.0.0.1:8000", api_key=KEY)
    assert find_connection(base_url="http://localhost:8000/v1").api_key == KEY


@pytest.mark.parametrize("client", [PynomalyClient, AsyncPynomalyClient])
def test_a_client_without_a_key_says_the_four_ways_to_give_one(client):
    with pytest.raises(ConfigurationError) as caught:
        client()
    assert str(caught.value) == (
        "No API key for http://127.0.0.1:8000/api/v1. Give one in one of four ways: "
        "PynomalyClient(api_key=...), the environment variable PYNOMALY_API_KEY, "
        "`pynomaly login` for a user, or `pynomaly serve` on this machine, which writes "
        f"{profile_path()}."
    )


@pytest.mark.parametrize("key", ["pyn_a b", "pyn_a\n", "pyn_ä", "pyn_\x00"])
def test_a_key_that_was_copied_wrongly_is_refused_without_repeating_it(key):
    with pytest.raises(ConfigurationError) as caught:
        find_connection(api_key=key)
    assert str(caught.value).startswith("The API key holds spaces")
    assert key not in str(caught.value)


def test_a_key_over_plain_http_to_another_machine_brings_a_warning():
    with pytest.warns(
        InsecureTransportWarning, match="goes unencrypted to http://example.com/api/v1; use https"
    ):
        find_connection(api_key=KEY, base_url="http://example.com")


@pytest.mark.parametrize(
    "address", ["https://example.com", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost"]
)
def test_https_and_loopback_bring_no_warning(address):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find_connection(api_key=KEY, base_url=address)


def test_a_key_never_appears_in_a_repr():
    connection = find_connection(api_key=KEY, base_url="https://example.com")
    assert KEY not in repr(connection)
    assert KEY not in repr(Profile("http://127.0.0.1", KEY))
    assert KEY not in repr(PynomalyClient(api_key=KEY, base_url="https://example.com"))


@pytest.mark.parametrize(
    ("address", "root"),
    [
        ("https://host", "https://host/api/v1"),
        ("https://host/", "https://host/api/v1"),
        ("https://host/v1", "https://host/api/v1"),
        ("https://host/api/v1/", "https://host/api/v1"),
        (" http://host:8000 ", "http://host:8000/api/v1"),
        ("https://host/tools/pynomaly/v1", "https://host/tools/pynomaly/api/v1"),
        ("http://[::1]:8000/api/v1", "http://[::1]:8000/api/v1"),
    ],
)
def test_every_spelling_of_an_address_means_the_same_root(address, root):
    assert api_root(address) == root
    assert api_root(root) == root


@pytest.mark.parametrize(
    "address",
    [
        "",
        "host",
        "ftp://host",
        "https://",
        "https://user:word@host",
        "https://host?x=1",
        "https://host#x",
        "http://h:99999",
    ],
)
def test_an_unusable_address_is_refused_without_repeating_it(address):
    with pytest.raises(
        ConfigurationError, match=r"address is unusable: .*\. .*like https://pynomaly"
    ) as caught:
        api_root(address)
    assert "word" not in str(caught.value)


def test_loopback_is_only_what_cannot_leave_this_machine():
    assert is_loopback("http://127.8.9.1/api/v1")
    assert not is_loopback("http://127.0.0.1.example.com/api/v1")
    assert not is_loopback("http://10.0.0.1/api/v1")


def test_servers_differ_by_port_and_path():
    assert same_server("http://localhost:80/api/v1", "http://127.0.0.1/api/v1")
    assert not same_server("http://localhost:81/api/v1", "http://127.0.0.1/api/v1")
    assert not same_server("https://host/a/api/v1", "https://host/b/api/v1")


def test_the_profile_holds_what_other_programs_expect():
    path = write_profile(base_url="http://127.0.0.1:8000", api_key=KEY)
    document = json.loads(path.read_text())
    assert set(document) == {"base_url", "api_key", "created_at"}
    assert document["created_at"].endswith("Z")
