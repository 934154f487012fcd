"""A reader who goes through the site all the while it is being published."""

from __future__ import annotations

import posixpath
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote

Fetch = Callable[[str], bytes | None]
"""The bytes a reader gets for a path of the site (``aset/a.css``); None for a 404."""

_REFERENCE = re.compile(rb"""(?:href|src)=["']?([^"'\s>#?]+)""")


def references(page: str, body: bytes) -> list[str]:
    """The files of the site that a page needs or links to."""
    found = []
    for match in _REFERENCE.finditer(body):
        address = unquote(match[1].decode())
        if "://" in address or address.startswith(("mailto:", "data:")):
            continue
        base = "" if address.startswith("/") else posixpath.dirname(page)
        path = posixpath.normpath(posixpath.join("/", base, address)).lstrip("/")
        if address.endswith("/") or path in {"", "."}:
            path = posixpath.join(path, "index.html").lstrip("./")
        found.append(path)
    return found


class Reader:
    """Walks from the front page; ``faults`` are pages that refer to what is not there.

    A page that was replaced between the two looks is looked at again: only what one state of the
    host shows counts.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.faults: list[str] = []
        self.rounds = 0
        self.pages = 0

    def walk(self, limit: int = 60) -> None:
        """One round from the front page, over at most ``limit`` pages."""
        waiting, seen = ["index.html"], {"index.html"}
        while waiting and len(seen) <= limit:
            page = waiting.pop(0)
            body = self._fetch(page)
            if body is None:
                if page == "index.html":
                    self.faults.append("the front page is missing")
                continue
            self.pages += 1
            for needed in references(page, body):
                if self._fetch(needed) is None and self._still(page, needed):
                    self.faults.append(f"{page} refers to {needed}, which is missing")
                elif needed.endswith(".html") and needed not in seen:
                    seen.add(needed)
                    waiting.append(needed)
        self.rounds += 1

    def _still(self, page: str, needed: str) -> bool:
        body = self._fetch(page)
        if body is None or needed not in references(page, body):
            return False
        return self._fetch(needed) is None and (self._fetch(page) == body)


@contextmanager
def reading(fetch: Fetch) -> Iterator[Reader]:
    """A reader in a thread of its own for as long as the block runs."""
    reader, ended = Reader(fetch), threading.Event()

    def go() -> None:
        while not ended.is_set():
            reader.walk()

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield reader
    finally:
        ended.set()
        thread.join()
