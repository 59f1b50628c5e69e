"""The script for bash."""

from __future__ import annotations

import shlex

from pynomaly.cli.completion.tree import Command

_SCRIPT = """\
# Completes pynomaly in bash; made by `pynomaly completion bash`.
_pynomaly() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} path= place
    if [[ $current == "=" ]]; then current=; fi
    if [[ $previous == "=" ]]; then previous=${{COMP_WORDS[COMP_CWORD-2]}}; fi
    for ((place = 1; place < COMP_CWORD; place++)); do
        case "$path ${{COMP_WORDS[place]}}" in
            {paths}) path+=" ${{COMP_WORDS[place]}}" ;;
        esac
    done
    local words= files=
    case "$path $previous" in
{values}
        *)
            case "$path" in
{commands}
            esac
            ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ $files ]]; then
        # The bash of macOS does not have it.
        compopt -o filenames 2> /dev/null
        local found
        while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "$current")
    fi
}}
complete -F _pynomaly pynomaly
"""


def bash_script(tree: Command) -> str:
    """The script that `eval` takes in bash."""
    below = [command for command in tree.walk() if command.path]
    return _SCRIPT.format(
        paths=" | ".join(shlex.quote(_path(command)) for command in below),
        values="\n".join(line for command in tree.walk() for line in _values(command)),
        commands="\n".join(_words(command) for command in tree.walk()),
    )


def _path(command: Command) -> str:
    return "".join(f" {word}" for word in command.path)


def _values(command: Command) -> list[str]:
    """What follows an option that takes a value."""
    lines: list[str] = []
    for option in command.options:
        if option.takes_value:
            patterns = " | ".join(shlex.quote(f"{_path(command)} {name}") for name in option.names)
            lines.append(f"        {patterns}) {_offer(option.choices, files=option.is_file)} ;;")
    return lines


def _words(command: Command) -> str:
    """What else may follow a command."""
    words = [
        *(each.name for each in command.commands),
        *command.choices,
        *(name for option in command.options for name in option.names if name.startswith("--")),
    ]
    offer = _offer(words, files=command.takes_files)
    return f"                {shlex.quote(_path(command))}) {offer} ;;"


def _offer(words: tuple[str, ...] | list[str], *, files: bool) -> str:
    parts = [f"words={shlex.quote(' '.join(words))}"] if words else []
    return "; ".join([*parts, *(["files=1"] if files else [])]) or ":"
