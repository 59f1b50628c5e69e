"""What a package is refused for."""

from __future__ import annotations


class PackageError(Exception):
    """The file cannot be used; the message is a sentence for whoever sent it, with what to do."""


class UntrustedPackage(PackageError):  # noqa: N818 - named by what is wrong
    """The file is whole, and signed with a key that nobody here trusts."""
