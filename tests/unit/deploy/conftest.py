"""A real nginx."""

import pytest
from tests.composed.balancer import nginx_command


@pytest.fixture(scope="session")
def nginx():
    """The words of nginx's command."""
    command = nginx_command()
    if command is None:
        pytest.skip("there is no nginx on PATH, and no wheel of it for this platform")
    return command
