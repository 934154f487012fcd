"""Spreads pure work over forked processes, in order, naming an item that kills its worker."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

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
) -> list[Result | Lost]:
    """``[work(item) for item in items]``, over ``jobs`` processes where that pays.

    ``work`` and ``items`` reach the workers by fork, results come back pickled. An item that kills
    its worker gives ``lost(item, exit code)``; the rest goes on in a new worker. ``tick`` is called
    with the number of items done. An exception of ``work`` is raised here.
    """
    count = usable_jobs(jobs, len(items))
    if count == 1:
        results: list[Result | Lost] = []
        for done, item in enumerate(items, start=1):
            results.append(work(item))
            if done % BATCH == 0:
                tick(done)
        return results
    return _Crew(items, work, lost, tick).run(count)


class _Crew(Generic[Item, Result, Lost]):
    """The workers of one ``spread`` call."""

    def __init__(
        self,
        items: Sequence[Item],
        work: Callable[[Item], Result],
        lost: Callable[[Item, int | None], Lost],
        tick: Tick,
    ) -> None:
        self._items, self._work, self._lost, self._tick = items, work, lost, tick
        self._results: dict[int, Result | Lost] = {}
        self._context = multiprocessing.get_context("fork")
        self._open: dict[
            Connection, tuple[multiprocessing.process.BaseProcess, list[int], mmap.mmap]
        ] = {}

    def run(self, count: int) -> list[Result | Lost]:
        try:
            for worker in range(count):
                self._start(list(range(worker, len(self._items), count)))
            while self._open:
                for ready in wait(list(self._open)):
                    if isinstance(ready, Connection):
                        self._receive(ready)
        finally:
            for process, _, _ in self._open.values():
                process.kill()
                process.join()
        return [self._results[index] for index in range(len(self._items))]

    def _start(self, indexes: list[int]) -> None:
        receiver, sender = self._context.Pipe(duplex=False)
        current = mmap.mmap(-1, 8)  # shared with the child: the item it is busy with
        process = self._context.Process(
            target=self._child, args=(indexes, sender, current), daemon=True
        )
        process.start()
        sender.close()
        self._open[receiver] = (process, indexes, current)

    def _child(self, indexes: list[int], sender: Connection, current: mmap.mmap) -> None:
        try:
            for batch in _batches(indexes):
                done = []
                for index in batch:
                    current[:8] = struct.pack("q", index)
                    done.append((index, self._work(self._items[index])))
                sender.send(done)
            sender.send(None)
        except KeyboardInterrupt:
            os._exit(130)
        except BaseException as error:
            sender.send(error)
            raise

    def _receive(self, ready: Connection) -> None:
        process, indexes, current = self._open[ready]
        try:
            message = ready.recv()
        except EOFError:
            process.join()
            self._died(ready, process.exitcode, indexes, current)
            return
        if message is None:
            del self._open[ready]
            process.join()
        elif isinstance(message, BaseException):
            raise message
        else:
            self._results.update(message)
            self._tick(len(self._results))

    def _died(
        self, ready: Connection, exitcode: int | None, indexes: list[int], current: mmap.mmap
    ) -> None:
        """Name the item the worker was busy with and go on with what it had not sent."""
        del self._open[ready]
        culprit = struct.unpack("q", current[:8])[0]
        self._results[culprit] = self._lost(self._items[culprit], exitcode)
        left = [index for index in indexes if index not in self._results]
        if left:
            self._start(left)


def _batches(indexes: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(indexes), BATCH):
        yield indexes[start : start + BATCH]
