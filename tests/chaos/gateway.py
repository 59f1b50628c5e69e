"""An HTTP gateway before a server that fails a share of the requests, each in one of many ways."""

from __future__ import annotations

import http.client
import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

RESET = struct.pack("ii", 1, 0)
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive"}
FAULTS = ("reset before", "reset after", "truncated", "429", "503", "500")


class Gateway:
    """Forwards requests to `upstream`, except for a `share` of them.

    Args:
        upstream: Address of the server.
        share: Share of requests that fail, in [0, 1].
        stalls: Share of requests that are never answered, within `share`.
        stall_seconds: How long those are held.
        seed: Which requests they are.
    """

    def __init__(
        self, upstream: str, *, share: float, stalls: float, stall_seconds: float, seed: int = 0
    ) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self._share, self._stalls, self._stall_seconds = share, stalls, stall_seconds
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.played: Counter[str] = Counter()
        self.submissions: set[str] = set()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                gateway.serve(self)

            do_POST = do_GET  # noqa: N815 - the name that http.server asks for

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that has gone is what this is about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request, or fail it."""
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        with self._lock:
            drawn = self._random.random()
            fault = "none" if drawn >= self._share else self._random.choice(FAULTS)
            fault = "stall" if drawn < self._stalls else fault
            self.played[fault] += 1
        if fault == "stall":
            time.sleep(self._stall_seconds)
        if fault in ("stall", "reset before"):
            self._reset(request)
        elif fault in ("429", "503", "500"):
            self._refuse(request, int(fault))
        else:
            self._forward(request, body, fault)

    def _forward(self, request: BaseHTTPRequestHandler, body: bytes, fault: str) -> None:
        if request.command == "POST" and request.path.endswith("/batch"):
            with self._lock:
                self.submissions.add(request.headers["idempotency-key"])
        upstream = http.client.HTTPConnection(*self._upstream, timeout=60)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "connection"}
            upstream.request(request.command, request.path, body or None, headers)
            answer = upstream.getresponse()
            payload = answer.read()
        finally:
            upstream.close()
        if fault == "reset after":
            self._reset(request)
            return
        request.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP and name.lower() != "content-length":
                request.send_header(name, value)
        request.send_header("content-length", str(len(payload)))
        request.end_headers()
        if fault == "truncated":
            request.wfile.write(payload[: len(payload) // 2])
            self._reset(request)
        else:
            request.wfile.write(payload)

    @staticmethod
    def _refuse(request: BaseHTTPRequestHandler, status: int) -> None:
        codes = {429: "rate-limited", 503: "overloaded", 500: "internal"}
        problem = {
            "type": "about:blank",
            "title": "A fault",
            "status": status,
            "detail": "A fault.",
            "code": codes[status],
            "request_id": "req_gateway",
        }
        payload = json.dumps(problem).encode()
        request.send_response(status)
        request.send_header("content-type", "application/problem+json")
        request.send_header("content-length", str(len(payload)))
        request.end_headers()
        request.wfile.write(payload)

    @staticmethod
    def _reset(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.wfile.flush()
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        request.connection.close()
