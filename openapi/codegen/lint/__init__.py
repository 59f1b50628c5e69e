"""Says where the contract breaks the rules of the house, each finding with its place and its remedy.
One file per subject; a rule is a function that yields findings."""

from codegen.lint.findings import Finding
from codegen.lint.run import lint

__all__ = ["Finding", "lint"]
