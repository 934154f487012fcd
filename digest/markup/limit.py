"""A bound on the CPU time of one conversion, kept by an interval timer of the process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTimeError(Exception):
    """The conversion used up its CPU time."""


def _expire(signum: int, frame: FrameType | None) -> None:
    raise OutOfTimeError


def can_limit() -> bool:
    """Whether a timer can interrupt this thread.

    Windows has no interval timers, and Python runs signal handlers in the main thread only: there
    the size limit alone has to bound the work.
    """
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


_AGAIN = 0.2
"""CPU seconds after which the limit is enforced once more."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise ``OutOfTimeError`` in the block after ``seconds`` of CPU time; 0 means no limit.

    The regular-expression engine looks for signals while it matches, so even one runaway match is
    interrupted. The timer and the handler found on entry are put back on leaving.
    """
    if seconds <= 0 or not can_limit():
        yield
        return
    handler = signal.signal(signal.SIGVTALRM, _expire)
    # Again and again: the exception is lost when it meets a destructor or a callback of the
    # garbage collector, which Python lets nothing out of.
    remaining, interval = signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, remaining, interval)
        signal.signal(signal.SIGVTALRM, handler)
