"""The browsers that listen: one stream of events each, and the pages they have on screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec

HEARTBEAT = 15.0
"""Seconds of silence after which a stream says that it is alive; so a dead one is found."""
WAITING = 500
"""Messages kept for a browser that does not read; then its stream is ended, and it comes again."""

_encode = msgspec.json.encode


class Hub:
    """Lives in the server's thread; ``tell`` and ``looked_at`` may be called from any.

    State: a queue for each stream, and what each browser looks at.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._streams: dict[str, asyncio.Queue[bytes | None]] = {}
        self._looks: dict[str, dict[str, str]] = {}
        self._problems = b""

    def run_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say which event loop the streams live in."""
        self._loop = loop

    # for the desk

    def looked_at(self) -> dict[str, str]:
        """Paths of open pages, with the mark of what each shows; "" where browsers differ."""
        found: dict[str, str] = {}
        for looks in list(self._looks.values()):
            for path, mark in list(looks.items()):
                found[path] = mark if found.get(path, mark) == mark else ""
        return found

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to every browser; a page is noted as what they show from now on."""
        data = b"data: " + _encode(message) + b"\n\n"
        if message["type"] == "problems":
            self._problems = data
        if message["type"] == "page":
            for looks in list(self._looks.values()):
                if message["path"] in looks:
                    looks[message["path"]] = message["mark"]
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._spread, data)

    def close(self) -> None:
        """End all streams, so that the server can end."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._end)

    # in the server's thread

    def look(self, client: str, pages: Mapping[str, str]) -> bool:
        """Note what a browser looks at now; whether it has a stream."""
        if client not in self._streams:
            return False
        self._looks[client] = dict(pages)
        return True

    async def stream(self, client: str) -> AsyncIterator[bytes]:
        """The events of one browser, until it or the preview goes away."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING)
        self._end_one(self._streams.get(client))
        self._streams[client] = queue
        try:
            yield b'retry: 500\n\ndata: {"type":"hello"}\n\n'
            if self._problems:
                yield self._problems
            while True:
                try:
                    data = await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if data is None:
                    return
                yield data
        finally:
            if self._streams.get(client) is queue:
                del self._streams[client]
                self._looks.pop(client, None)

    @property
    def listeners(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    def _spread(self, data: bytes) -> None:
        for queue in list(self._streams.values()):
            try:
                queue.put_nowait(data)
            except asyncio.QueueFull:
                self._end_one(queue)

    def _end(self) -> None:
        for queue in list(self._streams.values()):
            self._end_one(queue)

    @staticmethod
    def _end_one(queue: asyncio.Queue[bytes | None] | None) -> None:
        """End a stream even where its queue is full."""
        if queue is not None:
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
