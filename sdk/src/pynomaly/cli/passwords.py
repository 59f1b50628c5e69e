"""Passwords and keys on the command line: never an argument, which other users of the machine could read."""

from __future__ import annotations

import getpass
import sys

from pynomaly.errors import ConfigurationError


def asked_password(prompt: str) -> str:
    """The password that is typed, without an echo, or the first line of a standard input that is no terminal.

    Raises:
        ConfigurationError: There is none.
    """
    return _asked(prompt, "password")


def asked_key(prompt: str) -> str:
    """An API key, got as `asked_password` gets a password.

    Raises:
        ConfigurationError: There is none.
    """
    return _asked(prompt, "API key").strip()


def _asked(prompt: str, what: str) -> str:
    secret = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise ConfigurationError(f"No {what} was given. Type it, or pipe it in as one line.")
    return secret


def new_password(prompt: str) -> str:
    """A new password that is typed twice, or read as `asked_password` does.

    Raises:
        ConfigurationError: There is none, or the two differ.
    """
    password = asked_password(prompt)
    if sys.stdin.isatty() and getpass.getpass("Once more: ") != password:
        raise ConfigurationError("The two passwords differ. Try again.")
    return password
