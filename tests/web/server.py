"""A static host on the loopback, as strict as a good real one."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self';"
    " font-src 'self'; manifest-src 'self'"
)
_TEXT = {".html", ".css", ".js", ".svg", ".json", ".xml", ".txt", ".webmanifest"}


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    prefix = ""
    policy = POLICY

    def do_GET(self) -> None:
        """Files as they are, text compressed, and the site's own page for what is not there."""
        path = Path(self.translate_path(self.path.split("?")[0]))
        file = path / "index.html" if path.is_dir() else path
        if file.is_file():
            self._answer(200, file)
        else:
            self._answer(404, Path(self.directory) / self.prefix.strip("/") / "404.html")

    def _answer(self, status: int, file: Path) -> None:
        body = file.read_bytes()
        self.send_response(status)
        kind = self.guess_type(file)
        text = file.suffix in _TEXT
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if text else kind)
        if text and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # name of the base class
        """Keep quiet: the tests say what went wrong."""


@contextmanager
def serving(root: Path, prefix: str = "", policy: str = POLICY) -> Iterator[str]:
    """Serve ``root``; gives the address of the site that stands under ``prefix`` in it."""

    class Handler(_Handler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(root))

    Handler.prefix, Handler.policy = prefix, policy
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            thread.join()
