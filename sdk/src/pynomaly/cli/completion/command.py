"""The command `pynomaly completion bash|zsh|fish`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import add_plain_command
from pynomaly.cli.completion.bash import bash_script
from pynomaly.cli.completion.fish import fish_script
from pynomaly.cli.completion.tree import Command, command_tree
from pynomaly.cli.completion.zsh import zsh_script

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers

_SCRIPTS: Mapping[str, Callable[[Command], str]] = {
    "bash": bash_script,
    "zsh": zsh_script,
    "fish": fish_script,
}
_DESCRIPTION = """\
Print a script that completes the commands, options and files of `pynomaly` in a shell.

bash, in ~/.bashrc:                   eval "$(pynomaly completion bash)"
zsh, in ~/.zshrc, after compinit:     eval "$(pynomaly completion zsh)"
fish, in ~/.config/fish/config.fish:  pynomaly completion fish | source
"""


def register(commands: Subparsers, parser: argparse.ArgumentParser) -> None:
    """Add the command; `parser` is what the scripts are made from once every command is in it."""

    def run(arguments: argparse.Namespace) -> int:
        sys.stdout.write(_SCRIPTS[arguments.shell](command_tree(parser)))
        return 0

    command = add_plain_command(
        commands, "completion", run, "print a script for completion in a shell", _DESCRIPTION
    )
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument("shell", choices=sorted(_SCRIPTS), help="which shell")
