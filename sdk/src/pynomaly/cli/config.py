"""`pynomaly config`: the settings that hold here, where each is from, and the profile that keeps them."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from pynomaly.cli.arguments import add_command, add_json_option, add_plain_command
from pynomaly.cli.output import print_facts, print_json, print_table, tell
from pynomaly.cli.passwords import asked_key
from pynomaly.errors import ConfigurationError

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers
    from pynomaly.profile import Profile, Settings

NAMES = ("base_url", "api_key")
_PREFIX = re.compile(r"pyn_[0-9A-Za-z]{8}(?=_)")
# The command line has options where Python has arguments.
_FROM = {"argument": "option"}


def register(commands: Subparsers) -> None:
    """Add the command."""
    config = add_command(
        commands,
        "config",
        _show,
        "show and change the settings of this machine",
        "Show the settings that hold and where each is from, without secrets, or change those that the "
        "profile keeps.",
    )
    actions = config.add_subparsers(metavar="ACTION")
    put = add_plain_command(
        actions,
        "set",
        _set,
        "keep a setting in the profile",
        "Keep a setting in the profile. The API key is asked for, or read from standard input where that is "
        "no terminal.",
    )
    put.add_argument("name", choices=NAMES, help="which setting")
    put.add_argument(
        "value", nargs="?", metavar="VALUE", help="its value; never of api_key, which is asked for"
    )
    unset = add_plain_command(actions, "unset", _unset, "take a setting out of the profile")
    unset.add_argument("name", choices=NAMES, help="which setting")
    for action in (put, unset):
        add_json_option(action)


def _show(arguments: argparse.Namespace) -> int:
    from pynomaly.profile import find_settings, profile_path

    found = find_settings(base_url=arguments.base_url)
    rows = [
        ("base_url", found.base_url, found.base_url_from),
        _credential(found),
        ("timeout", *_timeout(arguments.timeout)),
    ]
    known = [(name, value, _FROM.get(origin or "", origin)) for name, value, origin in rows]
    path = profile_path()
    if arguments.json:
        settings = {name: {"value": value, "from": origin} for name, value, origin in known}
        print_json({**settings, "profile": str(path)})
        return 0
    print_table(["setting", "value", "from"], known, keep=3)
    print_facts([("profile", f"{path}{'' if path.exists() else ' (there is none)'}")])
    return 0


def _credential(found: Settings) -> tuple[str, str | None, str | None]:
    if found.session:
        return "user", found.username, "session"
    return "api_key", None if found.api_key is None else shown_key(found.api_key), found.api_key_from


def _timeout(given: float | None) -> tuple[str, str]:
    return ("each operation's own", "default") if given is None else (f"{given:g} s", "option")


def shown_key(key: str) -> str:
    """A key as it can be shown: how it begins, as `pynomaly keys list` says it too."""
    begins = _PREFIX.match(key)
    return f"{begins.group()}_…" if begins else "…"


def _set(arguments: argparse.Namespace) -> int:
    from pynomaly.address import api_root, same_server
    from pynomaly.profile import check_key, profile_path, read_profile, server_address, write_profile

    kept = read_profile()
    if arguments.name == "api_key":
        if arguments.value is not None:
            raise ConfigurationError(
                "An API key is no argument, because other users can see a command line. Leave it out and "
                "type it, or pipe it in."
            )
        address = kept.base_url if kept else server_address(None)
        key = asked_key(f"API key for {address}: ")
        check_key(key)
        path = write_profile(base_url=address, api_key=key)
        sentence = f"The profile {path} has the key {shown_key(key)} for {address}."
        return tell(arguments, _document(read_profile()), sentence)
    if not arguments.value:
        raise ConfigurationError(
            "Give the address: pynomaly config set base_url https://pynomaly.example.com"
        )
    root = api_root(arguments.value)
    same = kept is not None and same_server(api_root(kept.base_url), root)
    key = kept.api_key if kept and same else None
    write_profile(
        base_url=arguments.value, api_key=key, created_at=kept.created_at if kept and same else None
    )
    sentence = f"The profile {profile_path()} has the address {arguments.value}."
    if kept and kept.api_key and not same:
        sentence += f" The key for {kept.base_url} is forgotten; give one for this server."
    return tell(arguments, _document(read_profile()), sentence)


def _unset(arguments: argparse.Namespace) -> int:
    from pynomaly.profile import profile_path, read_profile, write_profile

    path, kept = profile_path(), read_profile()
    if kept is None:
        raise ConfigurationError(f"There is no profile {path}.")
    if arguments.name == "base_url":
        # A key is for one server alone.
        path.unlink()
        return tell(arguments, _document(None), f"The profile {path} is deleted, its API key with it.")
    write_profile(base_url=kept.base_url, api_key=None, created_at=kept.created_at)
    return tell(arguments, _document(read_profile()), f"The profile {path} has no API key any more.")


def _document(kept: Profile | None) -> dict[str, Any]:
    key = kept.api_key if kept else None
    return {"base_url": kept.base_url if kept else None, "api_key": shown_key(key) if key else None}
