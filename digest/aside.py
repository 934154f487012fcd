"""Questions to a process beside this one: asked early, answered while other work is done.

``multiprocessing`` is not used: to load it takes longer than such an answer.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar, cast

from digest.parallel import die_with, signals_held

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

_LENGTH = 8


class Aside(Generic[Asked, Answer]):
    """A forked process that makes itself ``ready`` at once and then answers question by question.

    What ``ready`` returns must give the same answers in any process: when the other one fails or
    is killed, this one answers. Where a fork does not pay (``pays``) or is not to be had there is
    no other. Asked and answers travel pickled. Leaving the context ends the other process.
    """

    def __init__(self, ready: Callable[[], Callable[[Asked], Answer]], *, pays: bool) -> None:
        self._ready = ready
        self._child, self._to, self._back = 0, -1, -1
        if pays and sys.platform != "win32" and threading.active_count() == 1:
            self._start()

    @property
    def beside(self) -> bool:
        """Whether there is another process to ask."""
        return self._child > 0

    def ask(self, asked: Asked) -> Callable[[], Answer]:
        """Pose a question; what is returned waits for the answer, once and in the order asked."""
        sent = self._child > 0 and self._send(asked)

        def answer() -> Answer:
            told = self._receive() if sent else None
            if told is None:
                self.close()
                return self._ready()(asked)
            return cast("Answer", told[0])

        return answer

    def close(self) -> None:
        """End the other process, if it still runs."""
        for end in (self._to, self._back):
            if end >= 0:
                os.close(end)
        self._to = self._back = -1
        if self._child > 0:
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self._child, 0)
            self._child = 0

    def __enter__(self) -> Aside[Asked, Answer]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        here, (theirs, self._to), (self._back, out) = os.getpid(), os.pipe(), os.pipe()
        # An exception of a signal handler is lost in the hooks Python runs around a fork.
        with signals_held():
            try:
                self._child = os.fork()
            except OSError:  # no more processes: this one answers
                self._child = -1
            if self._child == 0:
                self._serve(here, theirs, out)
        os.close(theirs)
        os.close(out)

    def _serve(self, parent: int, asked: int, out: int) -> None:
        """What the other process does until its end."""
        status = 1
        try:
            die_with(parent)
            for end in (self._to, self._back):
                os.close(end)
            gc.disable()  # short-lived, and what it inherits is shared until it is written to
            answer = self._ready()
            while (data := _read(asked)) is not None:
                told = answer(pickle.loads(data))  # noqa: S301 - our own bytes
                _write(out, pickle.dumps(told, protocol=5))
            status = 0
        finally:
            os._exit(status)  # no handlers of the parent, and nothing of its buffers

    def _send(self, asked: Asked) -> bool:
        try:
            _write(self._to, pickle.dumps(asked, protocol=5))
        except OSError:  # it is gone
            return False
        return True

    def _receive(self) -> tuple[object] | None:
        data = _read(self._back) if self._child > 0 else None
        return None if data is None else (pickle.loads(data),)  # noqa: S301 - our own bytes


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(len(data).to_bytes(_LENGTH, "little") + data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _read(pipe: int) -> bytes | None:
    """A whole message; None when the other end is closed before its end."""
    length = _exactly(pipe, _LENGTH)
    return None if length is None else _exactly(pipe, int.from_bytes(length, "little"))


def _exactly(pipe: int, count: int) -> bytes | None:
    pieces = []
    while count:
        piece = os.read(pipe, min(count, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
