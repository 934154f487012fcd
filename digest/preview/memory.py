"""Memory of a process that runs all day: what is free goes back to the system.

The allocator of glibc gives each thread a heap of its own, and keeps what is free in the middle of
one. The preview makes a site in one thread and lets go of it in another, edit after edit.
Source: https://man7.org/linux/man-pages/man3/mallopt.3.html, man3/malloc_trim.3.html
"""

from __future__ import annotations

import sys
from typing import Any

_ARENA_MAX = -8


def share_one_heap() -> None:
    """From now on all threads take memory from one heap, where that can be asked for."""
    if allocator := _allocator("mallopt"):
        allocator.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give free memory back, where that can be asked for; takes some milliseconds."""
    if allocator := _allocator("malloc_trim"):
        allocator.malloc_trim(0)


def _allocator(name: str) -> Any:
    """The C library when it has a function; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes  # lazy: only a preview needs it

    library = ctypes.CDLL(None)
    return library if hasattr(library, name) else None
