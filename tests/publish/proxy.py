"""A TCP proxy on the loopback that cuts connections after a number of bytes."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Passes connections on to ``target``; ``cut_after`` bytes to the server one is cut.

    State: ``sent`` and ``cuts`` count what went by. ``cut_after`` None lets all pass; ``times``
    bounds the cuts, None for any number.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.cut_after: int | None = None
        self.times: int | None = None
        self.sent = 0
        self.cuts = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while self._open:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self.target, timeout=10)
        except OSError:
            client.close()
            return
        with client, server:
            self._pump(client, server)

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        passed = 0
        while self._open:
            ready, _, _ = select.select([client, server], [], [], 0.5)
            for side in ready:
                try:
                    data = side.recv(16384)
                except OSError:
                    return
                if not data:
                    return
                if side is client:
                    limit = self._limit()
                    if limit is not None and passed + len(data) > limit:
                        with suppress(OSError):
                            server.sendall(data[: limit - passed])
                        self._cut(client, server)
                        return
                    passed += len(data)
                    with self._lock:
                        self.sent += len(data)
                try:
                    (server if side is client else client).sendall(data)
                except OSError:
                    return

    def _limit(self) -> int | None:
        with self._lock:
            return None if self.times is not None and self.cuts >= self.times else self.cut_after

    def _cut(self, *sides: socket.socket) -> None:
        """Reset both sides, as a router that forgets a connection does."""
        with self._lock:
            self.cuts += 1
        for side in sides:
            with suppress(OSError):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                side.close()

    def close(self) -> None:
        """Stop listening; connections end within half a second."""
        self._open = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def proxied(host: str, port: int) -> Iterator[Proxy]:
    """A proxy before a server on the loopback."""
    proxy = Proxy((host, port))
    try:
        yield proxy
    finally:
        proxy.close()
