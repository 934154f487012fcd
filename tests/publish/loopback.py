"""An HTTP server on the loopback that stands in for a host's API and notes every request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


class Reply(msgspec.Struct, frozen=True):
    """What is answered."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = {}


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(status, json.dumps(value).encode(), headers=headers)


class Host:
    """State: the requests so far, and faults that are answered before anything else.

    ``faults`` are (status, headers) pairs, the first is used up by the next request whose path
    holds ``faulty``. A status of 0 drops the connection.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.faulty = ""
        self.lock = threading.RLock()
        self.port = 0

    def answer(self, asked: Asked) -> Reply:
        """What the real host would say."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(host: Host) -> Iterator[None]:
    """The host answers for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            asked = Asked(self.command, self.path, _lower(self.headers.items()), self._body())
            with host.lock:
                host.asked.append(asked)
                fault = host.faults and host.faulty in asked.path and host.faults.pop(0)
                reply = None if fault else host.answer(asked)
            if fault and not fault[0]:
                self.close_connection = True
                return
            if reply is None and fault:
                reply = as_json({"message": "trouble", "errors": []}, fault[0], **fault[1])
            assert reply is not None
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline().strip(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815 - the names http.server calls

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}
