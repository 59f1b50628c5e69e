"""A collector of traces."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Collector:
    """Takes OTLP over HTTP as a collector does, and keeps it."""

    def __init__(self) -> None:
        bodies = self.bodies = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                good = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                bodies.append(body)
                self.send_response(200 if good else 400)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()

    def spans(self, trace_id: str) -> list[dict[str, Any]]:
        """What came of a trace, each span with the name of its process as `service`."""
        found = []
        for body in list(self.bodies):
            for resource in json.loads(body)["resourceSpans"]:
                service = values(resource["resource"]["attributes"])["service.name"]
                for scope in resource["scopeSpans"]:
                    found += [{**span, "service": service} for span in scope["spans"]]
        return [span for span in found if span["traceId"] == trace_id]


def values(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    """Attributes by their names."""
    return {each["key"]: next(iter(each["value"].values())) for each in attributes}
