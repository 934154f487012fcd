"""Lets long work in one thread stand back for another that must not wait.

Threads of Python share one interpreter: while the preview composes a whole site behind an edit, the
next edit would get half of it. Work on a whole site calls ``breathe`` for each article, which costs
nothing where nobody asked for more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

AFTER = 0.03
"""Seconds that work stands back for longer: what was done is still to be sent."""
BUDGET = 2.0
"""Seconds for which one piece of work stands back in all, so that it ends on a busy day, too."""


class _Thread(threading.local):
    """The pace of a thread. A default of the class, since asking for what is missing takes 1 µs."""

    pace: Pace | None = None


_thread = _Thread()


def breathe() -> None:
    """Stand back where this thread is to, for as long as others are ahead."""
    pace = _thread.pace
    if pace is not None:
        pace.stand_back()


class Pace:
    """Who goes first. State: whether somebody is ahead, and for how long was stood back."""

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()
        self._left = 0.0

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Go first until the block is left; for one thread at a time."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    @contextmanager
    def behind(self) -> Iterator[None]:
        """Stand back in this thread wherever it takes breath, until the block is left."""
        _thread.pace, self._left = self, BUDGET
        try:
            yield
        finally:
            _thread.pace = None

    def stand_back(self) -> None:
        """Wait while somebody is ahead."""
        while self._left > 0 and not self._free.is_set():
            began = time.monotonic()
            self._free.wait(self._left)
            time.sleep(AFTER)
            self._left -= time.monotonic() - began
