"""The command `pynomaly`: detection, datasets, batch jobs and health from the shell, and the further commands
that other distributions, such as pynomaly-server, register in the entry point group `pynomaly.commands`."""

from pynomaly.cli.program import main

__all__ = ["main"]
