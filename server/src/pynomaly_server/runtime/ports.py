"""Finding out whether an address can be listened on, before a server is started for it."""

import errno
import socket

from pynomaly_server.runtime.faults import AddressError


def claim(host: str, port: int) -> int:
    """Check that `host` and `port` are free, and give the port (a free one for 0).

    Granian shares a port that another Granian of the same user listens on without a word, and the two would
    take each other's requests; hence the check.

    Raises:
        AddressError: the port is taken or may not be used, or the host is not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as fault:
            raise AddressError(_explain(fault, host, port)) from fault
        return int(probe.getsockname()[1])


def _explain(fault: OSError, host: str, port: int) -> str:
    if fault.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program. "
            "Name another with --port, or --port 0 for any free one."
        )
    if fault.errno == errno.EACCES:
        return f"Port {port} may only be used by root. Name one above 1023 with --port."
    if isinstance(fault, socket.gaierror) or fault.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine. Name one with --host (127.0.0.1, or 0.0.0.0 for all)."
    return (
        f"{host}:{port} cannot be listened on: {fault.strerror}. Name another address with --host and --port."
    )


def reachable_url(host: str, port: int, scheme: str = "http") -> str:
    """The URL under which this machine reaches a server that listens on `host`."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - looked up, not bound  # nosec B104
    name = everywhere.get(host, f"[{host}]" if ":" in host else host)
    return f"{scheme}://{name}:{port}"
