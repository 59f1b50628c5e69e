"""What can keep a server from starting that the person who started it can mend."""


class RuntimeFault(Exception):  # noqa: N818 - the errors below are named by what failed
    """The message says what was wrong, where, and what to do; it is shown without a trace."""


class DataDirError(RuntimeFault):
    """The data folder cannot be used."""


class AddressError(RuntimeFault):
    """The address cannot be listened on."""


class ValkeyError(RuntimeFault):
    """Valkey cannot be started."""


class StartError(RuntimeFault):
    """A part of the server did not start."""
