"""The page at /docs: Swagger UI over the served contract, with every file it needs served from here.

The files come from the distribution `swagger-ui-py`, of which nothing else is used.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.response import Redirect

from pynomaly_server.problems import ProblemError

ASSETS_PATH: Final = "/api/v1/docs/assets"
_MEDIA: Final = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript; charset=utf-8",
}
_START: Final = b"""\
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/api/v1/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    persistAuthorization: false,
    displayRequestDuration: true,
    validatorUrl: null,
  });
});
"""
PAGE: Final = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pynomaly API</title>
<link rel="icon" type="image/png" href="{ASSETS_PATH}/favicon-32x32.png">
<link rel="stylesheet" href="{ASSETS_PATH}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The contract itself is at
<a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</noscript>
<script src="{ASSETS_PATH}/swagger-ui-bundle.js"></script>
<script src="{ASSETS_PATH}/start.js"></script>
</body>
</html>
""".encode()


@get(ASSETS_PATH + "/{name:str}", name="docs-assets", opt={"public": True})
async def docs_asset(name: str) -> Response[bytes]:
    """One file of the page; they never change within a version."""
    if name not in _MEDIA:
        raise ProblemError("not-found", f"The documentation has no file {name[:80]!r}.")
    return Response(_asset(name), media_type=_MEDIA[name], headers={"cache-control": "public, max-age=86400"})


@get(["/", "/docs"], name="docs-shortcut", opt={"public": True})
async def docs_shortcut() -> Redirect:
    """Whoever types the bare address into a browser wants to read."""
    return Redirect("/api/v1/docs")


@cache
def _asset(name: str) -> bytes:
    if name == "start.js":
        return _START
    return (_static_folder() / name).read_bytes()


def _static_folder() -> Path:
    # Found without importing the package, which would load a template engine for nothing.
    spec = find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise ProblemError(
            "internal", "The distribution swagger-ui-py is not installed; install the server's requirements."
        )
    return Path(spec.origin).parent / "static"
