"""Work that stands back goes on when nobody is ahead, and in the end in any case."""

from __future__ import annotations

import threading
import time

import pytest

from digest import pace
from digest.pace import Pace, breathe


def worker(shared: Pace, done: list[float]) -> threading.Thread:
    """A thread at work behind others: it notes when it got past each breath."""

    def work() -> None:
        with shared.behind():
            for _ in range(3):
                breathe()
                done.append(time.monotonic())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_it_waits_for_whoever_is_ahead() -> None:
    shared, done = Pace(), list[float]()
    with shared.ahead():
        thread = worker(shared, done)
        thread.join(0.1)
        assert done == []
        until = time.monotonic()
    thread.join(5)
    assert len(done) == 3
    assert done[0] >= until


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "BUDGET", 0.05)
    shared, done = Pace(), list[float]()
    with shared.ahead():
        worker(shared, done).join(5)
        assert len(done) == 3


def test_other_threads_do_not_stand_back() -> None:
    shared = Pace()
    with shared.ahead():
        breathe()
    with shared.behind():
        pass
    with shared.ahead():
        breathe()  # the block that stands back is left
