"""The commands as a tree of what can be completed, read from the parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

_FILES = frozenset({"FILE", "DIR", "SOURCE", "FORM|FILE"})


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command.

    Attributes:
        names: How it is written, such as `-h` and `--help`.
        help: What it is for.
        takes_value: Whether a value follows.
        choices: The values it takes, where they can be listed.
        is_file: Whether the value is the name of a file.
    """

    names: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]
    is_file: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what may follow it.

    Attributes:
        path: The words that lead to it, without the program's name.
        help: What it does.
        commands: Its own commands.
        options: Its options.
        choices: Words that it takes as an argument.
        takes_files: Whether an argument is the name of a file.
    """

    path: tuple[str, ...]
    help: str
    commands: tuple[Command, ...]
    options: tuple[Option, ...]
    choices: tuple[str, ...]
    takes_files: bool

    @property
    def name(self) -> str:
        """Its last word."""
        return self.path[-1] if self.path else ""

    def walk(self) -> Iterator[Command]:
        """This command and every one below it."""
        yield self
        for each in self.commands:
            yield from each.walk()


def command_tree(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = (), what: str | None = None
) -> Command:
    """Read what a parser takes."""
    commands: list[Command] = []
    options: list[Option] = []
    choices: list[str] = []
    takes_files = False
    for action in _actions(parser):
        known: Any = action.choices
        if isinstance(known, dict):
            parsers = cast("dict[str, argparse.ArgumentParser]", known)
            helps = {each.dest: each.help for each in _below(action)}
            commands += [
                command_tree(child, (*path, name), helps.get(name)) for name, child in parsers.items()
            ]
        elif action.option_strings:
            options.append(_option(action))
        else:
            choices += _choices(action)
            takes_files = takes_files or _is_file(action)
    return Command(path, what or "", tuple(commands), tuple(options), tuple(choices), takes_files)


def _actions(parser: Any) -> list[argparse.Action]:
    # argparse has no public way to ask a parser for its arguments.
    return parser._actions  # noqa: SLF001


def _below(action: Any) -> list[argparse.Action]:
    # Nor to ask for what its help says of each command.
    return action._get_subactions()  # noqa: SLF001


def _option(action: argparse.Action) -> Option:
    text = "" if action.help in (None, argparse.SUPPRESS) else str(action.help)
    takes_value = action.nargs != 0
    return Option(
        names=tuple(action.option_strings),
        help=text,
        takes_value=takes_value,
        choices=tuple(_choices(action)),
        is_file=takes_value and _is_file(action),
    )


def _choices(action: argparse.Action) -> list[str]:
    return [str(each) for each in action.choices or ()]


def _is_file(action: argparse.Action) -> bool:
    return action.type is Path or action.metavar in _FILES
