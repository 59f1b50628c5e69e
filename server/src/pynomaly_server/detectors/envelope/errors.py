"""What an envelope refuses, in words an operator can act on."""

from __future__ import annotations


class EnvelopeError(Exception):
    """Base of every refusal to keep a model or to read one back."""


class CorruptEnvelope(EnvelopeError):  # noqa: N818 - named by what is wrong, as callers catch it
    """The bytes are no envelope, or not all of one."""


class BadSignature(EnvelopeError):  # noqa: N818
    """The bytes are not those that were signed with this key: changed, or signed with another key."""


class UnsupportedVersion(EnvelopeError):  # noqa: N818
    """A rightly signed envelope in a form, or of classes, that this version does not know."""


class NotKeepable(EnvelopeError):  # noqa: N818
    """A value that is neither an array nor plain; the message says where it was found."""
