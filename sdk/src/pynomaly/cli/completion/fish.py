"""The script for fish."""

from __future__ import annotations

from pynomaly.cli.completion.tree import Command, Option

_HEAD = """\
# Completes pynomaly in fish; made by `pynomaly completion fish`.
function __pynomaly_at --description 'Whether these words lead to the command that is completed'
    set -l path
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
            case {paths}
                set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end
complete -c pynomaly -f
"""


def fish_script(tree: Command) -> str:
    """The script that `source` takes in fish."""
    below = [command for command in tree.walk() if command.path]
    lines = [line for command in tree.walk() for line in _of(command)]
    return _HEAD.format(paths=" ".join(_quoted(_path(each)) for each in below)) + "\n".join(lines) + "\n"


def _path(command: Command) -> str:
    return "".join(f" {word}" for word in command.path)


def _of(command: Command) -> list[str]:
    condition = _quoted(f"__pynomaly_at {_quoted(_path(command))}")
    begins = f"complete -c pynomaly -n {condition}"
    lines = [f"{begins} -a {_quoted(each.name)} -d {_quoted(each.help)}" for each in command.commands]
    if command.choices:
        lines.append(f"{begins} -a {_quoted(' '.join(command.choices))}")
    if command.takes_files:
        lines.append(f"{begins} -F")
    return [*lines, *(f"{begins} {_option(option)}" for option in command.options)]


def _option(option: Option) -> str:
    parts = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    if option.takes_value:
        parts.append("-r" if option.is_file else "-x")
        if option.is_file:
            parts.append("-F")
        if option.choices:
            parts.append(f"-a {_quoted(' '.join(option.choices))}")
    return " ".join([*parts, f"-d {_quoted(option.help)}"])


def _quoted(text: str) -> str:
    """In single quotes, in which fish knows two escapes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
