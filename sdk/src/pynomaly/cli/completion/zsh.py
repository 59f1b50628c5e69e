"""The script for zsh."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pynomaly.cli.completion.tree import Command

_SCRIPT = """\
#compdef pynomaly
# Completes pynomaly in zsh; made by `pynomaly completion zsh`.
_pynomaly() {{
    local at= word
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        case "$at $word" in
            {paths}) at+=" $word" ;;
        esac
    done
    local -a offered
    local files=
    case "$at ${{words[CURRENT-1]}}" in
{values}
        *)
            case "$at" in
{commands}
            esac
            ;;
    esac
    (( ${{#offered}} )) && _describe -t words word offered
    [[ -n $files ]] && _files
    return 0
}}
compdef _pynomaly pynomaly
"""


def zsh_script(tree: Command) -> str:
    """The script that `eval` takes in zsh."""
    below = [command for command in tree.walk() if command.path]
    return _SCRIPT.format(
        paths="|".join(shlex.quote(_path(command)) for command in below),
        values="\n".join(line for command in tree.walk() for line in _values(command)),
        commands="\n".join(_words(command) for command in tree.walk()),
    )


def _path(command: Command) -> str:
    return "".join(f" {word}" for word in command.path)


def _values(command: Command) -> list[str]:
    lines: list[str] = []
    for option in command.options:
        if option.takes_value:
            patterns = "|".join(shlex.quote(f"{_path(command)} {name}") for name in option.names)
            offer = _offer([(choice, "") for choice in option.choices], files=option.is_file)
            lines.append(f"        {patterns}) {offer} ;;")
    return lines


def _words(command: Command) -> str:
    words = [
        *((each.name, each.help) for each in command.commands),
        *((choice, "") for choice in command.choices),
        *(
            (name, option.help)
            for option in command.options
            for name in option.names
            if name.startswith("--")
        ),
    ]
    return f"                {shlex.quote(_path(command))}) {_offer(words, files=command.takes_files)} ;;"


def _offer(words: Sequence[tuple[str, str]], *, files: bool) -> str:
    # A colon parts a word from its description.
    entries = [
        word.replace(":", r"\:") + (f":{' '.join(text.split())}" if text else "") for word, text in words
    ]
    parts = [f"offered=({' '.join(map(shlex.quote, entries))})"] if entries else []
    return "; ".join([*parts, *(["files=1"] if files else [])]) or ":"
