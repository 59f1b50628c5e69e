"""`pynomaly completion`: scripts that let shells complete the commands, made from the parser itself."""

from pynomaly.cli.completion.command import register

__all__ = ["register"]
