"""The short way of a request to its operation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from pynomaly_server.binding.routes import Routes
from pynomaly_server.contract.operations import OPERATIONS

_TEMPLATES = sorted({operation.path for operation in OPERATIONS.values()})
_PARTS = sorted(
    {part for path in _TEMPLATES for part in path.split("/")} | {"", "x", "a b", "ü", "..", "%2F"}
)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "get"]
_ROUTES = Routes((each.method, each.path, each.operation_id) for each in OPERATIONS.values())


def _handler(method, path, operation_id):
    async def answer() -> None: ...

    path = path.replace("}", ":str}")
    status = 200
    return HTTPRouteHandler(path, http_method=method, name=operation_id, status_code=status)(answer)


@pytest.fixture(scope="module")
def router():
    handlers = [_handler(each.method, each.path, each.operation_id) for each in OPERATIONS.values()]
    for handler in handlers:
        # Handlers without parameters: only the routing is asked.
        handler.opt["id"] = handler.name
    return Litestar(handlers, openapi_config=None).asgi_router


@st.composite
def _paths(draw):
    """Paths of the contract with texts in the place of parameters, and paths of parts of any of them."""
    text = st.text(st.characters(exclude_characters="/"), max_size=6) | st.sampled_from(_PARTS)
    if draw(st.booleans()):
        parts = draw(st.sampled_from(_TEMPLATES)).split("/")
        return "/".join(draw(text) if part.startswith("{") else part for part in parts)
    return "/".join(draw(st.lists(text, max_size=8)))


@given(_paths(), st.sampled_from(_METHODS))
def test_what_is_found_is_what_the_router_of_litestar_finds(router, path, method):
    found = _ROUTES.find(method, path)
    if found is not None:
        _, handler, _, parameters, _ = router.handle_routing(path, method)
        assert (handler.opt["id"], parameters) == found


@given(_paths(), st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
def test_what_litestar_routes_is_found_unless_a_slash_is_doubled_or_at_the_end(router, path, method):
    try:
        _, handler, _, parameters, _ = router.handle_routing(path, method)
    except HTTPException:
        return
    if "//" not in path and not path.endswith("/") and path.startswith("/"):
        assert _ROUTES.find(method, path) == (handler.opt["id"], parameters)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.operation_id)
def test_every_operation_is_found_by_its_path(operation):
    found = _ROUTES.find(operation.method, operation.path)
    assert found is not None
    assert found[0] == operation.operation_id
    assert all(value == f"{{{name}}}" for name, value in found[1].items())
