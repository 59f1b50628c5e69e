"""Addresses to listen on."""

import socket

import pytest

from pynomaly_server.runtime import ports
from pynomaly_server.runtime.faults import AddressError


def test_port_zero_gives_a_free_port():
    port = ports.claim("127.0.0.1", 0)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared as Granian does"])
def test_a_taken_port_is_named_with_the_remedy(shared):
    with socket.socket() as listener:
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(AddressError) as refused:
            ports.claim("127.0.0.1", port)
    assert str(refused.value) == (
        f"Port {port} on 127.0.0.1 is taken by another program. "
        "Name another with --port, or --port 0 for any free one."
    )


def test_a_foreign_address_is_named_with_the_remedy():
    with pytest.raises(AddressError, match=r"192\.0\.2\.1 is no address of this machine"):
        ports.claim("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_the_url_is_one_that_this_machine_reaches(host, url):
    assert ports.reachable_url(host, 8000) == url
