"""Spreads pure work over forked processes, in order, naming an item that kills its worker.

``multiprocessing`` is loaded where processes are started: most builds have too little to do.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import pickle
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
Lost = TypeVar("Lost")
Tick = Callable[[int], None]

BATCH = 64
"""Results travel in batches: one message an item would cost more than the item."""

THRESHOLD = 200
"""Below this many items a fork costs more than it saves (measured on 2 cores)."""


def usable_jobs(jobs: int, items: int) -> int:
    """How many processes pay for ``items``: 1 without fork, in a threaded process, or for few."""
    if items < THRESHOLD or sys.platform == "win32" or threading.active_count() > 1:
        return 1
    return max(1, min(jobs, items // (THRESHOLD // 2)))


def spread(
    items: Sequence[Item],
    work: Callable[[Item], Result],
    *,
    jobs: int,
    lost: Callable[[Item, int | None], Lost],
    tick: Tick = lambda _: None,
    receive: Callable[[list[Result]], Sequence[Result]] = lambda batch: batch,
    patience: float = 0,
) -> list[Result | Lost]:
    """``[work(item) for item in items]``, over ``jobs`` processes where that pays.

    ``work`` and ``items`` reach the workers by fork, results come back pickled. An item that kills
    its worker gives ``lost(item, exit code)``; the rest goes on in a new worker. ``tick`` is called
    with the number of items done. ``receive`` is called here with each batch of results as it
    comes and gives what stands for them in the answer, so that large results need not be held all
    at once. A worker that is busy with one item for more than ``patience`` seconds is killed (0:
    never). An exception of ``work`` is raised here.
    """
    count = usable_jobs(jobs, len(items))
    if count > 1:
        return _Crew(items, work, lost, tick, receive, patience).run(count)
    results: list[Result | Lost] = []
    with _cycles_sought(len(items)):
        for start in range(0, len(items), BATCH):
            results += receive([work(item) for item in items[start : start + BATCH]])
            tick(len(results))
    return results


@contextmanager
def _cycles_sought(items: int) -> Iterator[None]:
    """Free what cycles hold while many items are worked on, where the collector is turned off.

    It leaves alone what was there before.
    """
    if items <= BATCH or gc.isenabled():
        yield
        return
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        gc.disable()


IDLE = struct.pack("q", -1)
_PR_SET_PDEATHSIG = 1
_ENDING = frozenset() if sys.platform == "win32" else {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class _Crew(Generic[Item, Result, Lost]):
    """The workers of one ``spread`` call."""

    def __init__(
        self,
        items: Sequence[Item],
        work: Callable[[Item], Result],
        lost: Callable[[Item, int | None], Lost],
        tick: Tick,
        receive: Callable[[list[Result]], Sequence[Result]],
        patience: float,
    ) -> None:
        self._items, self._work, self._lost, self._tick = items, work, lost, tick
        self._receive_batch, self._patience = receive, patience
        self._parent = os.getpid()
        self._busy: dict[Connection, tuple[bytes, float]] = {}
        self._results: dict[int, Result | Lost] = {}
        self._open: dict[Connection, tuple[BaseProcess, list[int], mmap.mmap]] = {}

    def run(self, count: int) -> list[Result | Lost]:
        from multiprocessing.connection import Connection, wait  # lazy, as said above

        try:
            for worker in range(count):
                self._start(_share(len(self._items), worker, count))
            while self._open:
                for ready in wait(list(self._open), self._patience / 4 or None):
                    if isinstance(ready, Connection):
                        self._receive(ready)
                self._end_hanging()
        finally:
            for process, _, _ in self._open.values():
                process.kill()
                process.join()
        return [self._results[index] for index in range(len(self._items))]

    def _start(self, indexes: list[int]) -> None:
        from multiprocessing import get_context  # lazy, as said above

        context = get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        current = mmap.mmap(-1, 8)  # shared with the child: the item it is busy with
        current[:8] = IDLE
        process = context.Process(
            target=self._child, args=(indexes, receiver, sender, current), daemon=True
        )
        # An exception of a signal handler is lost in the hooks Python runs around a fork.
        with signals_held():
            process.start()
        sender.close()
        self._open[receiver] = (process, indexes, current)

    def _child(
        self, indexes: list[int], receiver: Connection, sender: Connection, current: mmap.mmap
    ) -> None:
        # With these open here, a worker whose parent is gone would wait for ever to be read.
        for inherited in (receiver, *self._open):
            inherited.close()
        die_with(self._parent)
        try:
            with _cycles_sought(len(self._items)):
                for batch in _batches(indexes):
                    done = []
                    for index in batch:
                        current[:8] = struct.pack("q", index)
                        done.append((index, self._work(self._items[index])))
                    current[:8] = IDLE
                    sender.send(done)
            sender.send(None)
        except BaseException as error:  # whatever it is, it is raised again in the parent
            with suppress(OSError):  # unless that is gone
                sender.send(_portable(error))

    def _receive(self, ready: Connection) -> None:
        process, indexes, current = self._open[ready]
        try:
            message = ready.recv()
        except (EOFError, OSError):  # gone, between two messages or within one
            process.join()
            self._died(ready, process.exitcode, indexes, current)
            return
        if message is None:
            del self._open[ready]
            process.join()
        elif isinstance(message, BaseException):
            raise message
        else:
            places, results = zip(*message, strict=True)
            kept = self._receive_batch(list(results))
            self._results.update(zip(places, kept, strict=True))
            self._tick(len(self._results))

    def _end_hanging(self) -> None:
        """Kill workers that got nowhere for too long; what they were busy with is then named."""
        if not self._patience:
            return
        now = time.monotonic()
        for receiver, (process, _, current) in self._open.items():
            item = bytes(current[:8])
            since = self._busy.get(receiver)
            if since is None or since[0] != item:
                self._busy[receiver] = (item, now)
            elif item != IDLE and now - since[1] > self._patience:
                process.kill()

    def _died(
        self, ready: Connection, exitcode: int | None, indexes: list[int], current: mmap.mmap
    ) -> None:
        """Name the item the worker was busy with and go on with what it had not sent."""
        del self._open[ready]
        left = [index for index in indexes if index not in self._results]
        culprit = struct.unpack("q", current[:8])[0]
        if culprit < 0 and left == indexes:
            culprit = left[0]  # it died before any work: give one up, so that this ends
        if culprit in left:
            self._results[culprit] = self._lost(self._items[culprit], exitcode)
            left.remove(culprit)
        if left:
            self._start(left)


@contextmanager
def signals_held() -> Iterator[None]:
    """Let signals that end a build wait until the block is left."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with(parent: int) -> None:
    """Let this new process end with its ``parent`` if that is killed, and be ended by signals.

    Elsewhere than on Linux it ends at its next message, for want of a reader.
    Source: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # it was killed before we asked


def _portable(error: BaseException) -> BaseException:
    """The error as it can be pickled, with the worker's traceback in its notes."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _share(items: int, worker: int, count: int) -> list[int]:
    """What one of ``count`` workers does: every so many batches, so that neighbours stay together.

    What is near in a list is alike, and what was made for one is at hand for the next.
    """
    size = min(BATCH, max(1, items // (4 * count)))
    return [index for index in range(items) if index // size % count == worker]


def _batches(indexes: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(indexes), BATCH):
        yield indexes[start : start + BATCH]
